#include <memory>
#include <string>

#include "handler_lists.h"
#include "handler_support.h"
#include "shared_handlers.h"

namespace reprise::corpus {
namespace {

// The same for every operation, by a Serdes of the type.
struct PurchaseOrder {
  std::string id;
  Json amount;
  std::string status;

  std::string summary() const {
    return "Order " + id + ": $" + amount.dump() + " (" + status + ")";
  }
};

}  // namespace
}  // namespace reprise::corpus

template <>
struct reprise::Serdes<reprise::corpus::PurchaseOrder> {
  static SharedText encode(const corpus::PurchaseOrder& order) {
    const corpus::Json json = {
        {"id", order.id}, {"amount", order.amount}, {"status", order.status}};
    return SharedText(json.dump());
  }
  static corpus::PurchaseOrder decode(const SharedText& payload) {
    const corpus::Json json = corpus::Json::parse(payload.view());
    return corpus::PurchaseOrder{json.at("id"), json.at("amount"), json.at("status")};
  }
};

namespace reprise::corpus {
namespace {

Task<std::string> hello_world(DurableContext) { co_return std::string("Hello World!"); }

Task<std::string> step_basic(DurableContext ctx) {
  std::string result = co_await ctx.step(unnamed, [] { return std::string("step completed"); });
  co_return result;
}

Task<std::string> undefined_results(DurableContext ctx) {
  co_await ctx.step("fetch-user", [] {});
  co_await ctx.run_in_child_context("parent", [](DurableContext) -> Task<void> { co_return; });
  co_await ctx.wait(unnamed, absl::Seconds(1));
  co_return std::string("result");
}

Json place_backorder(StepContext step) {
  if (step.attempt() == 1) throw Error("supplier-a is out of stock");
  if (step.attempt() == 2) throw Error("supplier-b is out of stock");
  return Json{{"supplier", "supplier-c"}, {"attempt", step.attempt()}, {"status", "backordered"}};
}

Task<Json> step_attempt_fallback(DurableContext ctx) {
  const StepOptions options = StepOptions().retry(retry_until(3, [](int) { return 1; }));
  Json result = co_await ctx.step("place-backorder", place_backorder, options);
  co_return result;
}

// The origin throws at random; in the recording attempts 1 and 2 failed.
std::string fail_twice(StepContext step) {
  if (step.attempt() <= 2) throw Error("Random failure");
  return "step succeeded";
}

Task<std::string> step_with_retry(DurableContext ctx) {
  const StepOptions options = StepOptions()
                                  .semantics(StepSemantics::kAtMostOncePerRetry)
                                  .retry(retry_until(3, [](int made) { return made; }));
  std::string result = co_await ctx.step(unnamed, fail_twice, options);
  co_return result;
}

Task<void> retry_exhaustion(DurableContext ctx) {
  const StepOptions options =
      StepOptions().retry(retry_until(6, [](int made) { return 1 + made; }));
  co_await ctx.step(
      "retries", [] { throw Error("There was an error"); }, options);
}

Json describe_error(const Outcome<void>& outcome) {
  if (outcome.ok()) return Json{{"hasError", false}};
  return Json{{"hasError", true},
              {"errorMessage", outcome.error().what()},
              {"causeMessage", outcome.error().error().message.value_or("")},
              {"causeName", outcome.error().cause_type()}};
}

Task<bool> step_error_determinism(DurableContext ctx) {
  const auto fail = [] {
    throw ApplicationError("CustomBusinessError", "Business validation failed");
  };
  Outcome<void> outcome = co_await ctx.try_step("failing-step", fail, no_retry());
  Json before = co_await ctx.step(
      "check-before-replay", [&] { return describe_error(outcome); }, no_retry());
  co_await ctx.wait(unnamed, absl::Seconds(1));
  Json after = co_await ctx.step(
      "check-after-replay", [&] { return describe_error(outcome); }, no_retry());
  co_return before.dump() == after.dump();
}

Task<void> retryable_error_types(DurableContext ctx, Json event) {
  const StepOptions options =
      StepOptions().retry(LinearBackoff().max_attempts(5).retry_type("RateLimitError"));
  const auto call_api = [&] {
    if (event.at("mode") == "non-retryable") {
      throw ApplicationError("ValidationError", "Field 'amount' must be a positive number");
    }
    throw ApplicationError("RateLimitError", "Too many requests");
  };
  co_await ctx.step("call-flaky-api", call_api, options);
}

Json process_large_payload(const Json& event) {
  const std::string data = event.at("data").get<std::string>();
  return Json{{"originalSize", data.size()},
              {"first100Chars", data.substr(0, 100)},
              {"hasMetadata", event.contains("metadata")},
              {"processedAt", "1970-01-01T00:00:00.000Z"}};
}

Task<Json> large_payload(DurableContext ctx, Json event) {
  Json payload =
      co_await ctx.step("process-large-payload", [&] { return process_large_payload(event); });
  co_return Json{{"success", true}, {"payload", payload}};
}

// A type that has its own methods again after a replay, by the serdes of one operation.
struct User {
  std::string first_name;
  std::string last_name;
  std::string email;

