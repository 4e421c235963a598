// The examples of docs/getting_started.md, in its order.

// [includes]
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <string>

#include "reprise/fakes/durable_client.h"
#include "reprise/fakes/event_source_mapping.h"
#include "reprise/fakes/mailer.h"
#include "reprise/fakes/payment_service.h"
#include "reprise/fakes/queue.h"
#include "reprise/testing/testing.h"
#include "reprise/world/effect.h"
// [/includes]

#include "page_test_support.h"

// [warehouse]
/// A fake of one's own: a value with ==, each change an effect.
class Warehouse {
 public:
  explicit Warehouse(int stock) : stock_(stock) {}

  /// Takes one item for an order.  False: there is none left.
  bool take(const std::string& order, const std::string& key = "") {
    return reprise::effect(
        {.target = "warehouse", .action = "take", .arguments = order, .key = key},
        [&](reprise::EffectOutcome& outcome) {
          const bool repeated = keys_.contains(key);  // carried out before
          if (repeated || stock_ == 0) {
            outcome.unchanged();
            return repeated;
          }
          if (!key.empty()) keys_.insert(key);
          --stock_;
          return true;
        });
  }
  int stock() const { return stock_; }

  bool operator==(const Warehouse&) const = default;

 private:
  int stock_;
  std::set<std::string> keys_;
};
// [/warehouse]

namespace {

using reprise::fakes::Mailer;
using reprise::fakes::PaymentAnswer;
using reprise::fakes::PaymentService;
using reprise::fakes::PaymentStatus;

// [handler]
using reprise::DurableContext;
using reprise::Task;

struct Fulfil {
  Warehouse& warehouse;
  Mailer& mailer;

  Task<std::string> operator()(DurableContext ctx, std::string order) {
    bool taken = co_await ctx.step("take", [&] { return warehouse.take(order, "take/" + order); });
    if (!taken) co_return std::string("sold out");
    co_await ctx.wait("pack", absl::Hours(2));
    co_await ctx.step(
        "tell", [&] { mailer.send("ann@example.com", "On its way", order, "tell/" + order); });
    co_return std::string("sent");
  }
};
// [/handler]

// [first_test]
TEST(Fulfil, SurvivesEveryCrash) {
  Warehouse warehouse(3);
  Mailer mailer;
  reprise::Scenario scenario("fulfil", Fulfil{warehouse, mailer}, std::string("order-1"));
  scenario.world(warehouse, mailer);
  EXPECT_DURABLE(scenario);
}
// [/first_test]

TEST(Fulfil, SaysWhatWasCovered) {
  Warehouse warehouse(3);
  Mailer mailer;
  reprise::Scenario scenario("fulfil", Fulfil{warehouse, mailer}, std::string("order-1"));
  scenario.world(warehouse, mailer);
  pages::expect_documented(__FILE__,
                           "fulfil: " + reprise::explore(scenario).certificate.text() + "\n");
}

// [busy]
struct Pay {
  PaymentService& payments;

  Task<std::string> operator()(DurableContext ctx, std::string order) {
    auto authorise = [&] {
      PaymentAnswer answer = payments.authorise(order, "4242-4242", 1200, "pay/" + order);
      if (answer.status == PaymentStatus::kBusy) {
        throw reprise::ApplicationError("Busy", answer.message);  // the step is tried again
      }
      return answer;
    };
    PaymentAnswer answer = co_await ctx.step("authorise", authorise);
    co_return answer.ok() ? answer.payment_id : answer.message;
  }
};

TEST(Pay, TriesAgainWhileTheServiceIsBusy) {
  PaymentService payments;
  payments.busy_next(2);
  reprise::Scenario scenario("pay", Pay{payments}, std::string("order-1"));
  scenario.world(payments);
  EXPECT_DURABLE(scenario);
  EXPECT_EQ(reprise::run(scenario).outcomes.front().result, "\"pay-order-1-1\"");
}

TEST(Pay, TakesNoForAnAnswer) {
  PaymentService payments;
  payments.decline_next(1, "insufficient funds");
  reprise::Scenario scenario("pay-declined", Pay{payments}, std::string("order-1"));
  scenario.world(payments);
  EXPECT_DURABLE(scenario);
  EXPECT_EQ(reprise::run(scenario).outcomes.front().result, "\"insufficient funds\"");
}
// [/busy]

// [invariants]
TEST(Fulfil, KeepsItsPromises) {
  Warehouse warehouse(3);
  Mailer mailer;
  reprise::Scenario scenario("fulfil", Fulfil{warehouse, mailer}, std::string("order-1"));
  scenario.world(warehouse, mailer);
  scenario.always("stock is never negative", [&] { return warehouse.stock() >= 0; });
  scenario.at_end("one mail was sent", [&] { return mailer.outbox().size() == 1; });
  scenario.sometimes("an item is taken", [&] { return warehouse.stock() == 2; });
  EXPECT_DURABLE(scenario);
}
// [/invariants]

// [queue]
TEST(Fulfil, IsStartedOnceForAMessage) {
  Warehouse warehouse(3);
  Mailer mailer;
  reprise::fakes::DurableClient lambda;
  reprise::fakes::QueueOptions three_times;
  three_times.max_receives = 3;
  reprise::fakes::Queue orders("orders", three_times);
  reprise::fakes::EventSourceMapping mapping("intake", orders, {.function = "starter"});
  auto starter = [&](const nlohmann::json& event) {
    for (const nlohmann::json& record : event.at("Records")) {
      const std::string order = record.at("body").get<std::string>();
      if (!lambda.start("fulfil:$LATEST", order, order).ok()) throw std::runtime_error(order);
    }
  };
  reprise::Scenario scenario("messages");
  scenario.durable_function("fulfil", Fulfil{warehouse, mailer})
      .function("starter", starter)
      .event_source(mapping)
      .external_event(
          "order", [] { return true; }, [&] { orders.send("order-1"); })
      .world(warehouse, mailer, lambda, orders, mapping);
  EXPECT_DURABLE(scenario);
  EXPECT_EQ(reprise::run(scenario).outcomes.front().name, "order-1");
}
// [/queue]

// [flawed]
/// Takes without a key: a crash after the take repeats it.
struct FulfilWithoutKey {
  Warehouse& warehouse;

