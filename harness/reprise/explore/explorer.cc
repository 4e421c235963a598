#include "reprise/explore/explorer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "reprise/explore/closure.h"
#include "reprise/explore/internal/child_process.h"
#include "reprise/explore/internal/doing.h"
#include "reprise/explore/internal/events.h"
#include "reprise/explore/internal/place_recorder.h"
#include "reprise/explore/internal/run_facts.h"
#include "reprise/explore/internal/units.h"
#include "reprise/explore/internal/world_watcher.h"
#include "reprise/protocol/internal/planted_fault.h"

namespace reprise {

using internal::crash_at;
using internal::is_about_ambient_call;
using internal::PlaceRecorder;
using internal::reports;
using internal::varies;
using internal::vary;

namespace {

/// What a report says to be irrelevant, after it was varied.
constexpr HiddenInput kShownInputs[] = {HiddenInput::kClock, HiddenInput::kEnvironment,
                                        HiddenInput::kEntropy, HiddenInput::kUnorderedOrder};

}  // namespace

Explorer::Explorer(Program& program, Judge judge, ExploreOptions options)
    : program_(program),
      judge_(std::move(judge)),
      options_(options),
      simulation_(program),
      goals_met_(program.invariants.size(), false) {
  if (options_.strict_ambient_calls && !ambient_guard_linked()) {
    throw ProgramError(program_.name +
                       ": strict_ambient_calls sees nothing without the guard; link the test with "
                       "reprise::guard (docs/guard.md)");
  }
}

Explorer::~Explorer() = default;

EndedRun Explorer::end_of(RunRecord record) { return {std::move(record), program_.world.save()}; }

void Explorer::note_goals(const RunRecord& record) {
  note_ambient_calls(record);
  for (std::size_t i = 0; i < record.sometimes.size(); ++i) {
    if (record.sometimes[i]) goals_met_[i] = true;
  }
}

Explorer::Judged Explorer::run(const Schedule& schedule) {
  ++certificate_.runs;
  const internal::Doing doing([&schedule] { return schedule; });
  return judge_run(schedule, simulation_.run(schedule));
}

Explorer::Judged Explorer::judge_run(const Schedule& schedule, RunRecord record) {
  note_goals(record);
  if (excuses_promises(schedule, record)) {
    std::erase_if(record.violations, [&](const auto& each) { return is_excused(each); });
  }
  const EndedRun ended = end_of(std::move(record));
  References references = references_;
  if (references.crash_free.empty()) references.crash_free.push_back(ended);
  references.strict_ambient_calls = options_.strict_ambient_calls;
  add_environment_references(references, schedule);
  add_maybe_references(references, schedule, ended);
  std::vector<Finding> findings = judge_(program_.world, ended, references);
  if (only_arrivals_differ(schedule, ended, references, findings) ||
      only_time_differs(schedule, ended.record, findings)) {
    return {ended.record, {}, true};
  }
  settle(schedule, findings);
  return {ended.record, std::move(findings)};
}

// What an author promises for the end he mostly promises for executions that come to the end he has
// in mind: not for those that fail because what they call does not answer.
bool Explorer::excuses_promises(const Schedule& schedule, const RunRecord& record) const {
  if (record.violations.empty() || references_.crash_free.empty()) return false;
  const bool calls_fail =
      std::any_of(schedule.events.begin(), schedule.events.end(), [](const ScheduleEvent& event) {
        return event.kind == ScheduleEvent::Kind::kFault && event.place.kind == PointKind::kEffect;
      });
  const Outcomes& usual = references_.crash_free.front().record.outcomes;
  return calls_fail &&
         !std::equal(usual.begin(), usual.end(), record.outcomes.begin(), record.outcomes.end(),
                     [](const ExecutionOutcome& x, const ExecutionOutcome& y) {
                       return x.status == y.status;
                     });
}

bool Explorer::is_excused(const InvariantViolation& violation) const {
  return program_.invariants[violation.invariant].kind == Invariant::Kind::kAtEnd;
}

// What a finding means under a schedule.
void Explorer::settle(const Schedule& schedule, std::vector<Finding>& findings) {
  const auto has = [&](ScheduleEvent::Kind kind) {
    return std::any_of(schedule.events.begin(), schedule.events.end(),
                       [&](const ScheduleEvent& event) { return event.kind == kind; });
  };
  if (has(ScheduleEvent::Kind::kFreeze)) {
    // A late absolute write may overwrite a newer one.  Services fence old invocations off from
    // their log and not from the world; whether that matters is for an invariant to say.
    std::erase_if(findings, [](const Finding& f) {
      return f.verdict == Verdict::kUnstableOutcome || f.verdict == Verdict::kLostEffect;
    });
  }
  if (has(ScheduleEvent::Kind::kLimit)) {
    for (Finding& finding : findings) {
      if (finding.verdict == Verdict::kLimit) continue;
      finding.what = "beyond a quota: " + finding.what;
      finding.verdict = Verdict::kLimit;
    }
  }
}

bool Explorer::shows(const Schedule& schedule, const Finding& finding) {
  const Judged judged = confirm(schedule);
  return judged.record.unreached.empty() &&
         std::any_of(judged.findings.begin(), judged.findings.end(),
                     [&](const Finding& each) { return each.same_as(finding); });
}

Schedule Explorer::shrink(const Schedule& schedule, const Finding& finding) {
  Schedule smallest = schedule;
  bool dropped = true;
  while (dropped) {
    dropped = false;
    for (std::size_t i = smallest.events.size(); i-- > 0;) {
      Schedule candidate = smallest;
      candidate.events.erase(candidate.events.begin() + static_cast<std::ptrdiff_t>(i));
      if (!shows(candidate, finding)) {
        if (REPRISE_FAULT(shrinking_stops_at_the_first_that_matters)) return smallest;
        continue;
      }
      smallest = std::move(candidate);
      dropped = true;
    }
  }
  return smallest;
}

void Explorer::report(Exploration& exploration, const Schedule& schedule,
                      const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) {
    if (reports(exploration, finding)) continue;
    if (shows(schedule, finding)) {
      report_minimal(exploration, schedule, finding);
    } else {
      report_unrepeatable(exploration, schedule, exploration.benign);
    }
  }
}

