#include "reprise/report/merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "reprise/report/report_test_support.h"

namespace reprise {
namespace {

using testing::HasSubstr;

ExplorationReport merged(std::vector<NamedReport> reports) {
  absl::StatusOr<ExplorationReport> report = merge_reports(std::move(reports));
  EXPECT_TRUE(report.ok()) << report.status().message();
  return report.ok() ? *std::move(report) : ExplorationReport();
}

std::string error_of(std::vector<NamedReport> reports) {
  const absl::StatusOr<ExplorationReport> report = merge_reports(std::move(reports));
  EXPECT_FALSE(report.ok());
  return std::string(report.status().message());
}

TEST(Merge, IsClosedWhenEveryPartIsThereAndClosed) {
  const ExplorationReport report =
      merged({{"a.json", a_sound_report(1, 2)}, {"b.json", a_sound_report(2, 2)}});
  EXPECT_TRUE(report.certificate.closed);
  EXPECT_TRUE(report.parts.complete());
  EXPECT_EQ(report.certificate.states, 224);
  EXPECT_EQ(report.certificate.resumes, 80);
  EXPECT_EQ(report.certificate.runs, 16);
  EXPECT_EQ(report.coverage, "fault points 7/7, closed: 224 states, any number of crashes");
}

TEST(Merge, SumsWhatWasTried) {
  ExplorationReport first = a_sound_report(1, 2);
  first.certificate.tried = {{"faults", 3, 10}};
  first.certificate.states_of_variants = 5;
  ExplorationReport second = a_sound_report(2, 2);
  second.certificate.tried = {{"faults", 7, 10}, {"arrivals", 2, 2}};
  second.certificate.states_of_variants = 6;
  second.certificate.variants_not_closed = 1;
  const Certificate sum = merged({{"a.json", first}, {"b.json", second}}).certificate;
  ASSERT_EQ(sum.tried.size(), 2U);
  EXPECT_EQ(sum.tried[0].count, 10);
  EXPECT_EQ(sum.tried[0].total, 10);
  EXPECT_EQ(sum.tried[1].what, "arrivals");
  EXPECT_EQ(sum.states_of_variants, 11);
  EXPECT_EQ(sum.variants_not_closed, 1);
}

TEST(Merge, IsNotClosedWhileAPartIsMissing) {
  const ExplorationReport report =
      merged({{"a.json", a_sound_report(1, 3)}, {"c.json", a_sound_report(3, 3)}});
  EXPECT_FALSE(report.certificate.closed);
  EXPECT_EQ(report.coverage, "fault points 7/7, not closed (part 2 of 3 is missing): 224 states");
}

TEST(Merge, IsNotClosedWhenAPartIsNot) {
  ExplorationReport open = a_report(2, 2);
  open.findings.clear();
  open.certificate.bound = "more than 10 states";
  const ExplorationReport report = merged({{"a.json", a_sound_report(1, 2)}, {"b.json", open}});
  EXPECT_FALSE(report.certificate.closed);
  EXPECT_EQ(report.coverage, "fault points 7/7, not closed (more than 10 states): 224 states");
}

TEST(Merge, DoesNotHangOnTheOrderOfTheReportsNorOnStepsBetween) {
  const NamedReport a{"a.json", a_sound_report(1, 3)};
  const NamedReport b{"b.json", a_report(2, 3)};
  NamedReport c{"c.json", a_report(3, 3)};
  c.report.findings[0].reported.schedule.events[0].place.effect = 2;  // as long as that of b
  const std::string at_once = write_report(merged({a, b, c}));
  EXPECT_EQ(write_report(merged({c, b, a})), at_once);
  EXPECT_EQ(write_report(merged({{"ac.json", merged({c, a})}, b})), at_once);
}

TEST(Merge, KeepsAFindingOnceWithTheShortestSchedule) {
  ExplorationReport first = a_report(1, 2);
  first.findings = {a_finding_in_report(3)};
  ExplorationReport second = a_report(2, 2);
  second.findings.push_back(a_finding_in_report());
  second.findings[1].reported.finding.subject = "mail.send";
  const ExplorationReport report = merged({{"a.json", first}, {"b.json", second}});
  ASSERT_EQ(report.findings.size(), 2U);
  EXPECT_EQ(report.findings[0].reported.schedule.size(), 1U);
  EXPECT_EQ(report.findings[1].reported.finding.subject, "mail.send");
}

TEST(Merge, RefusesReportsThatDoNotBelongTogether) {
  const NamedReport a{"a.json", a_sound_report(1, 2)};
  NamedReport b{"b.json", a_sound_report(2, 2)};
  b.report.scenario = "refund";
  EXPECT_EQ(error_of({a, b}),
            "b.json: /scenario: expected \"order\" as in a.json, found \"refund\"");
  b.report = a_sound_report(2, 2);
  b.report.test = "Order.Other";
  EXPECT_THAT(error_of({a, b}), HasSubstr("b.json: /test: expected"));
  b.report = a_sound_report(2, 3);
  EXPECT_EQ(error_of({a, b}), "b.json: /parts/count: expected 2 as in a.json, found 3");
  b.report = a_sound_report(2, 2);
  b.report.benign.virtual_ms = 1;
  EXPECT_THAT(error_of({a, b}), HasSubstr("b.json: /benign: expected the run without faults of "
                                          "a.json"));
  b.report = a_sound_report(2, 2);
  b.report.certificate.places = 8;
  EXPECT_THAT(error_of({a, b}), HasSubstr("b.json: /certificate/places: expected 7"));
  EXPECT_EQ(error_of({}), "expected at least one report to merge");
}

TEST(Merge, RefusesAPartThatComesTwiceOrCountsWhatOthersDid) {
  const NamedReport a{"a.json", a_sound_report(1, 2)};
  EXPECT_EQ(error_of({a, {"again.json", a_sound_report(1, 2)}}),
            "again.json: /parts/present: expected each part once, found part 1 of 2 again");
  NamedReport b{"b.json", a_sound_report(2, 2)};
  b.report.certificate.places_hit = 1;
  EXPECT_THAT(error_of({a, b}), HasSubstr("the parts crash at 8 of 7 fault points"));
}

}  // namespace
}  // namespace reprise
