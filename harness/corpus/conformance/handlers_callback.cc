#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "conformance/handler_tools.h"

namespace reprise::corpus {
namespace {

Task<Json> await_result(DurableContext ctx, std::string name) {
  auto callback = co_await ctx.create_callback<Json>(name);
  Json result = co_await callback.result();
  co_return result;
}

Task<Json> await_with(DurableContext ctx, std::string name, CallbackOptions options) {
  auto callback = co_await ctx.create_callback<Json>(name, options);
  Json result = co_await callback.result();
  co_return result;
}

Task<Json> silent_heartbeat(DurableContext ctx, std::string name) {
  CallbackOptions options;
  options.heartbeat_timeout(absl::Seconds(5));
  Json result = co_await await_with(ctx, name, options);
  co_return result;
}

Task<Json> heartbeat(DurableContext ctx, std::string name) {
  CallbackOptions options;
  options.heartbeat_timeout(absl::Seconds(10));
  Json result = co_await await_with(ctx, name, options);
  co_return result;
}

Task<Json> step_before_timeout(DurableContext ctx, std::string name) {
  CallbackOptions options;
  options.timeout(absl::Seconds(5));
  auto callback = co_await ctx.create_callback<Json>(name, options);
  co_await ctx.step(unnamed, [] {});
  Json result = co_await callback.result();
  co_return result;
}

Task<Json> wait_before_result(DurableContext ctx, std::string name) {
  auto callback = co_await ctx.create_callback<Json>(name);
  co_await ctx.wait(unnamed, absl::Seconds(5));
  Json result = co_await callback.result();
  co_return result;
}

Task<Json> wait_after_result(DurableContext ctx, std::string name) {
  auto callback = co_await ctx.create_callback<Json>(name);
  Json result = co_await callback.result();
  co_await ctx.wait(unnamed, absl::Seconds(2));
  co_return result;
}

Task<std::string> timeout_caught(DurableContext ctx, std::string name) {
  CallbackOptions options;
  options.timeout(absl::Seconds(3));
  auto callback = co_await ctx.create_callback(name, options);
  Outcome<std::string> outcome = co_await callback.try_result();
  const std::string text = outcome.ok() ? *outcome : outcome.error().what();
  co_await ctx.wait(unnamed, absl::Seconds(2));
  co_return text;
}

/// What a callback's text is made into; the time in seconds since the epoch.
struct Message {
  std::string id;
  std::string message;
  std::int64_t timestamp = 0;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(Message, id, message, timestamp)
};

class MessageSerdes final : public CustomSerdes<Message> {
 public:
  SharedText encode(const Message& value, const SerdesContext& /*context*/) const override {
    return Serdes<Message>::encode(value);
  }
  Message decode(const SharedText& payload, const SerdesContext& /*context*/) const override {
    const Json json = Json::parse(payload.view());
    absl::Time time;
    std::string error;
    if (!absl::ParseTime(absl::RFC3339_full, json.at("timestamp").get<std::string>(), &time,
                         &error)) {
      throw SerdesError(error);
    }
    Message message;
    message.id = json.at("id");
    message.message = json.at("message");
    message.timestamp = absl::ToUnixSeconds(time);
    return message;
  }
};

Task<nlohmann::json> typed_message(DurableContext ctx, std::string name) {
  CallbackOptions options;
  options.serdes(std::make_shared<MessageSerdes>());
  auto callback = co_await ctx.create_callback<Message>(name, options);
  Message message = co_await callback.result();
  nlohmann::json output;
  output["received"] = message;
  co_return output;
}

class NumberSerdes final : public CustomSerdes<int> {
 public:
  SharedText encode(const int& value, const SerdesContext& /*context*/) const override {
    return SharedText(std::to_string(value));
  }
  int decode(const SharedText& payload, const SerdesContext& /*context*/) const override {
    return std::stoi(payload.str());
  }
};

Task<Json> number(DurableContext ctx, std::string name) {
  CallbackOptions options;
  options.serdes(std::make_shared<NumberSerdes>());
  auto callback = co_await ctx.create_callback<int>(name, options);
  int count = co_await callback.result();
  co_return Json{{"count", count}, {"doubled", 2 * count}};
}

using Names = std::vector<std::string>;

Task<Json> one_after_the_other(DurableContext ctx, Names names) {
  auto first = co_await ctx.create_callback<Json>(names.at(0));
  Json a = co_await first.result();
  auto second = co_await ctx.create_callback<Json>(names.at(1));
  Json b = co_await second.result();
  co_return Json::array({a, b});
}

Task<Json> both_open(DurableContext ctx, Names names) {
  auto first = co_await ctx.create_callback<Json>(names.at(0));
  auto second = co_await ctx.create_callback<Json>(names.at(1));
  Json a = co_await first.result();
  Json b = co_await second.result();
  co_return Json::array({a, b});
}

}  // namespace

std::vector<ConformanceHandler> callback_conformance() {
  return {
      covers("4-1", await_result),
      covers("4-4", silent_heartbeat),
      covers("4-5", heartbeat),
      covers("4-6", await_result),
      covers("4-8", step_before_timeout),
      covers("4-9", wait_before_result),
      covers("4-10", wait_before_result),
      covers("4-12", wait_after_result),
      covers("4-14", timeout_caught),
      covers("4-15", typed_message),
      covers("4-16", number),
      covers("4-17", one_after_the_other),
      covers("4-18", both_open),
  };
}

}  // namespace reprise::corpus
