// A project outside that links the guard: no header, no call, and still every clock is its clock.

#include <gtest/gtest.h>

#include <chrono>
#include <ctime>
#include <thread>

#include "reprise/testing/testing.h"

namespace {

using reprise::DurableContext;
using reprise::Task;

TEST(GuardedConsumer, IsToldOfASleep) {
  const auto poll = [](DurableContext ctx) -> Task<> {
    std::this_thread::sleep_for(std::chrono::hours(1));
    co_await ctx.step("ask", [] {});
  };
  reprise::Scenario scenario("poll", poll);
  EXPECT_FINDS(scenario, reprise::Verdict::kAmbientCall, 0);
}

TEST(GuardedConsumer, IsToldOfAClockThatLibstdcxxReads) {
  const auto bill = [](DurableContext ctx) -> Task<> {
    const auto now = std::chrono::system_clock::now();
    const bool odd = std::chrono::system_clock::to_time_t(now) % 2 == 1;
    co_await ctx.step(odd ? "reminder" : "invoice", [] {});
    co_await ctx.wait("until-it-is-paid", absl::Hours(24));
  };
  reprise::Scenario scenario("bill", bill);
  EXPECT_FINDS(scenario, reprise::Verdict::kDivergentOp, 1);
}

}  // namespace
