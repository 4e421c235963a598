#include "reprise/record/run_record_json.h"

#include <cstdlib>
#include <initializer_list>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "reprise/protocol/internal/json_reader.h"
#include "reprise/protocol/json.h"
#include "reprise/record/fixture.h"

namespace reprise {
namespace {

using internal::JsonReader;
using internal::ObjectReader;
using nlohmann::json;

constexpr std::initializer_list<RunEnd> kRunEnds = {RunEnd::kCompleted, RunEnd::kStuck,
                                                    RunEnd::kRunaway, RunEnd::kPoweredOff};
constexpr std::initializer_list<LogLevel> kLogLevels = {LogLevel::kDebug, LogLevel::kInfo,
                                                        LogLevel::kWarning, LogLevel::kError};
constexpr std::initializer_list<Incident::Kind> kIncidentKinds = {
    Incident::Kind::kDivergence,     Incident::Kind::kArguments, Incident::Kind::kUnvisited,
    Incident::Kind::kMisuse,         Incident::Kind::kLeak,      Incident::Kind::kRoundTrip,
    Incident::Kind::kServiceRejected};
constexpr std::initializer_list<Misuse> kMisuses = {
    Misuse::kNestedOperation,   Misuse::kWrongContext,   Misuse::kSharedContext,
    Misuse::kContextAfterScope, Misuse::kNeverAwaited,   Misuse::kOpenAtReturn,
    Misuse::kDuringTeardown,    Misuse::kSwallowedCrash, Misuse::kInvalidArgument};
constexpr std::initializer_list<TimelineMark::Kind> kMarkKinds = {
    TimelineMark::Kind::kInvocation, TimelineMark::Kind::kCall,   TimelineMark::Kind::kReplayed,
    TimelineMark::Kind::kStarted,    TimelineMark::Kind::kEffect, TimelineMark::Kind::kRecorded,
    TimelineMark::Kind::kFailed,     TimelineMark::Kind::kCrash,  TimelineMark::Kind::kSuspended,
    TimelineMark::Kind::kReturned,   TimelineMark::Kind::kThrew,  TimelineMark::Kind::kPlain,
    TimelineMark::Kind::kFault,      TimelineMark::Kind::kArrived};

json text_or_null(const SharedText& text) { return text ? json(text.view()) : json(); }

json outcome_to_json(const ExecutionOutcome& outcome) {
  json out = {{"name", outcome.name}, {"status", to_string(outcome.status)}};
  if (outcome.result) out["result"] = outcome.result.view();
  if (outcome.error) out["error"] = error_to_json(*outcome.error);
  return out;
}

json entry_to_json(const LedgerEntry& entry) {
  return {{"operation", text_or_null(entry.operation)},
          {"attempt", entry.attempt},
          {"number", entry.number},
          {"invocation", entry.invocation},
          {"target", entry.target},
          {"action", entry.action},
          {"arguments", entry.arguments},
          {"key", entry.key},
          {"object", entry.object},
          {"changed", entry.changed},
          {"owned", entry.owned},
          {"repeatable", entry.repeatable},
          {"in_teardown", entry.in_teardown}};
}

json incident_to_json(const Incident& incident) {
  json out = {{"kind", to_string(incident.kind)}, {"operation", incident.operation},
              {"message", incident.message},      {"recorded", incident.recorded},
              {"current", incident.current},      {"invocation", incident.invocation}};
  if (incident.kind == Incident::Kind::kMisuse) out["misuse"] = to_string(incident.misuse);
  if (incident.kind == Incident::Kind::kDivergence) {
    out["scope"] = incident.scope;
    out["number"] = incident.number;
  }
  return out;
}

template <class Range, class F>
json array_of(const Range& range, F&& convert) {
  json out = json::array();
  for (const auto& each : range) out.push_back(convert(each));
  return out;
}

// --- reading ------------------------------------------------------------------------------------

int read_count(const JsonReader& at) {
  return static_cast<int>(at.integer(0, std::numeric_limits<int>::max()));
}

template <class Enum>
Enum read_name(const JsonReader& at, std::initializer_list<Enum> values) {
  const std::string& text = at.text();
  std::string known;
  for (const Enum each : values) {
    const std::string name(to_string(each));
    if (name == text) return each;
    known += (known.empty() ? "one of " : ", ") + name;
  }
  at.fail(known);
}

template <class F>
auto read_array(const JsonReader& at, F&& read) {
  std::vector<decltype(read(at))> out;
  const std::size_t count = at.array_size();
  out.reserve(count);
  for (std::size_t i = 0; i < count; ++i) out.push_back(read(at.element(i)));
  return out;
}

ExecutionOutcome read_outcome(const JsonReader& at) {
  ObjectReader reader(at);
  ExecutionOutcome outcome;
  outcome.name = reader.require("name").text();
  outcome.status =
      reader.require("status").enumerator(execution_status_from, "an execution status");
  outcome.result = reader.find_shared_text("result");
  if (const std::optional<JsonReader> error = reader.find("error")) {
    outcome.error = std::make_shared<const ErrorObject>(internal::read_error(*error, nullptr));
  }
  reader.refuse_unknown();
  return outcome;
}

LedgerEntry read_entry(const JsonReader& at) {
  ObjectReader reader(at);
  LedgerEntry entry;
  const JsonReader operation = reader.require("operation");
  if (!operation.value().is_null()) entry.operation = operation.shared_text();
  entry.attempt = read_count(reader.require("attempt"));
  entry.number = read_count(reader.require("number"));
  entry.invocation = read_count(reader.require("invocation"));
  entry.target = reader.require("target").text();
  entry.action = reader.require("action").text();
  entry.arguments = reader.require("arguments").text();
  entry.key = reader.require("key").text();
  entry.object = reader.require("object").text();
  entry.changed = reader.require("changed").boolean();
  entry.owned = reader.require("owned").boolean();
  entry.repeatable = reader.require("repeatable").boolean();
  entry.in_teardown = reader.require("in_teardown").boolean();
  reader.refuse_unknown();
  return entry;
}

Incident read_incident(const JsonReader& at) {
  ObjectReader reader(at);
  Incident incident;
  incident.kind = read_name(reader.require("kind"), kIncidentKinds);
  incident.operation = reader.require("operation").text();
  incident.message = reader.require("message").text();
  incident.recorded = reader.require("recorded").text();
  incident.current = reader.require("current").text();
  incident.invocation = read_count(reader.require("invocation"));
  if (incident.kind == Incident::Kind::kMisuse) {
    incident.misuse = read_name(reader.require("misuse"), kMisuses);
  }
  if (incident.kind == Incident::Kind::kDivergence) {
    incident.scope = reader.require("scope").text();
    incident.number = read_count(reader.require("number"));
  }
  reader.refuse_unknown();
  return incident;
}

InvariantViolation read_violation(const JsonReader& at) {
  ObjectReader reader(at);
  InvariantViolation violation;
  violation.invariant =
      static_cast<std::size_t>(reader.require("invariant").integer(0, 1'000'000'000));
  violation.after = reader.require("after").text();
  violation.detail = reader.require("detail").text();
  reader.refuse_unknown();
  return violation;
}

TimelineMark read_mark(const JsonReader& at) {
  ObjectReader reader(at);
  TimelineMark mark;
  mark.kind = read_name(reader.require("mark"), kMarkKinds);
  mark.label = reader.require("label").text();
  mark.invocation = read_count(reader.require("invocation"));
  reader.refuse_unknown();
  return mark;
}

LogLine read_log(const JsonReader& at) {
  ObjectReader reader(at);
  LogLine line;
  line.level = read_name(reader.require("level"), kLogLevels);
  line.path = reader.require("path").text();
  line.message = reader.require("message").text();
  line.execution = reader.require("execution").text();
  reader.refuse_unknown();
  return line;
}

std::vector<ScheduleEvent> read_schedule(const JsonReader& at) {
  return internal::value_or_fail(schedule_from_json(at.value(), at.pointer())).events;
}

std::map<std::string, std::vector<Event>> read_histories(const JsonReader& at) {
  ObjectReader reader(at);
  std::map<std::string, std::vector<Event>> histories;
  for (const auto& [name, unused] : at.value().items()) {
    histories[name] = read_array(reader.require(name), [](const JsonReader& event) {
      return internal::value_or_fail(event_from_json(event.value(), event.pointer()));
    });
  }
  return histories;
}

RunRecord read_record(const JsonReader& at) {
  ObjectReader reader(at);
  RunRecord record;
  record.schedule.events = read_schedule(reader.require("schedule"));
  record.unreached = read_schedule(reader.require("unreached"));
  record.end = read_name(reader.require("end"), kRunEnds);
  record.end_reason = reader.require("end_reason").text();
  record.outcomes = read_array(reader.require("outcomes"), read_outcome);
  record.ledger = read_array(reader.require("ledger"), read_entry);
  record.incidents = read_array(reader.require("incidents"), read_incident);
  record.violations = read_array(reader.require("violations"), read_violation);
  record.sometimes = read_array(reader.require("sometimes"),
                                [](const JsonReader& value) { return value.boolean(); });
  record.timeline = read_array(reader.require("timeline"), read_mark);
  record.logs = read_array(reader.require("logs"), read_log);
  record.histories = read_histories(reader.require("histories"));
  for (const std::string& path : reader.require("operations").texts()) record.call_sites[path] = {};
  record.invocations = read_count(reader.require("invocations"));
  record.crashes = read_count(reader.require("crashes"));
  record.places_passed = reader.require("places_passed").integer(0);
  record.virtual_ms = reader.require("virtual_ms").integer(0);
  record.maybe_events =
      read_array(reader.require("maybe_events"), [](const JsonReader& value) -> std::size_t {
        return static_cast<std::size_t>(read_count(value));
      });
  record.maybe_operations = reader.require("maybe_operations").texts();
  reader.refuse_unknown();
  return record;
}

}  // namespace

std::string_view to_string(TimelineMark::Kind kind) {
  switch (kind) {
    case TimelineMark::Kind::kInvocation:
      return "invocation";
    case TimelineMark::Kind::kCall:
      return "call";
    case TimelineMark::Kind::kReplayed:
      return "replayed";
    case TimelineMark::Kind::kStarted:
      return "started";
    case TimelineMark::Kind::kEffect:
      return "effect";
    case TimelineMark::Kind::kRecorded:
      return "recorded";
    case TimelineMark::Kind::kFailed:
      return "failed";
    case TimelineMark::Kind::kCrash:
      return "crash";
    case TimelineMark::Kind::kSuspended:
      return "suspended";
    case TimelineMark::Kind::kReturned:
      return "returned";
    case TimelineMark::Kind::kThrew:
      return "threw";
    case TimelineMark::Kind::kPlain:
      return "function";
    case TimelineMark::Kind::kFault:
      return "fault";
    case TimelineMark::Kind::kArrived:
      return "arrived";
  }
  std::abort();
}

std::string_view to_string(Incident::Kind kind) {
  switch (kind) {
    case Incident::Kind::kDivergence:
      return "divergence";
    case Incident::Kind::kArguments:
      return "arguments";
    case Incident::Kind::kUnvisited:
      return "unvisited";
    case Incident::Kind::kMisuse:
      return "misuse";
    case Incident::Kind::kLeak:
      return "leak";
    case Incident::Kind::kRoundTrip:
      return "round trip";
    case Incident::Kind::kServiceRejected:
      return "rejected by the service";
  }
  std::abort();
}

json run_record_to_json(const RunRecord& record) {
  json out;
  out["schedule"] = schedule_to_json(record.schedule);
  out["unreached"] = schedule_to_json({record.unreached});
  out["end"] = to_string(record.end);
  out["end_reason"] = record.end_reason;
  out["outcomes"] = array_of(record.outcomes, outcome_to_json);
  out["ledger"] = array_of(record.ledger, entry_to_json);
  out["incidents"] = array_of(record.incidents, incident_to_json);
  out["violations"] = array_of(record.violations, [](const InvariantViolation& violation) {
    return json{{"invariant", violation.invariant},
                {"after", violation.after},
                {"detail", violation.detail}};
  });
  out["sometimes"] = record.sometimes;
  out["timeline"] = array_of(record.timeline, [](const TimelineMark& mark) {
    return json{
        {"mark", to_string(mark.kind)}, {"label", mark.label}, {"invocation", mark.invocation}};
  });
  out["logs"] = array_of(record.logs, [](const LogLine& line) {
    return json{{"level", to_string(line.level)},
                {"path", line.path},
                {"message", line.message},
                {"execution", line.execution}};
  });
  out["histories"] = json::object();
  for (const auto& [name, events] : record.histories) {
    out["histories"][name] = array_of(events, event_to_json);
  }
  json& operations = out["operations"] = json::array();
  for (const auto& [path, unused] : record.call_sites) operations.push_back(path);
  out["invocations"] = record.invocations;
  out["crashes"] = record.crashes;
  out["places_passed"] = record.places_passed;
  out["virtual_ms"] = record.virtual_ms;
  out["maybe_events"] = record.maybe_events;
  out["maybe_operations"] = record.maybe_operations;
  return out;
}

absl::StatusOr<RunRecord> run_record_from_json(const json& json, std::string_view pointer) {
  return internal::status_or(json, pointer, read_record);
}

}  // namespace reprise
