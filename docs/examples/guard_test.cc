// What reprise::guard sees.  This program is linked with it.

#include <chrono>
#include <ctime>
#include <string>
#include <thread>

#include "page_test_support.h"
#include "reprise/testing/testing.h"

namespace {

using reprise::DurableContext;
using reprise::ExploreOptions;
using reprise::Scenario;
using reprise::Task;

// [clock]
FAILING_TEST(Guard, TheClockDecides) {
  auto bill = [](DurableContext ctx) -> Task<> {
    std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    co_await ctx.step(now % 2 == 0 ? "invoice" : "reminder", [] {});
    co_await ctx.wait("until-it-is-paid", absl::Hours(24));
  };
  Scenario scenario("bill", bill);
  EXPECT_DURABLE(scenario);
}
// [/clock]

TEST(Guard, TheClockDecidesMended) {
  auto bill = [](DurableContext ctx) -> Task<> {
    // [clock_mended]
    std::time_t now = co_await ctx.step("now", [] {
      return std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    });
    // [/clock_mended]
    co_await ctx.step(now % 2 == 0 ? "invoice" : "reminder", [] {});
    co_await ctx.wait("until-it-is-paid", absl::Hours(24));
  };
  Scenario scenario("bill", bill);
  EXPECT_DURABLE(scenario);
}

// [strict]
FAILING_TEST(Guard, EveryCallIsWrong) {
  auto greet = [](DurableContext ctx) -> Task<int> {
    ctx.logger().info("woken at " + std::to_string(std::time(nullptr)));
    int answer = co_await ctx.step("answer", [] { return 42; });
    co_return answer;
  };
  Scenario scenario("greet", greet);
  ExploreOptions options;
  options.strict_ambient_calls = true;
  scenario.options(options);
  EXPECT_DURABLE(scenario);
}
// [/strict]

// [sleep]
FAILING_TEST(AmbientCall, SleepsInTheHandler) {
  auto poll = [](DurableContext ctx) -> Task<> {
    co_await ctx.step("ask", [] {});
    std::this_thread::sleep_for(std::chrono::minutes(10));
    co_await ctx.step("ask-again", [] {});
  };
  Scenario scenario("poll", poll);
  EXPECT_DURABLE(scenario);
}
// [/sleep]

TEST(AmbientCall, SleepsInTheHandlerMended) {
  auto poll = [](DurableContext ctx) -> Task<> {
    co_await ctx.step("ask", [] {});
    // [sleep_mended]
    co_await ctx.wait("ten-minutes", absl::Minutes(10));
    // [/sleep_mended]
    co_await ctx.step("ask-again", [] {});
  };
  Scenario scenario("poll", poll);
  EXPECT_DURABLE(scenario);
}

// [log_line]
TEST(AmbientCall, InALogLineChangesNothing) {
  auto greet = [](DurableContext ctx) -> Task<int> {
    ctx.logger().info("woken at " + std::to_string(std::time(nullptr)));
    int answer = co_await ctx.step("answer", [] { return 42; });
    co_return answer;
  };
  Scenario scenario("greet", greet);
  EXPECT_DURABLE(scenario);
}
// [/log_line]

}  // namespace
