// Examples of docs/property_tests.md: the order of a shop, with a mistake that only some orders
// show.

// [includes]
#include "reprise/fakes/mailer.h"
#include "reprise/fakes/payment_service.h"
#include "reprise/testing/rapidcheck.h"
#include "reprise/testing/testing.h"
// [/includes]

#include "page_test_support.h"

using reprise::DurableContext;
using reprise::Scenario;
using reprise::Task;
using reprise::fakes::Mailer;
using reprise::fakes::PaymentService;

// [order]
struct DrawnOrder {
  std::string id;
  int cents = 0;
  bool gift = false;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(DrawnOrder, id, cents, gift)

std::ostream& operator<<(std::ostream& out, const DrawnOrder& order) {
  return out << (order.gift ? "gift " : "order ") << order.id << " of " << order.cents << " cents";
}
// [/order]

// [generator]
template <>
struct rc::Arbitrary<DrawnOrder> {
  static rc::Gen<DrawnOrder> arbitrary() {
    return rc::gen::build<DrawnOrder>(rc::gen::set(&DrawnOrder::id, reprise::gen::word()),
                                      rc::gen::set(&DrawnOrder::cents, rc::gen::inRange(0, 10000)),
                                      rc::gen::set(&DrawnOrder::gift));
  }
};
// [/generator]

// [handler]
struct Sell {
  PaymentService& payments;
  Mailer& mailer;

  Task<int> operator()(DurableContext ctx, DrawnOrder order) {
    if (order.cents > 0) {
      co_await ctx.step("charge", [&] {
        payments.authorise(order.id, "4242-4242", order.cents, "charge/" + order.id);
      });
    }
    if (order.gift) {
      co_await ctx.step("card", [&] { mailer.send("packer", "Add a card", order.id); });
    }
    co_await ctx.step("tell", [&] { mailer.send("ann", "Sold", order.id, "tell/" + order.id); });
    co_return order.cents;
  }
};
// [/handler]

struct MendedSell {
  PaymentService& payments;
  Mailer& mailer;

  Task<int> operator()(DurableContext ctx, DrawnOrder order) {
    if (order.cents > 0) {
      co_await ctx.step("charge", [&] {
        payments.authorise(order.id, "4242-4242", order.cents, "charge/" + order.id);
      });
    }
    if (order.gift) {
      co_await ctx.step("card",
                        [&] { mailer.send("packer", "Add a card", order.id, "card/" + order.id); });
    }
    co_await ctx.step("tell", [&] { mailer.send("ann", "Sold", order.id, "tell/" + order.id); });
    co_return order.cents;
  }
};

// [property]
FAILING_PROP(Sell, SurvivesEveryCrash, (const DrawnOrder& order)) {
  PaymentService payments;
  Mailer mailer;
  Scenario scenario("sell", Sell{payments, mailer}, order);
  scenario.world(payments, mailer);
  EXPECT_DURABLE(scenario);
}
// [/property]

// [kept]
TEST(Sell, AddsOneCardToAGiftThatCostsNothing) {
  PaymentService payments;
  Mailer mailer;
  Scenario scenario("sell", MendedSell{payments, mailer}, DrawnOrder{"a", 0, true});
  scenario.world(payments, mailer);
  EXPECT_DURABLE(scenario);
}
// [/kept]

// [sampled]
REPRISE_PROP(Sell, SurvivesSampledSchedules, (const DrawnOrder& order)) {
  PaymentService payments;
  Mailer mailer;
  Scenario scenario("sell", MendedSell{payments, mailer}, order);
  scenario.world(payments, mailer);
  EXPECT_DURABLE_SAMPLED(scenario, 20);
}
// [/sampled]

// [schedules]
REPRISE_PROP(Sell, ChargesOnceUnderAnySchedule, (const DrawnOrder& order)) {
  PaymentService payments;
  Mailer mailer;
  auto sell = [&](DurableContext ctx, DrawnOrder sold) -> Task<int> {
    EXPECT_EQ(sold.id, order.id);
    int cents = co_await MendedSell{payments, mailer}(ctx, sold);
    co_return cents;
  };
  Scenario scenario("sell", sell, order);
  scenario.world(payments, mailer);
  const reprise::Schedule schedule = *reprise::gen::schedules(scenario, 2);
  EXPECT_DURABLE_UNDER(scenario, schedule);
  const reprise::RunRecord record = reprise::run(scenario, schedule);
  EXPECT_EQ(record.outcomes.front().result, std::to_string(order.cents));
}
// [/schedules]