void Explorer::report_minimal(Exploration& exploration, const Schedule& schedule,
                              const Finding& finding) {
  ReportedFinding reported;
  reported.schedule = shrink(schedule, finding);
  for (const HiddenInput input : kShownInputs) {
    // Without any event nothing was varied, and everything may matter.
    if (reported.schedule.empty() || varies(reported.schedule, input)) continue;
    Schedule varied = reported.schedule;
    varied.events.push_back(vary(input));
    if (shows(varied, finding)) reported.irrelevant.emplace_back(to_string(input));
  }
  Judged judged = confirm(reported.schedule);
  reported.record = std::move(judged.record);
  reported.finding = finding;
  for (const Finding& each : judged.findings) {
    if (each.same_as(finding)) reported.finding = each;
  }
  exploration.findings.push_back(std::move(reported));
}

// The runs without faults: references for all others.  False: the handler fails by itself, in a way
// that makes exploring senseless.
bool Explorer::prepare(Exploration& exploration) {
  references_ = {};
  held_references_.clear();
  environments_.clear();
  serial_orders_.clear();
  certificate_ = {};
  notes_.clear();
  coverage_ = {};
  environments_tried_ = 0;
  if (!nursery_) open_nursery();
  internal::WorldWatcher recorder(program_.world);
  RunRecord benign = simulation_.run(recorder, RecordLevel::kFull);
  notes_ = recorder.notes(benign);
  places_ = recorder.places();
  assignments_ = recorder.assignments();
  ready_ = recorder.ready();
  certificate_.places = static_cast<std::int64_t>(places_.size());
  Judged judged = judge_run({}, std::move(benign));
  exploration.benign = judged.record;
  references_.crash_free.push_back(end_of(judged.record));
  groups_ = branches_of({exploration.benign, places_, ready_});
  const auto hopeless = [](const Finding& finding) {
    return finding.verdict != Verdict::kInvariant && !is_about_ambient_call(finding);
  };
  report(exploration, {}, judged.findings);
  if (std::any_of(judged.findings.begin(), judged.findings.end(), hopeless)) return false;
  add_reordered_references();
  return judge_order_of_branches(exploration);
}

