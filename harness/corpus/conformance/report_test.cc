#include "conformance/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace reprise::corpus {
namespace {

using testing::HasSubstr;
using testing::Not;
using Verdict = RequirementResult::Verdict;
using UnderCrashes = RequirementResult::UnderCrashes;

RequirementResult result(const std::string& suite, const std::string& id, Verdict verdict,
                         UnderCrashes under_crashes) {
  RequirementResult made;
  made.suite = suite;
  made.id = id;
  made.description = "what " + id + " is";
  made.verdict = verdict;
  if (verdict != Verdict::kPassed) made.reasons = {"first reason", "second <reason>"};
  made.under_crashes = under_crashes;
  made.crash_text = "crash text of " + id;
  return made;
}

const RequirementResult kGood = result("step", "1-1", Verdict::kPassed, UnderCrashes::kHeld);
const RequirementResult kExcluded =
    result("step", "1-2", Verdict::kPassed, UnderCrashes::kExcluded);
const RequirementResult kBad = result("wait", "2-1", Verdict::kFailed, UnderCrashes::kExcluded);
const RequirementResult kNone = result("wait", "2-2", Verdict::kUncovered, UnderCrashes::kExcluded);
const RequirementResult kBroken = result("wait", "2-3", Verdict::kPassed, UnderCrashes::kBroken);

TEST(ConformanceReport, CountsWhatPassedOfAll) {
  const std::vector<RequirementResult> all = {kGood, kExcluded, kBad, kNone, kBroken};
  EXPECT_EQ(conformance_total(all), "conformance: 3/5 passed");
  EXPECT_EQ(crash_total(all), "conformance under crashes: 1/2");
}

TEST(ConformanceReport, ListsWhatHasNotPassedWithItsReasons) {
  const std::vector<RequirementResult> all = {kGood, kExcluded, kBad, kNone, kBroken};
  EXPECT_EQ(requirement_lines(all, {}),
            "  FAILED wait/2-1: first reason\n"
            "      second <reason>\n"
            "  UNCOVERED wait/2-2: first reason\n"
            "      second <reason>\n"
            "  not under crashes step/1-2: crash text of 1-2\n"
            "  FAILED under crashes wait/2-3: crash text of 2-3\n");
  ReportOptions verbose;
  verbose.verbose = true;
  EXPECT_THAT(requirement_lines(all, verbose), HasSubstr("  PASSED step/1-1: what 1-1 is\n"));
  EXPECT_THAT(requirement_lines(all, verbose), HasSubstr("  PASSED under crashes step/1-1: crash"));
}

TEST(ConformanceReport, BlocksOnFailuresThatAreNotOptional) {
  EXPECT_TRUE(acceptable({kGood, kExcluded, kNone}, {}));
  EXPECT_FALSE(acceptable({kGood, kBad}, {}));
  EXPECT_FALSE(acceptable({kBroken}, {}));
  RequirementResult optional = kBad;
  optional.optional = true;
  EXPECT_TRUE(acceptable({optional}, {}));
  ReportOptions strict;
  strict.require_all = true;
  EXPECT_FALSE(acceptable({kNone}, strict));
}

TEST(ConformanceReport, IsWrittenAsJUnit) {
  RequirementResult odd = kGood;
  odd.description = "a \"quoted\" & odd\x01 one";
  const std::string xml = junit_xml({odd, kExcluded, kBad, kNone, kBroken}, {});
  EXPECT_THAT(xml, HasSubstr("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"));
  EXPECT_THAT(xml, HasSubstr("  <testsuite name=\"conformance.step\" tests=\"2\" failures=\"0\" "
                             "skipped=\"0\">\n"
                             "    <testcase classname=\"conformance.step\" "
                             "name=\"1-1 a &quot;quoted&quot; &amp; odd? one\"/>\n"));
  EXPECT_THAT(xml, HasSubstr("<testsuite name=\"conformance.wait\" tests=\"3\" failures=\"1\" "
                             "skipped=\"1\">"));
  EXPECT_THAT(xml, HasSubstr("name=\"2-1 what 2-1 is\"><failure message=\"first reason&#10;second "
                             "&lt;reason&gt;\"/></testcase>"));
  EXPECT_THAT(xml, HasSubstr("<testsuite name=\"conformance-under-crashes.wait\" tests=\"3\" "
                             "failures=\"1\" skipped=\"2\">"));
  ReportOptions strict;
  strict.require_all = true;
  EXPECT_THAT(junit_xml({kNone}, strict), HasSubstr("failures=\"1\" skipped=\"0\""));
  EXPECT_THAT(junit_xml({kNone}, {}), Not(HasSubstr("failures=\"1\"")));
}

}  // namespace
}  // namespace reprise::corpus
