#pragma once

#include <algorithm>
#include <map>
#include <string>

#include "reprise/choices/schedule.h"
#include "reprise/explore/explorer.h"
#include "reprise/record/finding.h"
#include "reprise/runtime/run_record.h"

namespace reprise::internal {

/// How often each operation changed each fake.
inline std::map<std::string, int> changes_of(const RunRecord& record) {
  std::map<std::string, int> changes;
  for (const LedgerEntry& entry : record.ledger) {
    if (entry.changed) ++changes[entry.operation.str() + " " + entry.target + "." + entry.action];
  }
  return changes;
}

/// Effects outside any step, or a step that was interrupted: such a run is judged in any case.
inline bool has_loose_ends(const RunRecord& record) {
  return !record.maybe_operations.empty() ||
         std::any_of(record.ledger.begin(), record.ledger.end(),
                     [](const LedgerEntry& entry) { return !entry.owned; });
}

/// It hides nothing else: a handler that makes such a call is explored all the same.
inline bool is_about_ambient_call(const Finding& finding) {
  return finding.verdict == Verdict::kAmbientCall;
}

/// The finding is among those of the exploration.
inline bool reports(const Exploration& exploration, const Finding& finding) {
  return std::any_of(exploration.findings.begin(), exploration.findings.end(),
                     [&](const ReportedFinding& each) { return each.finding.same_as(finding); });
}

/// It goes on in another process.
inline bool moves_environment(const Schedule& schedule) {
  return std::any_of(
      schedule.events.begin(), schedule.events.end(),
      [](const ScheduleEvent& event) { return event.kind == ScheduleEvent::Kind::kEnvironment; });
}

inline bool varies(const Schedule& schedule, HiddenInput input) {
  return std::any_of(schedule.events.begin(), schedule.events.end(),
                     [&](const ScheduleEvent& event) {
                       return event.kind == ScheduleEvent::Kind::kVary && event.input == input;
                     });
}

}  // namespace reprise::internal
