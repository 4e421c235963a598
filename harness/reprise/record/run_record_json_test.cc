#include "reprise/record/run_record_json.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace reprise {
namespace {

/// A record in which every member has a value of its own.
RunRecord a_record() {
  RunRecord record;
  ScheduleEvent crash;
  crash.place = {
      PointKind::kEffect, Moment::kAfter, "order/charge#1", CheckpointAction::kOther, 1, 2, 0};
  record.schedule.events = {crash};
  record.unreached = {crash};
  record.end = RunEnd::kStuck;
  record.end_reason = "nothing can happen any more";
  record.outcomes = {{"order", ExecutionStatus::kSucceeded, "\"paid\"", nullptr},
                     {"other", ExecutionStatus::kFailed, {}, make_error("Refused", "no money")}};
  LedgerEntry entry;
  entry.operation = "order/charge#1";
  entry.attempt = 2;
  entry.number = 3;
  entry.invocation = 4;
  entry.target = "bank";
  entry.action = "debit";
  entry.arguments = "10";
  entry.key = "k";
  entry.object = "acct 7";
  entry.changed = false;
  entry.owned = false;
  entry.repeatable = true;
  entry.in_teardown = true;
  record.ledger = {entry, LedgerEntry()};
  Incident divergence;
  divergence.operation = "order/charge#1";
  divergence.scope = "order";
  divergence.number = 5;
  divergence.message = "its name differs";
  divergence.recorded = "Step \"a\"";
  divergence.current = "Step \"b\"";
  divergence.invocation = 6;
  Incident misuse;
  misuse.kind = Incident::Kind::kMisuse;
  misuse.misuse = Misuse::kNeverAwaited;
  record.incidents = {divergence, misuse};
  for (const auto kind :
       {Incident::Kind::kArguments, Incident::Kind::kUnvisited, Incident::Kind::kServiceRejected}) {
    record.incidents.emplace_back().kind = kind;
  }
  record.violations = {{7, "a checkpoint", "balance is -1"}};
  record.sometimes = {true, false};
  for (int kind = 0; kind <= static_cast<int>(TimelineMark::Kind::kArrived); ++kind) {
    record.timeline.push_back({static_cast<TimelineMark::Kind>(kind), "label", kind});
  }
  record.logs = {{LogLevel::kWarning, "charge", "slow", "order"}};
  Event event;
  event.event_id = 1;
  event.details.input.emplace().payload = "{}";
  record.histories["order"] = {event};
  record.call_sites["order/charge#1"] = {};
  record.invocations = 8;
  record.crashes = 9;
  record.places_passed = 10;
  record.virtual_ms = 11;
  record.maybe_events = {12};
  record.maybe_operations = {"order/once#1"};
  return record;
}

TEST(RunRecordJson, IsReadAsItWasWritten) {
  const nlohmann::json json = run_record_to_json(a_record());
  const absl::StatusOr<RunRecord> read = run_record_from_json(json);
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(run_record_to_json(*read), json);
  const RunRecord written = a_record();
  EXPECT_EQ(read->schedule, written.schedule);
  EXPECT_EQ(read->end, written.end);
  EXPECT_EQ(read->outcomes, written.outcomes);
  EXPECT_EQ(read->incidents, written.incidents);
  EXPECT_EQ(read->histories, written.histories);
  EXPECT_EQ(read->maybe_events, written.maybe_events);
  ASSERT_EQ(read->ledger.size(), 2U);
  EXPECT_EQ(read->ledger[0].call(), "bank.debit(10)");
  EXPECT_EQ(read->ledger[0].object, "acct 7");
  EXPECT_TRUE(read->ledger[0].in_teardown);
  EXPECT_FALSE(read->ledger[1].operation.has_value());
  ASSERT_EQ(read->timeline.size(), written.timeline.size());
  for (std::size_t i = 0; i < written.timeline.size(); ++i) {
    EXPECT_EQ(read->timeline[i].kind, written.timeline[i].kind);
  }
}

TEST(RunRecordJson, IsTheSameForTheSameRun) {
  EXPECT_EQ(run_record_to_json(a_record()).dump(), run_record_to_json(a_record()).dump());
}

struct Broken {
  const char* pointer;  // JSON pointer of the member that is edited
  const char* value;    // its new value; "": removed
  const char* message;
};

class BrokenRunRecord : public testing::TestWithParam<Broken> {};

TEST_P(BrokenRunRecord, IsRefusedWithThePlace) {
  nlohmann::json json = run_record_to_json(a_record());
  const nlohmann::json::json_pointer pointer(GetParam().pointer);
  if (std::string(GetParam().value).empty()) {
    json[pointer.parent_pointer()].erase(pointer.back());
  } else {
    json[pointer] = nlohmann::json::parse(GetParam().value);
  }
  const absl::StatusOr<RunRecord> read = run_record_from_json(json, "/run");
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(std::string(read.status().message()).rfind(GetParam().message, 0), 0U)
      << read.status().message();
}

INSTANTIATE_TEST_SUITE_P(
    Table, BrokenRunRecord,
    testing::Values(
        Broken{"/extra", "1", "/run/extra: expected no such member"},
        Broken{"/end", "\"bored\"",
               "/run/end: expected one of completed, stuck, runaway, powered off, found the text"},
        Broken{"/invocations", "", "/run: expected the member \"invocations\", found none"},
        Broken{"/invocations", "-1", "/run/invocations: expected a whole number from 0"},
        Broken{"/timeline/2/mark", "\"dance\"",
               "/run/timeline/2/mark: expected one of invocation, call"},
        Broken{"/ledger/0/key", "7", "/run/ledger/0/key: expected a text, found the number 7"},
        Broken{"/ledger/0/extra", "7", "/run/ledger/0/extra: expected no such member"},
        Broken{"/schedule/0/effect", "-1",
               "/run/schedule/0/effect: expected a number from 0 to 2147483647, found -1"},
        Broken{"/incidents/1/misuse", "", "/run/incidents/1: expected the member \"misuse\""},
        Broken{"/histories/order/0/EventId", "0", "/run/histories/order/0/EventId: expected"},
        Broken{"/outcomes/0/status", "\"DONE\"", "/run/outcomes/0/status: expected an execution"}));

}  // namespace
}  // namespace reprise
