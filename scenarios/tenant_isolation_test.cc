// Scenario 4: workflows of many tenants, each in environments of its own, in every situation and
// with every published mistake.
#include "scenarios/tenant_isolation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "reprise/explore/upgrade_pair.h"
#include "reprise/testing/testing.h"
#include "scenarios/agreement_test_support.h"

namespace scenarios::tenant_isolation {
namespace {

using reprise::Exploration;
using reprise::Mechanism;
using reprise::RunRecord;
using reprise::Scenario;
using reprise::Verdict;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// --- without faults -----------------------------------------------------------------------------

std::string result_of(const RunRecord& record, std::size_t execution = 0) {
  return record.outcomes.at(execution).result.str();
}

TEST(TenantIsolation, FinishesEachTenantWithItsOwnConfirmation) {
  TenantIsolation tenants({.tenants = 2});
  Scenario scenario = tenants.scenario();
  const RunRecord record = run(scenario);
  EXPECT_EQ(result_of(record, 0),
            R"({"accountNumber":"account, the secret of acme",)"
            R"("confirmation":"confirmed, the secret of acme",)"
            R"("purpose":"a purchase, the secret of acme","requestId":"acme-1",)"
            R"("status":"completed","tenantId":"acme"})");
  EXPECT_THAT(result_of(record, 1), AllOf(HasSubstr("secret of bolt"), Not(HasSubstr("acme"))));
  EXPECT_THAT(tenants.world().results.list().keys,
              ElementsAre("acme/acme-1.json", "bolt/bolt-1.json"));
  EXPECT_THAT(record.violations, IsEmpty());
  EXPECT_THAT(history_lines(record, "acme-1"),
              ElementsAre("ExecutionStarted",                                                    //
                          "StepStarted validate-and-cache", "StepSucceeded validate-and-cache",  //
                          "ContextStarted confirmation", "CallbackStarted ",                     //
                          "StepStarted ", "StepSucceeded ",                                      //
                          "CallbackSucceeded ", "ContextSucceeded confirmation",                 //
                          "StepStarted build-result", "StepSucceeded build-result",              //
                          "ExecutionSucceeded"));
}

TEST(TenantIsolation, AllWaitAtOnceAndEachIsWokenByItsOwnToken) {
  TenantIsolation tenants({.tenants = 3, .order = {2, 0, 1}});
  Scenario scenario = tenants.scenario();
  const RunRecord record = run(scenario);
  std::vector<std::string> invocations;
  for (const reprise::TimelineMark& mark : record.timeline) {
    if (mark.kind == reprise::TimelineMark::Kind::kInvocation) invocations.push_back(mark.label);
  }
  EXPECT_THAT(invocations, ElementsAre("acme-1", "bolt-1", "coil-1", "coil-1", "acme-1", "bolt-1"));
}

TEST(TenantIsolation, RejectsWhatIsAboveTheLimitOfTheTenant) {
  TenantIsolation tenants({.situation = Situation::kRejected, .tenants = 1});
  Scenario scenario = tenants.scenario();
  EXPECT_THAT(result_of(run(scenario)), AllOf(HasSubstr(R"("status":"rejected")"),
                                              HasSubstr("10001 is not between 1 and 10000")));
}

TEST(TenantIsolation, GivesUpAfterADay) {
  TenantIsolation tenants({.situation = Situation::kNeverConfirmed, .tenants = 1});
  Scenario scenario = tenants.scenario();
  const RunRecord record = run(scenario);
  EXPECT_EQ(result_of(record), R"({"requestId":"acme-1","status":"expired"})");
  EXPECT_EQ(record.virtual_ms, 24 * 3600 * 1000);
}

// --- the two routes -----------------------------------------------------------------------------

TEST(TenantIsolationRoutes, AStartIsAcceptedAtOnceAndNeedsATenant) {
  TenantIsolation tenants({.situation = Situation::kThroughGateway, .tenants = 1});
  Scenario scenario = tenants.scenario();
  std::vector<int> statuses;
  scenario.external_event(
      "a start without a tenant", [] { return true; },
      [&] {
        reprise::fakes::HttpRequest request = tenants.start_request(0);
        statuses.push_back(tenants.gateway().handle(request).status);
        request.headers.erase("x-tenant-id");
        statuses.push_back(tenants.gateway().handle(request).status);
      });
  const RunRecord record = run(scenario);
  EXPECT_THAT(statuses, ElementsAre(202, 400));
  EXPECT_THAT(record.outcomes, SizeIs(1)) << "the name makes the second start the first";
}

TEST(TenantIsolationRoutes, ACallbackIsRefusedWithoutItsIdAndFromAnotherTenantAndASecondTime) {
  TenantIsolation tenants({.tenants = 2});
  Scenario scenario = tenants.scenario();
  std::vector<int> statuses;
  std::vector<int> afterwards;
  scenario.external_event(
      "strange callbacks", [&] { return !tenants.world().token_of("bolt", "bolt-1").empty(); },
      [&] {
        reprise::fakes::HttpRequest request = tenants.confirmation(0);
        request.headers["x-tenant-id"] = "bolt";
        statuses.push_back(tenants.gateway().handle(request).status);
        request.body = "{}";
        statuses.push_back(tenants.gateway().handle(request).status);
        request.body = "callbackId";
        statuses.push_back(tenants.gateway().handle(request).status);
        request = tenants.confirmation(0);  // acme has confirmed before
        statuses.push_back(tenants.gateway().handle(request).status);
      });
  const RunRecord record = run(scenario);
  EXPECT_THAT(statuses, ElementsAre(403, 400, 400, 400));
  EXPECT_THAT(result_of(record, 1), Not(HasSubstr("acme")));
}

// --- with faults --------------------------------------------------------------------------------

class TenantIsolationIn : public testing::TestWithParam<Tenancy> {};

TEST_P(TenantIsolationIn, SurvivesEveryCrashInEveryEnvironment) {
  TenantIsolation tenants(GetParam());
  Scenario scenario = tenants.scenario();
  EXPECT_DURABLE(scenario);
}

std::string test_name(const testing::TestParamInfo<Tenancy>& test) {
  std::string name = scenario_name(test.param);
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '.' || c == '-'; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(
    Situation, TenantIsolationIn,
    testing::Values(Tenancy{.situation = Situation::kConfirmed, .tenants = 1},
                    Tenancy{.situation = Situation::kConfirmed, .tenants = 2},
                    Tenancy{.situation = Situation::kForgetful, .tenants = 1},
                    Tenancy{.situation = Situation::kWrongToken, .tenants = 2},
                    Tenancy{.situation = Situation::kNeverConfirmed, .tenants = 1},
                    Tenancy{.situation = Situation::kRejected, .tenants = 2},
                    Tenancy{.situation = Situation::kSameTenant, .tenants = 2},
                    Tenancy{.situation = Situation::kThroughGateway, .tenants = 1}),
    test_name);

// --- orders of confirmations --------------------------------------------------------------------

std::vector<std::vector<int>> orders_of(int tenants) {
  std::vector<int> order(static_cast<std::size_t>(tenants));
  std::iota(order.begin(), order.end(), 0);
  std::vector<std::vector<int>> orders;
  do {
    orders.push_back(order);
  } while (std::next_permutation(order.begin(), order.end()));
  return orders;
}

struct End {
  reprise::Outcomes outcomes;
  World world;
};

End end_of(const Tenancy& tenancy, const reprise::Schedule& schedule = {}) {
  TenantIsolation tenants(tenancy);
  Scenario scenario = tenants.scenario();
  const RunRecord record = run(scenario, schedule);
  EXPECT_THAT(record.unreached, IsEmpty()) << describe(schedule);
  EXPECT_THAT(record.incidents, IsEmpty()) << describe(schedule);
  EXPECT_THAT(record.violations, IsEmpty()) << describe(schedule);
  return {record.outcomes, tenants.world()};
}

void expect_same_end(const End& end, const End& expected, const std::string& of) {
  EXPECT_EQ(end.outcomes, expected.outcomes) << of;
  EXPECT_TRUE(end.world == expected.world) << of;
}

TEST(TenantIsolationOrders, EveryOrderOfTwoAndThreeEndsAlikeUnderEveryCrash) {
  for (const int count : {2, 3}) {
    const End expected = end_of({.tenants = count});
    for (const std::vector<int>& order : orders_of(count)) {
      const Tenancy tenancy{.tenants = count, .order = order};
      expect_same_end(end_of(tenancy), expected, scenario_name(tenancy));
      TenantIsolation tenants(tenancy);
      Scenario scenario = tenants.scenario();
      reprise::ExploreOptions options;
      options.try_variants = false;  // they are tried in one of the orders, above
      scenario.options(options);
      const Exploration exploration = explore(scenario);
      EXPECT_TRUE(exploration.sound()) << scenario_name(tenancy);
      EXPECT_TRUE(exploration.certificate.closed) << exploration.certificate.text();
    }
  }
}

/// The tenant of each row and object that effects of an execution touch: their keys begin with it.
std::map<std::string, std::set<std::string>> touched_by(const RunRecord& record) {
  std::map<std::string, std::set<std::string>> touched;
  for (const reprise::LedgerEntry& entry : record.ledger) {
    const std::string operation = entry.operation.str();
    const std::string execution = operation.substr(0, operation.find('/'));
    touched[execution].insert(entry.arguments.substr(0, entry.arguments.find('/')));
  }
  return touched;
}

// There are 8! = 40320 orders of eight.  One comes from another by swapping neighbours, which are
// of two tenants; what tenants touch is apart, so a swap changes nothing, and all orders are one
// class. What this rests on is checked: the objects, each swap of neighbours, and two orders far
// away.
TEST(TenantIsolationOrders, AllOrdersOfEightAreOneClass) {
  TenantIsolation eight({.tenants = 8});
  Scenario scenario = eight.scenario();
  const auto touched = touched_by(run(scenario));
  EXPECT_THAT(touched, SizeIs(8));
  for (int i = 0; i < 8; ++i) {
    EXPECT_THAT(touched.at(eight.execution(i)), ElementsAre(eight.tenant(i)));
  }
  const End expected = end_of({.tenants = 8});
  std::vector<int> order(8);
  std::iota(order.begin(), order.end(), 0);
  std::vector<std::vector<int>> orders;
  for (std::size_t i = 0; i + 1 < order.size(); ++i) {
    orders.push_back(order);
    std::swap(orders.back()[i], orders.back()[i + 1]);
  }
  orders.emplace_back(order.rbegin(), order.rend());
  orders.push_back({3, 7, 1, 5, 0, 6, 2, 4});
  for (const std::vector<int>& each : orders) {
    const Tenancy tenancy{.tenants = 8, .order = each};
    expect_same_end(end_of(tenancy), expected, scenario_name(tenancy));
  }
}

// --- environments -------------------------------------------------------------------------------
// In isolation mode the first invocation of a request finds no environment of its tenant and is
// cold.  The second is served where the first was, or cold: for N tenants there are 2^N
// assignments.

/// Every choice of environments, and no crashes.
Exploration choose_environments(const Tenancy& tenancy) {
  TenantIsolation tenants(tenancy);
  Scenario scenario = tenants.scenario();
  scenario.without(Mechanism::kCrashes);
  reprise::ExploreOptions options;
  options.try_variants = false;
  options.try_environments = false;  // these two come behind crashes of their own
  options.vary_hidden_inputs = false;
  scenario.options(options);
  return explore(scenario);
}

/// How many runs there are, each from the start, with every choice of environments at every one of
/// `invocations`.
std::int64_t brute_force(const Tenancy& tenancy, int invocations) {
  TenantIsolation tenants(tenancy);
  Scenario scenario = tenants.scenario();
  scenario.without(Mechanism::kCrashes);
  reprise::ExploreOptions options;
  options.try_environments = false;
  scenario.options(options);
  const Exploration exploration = sweep(scenario, invocations);
  EXPECT_TRUE(exploration.sound());
  return exploration.certificate.runs - sweep(scenario, 0).certificate.runs + 1;
}

reprise::ScheduleEvent runs_cold(const std::string& execution) {
  reprise::ScheduleEvent event;
  event.kind = reprise::ScheduleEvent::Kind::kAssign;
  event.place.kind = reprise::PointKind::kInvocation;
  event.place.operation = execution;
  event.place.invocation = 2;
  event.subject = "a cold environment";
  return event;
}

// A second invocation leaves the same behind wherever it ran: the data of its tenant in an
// environment that served it last.  So both choices lead to one state, and N tenants have N states
// to go on from instead of 2^N - 1.  That this loses nothing is checked against all of the 2^N.
TEST(TenantIsolationEnvironments, EveryAssignmentOfTwoThreeAndEightTenantsEndsAlike) {
  for (const int count : {2, 3, 8}) {
    const Exploration exploration = choose_environments({.tenants = count});
    EXPECT_TRUE(exploration.sound());
    EXPECT_THAT(exploration.certificate.text(),
                HasSubstr("closed: " + std::to_string(count) +
                          " states, no crashes, every choice of environments"));
    EXPECT_EQ(brute_force({.tenants = count}, 2 * count), 1 << count);
  }
}

// Requests of one tenant may be served anywhere where that tenant was: 2N invocations in turn can
// be spread over environments in as many ways as a set of 2N can be divided into parts, for eight
// requests 10,480,142,147.  All these environments hold the same, so what can be told apart is
// which request each of them served last.
TEST(TenantIsolationEnvironments, RequestsOfOneTenantShareItsEnvironments) {
  const auto closed = [](int requests) {
    const Exploration exploration =
        choose_environments({.situation = Situation::kSameTenant, .tenants = requests});
    EXPECT_TRUE(exploration.sound()) << requests;
    EXPECT_TRUE(exploration.certificate.closed) << requests;
    return exploration.certificate.states;
  };
  EXPECT_EQ(closed(2), 6);
  EXPECT_EQ(closed(3), 16);
  EXPECT_EQ(closed(8), 176);
  // Brute force, for as many as it can do.  Of the 15 and 203 ways those are left that differ in
  // what an invocation can tell apart.
  EXPECT_EQ(brute_force({.situation = Situation::kSameTenant, .tenants = 2}, 4), 11);
  EXPECT_EQ(brute_force({.situation = Situation::kSameTenant, .tenants = 3}, 6), 58);
}

// --- closure ------------------------------------------------------------------------------------

TEST(TenantIsolation, ClosesOverAnyNumberOfCrashesAndEveryChoice) {
  TenantIsolation one({.tenants = 1});
  Scenario scenario = one.scenario();
  const Exploration exploration = explore(scenario);
  EXPECT_EQ(exploration.certificate.text(),
            "fault points 30/30, closed: 46 states, any number of crashes, every choice of "
            "environments; 6 environments; 32 arrivals; 64 faults; 22 overlaps; 4 limits");
  EXPECT_EQ(exploration.coverage.percent(), 100) << exploration.coverage.text();
}

// --- what belongs to whom -----------------------------------------------------------------------

/// Everything that is written down about an execution.
std::string all_of(const RunRecord& record, const std::string& execution) {
  std::string text;
  for (const reprise::Event& event : record.histories.at(execution)) {
    const auto add = [&](const auto& payload) {
      if (payload && payload->payload) text += *payload->payload + "\n";
    };
    add(event.details.input);
    add(event.details.result);
    text += event.name.value_or("") + "\n";
  }
  for (const reprise::LedgerEntry& entry : record.ledger) {
    const std::string operation = entry.operation.str();
    if (operation.starts_with(execution)) text += entry.call() + entry.key + "\n";
  }
  for (const reprise::ExecutionOutcome& outcome : record.outcomes) {
    if (outcome.name == execution) text += outcome.result.str() + "\n";
  }
  return text;
}

TEST(TenantIsolationTaint, NothingOfOneTenantIsInTheHistoryEffectsOrResultOfAnother) {
  TenantIsolation eight({.tenants = 8});
  Scenario scenario = eight.scenario();
  reprise::Schedule schedule;
  for (int i = 0; i < 8; i += 2) schedule.events.push_back(runs_cold(eight.execution(i)));
  for (const reprise::Schedule& each : {reprise::Schedule(), schedule}) {
    const RunRecord record = run(scenario, each);
    for (int i = 0; i < 8; ++i) {
      const std::string text = all_of(record, eight.execution(i));
      EXPECT_THAT(text, HasSubstr(eight.secret(i)));
      for (int other = 0; other < 8; ++other) {
        if (other == i) continue;
        EXPECT_THAT(text, Not(HasSubstr(eight.tenant(other))));
      }
    }
  }
}

TEST(TenantIsolationTaint, AConfirmationOfOneAdvancesNoOther) {
  TenantIsolation three({.tenants = 3});
  Scenario scenario = three.scenario();
  // Only the second confirms; the others wait until their time is up.
  std::erase_if(scenario.program().external_events, [](const reprise::ExternalEvent& event) {
    return event.name != "bolt-1 is confirmed";
  });
  const RunRecord record = run(scenario);
  EXPECT_THAT(result_of(record, 0), HasSubstr("expired"));
  EXPECT_THAT(result_of(record, 1), HasSubstr("completed"));
  EXPECT_THAT(result_of(record, 2), HasSubstr("expired"));
}

// --- the next version ---------------------------------------------------------------------------

TEST(TenantIsolationUpgrades, ExecutionsThatWaitGoOnWithAVersionThatSaysMore) {
  TenantIsolation first({.tenants = 2});
  TenantIsolation next({.tenants = 2, .version = Version::kExplained});
  Scenario before = first.scenario();
  Scenario after = next.scenario();
  EXPECT_UPGRADABLE(before, after);
}

TEST(TenantIsolationUpgrades, ExecutionsThatWaitBreakWhenTheTimeoutChanges) {
  TenantIsolation first({.tenants = 1});
  TenantIsolation next({.tenants = 1, .version = Version::kPatient});
  Scenario before = first.scenario();
  Scenario after = next.scenario();
  const reprise::UpgradePairReport report = check_upgrade(before, after);
  EXPECT_FALSE(report.ok());
  EXPECT_THAT(describe(report), AllOf(HasSubstr("86400"), HasSubstr("172800")));
}

// --- the published mistakes ---------------------------------------------------------------------
// The sound version of each is silent in the same situation: see above.

TEST(TenantIsolationTwins, IsolationOff) {
  IsolationOff twin;
  Scenario scenario = twin.scenario();
  EXPECT_FINDS(scenario, Verdict::kLeak, 1);
}

// Not by a crash, which takes the memory along too: nobody but the environments decides.
TEST(TenantIsolationTwins, IsolationOffIsFoundByReusingAnEnvironment) {
  const Exploration exploration = choose_environments(IsolationOff::tenancy());
  ASSERT_FALSE(exploration.sound());
  const reprise::ReportedFinding& found = exploration.findings.front();
  EXPECT_EQ(found.finding.verdict, Verdict::kLeak);
  EXPECT_EQ(describe(found.schedule),
            "1 event: invocation 1 of bolt-1 runs in the environment of acme-1");
  IsolationOff benign;
  Scenario scenario = benign.scenario();
  EXPECT_THAT(run(scenario).incidents, IsEmpty());
  scenario.without(Mechanism::kEnvironments);
  EXPECT_TRUE(explore(scenario).sound());
}

TEST(TenantIsolationTwins, CacheAssumed) {
  CacheAssumed twin;
  Scenario scenario = twin.scenario();
  EXPECT_FINDS(scenario, Verdict::kUnstableOutcome, 1);
}

TEST(TenantIsolationTwins, CacheAssumedIsFoundByAColdStartAfterTheWait) {
  const Exploration exploration = choose_environments(CacheAssumed::tenancy());
  ASSERT_FALSE(exploration.sound());
  EXPECT_EQ(describe(exploration.findings.front().schedule),
            "1 event: invocation 2 of acme-1 runs in a cold environment");
}

TEST(TenantIsolationTwins, CallbackUnchecked) {
  CallbackUnchecked twin;
  Scenario scenario = twin.scenario();
  EXPECT_FINDS(scenario, Verdict::kLostEffect, 0);
}

TEST(TenantIsolationTwins, EnvironmentInResult) {
  EnvironmentInResult twin;
  Scenario scenario = twin.scenario();
  EXPECT_FINDS(scenario, Verdict::kUnstableOutcome, 1);
}

TEST(TenantIsolationTwins, ForeignToken) {
  ForeignToken twin;
  Scenario scenario = twin.scenario();
  EXPECT_FINDS(scenario, Verdict::kLeak, 0);
}

// --- the closure against brute force ------------------------------------------------------------

TEST(TenantIsolationClosure, FindsWhatBruteForceFinds) {
  for (const Situation situation : {Situation::kConfirmed, Situation::kNeverConfirmed,
                                    Situation::kRejected, Situation::kForgetful}) {
    TenantIsolation sound({.situation = situation, .tenants = 1});
    expect_agreement(sound);
  }
  IsolationOff isolation_off;
  expect_agreement(isolation_off);
  CacheAssumed assumed;
  expect_agreement(assumed);
  CallbackUnchecked unchecked;
  expect_agreement(unchecked);
  EnvironmentInResult environment;
  expect_agreement(environment);
  ForeignToken token;
  expect_agreement(token);
}

}  // namespace
}  // namespace scenarios::tenant_isolation
