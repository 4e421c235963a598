#pragma once

#include <string>
#include <utility>

#include "reprise/report/json_report.h"

namespace reprise {

inline TimelineMark a_mark(TimelineMark::Kind kind, std::string label, int invocation) {
  return {kind, std::move(label), invocation};
}

inline LedgerEntry a_debit(int invocation) {
  LedgerEntry entry;
  entry.operation = "order/charge#1";
  entry.attempt = 1;
  entry.number = 1;
  entry.invocation = invocation;
  entry.target = "bank";
  entry.action = "debit";
  entry.arguments = "10";
  return entry;
}

inline Event an_event(std::int64_t number, EventType type, std::string id = "",
                      std::string name = "") {
  Event event;
  event.event_id = number;
  event.type = type;
  event.timestamp.ms = 1000 * number;
  if (!id.empty()) event.id = id;
  if (!name.empty()) event.name = name;
  return event;
}

/// The run without faults: one invocation that charges once.
inline RunRecord a_benign_run() {
  using Kind = TimelineMark::Kind;
  RunRecord record;
  record.outcomes = {{"order", ExecutionStatus::kSucceeded, "\"paid\"", nullptr}};
  record.ledger = {a_debit(1)};
  record.timeline = {a_mark(Kind::kInvocation, "order", 1), a_mark(Kind::kCall, "charge", 1),
                     a_mark(Kind::kEffect, "bank.debit", 1), a_mark(Kind::kRecorded, "charge", 1),
                     a_mark(Kind::kReturned, "return", 1)};
  record.histories["order"] = {an_event(1, EventType::kExecutionStarted),
                               an_event(2, EventType::kStepStarted, "a", "charge"),
                               an_event(3, EventType::kStepSucceeded, "a", "charge"),
                               an_event(4, EventType::kExecutionSucceeded)};
  record.call_sites["order/charge#1"] = {};
  record.invocations = 1;
  record.places_passed = 7;
  record.virtual_ms = 3000;
  return record;
}

inline ScheduleEvent a_crash() {
  ScheduleEvent crash;
  crash.place = {
      PointKind::kEffect, Moment::kAfter, "order/charge#1", CheckpointAction::kOther, 1, 1, 0};
  return crash;
}

/// The run that charges twice, as a crash falls behind the effect.
inline RunRecord a_failing_run() {
  using Kind = TimelineMark::Kind;
  RunRecord record = a_benign_run();
  record.schedule.events = {a_crash()};
  record.ledger = {a_debit(1), a_debit(2)};
  record.timeline = {a_mark(Kind::kInvocation, "order", 1),
                     a_mark(Kind::kCall, "charge", 1),
                     a_mark(Kind::kEffect, "bank.debit", 1),
                     a_mark(Kind::kCrash, "after effect 1 of order/charge#1, attempt 1", 1),
                     a_mark(Kind::kInvocation, "order", 2),
                     a_mark(Kind::kCall, "charge", 2),
                     a_mark(Kind::kEffect, "bank.debit", 2),
                     a_mark(Kind::kRecorded, "charge", 2),
                     a_mark(Kind::kReturned, "return", 2)};
  record.invocations = 2;
  record.crashes = 1;
  return record;
}

inline FindingInReport a_finding_in_report(int events = 1) {
  FindingInReport each;
  Finding& finding = each.reported.finding;
  finding.verdict = Verdict::kDuplicateEffect;
  finding.operation = "order/charge#1";
  finding.subject = "bank.debit";
  finding.what = "bank.debit(10) happened twice for order/charge#1 (no idempotency key)";
  finding.allowed = "a run without faults does it once";
  finding.where = {"order/charge#1 declared order.cpp:42"};
  for (int i = 0; i < events; ++i) each.reported.schedule.events.push_back(a_crash());
  each.reported.record = a_failing_run();
  each.reported.irrelevant = {"clock", "environment"};
  each.fixture = "fixtures/order_charge_duplicate_effect.json";
  each.again = "./order_test --reprise_fixture=fixtures/order_charge_duplicate_effect.json";
  return each;
}

/// A sound report: closed, 112 states.
inline ExplorationReport a_sound_report(int part = 1, int part_count = 1) {
  Exploration exploration;
  exploration.certificate.closed = true;
  exploration.certificate.states = 112;
  exploration.certificate.resumes = 40;
  exploration.certificate.runs = 8;
  exploration.certificate.places = 7;
  exploration.certificate.places_hit = part == 1 ? 7 : 0;
  exploration.benign = a_benign_run();
  return make_report("Order.SurvivesEveryCrash", "order", exploration, part, part_count);
}

/// The same with a finding, and therefore not closed.
inline ExplorationReport a_report(int part = 1, int part_count = 1) {
  ExplorationReport report = a_sound_report(part, part_count);
  report.certificate.closed = false;
  report.certificate.bound = "stopped after a finding";
  report.parts.closed.clear();
  report.coverage = coverage_text(report);
  report.findings = {a_finding_in_report()};
  return report;
}

}  // namespace reprise
