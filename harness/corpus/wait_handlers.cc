#include <string>

#include "handler_lists.h"
#include "handler_support.h"
#include "shared_handlers.h"

namespace reprise::corpus {
namespace {

Task<std::string> wait_unnamed(DurableContext ctx) {
  co_await ctx.wait(unnamed, absl::Seconds(2));
  co_return std::string("Function Completed");
}

Task<Json> multiple_waits(DurableContext ctx) {
  co_await ctx.wait("wait-1", absl::Seconds(5));
  co_await ctx.wait("wait-2", absl::Seconds(5));
  co_return Json{{"completedWaits", 2}, {"finalStep", "done"}};
}

Task<std::string> concurrent_wait(DurableContext ctx) {
  auto one = ctx.wait("wait-1-second", absl::Seconds(1));
  auto five = ctx.wait("wait-5-seconds", absl::Seconds(5));
  auto ten = ctx.wait("wait-10-seconds", absl::Seconds(10));
  co_await one;
  co_await five;
  co_await ten;
  co_return std::string("Completed waits");
}

Task<Json> logger_after_wait(DurableContext ctx) {
  ctx.logger().info("Before wait");
  co_await ctx.wait(unnamed, absl::Seconds(2));
  ctx.logger().info("After wait");
  co_return Json{{"message", "Success"}};
}

Task<std::string> child_context_completed(DurableContext child) {
  child.logger().info("In the child context");
  co_return std::string("child context completed");
}

Task<std::string> logger_log_levels(DurableContext ctx) {
  ctx.logger().info("Start");
  co_await ctx.step("log-level-step", [] { return std::string("step completed"); });
  ctx.logger().warning("Before the wait");
  co_await ctx.wait(unnamed, absl::Seconds(1));
  co_await ctx.step("debug-step", [] { return std::string("debug step completed"); });
  co_await ctx.run_in_child_context("child-context", child_context_completed);
  co_await ctx.step("direct-object-step",
                    [] { return std::string("direct object step completed"); });
  co_await ctx.step("multiple-error-step",
                    [] { return std::string("multiple error step completed"); });
  const auto fail = [] { throw Error("Simulated failure for retry demonstration"); };
  const StepOptions options = StepOptions().retry(retry_until(4, [](int made) { return made; }));
  Outcome<void> outcome = co_await ctx.try_step("retry-with-attempts", fail, options);
  if (!outcome.ok()) ctx.logger().error(outcome.error().what());
  co_return std::string();
}

Task<std::string> powertools_logger(DurableContext ctx) {
  ctx.logger().info("Start");
  co_await ctx.wait(unnamed, absl::Seconds(1));
  co_await ctx.run_in_child_context("child-context", child_context_completed);
  co_await ctx.step("direct-object-step",
                    [] { return std::string("direct object step completed"); });
  co_return std::string();
}

}  // namespace

std::vector<CorpusHandler> wait_handlers() {
  return {
      entry("wait", wait_unnamed),
      entry("wait-named", wait_named),
      entry("multiple-waits", multiple_waits),
      entry("concurrent-wait", concurrent_wait),
      entry("logger-after-wait", logger_after_wait),
      entry("logger-log-levels", logger_log_levels),
      entry("powertools-logger", powertools_logger),
  };
}

}  // namespace reprise::corpus