  Task<bool> operator()(DurableContext ctx, std::string order) {
    bool taken = co_await ctx.step("take", [&] { return warehouse.take(order); });
    co_return taken;
  }
};

TEST(FulfilWithoutKey, TakesTwice) {
  Warehouse warehouse(3);
  reprise::Scenario scenario("fulfil-without-key", FulfilWithoutKey{warehouse},
                             std::string("order-1"));
  scenario.world(warehouse);
  EXPECT_FINDS(scenario, reprise::Verdict::kDuplicateEffect, 1);
}
// [/flawed]

// [callbacks]
struct Approve {
  Task<std::string> operator()(DurableContext ctx) {
    reprise::CallbackOptions one_day;
    one_day.timeout(absl::Hours(24));
    auto ask = [&](const std::string&) {};
    reprise::Outcome<std::string> answer =
        co_await ctx.try_wait_for_callback("manager", ask, one_day);
    if (!answer.ok()) co_return std::string("refused");
    co_return *answer;
  }
};

TEST(Approve, TakesTheAnswer) {
  reprise::Scenario scenario("approve", Approve());
  scenario.answer_callback("manager", "granted", absl::Hours(1));
  EXPECT_DURABLE(scenario);
  EXPECT_EQ(reprise::run(scenario).outcomes.front().result, "\"granted\"");
}

TEST(Approve, IsRefusedWhenTheManagerFails) {
  reprise::Scenario scenario("approve-refused", Approve());
  reprise::ErrorObject error;
  error.type = "Rejected";
  error.message = "too expensive";
  scenario.fail_callback("manager", error);
  EXPECT_DURABLE(scenario);
}
// [/callbacks]

// [invoke]
struct Ship {
  Task<int> operator()(DurableContext ctx, int kilograms) {
    int price = co_await ctx.invoke<int>("price", "price-list", kilograms);
    int days = co_await ctx.invoke<int>("carry", "carrier:$LATEST", price);
    co_return days;
  }
};

TEST(Ship, AsksTwoFunctions) {
  auto price_list = [](int kilograms) { return 3 * kilograms; };
  auto carrier = [](DurableContext ctx, int price) -> Task<int> {
    co_await ctx.wait("transport", absl::Hours(48));
    co_return price > 10 ? 2 : 5;
  };
  reprise::Scenario scenario("ship", Ship(), 4);
  scenario.function("price-list", price_list).durable_function("carrier", carrier);
  EXPECT_DURABLE(scenario);
}
// [/invoke]

// [two_starts]
TEST(Fulfil, SellsTheLastItemOnce) {
  Warehouse warehouse(1);
  Mailer mailer;
  reprise::Scenario scenario("shop");
  scenario.durable_function("fulfil", Fulfil{warehouse, mailer})
      .start("ann", "fulfil", std::string("order-1"))
      .start("bob", "fulfil", std::string("order-2"))
      .world(warehouse, mailer);
  EXPECT_DURABLE(scenario);
}
// [/two_starts]

// [twice_without_faults]
/// Its key belongs to the execution and not to the order.
struct FulfilByExecution {
  Warehouse& warehouse;

