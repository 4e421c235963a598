#include <cstdlib>
#include <string>

#include "reprise/checks/call_sites.h"
#include "reprise/checks/checks.h"
#include "reprise/checks/suspects.h"
#include "reprise/protocol/internal/planted_fault.h"

namespace reprise::checks {
namespace {

bool is_quota(const std::string& message) {
  return message.find("size must be") != std::string::npos ||
         message.find("length less than") != std::string::npos ||
         message.find("exceed") != std::string::npos;
}

Mechanism mechanism_of(const Incident& incident) {
  switch (incident.kind) {
    case Incident::Kind::kDivergence:
    case Incident::Kind::kUnvisited:
      return Mechanism::kOperations;
    case Incident::Kind::kArguments:
      return Mechanism::kArguments;
    case Incident::Kind::kMisuse:
      return Mechanism::kBoundary;
    case Incident::Kind::kServiceRejected:
      return incident.recorded.empty() ? Mechanism::kLimits : Mechanism::kProgress;
    case Incident::Kind::kRoundTrip:
      return Mechanism::kRoundTrip;
    case Incident::Kind::kLeak:
      return Mechanism::kCanaries;
  }
  std::abort();
}

Finding finding_of(const Incident& incident) {
  Finding finding;
  finding.operation = incident.operation;
  finding.what = incident.message;
  switch (incident.kind) {
    case Incident::Kind::kDivergence:
      finding.verdict = Verdict::kDivergentOp;
      finding.what =
          "the replay calls " + incident.current + " where the log holds " + incident.recorded;
      // The position is the identity; which names meet there depends on the schedule.
      finding.operation = incident.scope;
      finding.subject = "operation " + std::to_string(incident.number);
      finding.allowed = "a replay calls the same operations in the same order";
      break;
    case Incident::Kind::kUnvisited:
      finding.verdict = Verdict::kDivergentOp;
      finding.what = "the replay never calls " + incident.recorded + ", which the log holds";
      finding.subject = incident.recorded;
      finding.allowed = "a replay calls every operation that is recorded";
      break;
    case Incident::Kind::kArguments:
      finding.verdict = Verdict::kDivergentArg;
      finding.what = "called with " + incident.current + ", recorded with " + incident.recorded;
      finding.allowed = "a replay calls each operation with the arguments of the first time";
      break;
    case Incident::Kind::kMisuse:
      finding.verdict = Verdict::kBoundary;
      finding.subject = std::string(to_string(incident.misuse));
      finding.allowed = "see docs/handlers.md";
      if (incident.misuse == Misuse::kSharedContext) {
        finding.verdict = Verdict::kDivergentOp;
        finding.allowed = "a branch calls operations of the context that its body is given";
      }
      break;
    case Incident::Kind::kRoundTrip:
      finding.verdict = Verdict::kUnstableOutcome;
      finding.what = "its result does not survive encoding: " + incident.message;
      finding.subject = "round trip";
      finding.allowed = "a result is the same after encoding and decoding";
      break;
    case Incident::Kind::kLeak:
      finding.verdict = Verdict::kLeak;
      finding.subject = incident.recorded;
      finding.allowed = "nothing of one execution appears in another";
      break;
    case Incident::Kind::kServiceRejected:
      if (!incident.recorded.empty()) {
        finding.verdict = Verdict::kStuck;
        finding.what = incident.recorded + ", until the service refused more: " + incident.message;
        finding.subject = "attempts without end";
        finding.allowed = "what is tried again and again gives up some time";
        break;
      }
      finding.verdict = is_quota(incident.message) ? Verdict::kLimit : Verdict::kBoundary;
      finding.what = "the service refused a checkpoint: " + incident.message;
      finding.subject = "rejected checkpoint";
      finding.allowed = "the service accepts every checkpoint of a sound handler";
      break;
  }
  const std::string at = short_location(incident.location);
  if (!at.empty()) finding.where.push_back(incident.operation + " called " + at);
  return finding;
}

}  // namespace

std::vector<Finding> incidents(const RunRecord& record, const MechanismSet& without) {
  std::vector<Finding> findings;
  for (const Incident& incident : record.incidents) {
    if (without.contains(mechanism_of(incident))) continue;
    if (REPRISE_FAULT(last_incident_not_judged) && &incident == &record.incidents.back()) break;
    findings.push_back(finding_of(incident));
    const Verdict verdict = findings.back().verdict;
    const bool diverges = verdict == Verdict::kDivergentOp || verdict == Verdict::kDivergentArg;
    if (diverges && !without.contains(Mechanism::kAmbientCalls)) {
      add_suspects(findings.back(), record);
    }
  }
  return findings;
}

}  // namespace reprise::checks
