#include "reprise/report/html_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "reprise/report/internal/html.h"
#include "reprise/report/report_files.h"
#include "reprise/report/report_test_support.h"

namespace reprise {
namespace {

using internal::Lane;
using internal::LaneBar;
using internal::lanes_of;
using internal::LaneStop;
using testing::HasSubstr;
using testing::Not;
using Mark = TimelineMark::Kind;

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

TEST(Lanes, ShowWhereAProcessDiedAndWhatRanAgain) {
  const std::vector<Lane> lanes = lanes_of(a_failing_run());
  ASSERT_EQ(lanes.size(), 2U);
  ASSERT_EQ(lanes[0].bars.size(), 1U);
  EXPECT_EQ(lanes[0].bars[0].end, LaneBar::End::kCrashed);
  ASSERT_EQ(lanes[0].bars[0].effects.size(), 1U);
  EXPECT_EQ(lanes[0].bars[0].effects[0].call, "bank.debit(10)");
  ASSERT_EQ(lanes[0].stops.size(), 1U);
  EXPECT_EQ(lanes[0].stops[0].kind, LaneStop::Kind::kCrash);
  EXPECT_EQ(lanes[0].stops[0].detail, "after effect 1 of order/charge#1, attempt 1");
  EXPECT_EQ(lanes[1].bars[0].end, LaneBar::End::kRecorded);
  EXPECT_EQ(lanes[1].bars[0].kind, LaneBar::Kind::kFresh);
}

TEST(Lanes, TellReplayedFromFreshAndOpenFromEnded) {
  RunRecord record;
  record.timeline = {a_mark(Mark::kInvocation, "order", 1), a_mark(Mark::kReplayed, "reserve", 1),
                     a_mark(Mark::kCall, "charge", 1),      a_mark(Mark::kFailed, "charge", 1),
                     a_mark(Mark::kStarted, "sleep", 1),    a_mark(Mark::kSuspended, "return", 1),
                     a_mark(Mark::kInvocation, "order", 2), a_mark(Mark::kRecorded, "group", 2),
                     a_mark(Mark::kPlain, "worker", 2)};
  const std::vector<Lane> lanes = lanes_of(record);
  ASSERT_EQ(lanes.size(), 2U);
  ASSERT_EQ(lanes[0].bars.size(), 3U);
  EXPECT_EQ(lanes[0].bars[0].kind, LaneBar::Kind::kReplayed);
  EXPECT_EQ(lanes[0].bars[1].end, LaneBar::End::kFailed);
  EXPECT_EQ(lanes[0].bars[2].end, LaneBar::End::kOpen);
  ASSERT_EQ(lanes[1].bars.size(), 2U);
  EXPECT_EQ(lanes[1].bars[0].label, "group");
  EXPECT_EQ(lanes[1].bars[0].end, LaneBar::End::kRecorded);
  EXPECT_EQ(lanes[1].bars[1].kind, LaneBar::Kind::kFunction);
}

TEST(Lanes, PutBarsThatOverlapInRowsOfTheirOwn) {
  RunRecord record;
  record.timeline = {a_mark(Mark::kInvocation, "order", 1), a_mark(Mark::kStarted, "group", 1),
                     a_mark(Mark::kCall, "a", 1),           a_mark(Mark::kRecorded, "a", 1),
                     a_mark(Mark::kRecorded, "group", 1),   a_mark(Mark::kCall, "b", 1),
                     a_mark(Mark::kRecorded, "b", 1)};
  const std::vector<Lane> lanes = lanes_of(record);
  ASSERT_EQ(lanes[0].bars.size(), 3U);
  EXPECT_EQ(lanes[0].bars[0].row, 0U);
  EXPECT_EQ(lanes[0].bars[1].row, 1U);
  EXPECT_EQ(lanes[0].bars[2].row, 0U);
  EXPECT_EQ(lanes[0].rows, 2U);
}

TEST(Lanes, NoteFaultsAndArrivals) {
  RunRecord record;
  record.timeline = {a_mark(Mark::kInvocation, "order", 1), a_mark(Mark::kFault, "throttled", 1),
                     a_mark(Mark::kArrived, "approve", 1)};
  const std::vector<Lane> lanes = lanes_of(record);
  ASSERT_EQ(lanes[0].notes.size(), 2U);
  EXPECT_EQ(lanes[0].notes[0].kind, LaneStop::Kind::kFault);
  const std::string drawing = internal::lanes_svg(lanes, 10);
  EXPECT_EQ(count_of(drawing, "class=\"bolt\""), 1U);
  EXPECT_EQ(count_of(drawing, "class=\"arrow\""), 1U);
}

TEST(Lanes, GoOnWhenAnOverlapHasEnded) {
  RunRecord record;
  record.timeline = {a_mark(Mark::kInvocation, "a", 1), a_mark(Mark::kCall, "x", 1),
                     a_mark(Mark::kInvocation, "b", 2), a_mark(Mark::kReturned, "return", 2),
                     a_mark(Mark::kRecorded, "x", 1)};
  const std::vector<Lane> lanes = lanes_of(record);
  ASSERT_EQ(lanes.size(), 3U);
  EXPECT_TRUE(lanes[2].goes_on);
  EXPECT_EQ(lanes[2].execution, "a");
}

TEST(HtmlReport, NeedsNothingElse) {
  const std::string page = html_report(a_report());
  for (const char* const outside :
       {"<script", "<link", "<img", "src=", "url(", "@import", "http"}) {
    EXPECT_THAT(page, Not(HasSubstr(outside)));
  }
  EXPECT_EQ(page.rfind("<!doctype html>\n", 0), 0U);
  EXPECT_EQ(count_of(page, "<section"), 2U);
  EXPECT_EQ(count_of(page, "<section"), count_of(page, "</section>"));
  EXPECT_EQ(count_of(page, "<svg"), count_of(page, "</svg>"));
  EXPECT_EQ(count_of(page, "<table"), count_of(page, "</table>"));
}

TEST(HtmlReport, HasTheFactsOfTheOneScreen) {
  const std::string page = html_report(a_report());
  for (const char* const fact :
       {"Order.SurvivesEveryCrash", "DUPLICATE_EFFECT", "order/charge#1",
        "bank.debit(10) happened twice", "crash after effect 1 of order/charge#1, attempt 1",
        "a run without faults does it once", "clock, environment", "order.cpp:42",
        "fixtures/order_charge_duplicate_effect.json", "docs/verdicts/duplicate_effect.md",
        "not closed (stopped after a finding): 112 states"}) {
    EXPECT_THAT(page, HasSubstr(fact));
  }
}

TEST(HtmlReport, DrawsCrashesEffectsAndReplays) {
  const std::string page = html_report(a_report());
  const std::size_t section = page.find("id=\"finding-1\"");
  const std::string drawing = page.substr(section, page.find("</figure>", section) - section);
  EXPECT_EQ(count_of(drawing, "class=\"bar crashed\""), 1U);
  EXPECT_EQ(count_of(drawing, "class=\"bar fresh\""), 1U);
  EXPECT_EQ(count_of(drawing, "class=\"cross\""), 1U);
  EXPECT_EQ(count_of(drawing, "<path class=\"effect\""), 2U);
}

TEST(HtmlReport, PutsRecordedBesideReplayed) {
  ExplorationReport report = a_report();
  Incident incident;
  incident.operation = "order/ship#1";
  incident.recorded = "Step \"by-road\"";
  incident.current = "Step \"by-air\"";
  report.findings[0].reported.record.incidents = {incident};
  EXPECT_THAT(html_report(report),
              HasSubstr("<td class=\"mono differs\">Step &quot;by-road&quot;</td>"
                        "<td class=\"mono differs\">Step &quot;by-air&quot;</td>"));
}

TEST(HtmlReport, MarksTheEffectThatNoRunWithoutFaultsHas) {
  const std::string page = html_report(a_report());
  const std::size_t effects = page.find("<h3>Effects</h3>");
  const std::string table = page.substr(effects, page.find("</table>", effects) - effects);
  EXPECT_EQ(count_of(table, "bank.debit(10)"), 3U);
  EXPECT_EQ(count_of(table, "class=\"differs\""), 1U);
}

TEST(HtmlReport, EscapesWhateverComesFromTheHandler) {
  const std::string hostile = "</title></code><script>alert('x')</script>&\"\x01";
  ExplorationReport report = a_report();
  report.test = report.scenario = report.coverage = hostile;
  FindingInReport& each = report.findings[0];
  each.fixture = each.again = hostile;
  Finding& finding = each.reported.finding;
  finding.operation = finding.what = finding.allowed = hostile;
  finding.where = each.reported.irrelevant = {hostile};
  each.reported.schedule.events[0].place.operation = hostile;
  RunRecord& record = each.reported.record;
  for (TimelineMark& mark : record.timeline) mark.label = hostile;
  for (LedgerEntry& entry : record.ledger) {
    entry.operation = hostile;
    entry.target = entry.arguments = entry.key = hostile;
  }
  record.end_reason = hostile;
  record.outcomes = {{hostile, ExecutionStatus::kFailed, hostile, make_error(hostile, hostile)}};
  record.incidents.emplace_back().recorded = hostile;
  record.histories[hostile] = {an_event(1, EventType::kStepStarted, hostile, hostile)};
  const std::string page = html_report(report);
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_EQ(count_of(page, "</title>"), count_of(page, "<title>"));
  EXPECT_THAT(page, Not(HasSubstr("\x01")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;"));
}

TEST(HtmlReport, CountsWhatItDoesNotDraw) {
  ExplorationReport report = a_report();
  RunRecord& record = report.findings[0].reported.record;
  record.timeline.clear();
  for (int i = 1; i <= 300; ++i) record.timeline.push_back(a_mark(Mark::kInvocation, "order", i));
  record.ledger.assign(600, a_debit(1));
  const std::string page = html_report(report);
  EXPECT_THAT(page, HasSubstr("... and 100 more invocations, which the JSON report has"));
  EXPECT_THAT(page, HasSubstr("... and 100 more effects, which the JSON report has"));
}

TEST(ReportFiles, LieInTheDirectoryUnderTestAndScenario) {
  const std::string directory = testing::TempDir() + "reprise_report_files/deep";
  ExplorationReport report = a_report();
  report.test = "Orders/Order.Crash/0";
  std::set<std::string> taken;
  const absl::StatusOr<ReportFiles> first = save_report_files(directory, report, taken);
  ASSERT_TRUE(first.ok()) << first.status().message();
  EXPECT_EQ(first->json, directory + "/Orders_Order.Crash_0.order.json");
  EXPECT_TRUE(load_report(first->json).ok());
  const absl::StatusOr<ReportFiles> second = save_report_files(directory, report, taken);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->html, directory + "/Orders_Order.Crash_0.order.2.html");
  const absl::Status blocked = save_report_files(first->json, report, taken).status();
  EXPECT_THAT(std::string(blocked.message()), HasSubstr("Orders_Order.Crash_0.order.json: "));
}

}  // namespace
}  // namespace reprise
