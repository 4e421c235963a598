#include "reprise/report/json_report.h"

#include <gtest/gtest.h>

#include <string>

#include "reprise/report/junit_properties.h"
#include "reprise/report/report_test_support.h"

namespace reprise {
namespace {

TEST(JsonReport, IsReadAsItWasWritten) {
  const std::string text = write_report(a_report(2, 3));
  const absl::StatusOr<ExplorationReport> read = parse_report(text, "r.json");
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(write_report(*read), text);
  EXPECT_EQ(read->test, "Order.SurvivesEveryCrash");
  EXPECT_EQ(read->parts.present, std::vector<int>{2});
  ASSERT_EQ(read->findings.size(), 1U);
  const FindingInReport& each = read->findings[0];
  EXPECT_TRUE(each.reported.finding.same_as(a_finding_in_report().reported.finding));
  EXPECT_EQ(each.reported.schedule, a_finding_in_report().reported.schedule);
  EXPECT_EQ(each.fixture, a_finding_in_report().fixture);
}

TEST(JsonReport, IsNotClosedWhileItIsAPart) {
  EXPECT_TRUE(a_sound_report().certificate.closed);
  EXPECT_EQ(a_sound_report().coverage,
            "fault points 7/7, closed: 112 states, any number of crashes");
  const ExplorationReport part = a_sound_report(1, 2);
  EXPECT_FALSE(part.certificate.closed);
  EXPECT_EQ(part.parts.closed, std::vector<int>{1});
  EXPECT_EQ(part.coverage, "fault points 7/7, not closed (part 2 of 2 is missing): 112 states");
}

TEST(JsonReport, WritesTextsThatAreNoUtf8) {
  ExplorationReport report = a_report();
  report.findings[0].reported.record.ledger[0].arguments = "\xff";
  const absl::StatusOr<ExplorationReport> read = parse_report(write_report(report), "r.json");
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(read->findings[0].reported.record.ledger[0].arguments, "\xEF\xBF\xBD");
}

TEST(JUnitProperties, HaveCertificateVerdictsScheduleAndFixture) {
  using Properties = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(
      junit_properties(a_report()),
      (Properties{
          {"reprise_order", "fault points 7/7, not closed (stopped after a finding): 112 states"},
          {"reprise_order_verdicts", "DUPLICATE_EFFECT order/charge#1"},
          {"reprise_order_schedule", "1 event: crash after effect 1 of order/charge#1, attempt 1"},
          {"reprise_order_fixture", "fixtures/order_charge_duplicate_effect.json"}}));
  EXPECT_EQ(junit_properties(a_sound_report()),
            (Properties{
                {"reprise_order", "fault points 7/7, closed: 112 states, any number of crashes"}}));
}

struct Broken {
  const char* pointer;  // JSON pointer of the member that is edited
  const char* value;    // its new value; "": removed
  const char* message;
};

class BrokenReport : public testing::TestWithParam<Broken> {};

TEST_P(BrokenReport, IsRefusedWithFileAndPlace) {
  nlohmann::json json = nlohmann::json::parse(write_report(a_report()));
  const nlohmann::json::json_pointer pointer(GetParam().pointer);
  if (std::string(GetParam().value).empty()) {
    json[pointer.parent_pointer()].erase(pointer.back());
  } else {
    json[pointer] = nlohmann::json::parse(GetParam().value);
  }
  const absl::StatusOr<ExplorationReport> read = parse_report(json.dump(), "r.json");
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(std::string(read.status().message()).rfind(GetParam().message, 0), 0U)
      << read.status().message();
}

INSTANTIATE_TEST_SUITE_P(
    Table, BrokenReport,
    testing::Values(
        Broken{"/format", "\"other\"", "r.json: /format: expected \"reprise-report\", found"},
        Broken{"/version", "2", "r.json: /version: expected version 1, which this build reads"},
        Broken{"/version", "", "r.json: (document): expected the member \"version\", found none"},
        Broken{"/extra", "1", "r.json: /extra: expected no such member"},
        Broken{"/parts/present", "[]", "r.json: /parts: expected a part under \"present\""},
        Broken{"/parts/present", "[2]", "r.json: /parts/present/0: expected a whole number from 1"},
        Broken{"/parts/closed", "[1]", "r.json: /certificate: expected \"closed\" to be true"},
        Broken{"/certificate/closed", "true",
               "r.json: /certificate: expected \"closed\" to be false"},
        Broken{"/certificate/states", "-1", "r.json: /certificate/states: expected a whole number"},
        Broken{"/findings/0/verdict", "\"WRONG\"", "r.json: /findings/0/verdict: expected a"},
        Broken{"/findings/0/schedule/0/event", "\"explode\"",
               "r.json: /findings/0/schedule/0/event: expected one of crash"},
        Broken{"/findings/0/run/end", "\"x\"", "r.json: /findings/0/run/end: expected one of"},
        Broken{"/benign", "", "r.json: (document): expected the member \"benign\", found none"}));

}  // namespace
}  // namespace reprise
