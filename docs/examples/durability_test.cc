// The examples of docs/durability_score.md.

#include <gmock/gmock.h>

#include <string>

#include "page_test_support.h"
#include "reprise/fakes/mailer.h"
#include "reprise/fakes/payment_service.h"
#include "reprise/testing/durability_score.h"
#include "reprise/testing/testing.h"

namespace {

using reprise::DurableContext;
using reprise::Scenario;
using reprise::Task;

// [handler]
struct Shop {
  reprise::fakes::PaymentService payments;
  reprise::fakes::Mailer mailer;

  Task<std::string> order(DurableContext ctx, std::string id) {
    std::string payment = co_await ctx.step("authorise", [&] {
      return payments.authorise(id, "4242-4242", 1200, "pay/" + id).payment_id;
    });
    co_await ctx.wait("cool-down", absl::Hours(1));
    co_await ctx.step("confirm", [&] { mailer.send("ann", "Thanks", id, "thanks/" + id); });
    co_return payment;
  }
};
// [/handler]

Scenario scenario_of(Shop& shop) {
  auto order = [&shop](DurableContext ctx, std::string id) { return shop.order(ctx, id); };
  Scenario scenario("order", order, std::string("order-1"));
  scenario.world(shop.payments, shop.mailer);
  return scenario;
}

// [score]
TEST(Order, NoticesEveryMutant) {
  Shop shop;
  Scenario scenario = scenario_of(shop);
  const reprise::DurabilityScore score =
      reprise::durability_score(scenario, [&] { EXPECT_DURABLE(scenario); });
  EXPECT_TRUE(score.survivors.empty()) << score.text();
}
// [/score]

// [poor]
TEST(Order, ALookAtTheEndIsNotMuch) {
  Shop shop;
  Scenario scenario = scenario_of(shop);
  const reprise::DurabilityScore score = reprise::durability_score(
      scenario, [&] { EXPECT_EQ(reprise::run(scenario).end, reprise::RunEnd::kCompleted); });
  EXPECT_EQ(score.noticed.size(), 0U);
  EXPECT_GE(score.survivors.size(), 6U) << score.text();
}
// [/poor]

}  // namespace