// Branches that run together must end like branches that run one after the other, in some order.
// False: they do not.
bool Explorer::judge_order_of_branches(Exploration& exploration) {
  if (!use_serial_references()) return true;
  const Judged judged = run({});
  report(exploration, {}, judged.findings);
  return std::all_of(judged.findings.begin(), judged.findings.end(), is_about_ambient_call);
}

Schedule Explorer::with_variation(Schedule schedule) const {
  if (!vary_) return schedule;
  for (const HiddenInput input : kHostInputs) schedule.events.push_back(vary(input));
  return schedule;
}

Explorer::Replayed Explorer::replay(const Schedule& schedule, bool elsewhere) {
  const bool moves = internal::moves_environment(schedule);
  if (moves || elsewhere) open_nursery();
  Replayed replayed;
  replayed.judged = moves       ? run_elsewhere(schedule)
                    : elsewhere ? run_cold(schedule)
                                : judge_against_later_runs(schedule);
  replayed.certificate.bound = "one schedule replayed";
  replayed.certificate.runs = certificate_.runs;
  simulation_.reset_world();
  return replayed;
}

// The schedule runs first: what earlier runs leave behind, in a static variable for instance, is
// not part of it.
Explorer::Judged Explorer::judge_against_later_runs(const Schedule& schedule) {
  ++certificate_.runs;
  EndedRun first = end_of(simulation_.run(schedule));
  references_ = {};
  held_references_.clear();
  environments_.clear();
  serial_orders_.clear();
  PlaceRecorder recorder{Schedule()};
  references_.crash_free.push_back(end_of(simulation_.run(recorder, RecordLevel::kOutcome)));
  groups_ =
      branches_of({references_.crash_free.front().record, recorder.places(), recorder.ready()});
  add_reordered_references();
  use_serial_references();
  program_.world.restore(first.world);
  return judge_run(schedule, std::move(first.record));
}

void Explorer::sweep_from(Exploration& exploration, const Schedule& prefix, int crashes) {
  PlaceRecorder places(prefix);
  Judged judged = judge_run(prefix, simulation_.run(places, RecordLevel::kOutcome));
  ++certificate_.runs;
  if (!judged.findings.empty()) report(exploration, prefix, judged.findings);
  if (crashes == 0) return;
  const auto go_on = [&](const ScheduleEvent& event) {
    Schedule next = prefix;
    next.events.push_back(event);
    sweep_from(exploration, next, REPRISE_FAULT(sweep_to_one_crash) ? 0 : crashes - 1);
  };
  if (!program_.without.contains(Mechanism::kCrashes)) {
    for (const Place& place : places.places()) go_on(crash_at(place));
  }
  if (!varies_environments()) return;
  for (const ScheduleEvent& assignment : places.assignments()) go_on(assignment);
}

// The world has environments that can be chosen.
bool Explorer::varies_environments() const {
  return program_.environments != nullptr && !program_.without.contains(Mechanism::kEnvironments);
}

