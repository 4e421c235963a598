#include "reprise/report/upgrade_report.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace reprise {
namespace {

UpgradeBreak a_break(Verdict verdict, std::string what, std::size_t from) {
  UpgradeBreak broken;
  broken.reason.verdict = verdict;
  broken.reason.operation = "charge#1";
  broken.reason.what = std::move(what);
  broken.ranges = {{from, 3}};
  return broken;
}

HistoryUpgrade a_history(const std::string& name) {
  HistoryUpgrade history;
  history.name = name;
  history.cuts = {{1, "the start", {}},
                  {2, "wait \"cool-down\"", {"wait \"cool-down\""}},
                  {4, "step \"charge\"", {}},
                  {5, "the end of step \"charge\"", {}}};
  history.safe = {{0, 1}};
  return history;
}

TEST(UpgradeTextReport, IsOneScreenForAHistory) {
  HistoryUpgrade broken = a_history("order-7.json");
  broken.breaks = {a_break(Verdict::kDivergentOp,
                           "the new handler calls step \"audit\" where the history holds step "
                           "\"charge\"",
                           2),
                   a_break(Verdict::kUndecodable, "the second", 3),
                   a_break(Verdict::kUndecodable, "the third", 3),
                   a_break(Verdict::kUndecodable, "the fourth", 3)};
  broken.notes = {"accepted: something"};
  UpgradeReport report;
  report.histories = {a_history("order-6.json"), broken};
  EXPECT_EQ(text_report(report, "Order.CanBeUpgraded"),
            "FAILED  Order.CanBeUpgraded             DIVERGENT_OP\n"
            "  history    order-7.json\n"
            "  safe       before step \"charge\" (suspended at wait \"cool-down\")\n"
            "  what       the new handler calls step \"audit\" where the history holds step "
            "\"charge\"\n"
            "  where      charge#1\n"
            "  breaks     from step \"charge\" on\n"
            "  what       the second\n"
            "  where      charge#1\n"
            "  breaks     from the end of step \"charge\" on\n"
            "  what       the third\n"
            "  where      charge#1\n"
            "  breaks     from the end of step \"charge\" on\n"
            "  more       1 other reason\n"
            "  note       accepted: something\n"
            "  mend       keep the old path for executions under way, or let them end with the "
            "old handler:\n"
            "             docs/verdicts/divergent_op.md\n");
}

TEST(UpgradeTextReport, SaysWhichHistoryIsNoLog) {
  HistoryUpgrade unreadable;
  unreadable.name = "order-8.json";
  unreadable.status = absl::InvalidArgumentError("event 4 (WaitStarted): it has no Id");
  UpgradeReport report;
  report.histories = {unreadable};
  EXPECT_EQ(text_report(report, "Order.CanBeUpgraded"),
            "FAILED  Order.CanBeUpgraded\n"
            "  order-8.json: event 4 (WaitStarted): it has no Id\n");
}

TEST(UpgradeTextReport, IsEmptyWhenNothingBreaksAndNotWhenNothingIsThere) {
  UpgradeReport report;
  EXPECT_EQ(text_report(report, "T"), "FAILED  T\n  there is no history to check\n");
  report.histories = {a_history("order-6.json")};
  EXPECT_EQ(text_report(report, "T"), "");
}

}  // namespace
}  // namespace reprise
