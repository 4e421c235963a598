#include "conformance/runner.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "conformance/bindings.h"
#include "conformance/callback_plan.h"
#include "conformance/crash_histories.h"
#include "conformance/matcher.h"
#include "reprise/checks/checks.h"
#include "reprise/explore/explorer.h"
#include "reprise/protocol/json.h"
#include "reprise/runtime/simulation.h"

namespace reprise::corpus {
namespace {

constexpr const char* kFunction = "handler";
/// No requirement comes near these; a handler that does has gone wrong.
constexpr int kInvocationsMax = 1000;
constexpr int kDeliveriesMax = 1000;

Program program_of(const Requirement& requirement, const ConformanceHandler& handler,
                   const Bindings& bindings) {
  Program program;
  program.name = requirement.id;
  program.run_limits.invocations_max = kInvocationsMax;
  program.functions = handler.functions;
  Function function;
  function.config.name = kFunction;
  function.handler = handler.handler;
  program.functions.push_back(std::move(function));
  Start start;
  start.function = absl::StrCat(kFunction, ":$LATEST");
  start.name = kRequirementExecution;
  start.payload = SharedText(bindings.substitute(requirement.input).dump());
  program.starts.push_back(std::move(start));
  return program;
}

/// A run as the requirement describes it.
struct Observed {
  RunRecord record;
  std::vector<LogRecord> logs;
  std::vector<CallbackResponder> responders;
  std::vector<std::string> problems;

