#include "reprise/checks/checks.h"

#include <algorithm>
#include <string>

#include "reprise/checks/call_sites.h"
#include "reprise/protocol/internal/planted_fault.h"

namespace reprise::checks {

namespace {

/// A message of several lines, for a report that wraps by itself.
std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

void append(std::vector<Finding>& to, std::vector<Finding> more) {
  for (Finding& finding : more) {
    const bool known = std::any_of(to.begin(), to.end(),
                                   [&](const Finding& each) { return each.same_as(finding); });
    if (!known) to.push_back(std::move(finding));
  }
}

/// What shows in the operations, the effects and the outcome of the run.
std::vector<Finding> consequences(const Program& program, const World& world, const EndedRun& run,
                                  const References& references) {
  // Determinism first: nothing is judged on sand.
  const auto on = [&](Mechanism mechanism) { return !program.without.contains(mechanism); };
  std::vector<Finding> findings = incidents(run.record, program.without);
  if (on(Mechanism::kCrashes)) append(findings, unowned_effects(run.record));
  if (!findings.empty()) return findings;
  std::vector<Finding> refined;
  if (run.record.end == RunEnd::kCompleted && on(Mechanism::kRefinement)) {
    refined = refinement(world, run, references);
  }
  append(findings, invariants(program.invariants, run.record));
  if (on(Mechanism::kProgress)) append(findings, progress(run.record));
  if (findings.empty()) return refined;
  // An effect that happened twice is the cause, and an invariant that does not hold its
  // consequence.
  std::erase_if(refined, [](const Finding& f) { return f.verdict != Verdict::kDuplicateEffect; });
  return refined.empty() ? findings : refined;
}

}  // namespace

std::vector<Finding> progress(const RunRecord& record) {
  if (REPRISE_FAULT(runaway_is_no_end) && record.end == RunEnd::kRunaway) return {};
  if (record.end != RunEnd::kStuck && record.end != RunEnd::kRunaway) return {};
  Finding finding;
  finding.verdict = Verdict::kStuck;
  finding.what = record.end_reason;
  finding.subject = std::string(to_string(record.end));
  finding.allowed = "every execution ends";
  for (const ExecutionOutcome& outcome : record.outcomes) {
    if (is_closed(outcome.status)) continue;
    finding.operation = outcome.name;
    break;
  }
  return {finding};
}

std::vector<Finding> invariants(const std::vector<Invariant>& invariants, const RunRecord& record) {
  std::vector<Finding> findings;
  for (const InvariantViolation& violation : record.violations) {
    const Invariant& invariant = invariants[violation.invariant];
    Finding finding;
    finding.verdict = verdict_from(invariant.verdict).value_or(Verdict::kInvariant);
    finding.subject = invariant.name;
    finding.what = "\"" + invariant.name + "\" does not hold " + violation.after;
    if (!violation.detail.empty()) finding.what += ": " + one_line(violation.detail);
    finding.allowed = invariant.kind == Invariant::Kind::kAlways
                          ? "it holds after every effect and every checkpoint"
                          : "it holds when every execution has ended";
    if (!record.outcomes.empty()) finding.operation = record.outcomes.front().name;
    findings.push_back(std::move(finding));
  }
  return findings;
}

Judge judge(const Program& program) {
  return [&program](const World& world, const EndedRun& run, const References& references) {
    std::vector<Finding> findings = consequences(program, world, run, references);
    if (program.without.contains(Mechanism::kAmbientCalls)) return findings;
    std::vector<Finding> ambient = ambient_calls(run.record, references.strict_ambient_calls);
    if (!findings.empty()) {
      // Something has diverged, and names such calls as its cause.
      std::erase_if(ambient, [](const Finding& f) { return f.verdict == Verdict::kAmbientCall; });
    }
    append(findings, std::move(ambient));
    return findings;
  };
}

}  // namespace reprise::checks
