#include <algorithm>
#include <string>

#include "reprise/checks/checks.h"
#include "reprise/checks/suspects.h"

namespace reprise::checks {
namespace {

Finding finding_of(const AmbientNote& note) {
  Finding finding;
  const bool thread = note.kind == AmbientKind::kThread;
  finding.verdict = thread ? Verdict::kBoundary : Verdict::kAmbientCall;
  finding.operation = note.execution;
  finding.subject = note.function;
  finding.what = "the handler " + describe(note) + ", outside any step";
  finding.allowed = thread ? "operations and branches of the context instead of threads"
                    : note.kind == AmbientKind::kSleep
                        ? "ctx.wait, which costs no invocation and survives it"
                        : "such a call in a step, whose result is recorded";
  finding.where.push_back(note.function + " called " + note.location);
  return finding;
}

/// True when `input` changes what such a call reads.
bool reads(AmbientKind kind, HiddenInput input) {
  switch (input) {
    case HiddenInput::kClock:
    case HiddenInput::kClockRate:
    case HiddenInput::kClockDirection:
      return kind == AmbientKind::kClock;
    case HiddenInput::kEntropy:
      return kind == AmbientKind::kEntropy;
    case HiddenInput::kEnvironment:
      return kind == AmbientKind::kEnvironment;
    case HiddenInput::kTimeZone:
      return kind == AmbientKind::kTimeZone;
    case HiddenInput::kLocale:
      return kind == AmbientKind::kLocale;
    default:
      return false;
  }
}

}  // namespace

std::vector<Finding> ambient_calls(const RunRecord& record, bool strict) {
  std::vector<Finding> findings;
  for (const AmbientNote& note : record.ambient) {
    if (strict || is_always_wrong(note)) findings.push_back(finding_of(note));
  }
  return findings;
}

void add_suspects(Finding& finding, const RunRecord& record) {
  const auto varied = [&](const AmbientNote& note) {
    const std::vector<ScheduleEvent>& events = record.schedule.events;
    return std::any_of(events.begin(), events.end(), [&](const ScheduleEvent& event) {
      return event.kind == ScheduleEvent::Kind::kVary && reads(note.kind, event.input);
    });
  };
  // What the schedule varies is what mattered; without such an event anything may.
  const bool any = std::none_of(record.ambient.begin(), record.ambient.end(), varied);
  for (const AmbientNote& note : record.ambient) {
    if (any || varied(note)) finding.where.push_back("the handler " + describe(note));
  }
}

}  // namespace reprise::checks