  Task<bool> operator()(DurableContext ctx, std::string order) {
    std::string key(ctx.durable_execution_arn());
    bool taken = co_await ctx.step("take", [&] { return warehouse.take(order, key); });
    co_return taken;
  }
};

TEST(FulfilByExecution, TakesTwiceForOneOrderAlsoWithoutFaults) {
  Warehouse warehouse(3);
  reprise::Scenario scenario("double-click");
  scenario.durable_function("fulfil", FulfilByExecution{warehouse})
      .start("first-click", "fulfil", std::string("order-1"))
      .start("second-click", "fulfil", std::string("order-1"))
      .world(warehouse);
  scenario.always("one item for one order", [&] { return warehouse.stock() >= 2; });
  EXPECT_FINDS(scenario, reprise::Verdict::kInvariant, 0);
}
// [/twice_without_faults]

TEST(FulfilByExecution, IsDurableAllTheSame) {
  Warehouse warehouse(3);
  reprise::Scenario scenario("double-click");
  scenario.durable_function("fulfil", FulfilByExecution{warehouse})
      .start("first-click", "fulfil", std::string("order-1"))
      .start("second-click", "fulfil", std::string("order-1"))
      .world(warehouse);
  EXPECT_DURABLE(scenario);
}

// [tie]
TEST(Approve, IsRefusedWhenTheAnswerComesAtTheDeadline) {
  for (const absl::Duration early : {absl::ZeroDuration(), absl::Milliseconds(1)}) {
    reprise::Scenario scenario("approve-late", Approve());
    scenario.answer_callback("manager", "granted", absl::Hours(24) - early);
    EXPECT_DURABLE(scenario);
    const bool granted = early > absl::ZeroDuration();
    EXPECT_EQ(reprise::run(scenario).outcomes.front().result,
              granted ? "\"granted\"" : "\"refused\"");
  }
}
// [/tie]

// [expectations]
struct Double {
  Task<int> operator()(DurableContext ctx, int number) {
    int twice = co_await ctx.step("double", [&] { return 2 * number; });
    EXPECT_EQ(twice, 2 * number);  // in every run and every replay
    co_return twice;
  }
};

TEST(Double, IsExpectedInEveryReplay) {
  reprise::Scenario scenario("double", Double(), 21);
  EXPECT_DURABLE(scenario);
}
// [/expectations]

// [one_run]
TEST(Double, IsRunOnce) {
  reprise::Scenario scenario("double", Double(), 21);
  const reprise::RunRecord record = reprise::run(scenario);
  EXPECT_EQ(record.outcomes.front().status, reprise::ExecutionStatus::kSucceeded);
  EXPECT_EQ(record.outcomes.front().result, "42");
  EXPECT_EQ(record.invocations, 1);
}
// [/one_run]

// [explore]
TEST(Double, IsExploredAndSwept) {
  reprise::Scenario scenario("double", Double(), 21);
  const reprise::Exploration exploration = reprise::explore(scenario);
  EXPECT_TRUE(exploration.sound());
  EXPECT_TRUE(exploration.certificate.closed);
  EXPECT_TRUE(reprise::sweep(scenario, 2).sound());  // every pair of crashes, by brute force
}
// [/explore]

// [uncopyable]
/// A world that cannot be copied: it is brought back to its beginning before each run.
struct Printer {
  Printer() = default;
  Printer(const Printer&) = delete;

  void print(const std::string& text) {
    reprise::effect({.target = "printer", .action = "print", .arguments = text},
                    [&](reprise::EffectOutcome& outcome) {
                      if (!printed.insert(text).second) outcome.unchanged();
                    });
  }
  std::set<std::string> printed;
};

TEST(Printer, IsSweptInsteadOfClosed) {
  Printer printer;
  auto label = [&](DurableContext ctx) -> Task<> {
    co_await ctx.step("label", [&] { printer.print("order-1"); });
  };
  reprise::Scenario scenario("label", label);
  scenario.uncopyable_world([&] { printer.printed.clear(); });
  EXPECT_DURABLE(scenario);
  EXPECT_FALSE(reprise::explore(scenario).certificate.closed);
}
// [/uncopyable]

// [options]
TEST(Double, WithOtherBounds) {
  reprise::Scenario scenario("double", Double(), 21);
  reprise::ExploreOptions options;
  options.states_max = 1000;
  options.vary_hidden_inputs = false;
  reprise::Limits limits;
  limits.max_operations = 10;
  reprise::RunLimits run_limits;
  run_limits.invocations_max = 50;
  scenario.options(options).limits(limits).run_limits(run_limits);
  EXPECT_DURABLE(scenario);
}
// [/options]

}  // namespace
