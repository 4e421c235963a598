#include <string>
#include <vector>

#include "conformance/handler_tools.h"

namespace reprise::corpus {
namespace {

void submit(const std::string& /*callback_id*/) {}

Task<Json> basic(DurableContext ctx, std::string name) {
  Json result = co_await ctx.wait_for_callback<Json>(name, submit);
  co_return result;
}

Task<Json> static_name(DurableContext ctx) {
  Json result = co_await ctx.wait_for_callback<Json>("approval", submit);
  co_return result;
}

Task<Json> short_timeout(DurableContext ctx, std::string name) {
  CallbackOptions options;
  options.timeout(absl::Seconds(3));
  Json result = co_await ctx.wait_for_callback<Json>(name, submit, options);
  co_return result;
}

Task<Json> in_child(DurableContext ctx, std::string name) {
  const auto wrapper = [&](DurableContext child) -> Task<Json> {
    Json result = co_await child.wait_for_callback<Json>(name, submit);
    co_return result;
  };
  Json result = co_await ctx.run_in_child_context("wrapper", wrapper);
  co_return result;
}

Task<Json> after_wait_and_step(DurableContext ctx, std::string name) {
  co_await ctx.wait(unnamed, absl::Seconds(1));
  co_await ctx.step(unnamed, [] { return std::string("fixed data"); });
  Json result = co_await ctx.wait_for_callback<Json>(name, submit);
  co_return result;
}

Task<std::string> status_of_object(DurableContext ctx, std::string name) {
  Json result = co_await ctx.wait_for_callback<Json>(name, submit);
  co_return result.at("status").get<std::string>();
}

Task<Json> heartbeat(DurableContext ctx, std::string name) {
  CallbackOptions options;
  options.heartbeat_timeout(absl::Seconds(10));
  Json result = co_await ctx.wait_for_callback<Json>(name, submit, options);
  co_return result;
}

Task<std::string> timeout_caught(DurableContext ctx, std::string name) {
  CallbackOptions options;
  options.timeout(absl::Seconds(3));
  Outcome<std::string> outcome = co_await ctx.try_wait_for_callback(name, submit, options);
  const bool timed_out =
      !outcome.ok() && outcome.error().kind() == DurableErrorKind::kCallbackTimeout;
  co_return timed_out ? std::string("timed-out-handled") : std::string("not timed out");
}

}  // namespace

std::vector<ConformanceHandler> wait_for_callback_conformance() {
  return {
      covers("7-1", basic),
      covers("7-2", static_name),
      covers("7-4", basic),
      covers("7-5", short_timeout),
      covers("7-8", in_child),
      covers("7-10", after_wait_and_step),
      covers("7-11", status_of_object),
      covers("7-13", heartbeat),
      covers("7-14", timeout_caught),
      covers("7-15", basic),
  };
}

}  // namespace reprise::corpus
