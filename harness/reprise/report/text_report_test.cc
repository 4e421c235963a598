#include "reprise/report/text_report.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace reprise {
namespace {

TimelineMark mark(TimelineMark::Kind kind, std::string label, int invocation) {
  return {kind, std::move(label), invocation};
}

ReportedFinding a_finding() {
  using Kind = TimelineMark::Kind;
  ReportedFinding reported;
  reported.finding.verdict = Verdict::kDuplicateEffect;
  reported.finding.operation = "order/charge#1";
  reported.finding.what =
      "bank.debit(acct 7, 10.00) happened twice for order/charge#1 (no idempotency key)";
  reported.finding.allowed = "a run without faults does it once";
  reported.finding.where = {"order/charge#1 declared order.cpp:42", "effect bank_client.cpp:17"};
  ScheduleEvent crash;
  crash.place = {
      PointKind::kEffect, Moment::kAfter, "order/charge#1", CheckpointAction::kOther, 1, 1, 0};
  reported.schedule.events = {crash};
  reported.irrelevant = {"clock", "environment"};
  reported.record.timeline = {
      mark(Kind::kInvocation, "order", 1),  mark(Kind::kCall, "reserve", 1),
      mark(Kind::kRecorded, "reserve", 1),  mark(Kind::kCall, "charge", 1),
      mark(Kind::kEffect, "bank.debit", 1), mark(Kind::kCrash, "", 1),
      mark(Kind::kInvocation, "order", 2),  mark(Kind::kReplayed, "reserve", 2),
      mark(Kind::kCall, "charge", 2),       mark(Kind::kEffect, "bank.debit", 2),
      mark(Kind::kRecorded, "charge", 2),   mark(Kind::kReturned, "return", 2)};
  return reported;
}

Certificate a_certificate() {
  Certificate certificate;
  certificate.closed = true;
  certificate.states = 112;
  certificate.places = 37;
  certificate.places_hit = 37;
  return certificate;
}

TEST(TextReport, IsOneScreen) {
  const std::string text =
      text_report(a_finding(), a_certificate(),
                  {"order.crash_closure", "fixtures/order_charge_duplicate_effect.json",
                   "./order_test --gtest_filter=Order.CrashClosure "
                   "--reprise_fixture=fixtures/order_charge_duplicate_effect.json"});
  EXPECT_EQ(text,
            R"(FAILED  order.crash_closure             DUPLICATE_EFFECT
  what       bank.debit(acct 7, 10.00) happened twice for order/charge#1 (no idempotency key)
  schedule   1 event: crash after effect 1 of order/charge#1, attempt 1
  allowed    a run without faults does it once
  irrelevant clock, environment (each varied, same result)
  where      order/charge#1 declared order.cpp:42, effect bank_client.cpp:17
  timeline   inv 1  reserve(  )=  charge(  bank.debit!  X crash
             inv 2  reserve~  charge(  bank.debit!  )=  return
  coverage   fault points 37/37, closed: 112 states, any number of crashes
  fixture    fixtures/order_charge_duplicate_effect.json
  again      ./order_test --gtest_filter=Order.CrashClosure
             --reprise_fixture=fixtures/order_charge_duplicate_effect.json
  mend       make the effect in a step, with a key that is the same on every attempt:
             docs/verdicts/duplicate_effect.md
)");
}

TEST(TextReport, StaysOneScreenHoweverLongTheRun) {
  ReportedFinding reported = a_finding();
  for (int i = 3; i < 500; ++i) {
    reported.record.timeline.push_back(mark(TimelineMark::Kind::kInvocation, "order", i));
    reported.record.timeline.push_back(mark(TimelineMark::Kind::kSuspended, "", i));
  }
  std::istringstream lines(text_report(reported, a_certificate(), {"t", "", ""}));
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) EXPECT_LE(line.size(), 100U) << line;
  EXPECT_LE(count, 24);
}

TEST(Certificate, NeverSaysExhaustiveOfABoundedRun) {
  Certificate certificate;
  certificate.states = 7;
  certificate.bound = "bound of 7 states reached";
  EXPECT_EQ(certificate.text(), "not closed (bound of 7 states reached): 7 states");
  certificate = Certificate();
  certificate.crashes = 1;
  certificate.runs = 12;
  EXPECT_EQ(certificate.text(), "exhaustive to 1 crash, 12 runs");
}

}  // namespace
}  // namespace reprise
