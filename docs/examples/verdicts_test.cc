// The smallest example of each verdict, and what mends it.

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "page_test_support.h"
#include "reprise/fakes/mailer.h"
#include "reprise/fakes/payment_service.h"
#include "reprise/fakes/table.h"
#include "reprise/testing/testing.h"
#include "reprise/world/host.h"

namespace {

using reprise::DurableContext;
using reprise::Host;
using reprise::Scenario;
using reprise::Task;
using reprise::fakes::Mailer;
using reprise::fakes::PaymentService;
using reprise::fakes::Table;

// [divergent_op]
FAILING_TEST(DivergentOp, EnvironmentDecides) {
  Host host;
  host.set_env("EXPRESS", "no", "yes");  // "yes" after the next deployment
  auto ship = [&](DurableContext ctx) -> Task<> {
    std::string carrier = host.env("EXPRESS") == "yes" ? "ship-by-air" : "ship-by-road";
    co_await ctx.step(carrier, [&] {});
    co_await ctx.wait("deliver", absl::Hours(24));
  };
  Scenario scenario("ship", ship);
  scenario.world(host);
  EXPECT_DURABLE(scenario);
}
// [/divergent_op]

TEST(DivergentOp, Mended) {
  Host host;
  host.set_env("EXPRESS", "no", "yes");
  auto ship = [&](DurableContext ctx) -> Task<> {
    // [divergent_op_mended]
    std::string express = co_await ctx.step("read-mode", [&] { return host.env("EXPRESS"); });
    std::string carrier = express == "yes" ? "ship-by-air" : "ship-by-road";
    // [/divergent_op_mended]
    co_await ctx.step(carrier, [&] {});
    co_await ctx.wait("deliver", absl::Hours(24));
  };
  Scenario scenario("ship-mended", ship);
  scenario.world(host);
  EXPECT_DURABLE(scenario);
}

// [divergent_arg]
FAILING_TEST(DivergentArg, KeyIsMadeInTheHandler) {
  Host host;
  auto pay = [&](DurableContext ctx) -> Task<int> {
    std::string key = "pay-" + std::to_string(host.entropy() % 1000);
    int paid = co_await ctx.invoke<int>("pay", "payment-worker", key);
    co_return paid;
  };
  Scenario scenario("pay", pay);
  scenario.function("payment-worker", [](const std::string&) { return 1200; }).world(host);
  EXPECT_DURABLE(scenario);
}
// [/divergent_arg]

TEST(DivergentArg, Mended) {
  Host host;
  auto pay = [&](DurableContext ctx) -> Task<int> {
    // [divergent_arg_mended]
    std::string key = co_await ctx.step(
        "make-key", [&] { return "pay-" + std::to_string(host.entropy() % 1000); });
    int paid = co_await ctx.invoke<int>("pay", "payment-worker", key);
    // [/divergent_arg_mended]
    co_return paid;
  };
  Scenario scenario("pay-mended", pay);
  scenario.function("payment-worker", [](const std::string&) { return 1200; }).world(host);
  EXPECT_DURABLE(scenario);
}

// [duplicate_effect]
FAILING_TEST(DuplicateEffect, NoKey) {
  PaymentService payments;
  auto charge = [&](DurableContext ctx, std::string order) -> Task<> {
    co_await ctx.step("charge", [&] { payments.authorise(order, "4242-4242", 1200); });
  };
  Scenario scenario("charge", charge, std::string("order-1"));
  scenario.world(payments);
  EXPECT_DURABLE(scenario);
}
// [/duplicate_effect]

TEST(DuplicateEffect, Mended) {
  PaymentService payments;
  auto charge = [&](DurableContext ctx, std::string order) -> Task<> {
    // [duplicate_effect_mended]
    co_await ctx.step("charge",
                      [&] { payments.authorise(order, "4242-4242", 1200, "charge/" + order); });
    // [/duplicate_effect_mended]
  };
  Scenario scenario("charge-mended", charge, std::string("order-1"));
  scenario.world(payments);
  EXPECT_DURABLE(scenario);
}

// [lost_effect]
FAILING_TEST(LostEffect, MarkedAsSentBeforeItIsSent) {
  Table sent("sent");
  Mailer mailer;
  auto notify = [&](DurableContext ctx, std::string order) -> Task<> {
    co_await ctx.step("notify", [&] {
      if (sent.contains(order)) return;
      sent.put(order, {{"mail", "shipped"}});
      mailer.send("ann@example.com", "Shipped", order);
    });
  };
  Scenario scenario("notify", notify, std::string("order-1"));
  scenario.world(sent, mailer);
  EXPECT_DURABLE(scenario);
}
// [/lost_effect]

TEST(LostEffect, Mended) {
  Mailer mailer;
  auto notify = [&](DurableContext ctx, std::string order) -> Task<> {
    // [lost_effect_mended]
    co_await ctx.step(
        "notify", [&] { mailer.send("ann@example.com", "Shipped", order, "shipped/" + order); });
    // [/lost_effect_mended]
  };
  Scenario scenario("notify-mended", notify, std::string("order-1"));
  scenario.world(mailer);
  EXPECT_DURABLE(scenario);
}

// [orphan_effect]
FAILING_TEST(OrphanEffect, TakesItsOwnWriteForSomebodyElses) {
  Table orders("orders");
  Mailer mailer;
  auto enter = [&](DurableContext ctx, std::string order) -> Task<> {
    co_await ctx.step("enter", [&] {
      if (orders.contains(order)) {
        mailer.send("ops@example.com", "Entered twice", order, order);
        return;
      }
      orders.put(order, {{"status", "new"}});
    });
  };
  Scenario scenario("enter", enter, std::string("order-1"));
  scenario.world(orders, mailer);
  EXPECT_DURABLE(scenario);
}
// [/orphan_effect]

TEST(OrphanEffect, Mended) {
  Table orders("orders");
  Mailer mailer;
  auto enter = [&](DurableContext ctx, std::string order) -> Task<> {
    // [orphan_effect_mended]
    std::string execution(ctx.durable_execution_arn());
    co_await ctx.step("enter", [&] {
      orders.put(order, {{"by", execution}}, reprise::fakes::item_not_exists());
      if (orders.get(order).at("by") == execution) return;
      mailer.send("ops@example.com", "Entered twice", order, execution);
    });
    // [/orphan_effect_mended]
  };
  Scenario scenario("enter-mended", enter, std::string("order-1"));
  scenario.world(orders, mailer);
  EXPECT_DURABLE(scenario);
}

// [unstable_outcome]
FAILING_TEST(UnstableOutcome, VariableIsSetInAStep) {
  auto add = [](DurableContext ctx) -> Task<int> {
    int total = 0;
    co_await ctx.step("add", [&] { total = 40 + 2; });  // a replay does not run this
    co_return total;
  };
  Scenario scenario("add", add);
  EXPECT_DURABLE(scenario);
}
// [/unstable_outcome]

TEST(UnstableOutcome, Mended) {
  auto add = [](DurableContext ctx) -> Task<int> {
    // [unstable_outcome_mended]
    int total = co_await ctx.step("add", [&] { return 40 + 2; });
    co_return total;
    // [/unstable_outcome_mended]
  };
  Scenario scenario("add-mended", add);
  EXPECT_DURABLE(scenario);
}

// [stuck]
FAILING_TEST(Stuck, NobodyAnswers) {
  auto ask = [](DurableContext ctx) -> Task<std::string> {
    std::string answer = co_await ctx.wait_for_callback("approve", [&](const std::string&) {});
    co_return answer;
  };
  Scenario scenario("ask", ask);
  EXPECT_DURABLE(scenario);
}
// [/stuck]

TEST(Stuck, Mended) {
  auto ask = [](DurableContext ctx) -> Task<std::string> {
    // [stuck_mended]
    reprise::CallbackOptions one_day;
    one_day.timeout(absl::Hours(24));
    reprise::Outcome<std::string> answer = co_await ctx.try_wait_for_callback(
        "approve", [&](const std::string&) {}, one_day);
    if (!answer.ok()) co_return std::string("nobody answered");
    co_return *answer;
    // [/stuck_mended]
  };
  Scenario scenario("ask-mended", ask);
  EXPECT_DURABLE(scenario);
}

// [boundary]
FAILING_TEST(Boundary, StepInAStep) {
  auto outer = [](DurableContext ctx) -> Task<int> {
    int result = co_await ctx.step("outer", [&] {
      auto inner = ctx.step("inner", [] { return 1; });
      return 2;
    });
    co_return result;
  };
  Scenario scenario("outer", outer);
  EXPECT_DURABLE(scenario);
}
// [/boundary]

TEST(Boundary, Mended) {
  auto outer = [](DurableContext ctx) -> Task<int> {
    // [boundary_mended]
    auto both = [](DurableContext child) -> Task<int> {
      int inner = co_await child.step("inner", [&] { return 1; });
      co_return inner + 1;
    };
    int result = co_await ctx.run_in_child_context("outer", both);
    // [/boundary_mended]
    co_return result;
  };
  Scenario scenario("outer-mended", outer);
  EXPECT_DURABLE(scenario);
}

// [leak]
FAILING_TEST(Leak, SessionIsKeptForTheNextTenant) {
  Mailer mailer;
  std::optional<std::string> session;  // the memory of a warm environment: no part of the world
  auto welcome = [&](DurableContext ctx, std::string tenant) -> Task<> {
    if (!session) session = tenant;
    co_await ctx.step("welcome", [&] { mailer.send(tenant, "Welcome", *session, tenant); });
  };
  Scenario scenario("tenants");
  scenario.durable_function("welcome", welcome)
      .start("first", "welcome", std::string("ann"))
      .start("second", "welcome", std::string("bob"))
      .world(mailer);
  const auto own_data_only = [&] {
    for (const reprise::fakes::Mail& mail : mailer.outbox()) {
      if (mail.body != mail.to) return false;
    }
    return true;
  };
  scenario.always("a mail holds data of its recipient only", own_data_only, "LEAK");
  EXPECT_DURABLE(scenario);
}
// [/leak]

// [limit]
FAILING_TEST(Limit, ResultIsTooLarge) {
  auto fetch = [](DurableContext ctx) -> Task<> {
    std::string page = co_await ctx.step("fetch", [&] { return std::string(307'200, 'x'); });
  };
  Scenario scenario("fetch", fetch);
  EXPECT_DURABLE(scenario);
}
// [/limit]

TEST(Limit, Mended) {
  Table pages("pages");
  auto fetch = [&](DurableContext ctx) -> Task<> {
    // [limit_mended]
    std::string key = co_await ctx.step("fetch", [&] {
      pages.put("page-1", {{"text", std::string(307'200, 'x')}});
      return std::string("page-1");
    });
    // [/limit_mended]
  };
  Scenario scenario("fetch-mended", fetch);
  scenario.world(pages);
  EXPECT_DURABLE(scenario);
}

// [undecodable]
FAILING_TEST(Undecodable, TypeOfAResultChanged) {
  auto before = [](DurableContext ctx) -> Task<> {
    std::string count = co_await ctx.step("count", [&] { return std::string("three"); });
    co_await ctx.wait("pause", absl::Hours(1));
  };
  auto after = [](DurableContext ctx) -> Task<> {
    int count = co_await ctx.step("count", [&] { return 3; });
    co_await ctx.wait("pause", absl::Hours(1));
    static_cast<void>(count);
  };
  Scenario old_version("count", before);
  Scenario new_version("count", after);
  EXPECT_UPGRADABLE(old_version, new_version);
}
// [/undecodable]

// [undecodable_mended]
/// Reads both forms, and writes the one that the old version reads too.
struct Count {
  int value = 0;
};
void to_json(nlohmann::json& json, const Count& count) { json = std::to_string(count.value); }
void from_json(const nlohmann::json& json, Count& count) {
  count.value = json.is_string() ? std::stoi(json.get<std::string>()) : json.get<int>();
}
// [/undecodable_mended]

TEST(UndecodableMended, BothFormsAreRead) {
  auto before = [](DurableContext ctx) -> Task<> {
    std::string count = co_await ctx.step("count", [&] { return std::string("3"); });
    co_await ctx.wait("pause", absl::Hours(1));
  };
  auto after = [](DurableContext ctx) -> Task<> {
    Count count = co_await ctx.step("count", [&] { return Count{3}; });
    co_await ctx.wait("pause", absl::Hours(1));
    static_cast<void>(count);
  };
  Scenario old_version("count", before);
  Scenario new_version("count", after);
  EXPECT_UPGRADABLE(old_version, new_version);
}

// [invariant]
FAILING_TEST(Invariant, StockIsNegative) {
  Table products("products");
  products.put("lamp", {{"stock", 1}});
  auto take = [&](DurableContext ctx, int quantity) -> Task<> {
    co_await ctx.step("take", [&] { products.put("lamp", {{"stock", 1 - quantity}}); });
  };
  Scenario scenario("take", take, 2);
  scenario.world(products);
  scenario.always("stock is never negative", [&] { return products.get("lamp")["stock"] >= 0; });
  EXPECT_DURABLE(scenario);
}
// [/invariant]

TEST(Invariant, Mended) {
  Table products("products");
  products.put("lamp", {{"stock", 1}});
  auto take = [&](DurableContext ctx, int quantity) -> Task<bool> {
    // [invariant_mended]
    bool taken = co_await ctx.step("take", [&] {
      const auto enough = reprise::fakes::attr("stock") >= quantity;
      return products.update("lamp", reprise::fakes::Update().set("stock", 1 - quantity), enough)
          .ok();
    });
    // [/invariant_mended]
    co_return taken;
  };
  Scenario scenario("take-mended", take, 2);
  scenario.world(products);
  scenario.always("stock is never negative", [&] { return products.get("lamp")["stock"] >= 0; });
  EXPECT_DURABLE(scenario);
}

}  // namespace
