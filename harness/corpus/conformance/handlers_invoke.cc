#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "conformance/handler_tools.h"

namespace reprise::corpus {
namespace {

constexpr const char* kEcho = "echo:$LATEST";

Task<Json> echo(DurableContext, Json event) { co_return event; }

Task<> reject(DurableContext) {
  throw std::runtime_error("the target fails");
  co_return;
}

Task<std::size_t> measure(DurableContext, std::string text) { co_return text.size(); }

Task<Json> basic(DurableContext ctx, Json event) {
  Json result = co_await ctx.invoke<Json>(unnamed, kEcho, event);
  co_return result;
}

Task<Json> named(DurableContext ctx, Json event) {
  const std::string name = event.at("name").get<std::string>();
  Json result = co_await ctx.invoke<Json>(name, kEcho, event.at("payload"));
  co_return result;
}

Task<Json> null_payload(DurableContext ctx) {
  const Json nothing;
  Json result = co_await ctx.invoke<Json>(unnamed, kEcho, nothing);
  co_return result;
}

Task<Json> failing(DurableContext ctx) {
  const Json nothing;
  Json result = co_await ctx.invoke<Json>(unnamed, "reject:$LATEST", nothing);
  co_return result;
}

// The service takes inputs of up to a megabyte, and a checkpoint of up to 750 KB.
Task<std::size_t> large_payload(DurableContext ctx) {
  const std::string payload(std::size_t{700} * 1024, 'x');
  std::size_t size = co_await ctx.invoke<std::size_t>(unnamed, "measure:$LATEST", payload);
  co_return size;
}

Task<Json> tenant(DurableContext ctx, Json event) {
  InvokeOptions options;
  options.tenant_id(event.at("tenantId").get<std::string>());
  Json result = co_await ctx.invoke<Json>(unnamed, kEcho, event.at("payload"), options);
  co_return result;
}

Task<Json> wait_after(DurableContext ctx, Json event) {
  Json result = co_await ctx.invoke<Json>(unnamed, kEcho, event);
  co_await ctx.wait(unnamed, absl::Seconds(1));
  co_return result;
}

Task<Json> step_before(DurableContext ctx) {
  std::string payload = co_await ctx.step(unnamed, [] { return std::string("from the step"); });
  Json result = co_await ctx.invoke<Json>(unnamed, kEcho, payload);
  co_return result;
}

Task<Json> step_after(DurableContext ctx) {
  const std::string payload = "to the step";
  Json result = co_await ctx.invoke<Json>(unnamed, kEcho, payload);
  const auto process = [&] { return Json{{"processed", result}}; };
  Json processed = co_await ctx.step(unnamed, process);
  co_return processed;
}

Task<Json> two_in_a_row(DurableContext ctx) {
  const std::string payload = "through both";
  Json first = co_await ctx.invoke<Json>(unnamed, kEcho, payload);
  Json second = co_await ctx.invoke<Json>(unnamed, "echo-again:$LATEST", first);
  co_return second;
}

/// Sends texts in upper case.
class UppercasePayload final : public CustomSerdes<std::string> {
 public:
  SharedText encode(const std::string& value, const SerdesContext& context) const override {
    return Serdes<std::string>::encode(UppercaseText().encode(value, context).str());
  }
  std::string decode(const SharedText& payload, const SerdesContext& /*context*/) const override {
    return Serdes<std::string>::decode(payload);
  }
};

Task<Json> uppercase_payload(DurableContext ctx, Json event) {
  InvokeOptions options;
  options.payload_serdes(std::make_shared<UppercasePayload>());
  const std::string payload = event.at("data").get<std::string>();
  Json result = co_await ctx.invoke<Json>(unnamed, kEcho, payload, options);
  co_return result;
}

ConformanceHandler with(ConformanceHandler handler, std::vector<Function> functions) {
  handler.functions = std::move(functions);
  return handler;
}

}  // namespace

std::vector<ConformanceHandler> invoke_conformance() {
  Function per_tenant = target("echo", echo);
  per_tenant.config.per_tenant = true;
  return {
      with(covers("5-1", basic), {target("echo", echo)}),
      with(covers("5-2", named), {target("echo", echo)}),
      with(covers("5-4", null_payload), {target("echo", echo)}),
      with(covers("5-5", failing), {target("reject", reject)}),
      with(covers("5-7", large_payload), {target("measure", measure)}),
      with(covers("5-8", tenant), {per_tenant}),
      with(covers("5-9", wait_after), {target("echo", echo)}),
      with(covers("5-11", step_before), {target("echo", echo)}),
      with(covers("5-12", step_after), {target("echo", echo)}),
      with(covers("5-14", two_in_a_row), {target("echo", echo), target("echo-again", echo)}),
      with(covers("5-15", uppercase_payload), {target("echo", echo)}),
  };
}

}  // namespace reprise::corpus
