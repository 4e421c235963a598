// Each operation of the handler API.

#include <gmock/gmock.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reprise/fakes/mailer.h"
#include "reprise/fakes/payment_service.h"
#include "reprise/sdk/handler.h"
#include "reprise/testing/testing.h"

// [types]
struct Order {
  std::string id;
  int cents = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Order, id, cents)

struct Receipt {
  std::string payment;
  std::string parcel;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Receipt, payment, parcel)
// [/types]

// [serdes]
/// Temperatures are stored in tenths of a degree.
struct Celsius {
  double degrees = 0;
};

template <>
struct reprise::Serdes<Celsius> {
  static SharedText encode(const Celsius& value) {
    return SharedText(std::to_string(static_cast<int>(value.degrees * 10)));
  }
  static Celsius decode(const SharedText& payload) {
    Celsius value;
    value.degrees = std::stoi(payload.str()) / 10.0;
    return value;
  }
};
// [/serdes]

namespace {

using reprise::DurableContext;
using reprise::Scenario;
using reprise::Task;
using reprise::fakes::Mailer;
using reprise::fakes::PaymentService;
using testing::ElementsAre;

std::string result_of(Scenario& scenario) {
  const reprise::RunRecord record = reprise::run(scenario);
  return record.outcomes.front().result.str();
}

// [function]
Task<std::string> greet(DurableContext ctx, std::string name) {
  std::string text = co_await ctx.step("greet", [&] { return "Hello, " + name; });
  co_return text;
}
// [/function]

// [object]
struct Welcome {
  Mailer& mailer;

