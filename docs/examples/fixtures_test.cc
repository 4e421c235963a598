// Fixtures as tests of their own.

#include <gmock/gmock.h>

#include <string>

#include "reprise/fakes/mailer.h"
#include "reprise/fakes/payment_service.h"
#include "reprise/fakes/table.h"
#include "reprise/record/fixture.h"
#include "reprise/testing/testing.h"

namespace {

using reprise::DurableContext;
using reprise::Task;

// [register]
/// World and handler of the scenario "charge", made anew for each fixture.
struct ChargeScenario {
  reprise::fakes::PaymentService payments;

  reprise::Scenario scenario() {
    auto charge = [this](DurableContext ctx, std::string order) -> Task<> {
      co_await ctx.step("charge",
                        [&] { payments.authorise(order, "4242-4242", 1200, "charge/" + order); });
    };
    reprise::Scenario scenario("charge", charge, std::string("order-1"));
    scenario.world(payments);
    return scenario;
  }
};
REPRISE_REGISTER_SCENARIO("charge", ChargeScenario);
// [/register]

/// Deliberately wrong: the mail is lost when a crash falls between the two effects.
struct NotifyScenario {
  reprise::fakes::Table sent{"sent"};
  reprise::fakes::Mailer mailer;

  reprise::Scenario scenario() {
    auto notify = [this](DurableContext ctx, std::string order) -> Task<> {
      co_await ctx.step("notify", [&] {
        if (sent.contains(order)) return;
        sent.put(order, {{"mail", "shipped"}});
        mailer.send("ann@example.com", "Shipped", order);
      });
    };
    reprise::Scenario scenario("notify", notify, std::string("order-1"));
    scenario.world(sent, mailer);
    return scenario;
  }
};
REPRISE_REGISTER_SCENARIO("notify", NotifyScenario);

// [fixture_tests]
REPRISE_FIXTURE_TESTS(Fixtures, REPRISE_SOURCE_DIR "/docs/examples/fixtures");
// [/fixture_tests]

// [test_as_registered]
TEST(Charge, SurvivesEveryCrash) {
  ChargeScenario definition;
  reprise::Scenario scenario = definition.scenario();
  EXPECT_DURABLE(scenario);
}
// [/test_as_registered]

TEST(FixtureFile, NamesThePlaceOfAMistake) {
  // [load]
  absl::StatusOr<reprise::Fixture> fixture =
      reprise::parse_fixture(R"({"format": "reprise-fixture", "version": 2})", "old.json");
  ASSERT_FALSE(fixture.ok());
  EXPECT_EQ(std::string(fixture.status().message()),
            "old.json: /version: this build reads version 1, found 2");
  // [/load]
}

TEST(FixtureFile, SaysStaleWhenThePlaceIsGone) {
  // [stale]
  ChargeScenario definition;
  reprise::Scenario scenario = definition.scenario();
  reprise::Fixture fixture;
  fixture.scenario = "charge";
  reprise::ScheduleEvent crash;
  crash.place.kind = reprise::PointKind::kEffect;
  crash.place.moment = reprise::Moment::kAfter;
  crash.place.operation = "charge/debit#1";  // the step is called "charge" today
  crash.place.attempt = 1;
  crash.place.effect = 1;
  fixture.schedule.events.push_back(crash);
  const reprise::FixtureReplay replay = reprise::replay_fixture(scenario, fixture);
  EXPECT_EQ(replay.outcome, reprise::FixtureOutcome::kStale);
  // [/stale]
}

}  // namespace
