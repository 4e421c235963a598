// Work that is shared among processes and machines.

#include <gmock/gmock.h>

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "reprise/report/json_report.h"
#include "reprise/report/merge.h"
#include "reprise/testing/explore_test_support.h"
#include "reprise/testing/testing.h"

namespace reprise {
namespace {

using testing::HasSubstr;

Task<int> three_steps(DurableContext ctx) {
  const int first = co_await ctx.step("first", [] { return 1; });
  const int second = co_await ctx.step("second", [] { return 2; });
  co_await ctx.wait("pause", absl::Hours(1));
  const int third = co_await ctx.step("third", [] { return 3; });
  co_return first + second + third;
}

// Whoever dies does so in the second invocation: after a crash, and not before.
struct DiesWhenReplaying {
  void (*die)();
  Task<int> operator()(DurableContext ctx) const {
    const bool again = ctx.is_replaying();
    const int number = co_await ctx.step("number", [] { return 7; });
    if (again) die();
    co_return number;
  }
};

std::string told(const Certificate& certificate) { return certificate.text(); }

TEST(Jobs, GiveTheSameCertificate) {
  Scenario scenario("sum", three_steps);
  const Exploration alone = explore(scenario);
  EXPECT_TRUE(alone.sound());
  for (const int jobs : {1, 2, 3}) {
    ExploreOptions options;
    options.jobs = jobs;
    scenario.options(options);
    const Exploration shared = explore(scenario);
    EXPECT_TRUE(shared.sound());
    EXPECT_EQ(told(shared.certificate), told(alone.certificate)) << jobs;
    EXPECT_EQ(shared.coverage.text(), alone.coverage.text()) << jobs;
  }
}

TEST(Jobs, FindWhatOneProcessFinds) {
  auto sum = [](DurableContext ctx) -> Task<int> {
    int total = 0;
    co_await ctx.step("add", [&] { total += 42; });
    co_return total;
  };
  Scenario scenario("sum", sum);
  const Exploration alone = explore(scenario);
  ExploreOptions options;
  options.jobs = 2;
  scenario.options(options);
  const Exploration shared = explore(scenario);
  ASSERT_EQ(alone.findings.size(), shared.findings.size());
  for (std::size_t i = 0; i < alone.findings.size(); ++i) {
    EXPECT_TRUE(alone.findings[i].finding.same_as(shared.findings[i].finding));
    EXPECT_EQ(describe(alone.findings[i].schedule), describe(shared.findings[i].schedule));
  }
}

class Deaths : public testing::TestWithParam<void (*)()> {};

TEST_P(Deaths, OfAProcessAreFindingsWithTheirSchedule) {
  Scenario scenario("dies", DiesWhenReplaying{GetParam()});
  ExploreOptions options;
  options.jobs = 1;
  scenario.options(options);
  const Exploration exploration = explore(scenario);
  ASSERT_EQ(exploration.findings.size(), 1U);
  const ReportedFinding& reported = exploration.findings.front();
  EXPECT_EQ(reported.finding.verdict, Verdict::kBoundary);
  EXPECT_THAT(reported.finding.what, HasSubstr("the process of the handler"));
  EXPECT_EQ(reported.schedule.size(), 1U) << describe(reported.schedule);
}

TEST_P(Deaths, OfAWorkerAreFindingsOfItsUnit) {
  Scenario scenario("dies", DiesWhenReplaying{GetParam()});
  ExploreOptions options;
  options.jobs = 1;
  options.try_environments = false;
  scenario.options(options);
  const Exploration exploration = explore(scenario);
  ASSERT_EQ(exploration.findings.size(), 1U);
  const ReportedFinding& reported = exploration.findings.front();
  EXPECT_EQ(reported.finding.verdict, Verdict::kBoundary);
  EXPECT_FALSE(reported.replayable);  // there is no other process in which to try it again
}

INSTANTIATE_TEST_SUITE_P(Ways, Deaths,
                         testing::Values(
                             +[] { std::terminate(); }, +[] { std::raise(SIGSEGV); },
                             +[] { std::exit(3); }, +[] { std::_Exit(4); }));

TEST(Jobs, AHandlerThatDiesWithoutAnyFaultIsAFindingToo) {
  auto dies = [](DurableContext ctx) -> Task<int> {
    co_await ctx.step("number", [] {});
    std::abort();
  };
  Scenario scenario("dies", dies);
  const Exploration exploration = explore(scenario);  // without jobs too
  ASSERT_EQ(exploration.findings.size(), 1U);
  EXPECT_EQ(exploration.findings.front().finding.verdict, Verdict::kBoundary);
  EXPECT_THAT(exploration.findings.front().finding.what, HasSubstr("Aborted"));
  EXPECT_TRUE(exploration.findings.front().schedule.empty());
}

TEST(Jobs, PartsJoinToTheWhole) {
  Scenario scenario("sum", three_steps);
  const Exploration whole = explore(scenario);
  std::vector<NamedReport> reports;
  constexpr int kParts = 3;
  for (int part = 1; part <= kParts; ++part) {
    ExploreOptions options;
    options.part = part;
    options.part_count = kParts;
    scenario.options(options);
    reports.push_back({"part " + std::to_string(part),
                       make_report("Sum.Test", "sum", explore(scenario), part, kParts)});
  }
  const auto merged = merge_reports(reports);
  ASSERT_TRUE(merged.ok()) << merged.status();
  const auto count = [](const Certificate& certificate, const std::string& what) {
    std::int64_t sum = 0;
    for (const Certificate::Tried& each : certificate.tried) {
      if (each.what == what) sum += each.count;
    }
    return sum;
  };
  for (const char* what : {"faults", "overlaps"}) {
    EXPECT_EQ(count(merged->certificate, what), count(whole.certificate, what)) << what;
  }
  EXPECT_EQ(merged->certificate.states, whole.certificate.states);
  EXPECT_TRUE(merged->certificate.closed) << merged->coverage;
}

}  // namespace
}  // namespace reprise
