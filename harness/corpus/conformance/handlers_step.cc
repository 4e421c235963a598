#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "conformance/handler_tools.h"

namespace reprise::corpus {

/// Goes into the record under the name of its class, so it has one outside any anonymous namespace.
class TransientError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

namespace {

std::string greeting(const std::string& name) { return "Hello, " + name + "!"; }

Task<std::string> basic(DurableContext ctx, std::string name) {
  std::string text = co_await ctx.step(unnamed, [&] { return greeting(name); });
  co_return text;
}

Task<std::string> named(DurableContext ctx, std::string name) {
  std::string text = co_await ctx.step("custom_step_name", [&] { return greeting(name); });
  co_return text;
}

Task<Json> complex_object(DurableContext ctx, Json event) {
  const auto build = [&] {
    const Json user = {{"name", event.at("name")}, {"tags", event.at("tags")}};
    return Json{{"user", user}, {"count", event.at("tags").size()}};
  };
  Json built = co_await ctx.step(unnamed, build);
  co_return built;
}

Task<Json> null_result(DurableContext ctx) {
  Json nothing = co_await ctx.step(unnamed, [] { return Json(); });
  co_return nothing;
}

Task<std::string> uppercase(DurableContext ctx, std::string input) {
  StepOptions options;
  options.serdes(std::make_shared<UppercaseText>());
  const auto body = [&] { return input; };
  std::string text = co_await ctx.step(unnamed, body, options);
  co_return text;
}

Task<std::string> logging(DurableContext ctx, std::string name) {
  const auto body = [&](StepContext step) {
    step.logger().info("Greeting step started for: " + name);
    std::string text = greeting(name);
    step.logger().info("Greeting step completed with: " + text);
    return text;
  };
  std::string text = co_await ctx.step(unnamed, body);
  co_return text;
}

Task<std::string> step_then_wait(DurableContext ctx) {
  std::string text = co_await ctx.step(unnamed, [] { return std::string("computed"); });
  co_await ctx.wait(unnamed, absl::Seconds(2));
  co_return text;
}

RetryStrategy one_second_later() { return retry::fixed(absl::Seconds(1), 3); }

/// A body that fails with E until attempt `first_good`.
template <class E>
auto fails_before(int first_good) {
  return [first_good](StepContext step) {
    if (step.attempt() < first_good) throw E("try again");
    return std::string("Operation succeeded");
  };
}

Task<std::string> retried(DurableContext ctx) {
  StepOptions options;
  options.retry(one_second_later());
  const auto body = fails_before<std::runtime_error>(2);
  std::string text = co_await ctx.step(unnamed, body, options);
  co_return text;
}

Task<std::string> retried_by_default(DurableContext ctx) {
  const auto body = fails_before<std::runtime_error>(3);
  std::string text = co_await ctx.step(unnamed, body);
  co_return text;
}

Task<std::string> retried_when_transient(DurableContext ctx) {
  StepOptions options;
  options.retry(ExponentialBackoff()
                    .initial_delay(absl::Seconds(1))
                    .jitter(Jitter::kNone)
                    .retry_type("reprise::corpus::TransientError"));
  const auto body = fails_before<TransientError>(2);
  std::string text = co_await ctx.step(unnamed, body, options);
  co_return text;
}

Task<std::string> at_most_once(DurableContext ctx, std::string input) {
  StepOptions options;
  options.semantics(StepSemantics::kAtMostOncePerRetry).retry(retry::none());
  const auto body = [&](StepContext step) {
    step.logger().info(input);
    return input;
  };
  std::string text = co_await ctx.step("at_most_once_flaky_step", body, options);
  co_return text;
}

void fail() { throw std::runtime_error("it always fails"); }

Task<> failing(DurableContext ctx) { co_await ctx.step(unnamed, fail, no_retry()); }

Task<std::string> caught(DurableContext ctx) {
  Outcome<void> outcome = co_await ctx.try_step(unnamed, fail, no_retry());
  std::string value = outcome.ok() ? "result" : "fallback_result";
  std::string text = co_await ctx.step(unnamed, [&] { return value; });
  co_return text;
}

}  // namespace

std::vector<ConformanceHandler> step_conformance() {
  std::vector<ConformanceHandler> list = {
      covers("1-1", basic),
      covers("1-2", named),
      covers("1-4", complex_object),
      covers("1-5", null_result),
      covers("1-6", uppercase),
      covers("1-7", logging),
      covers("1-8", step_then_wait),
      covers("1-11", retried),
      covers("1-13", retried_by_default),
      covers("1-15", retried_when_transient),
      covers("1-19", failing),
      covers("1-20", caught),
  };
  ConformanceHandler interrupted = covers("1-17", at_most_once);
  interrupted.crashes = dies_in_step("at_most_once_flaky_step#1");
  list.push_back(std::move(interrupted));
  return list;
}

}  // namespace reprise::corpus
