#include "reprise/record/run_record_json.h"

#include <string>
#include <utility>

#include "reprise/protocol/json.h"

namespace reprise {
namespace {

using nlohmann::json;

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
          {"call", entry.call()},
          {"key", entry.key},
          {"changed", entry.changed},
          {"owned", entry.owned},
          {"repeatable", entry.repeatable},
          {"in_teardown", entry.in_teardown}};
}

json incident_to_json(const Incident& incident) {
  return {{"kind", static_cast<int>(incident.kind)},
          {"operation", incident.operation},
          {"message", incident.message},
          {"recorded", incident.recorded},
          {"current", incident.current},
          {"invocation", incident.invocation}};
}

template <class Range, class F>
json array_of(const Range& range, F&& convert) {
  json out = json::array();
  for (const auto& each : range) out.push_back(convert(each));
  return out;
}

}  // namespace

json run_record_to_json(const RunRecord& record) {
  json out;
  out["schedule"] = array_of(record.schedule.events,
                             [](const ScheduleEvent& event) { return json(describe(event)); });
  out["unreached"] =
      array_of(record.unreached, [](const ScheduleEvent& event) { return json(describe(event)); });
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
    return json::array({mark.invocation, static_cast<int>(mark.kind), mark.label});
  });
  out["logs"] = array_of(record.logs, [](const LogLine& line) {
    return json::array({to_string(line.level), line.path, line.message});
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
  return out;
}

}  // namespace reprise
