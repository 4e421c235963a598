// The names on a timeline: what branches do at the same time can be told apart.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "reprise/testing/testing.h"

namespace reprise {
namespace {

using testing::ElementsAre;
using testing::IsSupersetOf;

std::vector<std::string> labels(const RunRecord& record, TimelineMark::Kind kind) {
  std::vector<std::string> found;
  for (const TimelineMark& mark : record.timeline) {
    if (mark.kind == kind) found.push_back(mark.label);
  }
  return found;
}

TEST(TimelineLabels, NameTheBranchAndThePartsOfWaitForCallback) {
  auto decide = [](DurableContext item, std::string) -> Task<std::string> {
    const std::string answer = co_await item.wait_for_callback("decide", [](const std::string&) {});
    co_await item.step("file", [] {});
    co_return answer;
  };
  auto handler = [&](DurableContext ctx) -> Task<> {
    const std::vector<std::string> people = {"ann", "bob"};
    BatchOptions options;
    options.item_namer([&](std::size_t i) { return people[i]; });
    co_await ctx.map("reviews", people, decide, options);
    co_await ctx.step("close", [] {});
  };
  Scenario scenario("review", handler);
  scenario.answer_callback("decide", "yes", absl::Hours(1));
  const RunRecord record = run(scenario);
  EXPECT_THAT(labels(record, TimelineMark::Kind::kStarted),
              ElementsAre("reviews", "ann", "bob", "ann/decide", "bob/decide",
                          "ann/decide.callback", "bob/decide.callback"));
  EXPECT_THAT(
      labels(record, TimelineMark::Kind::kCall),
      ElementsAre("ann/decide.submit", "bob/decide.submit", "ann/file", "bob/file", "close"));
  EXPECT_THAT(labels(record, TimelineMark::Kind::kRecorded),
              IsSupersetOf({"ann/decide.submit", "ann/decide", "ann/file", "ann", "reviews"}));
  EXPECT_THAT(labels(record, TimelineMark::Kind::kReplayed),
              IsSupersetOf({"ann/decide.submit", "bob/decide.callback"}));
}

TEST(TimelineLabels, NameEveryContextAround) {
  auto inner = [](DurableContext child) -> Task<> { co_await child.step("pay", [] {}); };
  auto outer = [&](DurableContext child) -> Task<> {
    ChildContextOptions options;
    options.is_virtual(true);
    co_await child.run_in_child_context("first", inner, options);
    co_await child.step(unnamed, [] {});
  };
  auto handler = [&](DurableContext ctx) -> Task<> {
    co_await ctx.run_in_child_context("order", outer);
  };
  Scenario scenario("nested", handler);
  EXPECT_THAT(labels(run(scenario), TimelineMark::Kind::kCall),
              ElementsAre("order/first/pay", "order/Step"));
}

}  // namespace
}  // namespace reprise