  std::string greeting() const {
    return "Hello, I'm " + first_name + " " + last_name + ". My email is " + email;
  }
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(User, first_name, last_name, email)

Json to_json_value(const User& user) {
  return Json{{"firstName", user.first_name}, {"lastName", user.last_name}, {"email", user.email}};
}

User user_of(const Json& json) {
  return User{json.at("firstName"), json.at("lastName"), json.at("email")};
}

class UserSerdes final : public CustomSerdes<User> {
 public:
  SharedText encode(const User& user, const SerdesContext&) const override {
    return SharedText(to_json_value(user).dump());
  }
  User decode(const SharedText& payload, const SerdesContext&) const override {
    return user_of(Json::parse(payload.view()));
  }
};

Task<Json> serde_basic(DurableContext ctx, Json event) {
  const StepOptions options = StepOptions().serdes(std::make_shared<const UserSerdes>());
  User user = co_await ctx.step(
      "create-user", [&] { return user_of(event); }, options);
  co_await ctx.wait(unnamed, absl::Seconds(1));
  std::string greeting = co_await ctx.step("greet-user", [&] { return user.greeting(); });
  co_return Json{{"user", to_json_value(user)}, {"greeting", greeting}};
}

Task<Json> configure_serdes(DurableContext ctx, Json event) {
  const auto create = [&] {
    return PurchaseOrder{event.at("orderId"), event.at("amount"), "pending"};
  };
  PurchaseOrder created = co_await ctx.step("create-order", create);
  co_await ctx.wait(unnamed, absl::Seconds(1));
  const auto process = [&] {
    PurchaseOrder processed = created;
    processed.status = "processed";
    return processed;
  };
  PurchaseOrder order = co_await ctx.step("process-order", process);
  co_return Json{{"summary", order.summary()},
                 {"id", order.id},
                 {"amount", order.amount},
                 {"status", order.status}};
}

}  // namespace

std::vector<CorpusHandler> step_handlers() {
  std::vector<CorpusHandler> list = {
      entry("hello-world", hello_world),
      entry("handler-error", handler_error),
      entry("step-basic", step_basic),
      entry("step-named", step_named),
      entry("undefined-results", undefined_results),
      entry("step-attempt-fallback", step_attempt_fallback),
      entry("step-with-retry", step_with_retry),
      entry("retry-exhaustion", retry_exhaustion),
      entry("step-error-determinism", step_error_determinism),
      entry("with-retry-retryable-error-types-non-retryable", retryable_error_types),
      entry("serde-basic", serde_basic),
      entry("configure-serdes", configure_serdes),
  };
  CorpusHandler large = entry("large-payload", large_payload);
  large.masks.members = {"processedAt"};
  list.push_back(std::move(large));
  return list;
}

}  // namespace reprise::corpus
