// The examples of docs/concepts.md.

#include <string>

#include "page_test_support.h"
#include "reprise/fakes/payment_service.h"
#include "reprise/report/text_report.h"
#include "reprise/testing/testing.h"
#include "reprise/world/host.h"

namespace {

using reprise::DurableContext;
using reprise::Host;
using reprise::Scenario;
using reprise::Task;
using reprise::fakes::PaymentService;

struct Pay {
  PaymentService& payments;

  Task<std::string> operator()(DurableContext ctx, std::string order) {
    std::string payment = co_await ctx.step("authorise", [&] {
      return payments.authorise(order, "4242-4242", 1200, order).payment_id;
    });
    co_await ctx.wait("cool-down", absl::Minutes(5));
    co_return payment;
  }
};

TEST(Concepts, ARunIsAFunctionOfItsSchedule) {
  PaymentService payments;
  Scenario scenario("pay", Pay{payments}, std::string("order-1"));
  scenario.world(payments);
  // [schedule]
  reprise::ScheduleEvent crash;
  crash.kind = reprise::ScheduleEvent::Kind::kCrash;
  crash.place.kind = reprise::PointKind::kEffect;
  crash.place.moment = reprise::Moment::kAfter;
  crash.place.operation = "pay/authorise#1";  // execution, then path of the operation
  crash.place.attempt = 1;
  crash.place.effect = 1;
  reprise::Schedule schedule;
  schedule.events.push_back(crash);
  reprise::RunRecord record = reprise::run(scenario, schedule);
  EXPECT_TRUE(record.unreached.empty());
  EXPECT_EQ(record.crashes, 1);
  // [/schedule]
  std::string text = reprise::describe(schedule) + "\n";
  for (const std::string& line : reprise::timeline(record)) text += line + "\n";
  pages::expect_documented(__FILE__, text);
}

TEST(Concepts, TheClosureSaysWhatItCovered) {
  PaymentService payments;
  Scenario scenario("pay", Pay{payments}, std::string("order-1"));
  scenario.world(payments);
  // [certificate]
  reprise::Exploration exploration = reprise::explore(scenario);
  EXPECT_TRUE(exploration.certificate.closed);
  std::string text = exploration.certificate.text();
  // [/certificate]
  pages::expect_documented(__FILE__, text + "\n");
}

TEST(Concepts, ASweepSaysHowFarItWent) {
  PaymentService payments;
  Scenario scenario("pay", Pay{payments}, std::string("order-1"));
  scenario.world(payments);
  // [sweep]
  std::string text = reprise::sweep(scenario, 1).certificate.text();
  // [/sweep]
  pages::expect_documented(__FILE__, text + "\n");
}

// [hidden_input]
TEST(Concepts, TheClockIsAHiddenInput) {
  Host host;
  auto stamp = [&](DurableContext ctx) -> Task<std::string> {
    std::string made = co_await ctx.step("stamp", [&] { return absl::FormatTime(host.now()); });
    co_await ctx.wait("pause", absl::Hours(1));
    co_return made;
  };
  Scenario scenario("stamp", stamp);
  scenario.world(host);
  EXPECT_DURABLE(scenario);
}
// [/hidden_input]

// [maybe]
TEST(Concepts, AnInterruptedAttemptMayHaveActed) {
  PaymentService legacy("legacy");  // takes no idempotency keys
  auto charge = [&](DurableContext ctx, std::string order) -> Task<std::string> {
    reprise::StepOptions once;
    once.semantics(reprise::StepSemantics::kAtMostOncePerRetry).retry(reprise::retry::none());
    auto authorise = [&] { return legacy.authorise(order, "4242-4242", 1200).payment_id; };
    reprise::Outcome<std::string> payment = co_await ctx.try_step("authorise", authorise, once);
    if (!payment.ok()) co_return std::string("ask the bank");
    co_return *payment;
  };
  Scenario scenario("charge-once", charge, std::string("order-1"));
  scenario.world(legacy);
  EXPECT_DURABLE(scenario);
}
// [/maybe]

}  // namespace
