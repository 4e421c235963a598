// The order of a scan of a table, as explorations vary it.
#include <gtest/gtest.h>

#include <string>

#include "reprise/fakes/table.h"
#include "reprise/testing/testing.h"

namespace scenarios {
namespace {

using reprise::DurableContext;
using reprise::Scenario;
using reprise::Task;
using reprise::Verdict;
using reprise::fakes::Table;

Table three_lamps() {
  Table products("products");
  for (const char* const key : {"lamp-1", "lamp-2", "lamp-3"}) {
    products.put(key, {{"stockLevel", 1}});
  }
  return products;
}

TEST(TableScan, ItsOrderIsAHiddenInputOfHandlerCode) {
  Table products = three_lamps();
  auto take_first = [&](DurableContext ctx) -> Task<std::string> {
    std::string first = products.scan("lamp").front().key;
    co_await ctx.wait("consider", absl::Hours(1));
    co_return first;
  };
  Scenario scenario("take-first", take_first);
  scenario.world(products);
  EXPECT_FINDS(scenario, Verdict::kUnstableOutcome, 1);
  EXPECT_EQ(describe(reprise::explore(scenario).findings.front().schedule),
            "1 event: unordered order differs between invocations");
}

TEST(TableScan, WhatAStepHasScannedIsRecorded) {
  Table products = three_lamps();
  auto take_first = [&](DurableContext ctx) -> Task<std::string> {
    std::string first =
        co_await ctx.step("look", [&] { return products.scan("lamp").front().key; });
    co_await ctx.wait("consider", absl::Hours(1));
    co_return first;
  };
  Scenario scenario("look-first", take_first);
  scenario.world(products);
  EXPECT_DURABLE(scenario);
}

TEST(TableScan, SortingMakesItsOrderIrrelevant) {
  Table products = three_lamps();
  auto take_least = [&](DurableContext ctx) -> Task<std::string> {
    std::string least;
    for (const Table::Row& row : products.scan("lamp")) {
      if (least.empty() || row.key < least) least = row.key;
    }
    co_await ctx.wait("consider", absl::Hours(1));
    co_return least;
  };
  Scenario scenario("take-least", take_least);
  scenario.world(products);
  EXPECT_DURABLE(scenario);
}

}  // namespace
}  // namespace scenarios
