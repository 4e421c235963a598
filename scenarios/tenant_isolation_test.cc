// Scenario 4: workflows of many tenants, each in environments of its own, in every situation and
// with every published mistake.
#include "scenarios/tenant_isolation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
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
  EXPECT_EQ(tenants.host().environments("workflow"), 2U);
  EXPECT_THAT(history_lines(record, "acme-1"),
              ElementsAre("ExecutionStarted",                                                    //
                          "StepStarted validate-and-cache", "StepSucceeded validate-and-cache",  //
                          "ContextStarted confirmation", "CallbackStarted confirmation",         //
                          "StepStarted confirmation", "StepSucceeded confirmation",              //
                          "CallbackSucceeded confirmation", "ContextSucceeded confirmation",     //
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
  EXPECT_THAT(invocations,
              ElementsAre("acme-1", "bolt-1", "coil-1", "coil-1", "acme-1", "bolt-1"));
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

class TenantIsolationIn : public testing::TestWithParam<Setup> {};

TEST_P(TenantIsolationIn, SurvivesEveryCrashInEveryEnvironment) {
  TenantIsolation tenants(GetParam());
  Scenario scenario = tenants.scenario();
  EXPECT_DURABLE(scenario);
}

std::string test_name(const testing::TestParamInfo<Setup>& test) {
  std::string name = scenario_name(test.param);
  std::replace_if(name.begin(), name.end(), [](char c) { return c == '.' || c == '-'; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(
    Situation, TenantIsolationIn,
    testing::Values(Setup{.situation = Situation::kConfirmed, .tenants = 1},
                    Setup{.situation = Situation::kConfirmed, .tenants = 2},
                    Setup{.situation = Situation::kForgetful, .tenants = 1},
                    Setup{.situation = Situation::kWrongToken, .tenants = 2},
                    Setup{.situation = Situation::kNeverConfirmed, .tenants = 1},
                    Setup{.situation = Situation::kRejected, .tenants = 2},
                    Setup{.situation = Situation::kSameTenant, .tenants = 2},
                    Setup{.situation = Situation::kThroughGateway, .tenants = 1}),
    test_name);

}  // namespace
}  // namespace scenarios::tenant_isolation
