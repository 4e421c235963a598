// The example of the README: a handler that charges twice, the test that says so, and the mended
// handler.

// [includes]
#include "reprise/fakes/mailer.h"
#include "reprise/fakes/payment_service.h"
#include "reprise/testing/testing.h"
// [/includes]

#include "page_test_support.h"

// [handler]
struct Checkout {
  reprise::fakes::PaymentService& payments;
  reprise::fakes::Mailer& mailer;

  reprise::Task<std::string> operator()(reprise::DurableContext ctx, std::string order) {
    std::string payment = co_await ctx.step(
        "authorise", [&] { return payments.authorise(order, "4242-4242", 1200).payment_id; });
    co_await ctx.wait("cool-down", absl::Minutes(5));
    co_await ctx.step("confirm", [&] { mailer.send("ann@example.com", "Paid", payment, order); });
    co_return payment;
  }
};
// [/handler]

// [test]
FAILING_TEST(Checkout, SurvivesEveryCrash) {
  reprise::fakes::PaymentService payments;
  reprise::fakes::Mailer mailer;
  reprise::Scenario scenario("checkout", Checkout{payments, mailer}, std::string("order-1"));
  scenario.world(payments, mailer);
  EXPECT_DURABLE(scenario);
}
// [/test]

struct MendedCheckout {
  reprise::fakes::PaymentService& payments;
  reprise::fakes::Mailer& mailer;

  reprise::Task<std::string> operator()(reprise::DurableContext ctx, std::string order) {
    // [mended]
    std::string payment = co_await ctx.step("authorise", [&] {
      return payments.authorise(order, "4242-4242", 1200, "authorise/" + order).payment_id;
    });
    // [/mended]
    co_await ctx.wait("cool-down", absl::Minutes(5));
    co_await ctx.step("confirm", [&] { mailer.send("ann@example.com", "Paid", payment, order); });
    co_return payment;
  }
};

TEST(Checkout, SurvivesEveryCrashOnceMended) {
  reprise::fakes::PaymentService payments;
  reprise::fakes::Mailer mailer;
  reprise::Scenario scenario("checkout", MendedCheckout{payments, mailer}, std::string("order-1"));
  scenario.world(payments, mailer);
  EXPECT_DURABLE(scenario);
  pages::expect_documented(__FILE__, reprise::explore(scenario).certificate.text() + "\n");
}
