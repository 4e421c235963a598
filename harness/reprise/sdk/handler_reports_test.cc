// What an invocation tells its observer: misuse, logs, records that a replay never asks for.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "reprise/sdk/handler.h"
#include "reprise/sdk/invocation_test_support.h"

namespace reprise {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using HandlerReportsTest = InvocationTest;

class MisuseObserver final : public InvocationObserver {
 public:
  void misused(Misuse misuse, const std::string&, const std::source_location&,
               const OperationCall*) override {
    seen.push_back(misuse);
  }
  void logged(LogLevel, std::string_view message, std::string_view) override {
    lines.emplace_back(message);
  }
  void records_unvisited(const std::vector<OperationPtr>& records) override {
    for (const OperationPtr& record : records) unvisited.push_back(record->name.str());
  }
  std::vector<Misuse> seen;
  std::vector<std::string> lines;
  std::vector<std::string> unvisited;
};

TEST_F(HandlerReportsTest, ReportsEveryWayToMisuseTheApi) {
  MisuseObserver observer;
  options_.observer = &observer;
  const auto seen = [&] { return std::exchange(observer.seen, {}); };

  (void)invoke([](DurableContext ctx) -> Task<> {
    co_await ctx.step("outer", [&] { auto inner = ctx.wait("inner", absl::Seconds(1)); });
    co_return;
  });
  EXPECT_THAT(seen(), ElementsAre(Misuse::kNestedOperation));

  service_ = LogService();
  (void)invoke([](DurableContext ctx) -> Task<> {
    co_await ctx.run_in_child_context("child", [&](DurableContext) -> Task<> {
      co_await ctx.step("wrong", [] {});
      co_return;
    });
    co_return;
  });
  EXPECT_THAT(seen(), ElementsAre(Misuse::kWrongContext));

  service_ = LogService();
  (void)invoke([](DurableContext ctx) -> Task<> {
    std::optional<DurableContext> leaked;
    co_await ctx.run_in_child_context("child", [&](DurableContext child) -> Task<> {
      leaked = child;
      co_return;
    });
    co_await leaked->step("late", [] {});
    co_return;
  });
  EXPECT_THAT(seen(), ElementsAre(Misuse::kContextAfterScope));

  service_ = LogService();
  (void)invoke([](DurableContext ctx) -> Task<> {
    auto forgotten = ctx.step("forgotten", [] {});
    co_return;
  });
  EXPECT_THAT(seen(), ElementsAre(Misuse::kNeverAwaited));

  service_ = LogService();
  (void)invoke([](DurableContext ctx) -> Task<> {
    Callback<std::string> callback = co_await ctx.create_callback("open");
    EXPECT_FALSE(callback.id().empty());
    co_return;
  });
  EXPECT_THAT(seen(), ElementsAre(Misuse::kOpenAtReturn));

  service_ = LogService();
  (void)invoke([](DurableContext ctx) -> Task<> {
    co_await ctx.step(std::string(257, 'n'), [] {});
    co_return;
  });
  EXPECT_THAT(seen(), ElementsAre(Misuse::kInvalidArgument));

  for (const absl::Duration wrong :
       {absl::ZeroDuration(), absl::Milliseconds(999), -absl::Seconds(1), absl::Hours(24 * 367),
        absl::InfiniteDuration()}) {
    service_ = LogService();
    const auto result = invoke([&](DurableContext ctx) -> Task<> {
      co_await ctx.wait("w", wrong);
      co_return;
    });
    EXPECT_THAT(seen(), ElementsAre(Misuse::kInvalidArgument)) << wrong;
    EXPECT_EQ(result.output.status, InvocationStatus::kFailed);
    EXPECT_THAT(service_.updates, IsEmpty());
  }
}

TEST_F(HandlerReportsTest, ReportsAnOperationStartedWhileFramesAreDestroyed) {
  MisuseObserver observer;
  options_.observer = &observer;
  struct Guard {
    DurableContext ctx;
    ~Guard() { auto late = ctx.wait("late", absl::Seconds(1)); }
  };
  const auto result = invoke([](DurableContext ctx) -> Task<> {
    Guard guard{ctx};
    co_await ctx.wait("w", absl::Seconds(1));
    co_return;
  });
  EXPECT_THAT(observer.seen, ElementsAre(Misuse::kDuringTeardown));
  EXPECT_EQ(result.output.status, InvocationStatus::kFailed);
}

TEST_F(HandlerReportsTest, LogsEachLineOnce) {  // PROTOCOL 6.8
  MisuseObserver observer;
  options_.observer = &observer;
  const auto handler = [](DurableContext ctx) -> Task<> {
    ctx.logger().info("begin");
    co_await ctx.step("a", [] {});
    ctx.logger().info("after a");
    co_await ctx.wait("w", absl::Seconds(1));
    ctx.logger().info("end");
    co_return;
  };
  (void)invoke(handler);
  service_.change(1, [](Operation& record) { record.status = OperationStatus::kSucceeded; });
  (void)invoke(handler);
  EXPECT_THAT(observer.lines, ElementsAre("begin", "after a", "end"));
}

TEST_F(HandlerReportsTest, LogsInReplayOnlyWhenAsked) {  // PROTOCOL 6.8
  MisuseObserver observer;
  options_.observer = &observer;
  const auto handler = [](DurableContext ctx) -> Task<> {
    ctx.logger().with_replay().info("always");
    ctx.logger().info("once");
    co_await ctx.step("a", [] {});
    co_await ctx.wait("w", absl::Seconds(1));
    co_return;
  };
  (void)invoke(handler);
  (void)invoke(handler);
  EXPECT_THAT(observer.lines, ElementsAre("always", "once", "always"));
}

TEST_F(HandlerReportsTest, LogsInAStepUnderItsPath) {
  struct Paths : InvocationObserver {
    void logged(LogLevel level, std::string_view message, std::string_view path) override {
      lines.push_back(std::string(to_string(level)) + " " + std::string(path) + ": " +
                      std::string(message));
    }
    std::vector<std::string> lines;
  } observer;
  options_.observer = &observer;
  (void)invoke([](DurableContext ctx) -> Task<> {
    auto body = [](StepContext step) {
      step.logger().info("attempt " + std::to_string(step.attempt()));
    };
    co_await ctx.step("a", body);
    co_return;
  });
  EXPECT_THAT(observer.lines, ElementsAre("INFO a#1: attempt 1"));
}

TEST_F(HandlerReportsTest, NamesTheRecordsThatAReplayNeverAsksFor) {  // S-11
  MisuseObserver observer;
  options_.observer = &observer;
  (void)invoke([](DurableContext ctx) -> Task<> {
    co_await ctx.step("a", [] {});
    co_await ctx.step("b", [] {});
    co_return;
  });
  (void)invoke([](DurableContext ctx) -> Task<> {
    co_await ctx.step("a", [] {});
    co_return;
  });
  EXPECT_THAT(observer.unvisited, ElementsAre("b"));
}

}  // namespace
}  // namespace reprise
