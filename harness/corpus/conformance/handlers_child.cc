#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "conformance/handler_tools.h"

namespace reprise::corpus {
namespace {

Task<std::string> one_step(DurableContext ctx, std::string input) {
  const auto body = [&](DurableContext child) -> Task<std::string> {
    std::string text = co_await child.step(unnamed, [&] { return input; });
    co_return text;
  };
  std::string text = co_await ctx.run_in_child_context("child", body);
  co_return text;
}

Task<std::string> two_steps(DurableContext ctx, std::string input) {
  const auto body = [&](DurableContext child) -> Task<std::string> {
    std::string first = co_await child.step(unnamed, [&] { return input; });
    std::string second = co_await child.step(unnamed, [&] { return first; });
    co_return second;
  };
  std::string text = co_await ctx.run_in_child_context("child", body);
  co_return text;
}

Task<> failing_step(DurableContext ctx) {
  const auto body = [](DurableContext child) -> Task<> {
    const auto fail = [] { throw std::runtime_error("the step fails"); };
    co_await child.step(unnamed, fail, no_retry());
  };
  co_await ctx.run_in_child_context("child", body);
}

Task<std::string> nested(DurableContext ctx, std::string input) {
  const auto inner = [&](DurableContext child) -> Task<std::string> {
    std::string text = co_await child.step(unnamed, [&] { return input; });
    co_return text;
  };
  const auto outer = [&](DurableContext child) -> Task<std::string> {
    co_await child.step(unnamed, [&] { return input; });
    std::string text = co_await child.run_in_child_context("inner", inner);
    co_return text;
  };
  std::string text = co_await ctx.run_in_child_context("outer", outer);
  co_return text;
}

Task<std::string> retried_step(DurableContext ctx, std::string input) {
  const auto body = [&](DurableContext child) -> Task<std::string> {
    StepOptions options;
    options.retry(retry::fixed(absl::Seconds(1), 3));
    const auto work = [&](StepContext step) {
      if (step.attempt() == 1) throw std::runtime_error("try again");
      return input;
    };
    std::string text = co_await child.step(unnamed, work, options);
    co_return text;
  };
  std::string text = co_await ctx.run_in_child_context("child", body);
  co_return text;
}

Task<std::string> child_then_wait(DurableContext ctx, std::string input) {
  const auto body = [&](DurableContext child) -> Task<std::string> {
    std::string text = co_await child.step(unnamed, [&] { return input; });
    co_return text;
  };
  std::string text = co_await ctx.run_in_child_context("child", body);
  co_await ctx.wait(unnamed, absl::Seconds(2));
  co_return text;
}

Task<std::string> step_and_wait_inside(DurableContext ctx, std::string input) {
  const auto body = [&](DurableContext child) -> Task<std::string> {
    std::string text = co_await child.step(unnamed, [&] { return input; });
    co_await child.wait(unnamed, absl::Seconds(2));
    co_return text;
  };
  std::string text = co_await ctx.run_in_child_context("child", body);
  co_return text;
}

Task<std::string> uppercase(DurableContext ctx, std::string input) {
  const auto body = [&](DurableContext child) -> Task<std::string> {
    std::string text = co_await child.step(unnamed, [&] { return input; });
    co_return text;
  };
  ChildContextOptions options;
  options.serdes(std::make_shared<UppercaseText>());
  std::string text = co_await ctx.run_in_child_context("child", body, options);
  co_return text;
}

Task<> throwing(DurableContext ctx) {
  const auto body = [](DurableContext) -> Task<> {
    throw std::runtime_error("the child fails");
    co_return;
  };
  co_await ctx.run_in_child_context("child", body);
}

Task<Json> null_result(DurableContext ctx) {
  const auto body = [](DurableContext) -> Task<Json> { co_return Json(); };
  Json nothing = co_await ctx.run_in_child_context("child", body);
  co_return nothing;
}

Task<std::string> logging_only(DurableContext ctx, std::string input) {
  const auto body = [&](DurableContext child) -> Task<std::string> {
    child.logger().with_replay().info(input);
    co_return input;
  };
  std::string text = co_await ctx.run_in_child_context("child", body);
  co_await ctx.wait(unnamed, absl::Seconds(2));
  co_return text;
}

}  // namespace

std::vector<ConformanceHandler> child_conformance() {
  std::vector<ConformanceHandler> list = {
      covers("3-1", one_step),
      covers("3-3", two_steps),
      covers("3-4", failing_step),
      covers("3-6", nested),
      covers("3-7", retried_step),
      covers("3-9", child_then_wait),
      covers("3-10", step_and_wait_inside),
      covers("3-14", uppercase),
      covers("3-15", throwing),
      covers("3-16", null_result),
      covers("3-17", logging_only),
  };
  ConformanceHandler interrupted = covers("3-12", one_step);
  interrupted.crashes = dies_in_step("child#1/Step#1");
  list.push_back(std::move(interrupted));
  return list;
}

}  // namespace reprise::corpus