Exploration Explorer::sweep(int crashes) {
  Exploration exploration;
  if (prepare(exploration)) {
    (void)try_environments(exploration);
    try_hidden_inputs(exploration);
    try_overlaps(exploration);
    sweep_from(exploration, with_variation({}), crashes);
    certificate_.crashes = crashes;
    const bool crashed = crashes > 0 && !program_.without.contains(Mechanism::kCrashes);
    certificate_.places_hit = crashed ? certificate_.places : 0;
  } else {
    certificate_.bound = "the run without faults already fails";
  }
  finish(exploration);
  return exploration;
}

Exploration Explorer::explore() {
  if (!program_.world.joinable()) return sweep(options_.sweep_crashes);
  return prepared([&](Exploration& exploration) {
    if (options_.jobs == 0) try_without_crashes(exploration);
    run_units(exploration);
  });
}

// What comes before everything else: whether the handler survives, and whether it can be judged.
Exploration Explorer::prepared(const std::function<void(Exploration&)>& rest) {
  Exploration exploration;
  if (!survives(exploration)) {
    certificate_.bound = "the run without faults does not survive";
  } else if (!prepare(exploration)) {
    certificate_.bound = "the run without faults already fails";
  } else {
    if (!try_environments(exploration)) rest(exploration);
    if (!exploration.findings.empty()) {
      certificate_.closed = false;
      certificate_.bound = "stopped after a finding";
    }
  }
  finish(exploration);
  return exploration;
}

// What all other runs stand on: whether hidden inputs decide something.
void Explorer::try_without_crashes(Exploration& exploration) {
  try_hidden_inputs(exploration);
  try_overlaps(exploration);
}

// Any number of crashes in the run without faults.
void Explorer::try_closure(Exploration& exploration) {
  const ClosureResult result = close(exploration, with_variation({}), options_.states_max);
  certificate_.closed = result.closed && exploration.findings.empty();
  certificate_.states = result.states;
  certificate_.resumes = result.resumes;
  const bool crashes = !program_.without.contains(Mechanism::kCrashes);
  certificate_.places_hit = crashes ? static_cast<std::int64_t>(places_.size()) : 0;
  if (!result.closed) {
    certificate_.bound = "bound of " + std::to_string(options_.states_max) + " states reached";
  }
  try_crashes_in_bodies(exploration);
  certificate_.closed = certificate_.closed && exploration.findings.empty();
}

// Any number of crashes in the run that `base` gives.
ClosureResult Explorer::close(Exploration& exploration, const Schedule& base,
                              std::int64_t states_max) {
  ClosureLimits limits;
  limits.states_max = states_max;
  limits.crashes_after_finding = options_.crashes_after_finding;
  limits.states_after_finding = options_.states_after_finding;
  limits.crashes = !program_.without.contains(Mechanism::kCrashes);
  limits.environments = varies_environments();
  Closure closure(simulation_, limits, base);
  // Outcomes that were judged and found right although no reference has them: an at-most-once
  // effect that may or may not have happened.  Another interruption may leave the same world and
  // have acted twice.
  struct Accepted {
    Schedule maybe;
    EndedRun run;
  };
  std::vector<Accepted> accepted;
  const internal::Doing doing([&closure] { return closure.under_way(); });
  return closure.run([&](const RunRecord& record, const ClosurePath& path) {
    if (!REPRISE_FAULT(goals_of_resumed_runs_forgotten)) note_goals(record);
    if (has_joined(record) || !suspicious(record, base)) return false;
    const auto ends_alike = [&](const Accepted& each) {
      return each.maybe == path.maybe && each.run.record.end == record.end &&
             each.run.record.outcomes == record.outcomes && record.incidents.empty() &&
             record.violations.empty() && program_.world.equals(each.run.world);
    };
    if (std::any_of(accepted.begin(), accepted.end(), ends_alike)) return false;
    const EndedRun resumed{record, program_.world.save()};
    Schedule schedule = path.schedule;
    schedule.events.insert(schedule.events.end(), base.events.begin(), base.events.end());
    const Judged judged = run(schedule);
    if (!judged.findings.empty()) {
      report(exploration, schedule, judged.findings);
      return true;
    }
    if (judged.only_time_differs) return false;
    if (!judged.record.maybe_operations.empty()) {
      accepted.push_back({path.maybe, resumed});
      return false;
    }
    // From the start it is another's turn behind a crash, and the environment is not there.
    const auto assigns = [](const ScheduleEvent& event) {
      return event.kind == ScheduleEvent::Kind::kAssign;
    };
    const std::vector<ScheduleEvent>& unreached = judged.record.unreached;
    if (std::any_of(unreached.begin(), unreached.end(), assigns)) return false;
    report_unrepeatable(exploration, schedule, judged.record);
    return true;
  });
}