  const std::vector<Event>& history() const { return record.histories.at(kRequirementExecution); }
  const ExecutionOutcome& outcome() const {
    return *std::find_if(record.outcomes.begin(), record.outcomes.end(),
                         [](const auto& each) { return each.name == kRequirementExecution; });
  }
};

/// In the order in which they were written, which counts as their time: the clock of a run stands
/// still while a handler works.
std::vector<LogRecord> logs_of(const RunRecord& record, const FakeService& service) {
  std::map<std::string, std::string> arns;
  for (std::size_t i = 0; i < service.execution_count(); ++i) {
    arns[service.execution(i).name.str()] = service.execution(i).arn.str();
  }
  std::vector<LogRecord> logs;
  for (const LogLine& line : record.logs) {
    LogRecord& made = logs.emplace_back();
    made.time = static_cast<std::int64_t>(logs.size());
    made.fields = Json{{"level", to_string(line.level)},
                       {"message", line.message},
                       {"executionArn", arns[line.execution]},
                       {"operation", line.path}};
  }
  const auto foreign = [&](const LogRecord& log) {
    return !belongs_to(log, arns[kRequirementExecution]);
  };
  logs.erase(std::remove_if(logs.begin(), logs.end(), foreign), logs.end());
  return logs;
}

Observed observe(const Requirement& requirement, const ConformanceHandler& handler,
                 const Bindings& bindings) {
  Program program = program_of(requirement, handler, bindings);
  CallbackPlan plan(requirement, bindings);
  Observed observed;
  for (int deliveries = 0; deliveries < kDeliveriesMax; ++deliveries) {
    Simulation simulation(program);
    observed.record = simulation.run(handler.crashes);
    const OperationTexts paths = simulation.save().paths;
    const auto path_of = [&](const std::string& id) {
      return absl::StrCat(kRequirementExecution, "/", paths.find(0, id).str());
    };
    if (!requirement.async || !plan.plan_next(observed.history(), path_of)) {
      observed.logs = logs_of(observed.record, simulation.service());
      break;
    }
    program.responders = plan.responders();
  }
  observed.responders = plan.responders();
  observed.problems = plan.problems(observed.history());
  for (const ScheduleEvent& event : observed.record.unreached) {
    observed.problems.push_back(absl::StrCat("never reached: ", describe(event)));
  }
  return observed;
}

/// The poller gives up when nothing new comes for so long.
std::vector<std::string> check_progress(const Requirement& requirement, const Observed& observed) {
  if (!requirement.async || requirement.history_only()) return {};
  const std::vector<Event>& history = observed.history();
  for (std::size_t i = 1; i < history.size(); ++i) {
    const std::int64_t gap = history[i].timestamp.ms - history[i - 1].timestamp.ms;
    if (gap > requirement.no_progress_timeout_ms) {
      return {absl::StrCat("no new event for ", gap / 1000, " s after event ",
                           history[i - 1].event_id)};
    }
  }
  return {};
}

std::vector<std::string> check_observed(const Requirement& requirement, const Observed& observed,
                                        Bindings& bindings) {
  std::vector<Json> events;
  for (const Event& event : observed.history()) events.push_back(event_to_json(event));
  std::vector<std::string> problems = match_history(requirement.events, events, bindings);
  const std::vector<std::string> progress = check_progress(requirement, observed);
  problems.insert(problems.end(), progress.begin(), progress.end());
  problems.insert(problems.end(), observed.problems.begin(), observed.problems.end());
  if (!problems.empty()) return problems;
  if (requirement.result) {
    const ExecutionOutcome& outcome = observed.outcome();
    std::optional<std::string> result;
    if (outcome.result) result = outcome.result.str();
    problems =
        match_result(*requirement.result, std::string(to_string(outcome.status)), result, bindings);
    if (!problems.empty() && !observed.record.end_reason.empty()) {
      problems.push_back(absl::StrCat("the run is ", std::string(to_string(observed.record.end)),
                                      ": ", observed.record.end_reason));
    }
  }
  if (!problems.empty()) return problems;
  return match_logs(requirement.logs, observed.logs, bindings);
}

void run_under_crashes(RequirementResult& result, const Requirement& requirement,
                       const ConformanceHandler& handler, const Bindings& variables,
                       const Observed& observed) {
  if (!handler.not_under_crashes.empty()) {
    result.crash_text = handler.not_under_crashes;
    return;
  }
  if (observed.record.end != RunEnd::kCompleted) {
    result.crash_text = "its execution does not end";
    return;
  }
  Program program = program_of(requirement, handler, variables);
  program.responders = observed.responders;
  const Exploration exploration = Explorer(program, checks::judge(program)).explore();
  const std::vector<std::string> illegal = check_crash_histories(program, kRequirementExecution);
  const bool held = exploration.sound() && exploration.certificate.closed && illegal.empty();
  result.under_crashes =
      held ? RequirementResult::UnderCrashes::kHeld : RequirementResult::UnderCrashes::kBroken;
  result.crash_text = illegal.empty() ? exploration.certificate.text() : illegal.front();
  if (exploration.sound()) return;
  const ReportedFinding& first = exploration.findings.front();
  result.crash_text = absl::StrCat(std::string(to_string(first.finding.verdict)), ": ",
                                   first.finding.what, " (", describe(first.schedule), ")");
}

}  // namespace

RequirementResult run_requirement(const Requirement& requirement,
                                  const ConformanceHandler* handler) {
  RequirementResult result;
  result.suite = requirement.suite;
  result.id = requirement.id;
  result.description = requirement.description;
  result.optional = requirement.optional;
  if (handler == nullptr) {
    result.reasons = {"no handler is registered for it"};
    result.crash_text = result.reasons.front();
    return result;
  }
  const Bindings variables(requirement);
  Bindings bindings = variables;
  const Observed observed = observe(requirement, *handler, variables);
  result.reasons = check_observed(requirement, observed, bindings);
  result.verdict = result.reasons.empty() ? RequirementResult::Verdict::kPassed
                                          : RequirementResult::Verdict::kFailed;
  if (result.passed()) {
    run_under_crashes(result, requirement, *handler, variables, observed);
  } else {
    result.crash_text = "it fails without a crash";
  }
  return result;
}

absl::StatusOr<std::vector<RequirementResult>> run_requirements(const std::string& directory) {
  const absl::StatusOr<std::vector<RequirementFile>> files = load_requirements(directory);
  if (!files.ok()) return files.status();
  std::vector<RequirementResult> results;
  for (const RequirementFile& file : *files) {
    if (file.requirement.ok()) {
      results.push_back(run_requirement(*file.requirement, find_conformance_handler(file.id)));
      continue;
    }
    RequirementResult& unread = results.emplace_back();
    unread.suite = file.suite;
    unread.id = file.id;
    unread.verdict = RequirementResult::Verdict::kFailed;
    unread.reasons = {std::string(file.requirement.status().message())};
    unread.crash_text = "it cannot be read";
  }
  return results;
}

}  // namespace reprise::corpus