  Task<> operator()(DurableContext ctx, std::string name) {
    std::string text = co_await greet(ctx, name);
    co_await ctx.step("send", [&] { mailer.send(name, "Welcome", text, "welcome/" + name); });
  }
};
// [/object]

TEST(Handlers, AreFunctionsObjectsAndLambdas) {
  Mailer mailer;
  // [three_handlers]
  auto shout = [](DurableContext ctx, std::string name) -> Task<std::string> {
    std::string text = co_await greet(ctx, name);
    co_return text + "!";
  };
  Scenario a("greet", greet, std::string("Ann"));
  Scenario b("welcome", Welcome{mailer}, std::string("Ann"));
  Scenario c("shout", shout, std::string("Ann"));
  // [/three_handlers]
  b.world(mailer);
  EXPECT_DURABLE(a);
  EXPECT_DURABLE(b);
  EXPECT_DURABLE(c);
  EXPECT_EQ(result_of(c), "\"Hello, Ann!\"");
}

TEST(Step, RunsItsBodyAndRecordsTheResult) {
  auto handler = [](DurableContext ctx, Order order) -> Task<int> {
    // [step]
    int tax = co_await ctx.step("tax", [&] { return order.cents * 8 / 100; });
    // [/step]
    co_return tax;
  };
  Order order;
  order.cents = 1000;
  Scenario scenario("tax", handler, order);
  EXPECT_DURABLE(scenario);
  EXPECT_EQ(result_of(scenario), "80");
}

TEST(Step, RetriesByItsStrategy) {
  auto handler = [](DurableContext ctx) -> Task<std::string> {
    // [step_retry]
    reprise::StepOptions patient;
    patient.retry(reprise::ExponentialBackoff()
                      .max_attempts(4)
                      .initial_delay(absl::Seconds(2))
                      .retry_type("Busy"));
    auto call = [&](reprise::StepContext step) {
      if (step.attempt() < 3) throw reprise::ApplicationError("Busy", "try again");
      return std::string("served");
    };
    std::string answer = co_await ctx.step("call", call, patient);
    // [/step_retry]
    co_return answer;
  };
  Scenario scenario("retry", handler);
  EXPECT_DURABLE(scenario);
  EXPECT_EQ(result_of(scenario), "\"served\"");
}

TEST(Step, AtMostOnceMayBeInterrupted) {
  PaymentService legacy("legacy");
  auto handler = [&](DurableContext ctx) -> Task<std::string> {
    // [at_most_once]
    reprise::StepOptions once;
    once.semantics(reprise::StepSemantics::kAtMostOncePerRetry).retry(reprise::retry::none());
    auto charge = [&] { return legacy.authorise("order-1", "4242-4242", 1200).payment_id; };
    reprise::Outcome<std::string> payment = co_await ctx.try_step("charge", charge, once);
    if (payment.ok()) co_return *payment;
    if (payment.error().kind() == reprise::DurableErrorKind::kStepInterrupted) {
      co_return std::string("unknown: ask the bank");
    }
    co_return std::string("declined");
    // [/at_most_once]
  };
  Scenario scenario("at-most-once", handler);
  scenario.world(legacy);
  EXPECT_DURABLE(scenario);
}

TEST(TryStep, GivesTheErrorAsAValue) {
  PaymentService payments;
  payments.decline_card("4000-0002", "insufficient funds");
  Mailer mailer;
  auto handler = [&](DurableContext ctx) -> Task<std::string> {
    // [try_step]
    reprise::StepOptions once;
    once.retry(reprise::retry::none());
    auto authorise = [&] {
      const auto answer = payments.authorise("order-1", "4000-0002", 1200, "order-1");
      if (!answer.ok()) throw reprise::ApplicationError("CardDeclined", answer.message);
      return answer.payment_id;
    };
    reprise::Outcome<std::string> payment = co_await ctx.try_step("authorise", authorise, once);
    if (!payment.ok()) {
      std::string reason = payment.error().what();
      co_await ctx.step("tell", [&] { mailer.send("ann@example.com", "Declined", reason, "no"); });
      co_return "declined: " + std::string(payment.error().cause_type());
    }
    co_return *payment;
    // [/try_step]
  };
  Scenario scenario("try-step", handler);
  scenario.world(payments, mailer);
  EXPECT_DURABLE(scenario);
  EXPECT_EQ(result_of(scenario), "\"declined: CardDeclined\"");
}

TEST(Errors, AreCaughtAndActedOnAfterTheCatch) {
  auto handler = [](DurableContext ctx) -> Task<std::string> {
    // [catch]
    reprise::StepOptions once;
    once.retry(reprise::retry::none());
    auto fail = [&] { throw reprise::ApplicationError("Broken", "out of paper"); };
    std::string problem;
    try {
      co_await ctx.step("print", fail, once);
    } catch (const reprise::StepError& error) {
      problem = error.what();  // no await in a catch block
    }
    if (!problem.empty()) co_await ctx.wait("refill", absl::Minutes(10));
    // [/catch]
    co_return problem;
  };
  Scenario scenario("catch", handler);
  EXPECT_DURABLE(scenario);
  EXPECT_EQ(result_of(scenario), "\"out of paper\"");
}

TEST(Wait, TakesVirtualTime) {
  auto handler = [](DurableContext ctx) -> Task<> {
    // [wait]
    co_await ctx.wait("one-year", absl::Hours(24 * 365));
    co_await ctx.wait(reprise::unnamed, absl::Seconds(5));
    // [/wait]
  };
  Scenario scenario("wait", handler);
  EXPECT_DURABLE(scenario);
}

TEST(Invoke, CallsAnotherFunction) {
  auto handler = [](DurableContext ctx, Order order) -> Task<std::string> {
    // [invoke]
    std::string parcel = co_await ctx.invoke<std::string>("pack", "packer", order);
    reprise::Outcome<int> days = co_await ctx.try_invoke<int>("deliver", "carrier:$LATEST", parcel);
    if (!days.ok()) co_return "not delivered: " + std::string(days.error().cause_type());
    co_return parcel + " in " + std::to_string(*days) + " days";
    // [/invoke]
  };
  // [invoke_scenario]
  auto pack = [](const Order& order) { return "parcel-" + order.id; };
  auto carry = [](DurableContext ctx, std::string parcel) -> Task<int> {
    co_await ctx.wait("transport", absl::Hours(48));
    if (parcel.empty()) throw reprise::ApplicationError("NoParcel", "nothing to carry");
    co_return 2;
  };
  Order order;
  order.id = "7";
  Scenario scenario("order", handler, order);
  scenario.function("packer", pack).durable_function("carrier", carry);
  EXPECT_DURABLE(scenario);
  // [/invoke_scenario]
  EXPECT_EQ(reprise::run(scenario).outcomes.back().result, "\"parcel-7 in 2 days\"");
}

TEST(ChildContext, GroupsOperations) {
  auto handler = [](DurableContext ctx, Order order) -> Task<Receipt> {
    // [child]
    auto fulfil = [&](DurableContext child) -> Task<Receipt> {
      std::string payment = co_await child.step("pay", [&] { return "payment-" + order.id; });
      std::string parcel = co_await child.step("pack", [&] { return "parcel-" + order.id; });
      Receipt receipt;
      receipt.payment = payment;
      receipt.parcel = parcel;
      co_return receipt;
    };
    Receipt receipt = co_await ctx.run_in_child_context("fulfil", fulfil);
    // [/child]
    co_return receipt;
  };
  Order order;
  order.id = "7";
  Scenario scenario("child", handler, order);
  EXPECT_DURABLE(scenario);
  EXPECT_EQ(result_of(scenario), R"({"parcel":"parcel-7","payment":"payment-7"})");
}

TEST(ChildContext, MayBeVirtual) {
  auto handler = [](DurableContext ctx) -> Task<int> {
    // [virtual]
    auto body = [](DurableContext child) -> Task<int> {
      int number = co_await child.step("number", [&] { return 7; });
      co_return number;
    };
    reprise::ChildContextOptions options;
    options.is_virtual(true);
    int number = co_await ctx.run_in_child_context("group", body, options);
    // [/virtual]
    co_return number;
  };
  Scenario scenario("virtual", handler);
  EXPECT_DURABLE(scenario);
}

TEST(Callback, IsAnsweredFromOutside) {
  Mailer mailer;
  auto handler = [&](DurableContext ctx) -> Task<std::string> {
    // [create_callback]
    reprise::CallbackOptions one_day;
    one_day.timeout(absl::Hours(24)).heartbeat_timeout(absl::Hours(2));
    reprise::Callback<std::string> approval = co_await ctx.create_callback("approval", one_day);
    co_await ctx.step("ask",
                      [&] { mailer.send("boss@example.com", "Approve?", approval.id(), "ask"); });
    reprise::Outcome<std::string> answer = co_await approval.try_result();
    if (!answer.ok()) co_return std::string("nobody answered");
    co_return *answer;
    // [/create_callback]
  };
  Scenario scenario("callback", handler);
  scenario.world(mailer).answer_callback("approval", "yes", absl::Hours(1));
  EXPECT_DURABLE(scenario);
  EXPECT_EQ(result_of(scenario), "\"yes\"");
}

TEST(WaitForCallback, HandsTheIdToASubmitter) {
  Mailer mailer;
  auto handler = [&](DurableContext ctx) -> Task<int> {
    // [wait_for_callback]
    reprise::CallbackOptions one_day;
    one_day.timeout(absl::Hours(24)).retry(reprise::retry::fixed(absl::Seconds(10), 3));
    auto ask = [&](const std::string& callback_id) {
      mailer.send("boss@example.com", "How many?", callback_id, "ask");
    };
    reprise::Outcome<int> count = co_await ctx.try_wait_for_callback<int>("count", ask, one_day);
    if (count.ok()) co_return *count;
    const bool timed_out = count.error().kind() == reprise::DurableErrorKind::kCallbackTimeout;
    co_return timed_out ? -1 : -2;
    // [/wait_for_callback]
  };
  Scenario answered("answered", handler);
  answered.world(mailer).answer_callback("count", "12", absl::Hours(1));
  EXPECT_DURABLE(answered);
  EXPECT_EQ(result_of(answered), "12");
  Scenario forgotten("forgotten", handler);
  forgotten.world(mailer);
  EXPECT_DURABLE(forgotten);
  EXPECT_EQ(result_of(forgotten), "-1");
}

TEST(Concurrency, TwoOperationsAreOpenAtOnce) {
  auto handler = [](DurableContext ctx, Order order) -> Task<std::string> {
    // [two_open]
    auto quote_a = ctx.invoke<int>("quote-a", "carrier-a", order);
    auto quote_b = ctx.invoke<int>("quote-b", "carrier-b", order);
    int a = co_await quote_a;
    int b = co_await quote_b;
    co_return a < b ? std::string("a") : std::string("b");
    // [/two_open]
  };
  Scenario scenario("quotes", handler, Order());
  scenario.function("carrier-a", [](const Order&) { return 12; })
      .function("carrier-b", [](const Order&) { return 9; });
  EXPECT_DURABLE(scenario);
  EXPECT_EQ(result_of(scenario), "\"b\"");
}

TEST(Logger, WritesEachLineOnce) {
  auto handler = [](DurableContext ctx) -> Task<> {
    // [logger]
    ctx.logger().info("started");
    co_await ctx.wait("pause", absl::Hours(1));
    ctx.logger().info("woken");
    // [/logger]
  };
  Scenario scenario("log", handler);
  EXPECT_DURABLE(scenario);
  const reprise::RunRecord record = reprise::run(scenario);
  std::vector<std::string> lines;
  for (const reprise::LogLine& line : record.logs) lines.push_back(line.message);
  EXPECT_THAT(lines, ElementsAre("started", "woken"));
}

// [custom_serdes]
/// One operation's own form: the text as it is, without the quotes of JSON.
class PlainText final : public reprise::CustomSerdes<std::string> {
 public:
  reprise::SharedText encode(const std::string& value,
                             const reprise::SerdesContext&) const override {
    return reprise::SharedText(value);
  }
  std::string decode(const reprise::SharedText& payload,
                     const reprise::SerdesContext&) const override {
    return payload.str();
  }
};
// [/custom_serdes]

TEST(Serdes, OfATypeAndOfAnOperation) {
  auto handler = [](DurableContext ctx) -> Task<std::string> {
    // [use_serdes]
    Celsius room = co_await ctx.step("measure", [&] {
      Celsius value;
      value.degrees = 21.5;
      return value;
    });
    reprise::StepOptions plain;
    plain.serdes(std::make_shared<PlainText>());
    std::string text = co_await ctx.step(
        "text", [&] { return std::to_string(room.degrees); }, plain);
    // [/use_serdes]
    co_return text;
  };
  Scenario scenario("serdes", handler);
  EXPECT_DURABLE(scenario);
  EXPECT_EQ(result_of(scenario), "\"21.500000\"");
}

TEST(Coroutines, NamedResultsInsteadOfAwaitsInConditions) {
  auto handler = [](DurableContext ctx) -> Task<std::string> {
    // [conditions]
    bool fragile = co_await ctx.step("inspect", [&] { return true; });
    if (fragile) {
      co_await ctx.step("wrap", [&] {});
    }
    std::string box = fragile ? "padded" : "plain";
    co_await ctx.step("box", [&] { return box; });
    // [/conditions]
    co_return box;
  };
  Scenario scenario("conditions", handler);
  EXPECT_DURABLE(scenario);
}

TEST(Coroutines, PairsAreUnpackedByReference) {
  auto handler = [](DurableContext ctx) -> Task<int> {
    // [pairs]
    auto pair = co_await ctx.step("measure", [&] { return std::pair<int, int>(3, 4); });
    auto& [width, height] = pair;
    co_return width* height;
    // [/pairs]
  };
  Scenario scenario("pairs", handler);
  EXPECT_DURABLE(scenario);
  EXPECT_EQ(result_of(scenario), "12");
}

TEST(Coroutines, ClosuresThatOwnSomethingAreNamed) {
  auto handler = [](DurableContext ctx, Order order) -> Task<std::string> {
    // [named_closure]
    auto body = [id = order.id] { return "parcel-" + id; };
    std::string parcel = co_await ctx.step("pack", body);
    // [/named_closure]
    co_return parcel;
  };
  Scenario scenario("named-closure", handler, Order());
  EXPECT_DURABLE(scenario);
}

// [make_handler]
/// What a process does that is no test: `service` speaks to the real service.
reprise::InvocationResult serve(const reprise::InvocationInput& input,
                                reprise::DurableService& service) {
  static const reprise::HandlerFunction handler = reprise::make_handler(greet);
  return handler(input, service, reprise::InvocationOptions());
}
// [/make_handler]

class Unreachable final : public reprise::DurableService {
 public:
  reprise::ApiResult<reprise::CheckpointResponse> checkpoint(
      const reprise::CheckpointRequest&) override {
    return reprise::ApiError{reprise::ApiError::kConnectionLost, 0, "no network"};
  }
  reprise::ApiResult<reprise::StateResponse> get_state(const reprise::StateRequest&) override {
    return reprise::ApiError{reprise::ApiError::kConnectionLost, 0, "no network"};
  }
};

TEST(MakeHandler, RunsOverAnyService) {
  Unreachable service;
  reprise::InvocationInput input;
  input.durable_execution_arn = "arn";
  auto execution = std::make_shared<reprise::Operation>();
  execution->type = reprise::OperationType::kExecution;
  execution->input_payload = reprise::SharedText("\"Ann\"");
  input.operations.push_back(execution);
  const reprise::InvocationResult result = serve(input, service);
  EXPECT_FALSE(result.responded);  // the service will invoke it again
}

}  // namespace