void Explorer::report_unrepeatable(Exploration& exploration, const Schedule& schedule,
                                   const RunRecord& record) {
  // A hidden input decides about operations, which is known by now.  How often it has changed is no
  // part of a state, so a resume may well see another value than the run from the start.
  const auto diverges = [](const ReportedFinding& each) {
    return each.finding.verdict == Verdict::kDivergentOp ||
           each.finding.verdict == Verdict::kDivergentArg;
  };
  if (std::any_of(exploration.findings.begin(), exploration.findings.end(), diverges)) return;
  if (!cold_ && report_cold(exploration, schedule)) return;
  ReportedFinding reported;
  Finding& finding = reported.finding;
  finding.verdict = Verdict::kUnstableOutcome;
  // Not the first outcome: an execution that was invoked has an arbitrary name.
  finding.operation = program_.starts.empty() ? "" : program_.starts.front().name;
  finding.subject = "not repeatable";
  finding.what =
      "the same schedule gave two different runs: something that no history records decides, for "
      "instance a static variable or state outside the world";
  finding.allowed = "a run is a function of handler, input, world and schedule";
  reported.schedule = schedule;
  reported.record = record;
  reported.replayable = false;
  if (!reports(exploration, finding)) exploration.findings.push_back(std::move(reported));
}

// A responder that no callback fits, and a callback that no responder fits: a name is misspelt.
void Explorer::check_responders() const {
  if (unanswered_.empty()) return;
  for (const CallbackResponder& responder : program_.responders) {
    if (responders_used_.count(responder.operation) > 0) continue;
    std::string known;
    for (const std::string& path : unanswered_) {
      known += (known.empty() ? "" : ", ") + path;
    }
    throw ProgramError(program_.name + ": an answer for the callback \"" + responder.operation +
                       "\" fits no callback of any run; unanswered are " + known);
  }
}

void Explorer::finish(Exploration& exploration) {
  simulation_.reset_world();
  unanswered_.insert(simulation_.unanswered().begin(), simulation_.unanswered().end());
  responders_used_.insert(simulation_.responders_used().begin(),
                          simulation_.responders_used().end());
  if (exploration.findings.empty()) check_responders();
  for (std::size_t i = 0; i < program_.invariants.size(); ++i) {
    const Invariant& goal = program_.invariants[i];
    if (goal.kind != Invariant::Kind::kSometimes || goals_met_[i] ||
        !exploration.findings.empty()) {
      continue;
    }
    ReportedFinding reported;
    reported.finding.verdict = verdict_from(goal.verdict).value_or(Verdict::kInvariant);
    reported.finding.subject = goal.name;
    reported.finding.operation = program_.name;
    reported.finding.what = "\"" + goal.name + "\" held in none of the runs explored";
    reported.replayable = false;
    reported.finding.allowed = "it holds at some moment of at least one run";
    reported.record = exploration.benign;
    exploration.findings.push_back(std::move(reported));
  }
  certificate_.with_crashes = !program_.without.contains(Mechanism::kCrashes);
  certificate_.with_environments = varies_environments();
  exploration.certificate = certificate_;
  exploration.notes = notes_;
  exploration.coverage = coverage_;
}

}  // namespace reprise
