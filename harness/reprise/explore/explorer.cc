#include "reprise/explore/explorer.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "reprise/explore/closure.h"
#include "reprise/explore/internal/events.h"
#include "reprise/explore/internal/place_recorder.h"
#include "reprise/explore/variants.h"

namespace reprise {

using internal::crash_at;
using internal::PlaceRecorder;
using internal::prefer;
using internal::reorder;
using internal::vary;

namespace {

/// What a report says to be irrelevant, after it was varied.
constexpr HiddenInput kShownInputs[] = {HiddenInput::kClock, HiddenInput::kEnvironment,
                                        HiddenInput::kEntropy, HiddenInput::kUnorderedOrder};

/// How often each operation changed each fake.
std::map<std::string, int> changes_of(const RunRecord& record) {
  std::map<std::string, int> changes;
  for (const LedgerEntry& entry : record.ledger) {
    if (entry.changed) ++changes[entry.operation.str() + " " + entry.target + "." + entry.action];
  }
  return changes;
}

bool varies(const Schedule& schedule, HiddenInput input) {
  return std::any_of(schedule.events.begin(), schedule.events.end(),
                     [&](const ScheduleEvent& event) {
                       return event.kind == ScheduleEvent::Kind::kVary && event.input == input;
                     });
}

}  // namespace

std::string Certificate::text() const {
  std::string text;
  if (places > 0) {
    text = "fault points " + std::to_string(places_hit) + "/" + std::to_string(places) + ", ";
  }
  if (closed) {
    text += "closed: " + std::to_string(states) + " states, any number of crashes";
  } else if (states == 0 && !bound.empty()) {
    text += bound;
  } else if (crashes > 0 && bound.empty()) {
    text += "exhaustive to " + std::to_string(crashes) +
            (crashes == 1 ? " crash, " : " crashes, ") + std::to_string(runs) + " runs";
  } else {
    text += "not closed (" + bound + "): " + std::to_string(states) + " states";
  }
  for (const Tried& each : tried) {
    text += "; " + std::to_string(each.count);
    if (each.count < each.total) text += " of " + std::to_string(each.total);
    text += " " + each.what;
  }
  return text;
}

Explorer::Explorer(Program& program, Judge judge, ExploreOptions options)
    : program_(program),
      judge_(std::move(judge)),
      options_(options),
      simulation_(program),
      goals_met_(program.invariants.size(), false) {}

Explorer::~Explorer() = default;

EndedRun Explorer::end_of(RunRecord record) { return {std::move(record), program_.world.save()}; }

void Explorer::note_goals(const RunRecord& record) {
  for (std::size_t i = 0; i < record.sometimes.size(); ++i) {
    if (record.sometimes[i]) goals_met_[i] = true;
  }
}

Explorer::Judged Explorer::run(const Schedule& schedule) {
  ++certificate_.runs;
  return judge_run(schedule, simulation_.run(schedule));
}

Explorer::Judged Explorer::judge_run(const Schedule& schedule, RunRecord record) {
  note_goals(record);
  excuse_promises(schedule, record);
  const EndedRun ended = end_of(std::move(record));
  References references = references_;
  if (references.crash_free.empty()) references.crash_free.push_back(ended);
  add_environment_references(references, schedule);
  add_maybe_references(references, schedule, ended);
  std::vector<Finding> findings = judge_(program_.world, ended, references);
  if (only_time_differs(schedule, ended.record, findings)) return {ended.record, {}, true};
  settle(schedule, findings);
  return {ended.record, std::move(findings)};
}

// What an author promises for the end he mostly promises for executions that come to the end he has
// in mind: not for those that fail because what they call does not answer.
void Explorer::excuse_promises(const Schedule& schedule, RunRecord& record) const {
  const bool calls_fail =
      std::any_of(schedule.events.begin(), schedule.events.end(), [](const ScheduleEvent& event) {
        return event.kind == ScheduleEvent::Kind::kFault && event.place.kind == PointKind::kEffect;
      });
  if (!calls_fail || references_.crash_free.empty()) return;
  const Outcomes& usual = references_.crash_free.front().record.outcomes;
  const bool as_usual = std::equal(
      usual.begin(), usual.end(), record.outcomes.begin(), record.outcomes.end(),
      [](const ExecutionOutcome& a, const ExecutionOutcome& b) { return a.status == b.status; });
  if (as_usual) return;
  std::erase_if(record.violations, [&](const InvariantViolation& violation) {
    return program_.invariants[violation.invariant].kind == Invariant::Kind::kAtEnd;
  });
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

// A fault takes time, and a step may well record what time it is.  So an outcome that differs is
// held against runs without faults once more, all with a clock that stands still.
bool Explorer::only_time_differs(const Schedule& schedule, const RunRecord& record,
                                 const std::vector<Finding>& findings) {
  const auto about_outcome = [](const Finding& f) {
    return f.verdict == Verdict::kUnstableOutcome || f.verdict == Verdict::kDuplicateEffect;
  };
  if (findings.empty() || !record.incidents.empty() ||
      !std::all_of(findings.begin(), findings.end(), about_outcome)) {
    return false;
  }
  simulation_.hold_clock(true);
  const auto held_run = [&](const Schedule& of) {
    ++certificate_.runs;
    return end_of(simulation_.run(of, RecordLevel::kOutcome));
  };
  if (held_references_.empty()) {
    if (serial_orders_.empty()) held_references_.push_back(held_run({}));
    for (std::size_t i = 1; i < program_.starts.size(); ++i) {
      held_references_.push_back(held_run(Schedule{{reorder(program_.starts[i].name)}}));
    }
    for (const Schedule& order : serial_orders_) held_references_.push_back(held_run(order));
  }
  const EndedRun ended = held_run(schedule);
  References references;
  references.crash_free = held_references_;
  for (const Schedule& environment : legal_environments(schedule)) {
    references.crash_free.push_back(held_run(environment));
  }
  add_maybe_references(references, schedule, ended);
  simulation_.hold_clock(false);
  // A key that is made from the clock repeats while it stands still, and hides what it is for.
  return ended.record.end == RunEnd::kCompleted && ended.record.unreached.empty() &&
         changes_of(ended.record) == changes_of(record) &&
         judge_(program_.world, ended, references).empty();
}

// What happens from outside is no fault of the handler: the same without crashes is allowed.
void Explorer::add_environment_references(References& references, const Schedule& schedule) {
  for (const Schedule& environment : legal_environments(schedule)) {
    references.crash_free.push_back(environment_run(environment));
  }
}

const EndedRun& Explorer::environment_run(const Schedule& environment) {
  const auto known = std::find_if(environments_.begin(), environments_.end(),
                                  [&](const auto& each) { return each.first == environment; });
  if (known != environments_.end()) return known->second;
  ++certificate_.runs;
  environments_.emplace_back(environment,
                             end_of(simulation_.run(environment, RecordLevel::kOutcome)));
  return environments_.back().second;
}

void Explorer::add_maybe_references(References& references, const Schedule& schedule,
                                    const EndedRun& ended) {
  const std::vector<std::size_t>& maybe = ended.record.maybe_events;
  // Interrupted by something that is no crash: an answer that was lost, a process that was frozen.
  if (maybe.empty() && !ended.record.maybe_operations.empty()) references.maybe.push_back(ended);
  if (maybe.empty()) return;
  // The schedule with those crashes only, or all of them but one.
  const auto with_maybe_crashes = [&](std::optional<std::size_t> dropped) {
    Schedule only;
    std::size_t crash = 0;
    for (const ScheduleEvent& event : schedule.events) {
      const bool is_crash = event.kind == ScheduleEvent::Kind::kCrash;
      const bool is_maybe = std::find(maybe.begin(), maybe.end(), crash) != maybe.end();
      if (!is_crash || (is_maybe && crash != dropped)) only.events.push_back(event);
      if (is_crash) ++crash;
    }
    return only;
  };
  const auto run_from_start = [&](const Schedule& with) {
    ++certificate_.runs;
    return end_of(simulation_.run(with, RecordLevel::kOutcome));
  };
  const Schedule only = with_maybe_crashes(std::nullopt);
  if (maybe.size() > 1) {
    for (const std::size_t crash : maybe) {
      references.maybe_but_one.push_back(run_from_start(with_maybe_crashes(crash)));
    }
  }
  if (only == schedule) {
    references.maybe.push_back(ended);
    return;
  }
  references.maybe.push_back(run_from_start(only));
  // Another crash may have changed whose turn it is; so the same crashes in every order of starts.
  for (std::size_t i = 1; i < program_.starts.size(); ++i) {
    Schedule reordered = only;
    reordered.events.push_back(reorder(program_.starts[i].name));
    references.maybe.push_back(run_from_start(reordered));
  }
}

bool Explorer::matches_reference(const RunRecord& record, const Schedule& schedule) {
  const auto fits = [&](const EndedRun& reference) {
    return reference.record.outcomes == record.outcomes && program_.world.equals(reference.world);
  };
  if (std::any_of(references_.crash_free.begin(), references_.crash_free.end(), fits)) return true;
  const std::vector<Schedule> environments = legal_environments(schedule);
  if (environments.empty()) return false;
  const World::Copy world = program_.world.save();  // a reference may have to be run first
  return std::any_of(environments.begin(), environments.end(), [&](const Schedule& environment) {
    const EndedRun& reference = environment_run(environment);
    return reference.record.outcomes == record.outcomes &&
           World::equal(program_.world, world, reference.world);
  });
}

bool Explorer::suspicious(const RunRecord& record, const Schedule& schedule) {
  if (!record.incidents.empty() || !record.violations.empty()) return true;
  const bool in_teardown = std::any_of(record.ledger.begin(), record.ledger.end(),
                                       [](const LedgerEntry& entry) { return entry.in_teardown; });
  if (in_teardown) return true;
  if (record.end == RunEnd::kPoweredOff) return false;
  if (program_.without.contains(Mechanism::kRefinement)) {
    return record.end != RunEnd::kCompleted && !program_.without.contains(Mechanism::kProgress);
  }
  return record.end != RunEnd::kCompleted || !matches_reference(record, schedule);
}

bool Explorer::shows(const Schedule& schedule, const Finding& finding) {
  const Judged judged = run(schedule);
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
      if (!shows(candidate, finding)) continue;
      smallest = std::move(candidate);
      dropped = true;
    }
  }
  return smallest;
}

void Explorer::report(Exploration& exploration, const Schedule& schedule,
                      const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) {
    const bool known =
        std::any_of(exploration.findings.begin(), exploration.findings.end(),
                    [&](const ReportedFinding& each) { return each.finding.same_as(finding); });
    if (known) continue;
    ReportedFinding reported;
    reported.schedule = shrink(schedule, finding);
    for (const HiddenInput input : kShownInputs) {
      // Without any event nothing was varied, and everything may matter.
      if (reported.schedule.empty() || varies(reported.schedule, input)) continue;
      Schedule varied = reported.schedule;
      varied.events.push_back(vary(input));
      if (shows(varied, finding)) reported.irrelevant.emplace_back(to_string(input));
    }
    Judged judged = run(reported.schedule);
    reported.record = std::move(judged.record);
    reported.finding = finding;
    for (const Finding& each : judged.findings) {
      if (each.same_as(finding)) reported.finding = each;
    }
    exploration.findings.push_back(std::move(reported));
  }
}

// The runs without faults: references for all others.  False: the handler fails by itself, in a way
// that makes exploring senseless.
bool Explorer::prepare(Exploration& exploration) {
  references_ = {};
  held_references_.clear();
  environments_.clear();
  serial_orders_.clear();
  certificate_ = {};
  PlaceRecorder recorder{Schedule()};
  RunRecord benign = simulation_.run(recorder, RecordLevel::kFull);
  places_ = recorder.places();
  ready_ = recorder.ready();
  certificate_.places = static_cast<std::int64_t>(places_.size());
  Judged judged = judge_run({}, std::move(benign));
  exploration.benign = judged.record;
  references_.crash_free.push_back(end_of(judged.record));
  groups_ = branches_of({exploration.benign, places_, ready_});
  const auto hopeless = [](const Finding& finding) {
    return finding.verdict != Verdict::kInvariant;
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
  return judged.findings.empty();
}

// Where the branches of a run all come to their end, and their orders can all be tried, the runs
// without faults are those in which branches run one after the other.  True: so it is.
bool Explorer::use_serial_references() {
  constexpr std::size_t kBranchesMax = 4;
  if (groups_.size() != 1 || groups_.front().size() > kBranchesMax ||
      program_.without.contains(Mechanism::kBranches) || program_.starts.size() != 1 ||
      references_.crash_free.front().record.abandoned) {
    return false;
  }
  std::vector<std::string> order = groups_.front();
  std::sort(order.begin(), order.end());
  std::vector<EndedRun> serial;
  std::vector<Schedule> orders;
  do {
    Schedule schedule;
    for (const std::string& branch : order) schedule.events.push_back(prefer(branch));
    const EndedRun& run = environment_run(schedule);
    orders.push_back(schedule);
    if (run.record.abandoned || run.record.end != RunEnd::kCompleted) return false;
    const bool known = std::any_of(serial.begin(), serial.end(), [&](const EndedRun& each) {
      return each.record.outcomes == run.record.outcomes &&
             World::equal(program_.world, each.world, run.world);
    });
    if (!known) serial.push_back(run);
  } while (std::next_permutation(order.begin(), order.end()));
  references_.crash_free = std::move(serial);
  serial_orders_ = std::move(orders);
  return true;
}

Schedule Explorer::with_variation(Schedule schedule) const {
  if (!vary_) return schedule;
  for (const HiddenInput input : kHostInputs) schedule.events.push_back(vary(input));
  return schedule;
}

Explorer::Replayed Explorer::replay(const Schedule& schedule) {
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
  Replayed replayed{run(schedule), {}};
  replayed.certificate.bound = "one schedule replayed";
  replayed.certificate.runs = certificate_.runs;
  simulation_.reset_world();
  return replayed;
}

void Explorer::add_reordered_references() {
  for (std::size_t i = 1; i < program_.starts.size(); ++i) {
    const Schedule schedule{{reorder(program_.starts[i].name)}};
    ++certificate_.runs;
    references_.crash_free.push_back(end_of(simulation_.run(schedule, RecordLevel::kOutcome)));
  }
}

void Explorer::try_hidden_inputs(Exploration& exploration) {
  if (!options_.vary_hidden_inputs || program_.without.contains(Mechanism::kPerturbation)) return;
  vary_ = true;
  const Schedule schedule = with_variation({});
  const Judged judged = run(schedule);
  if (judged.findings.empty()) return;
  report(exploration, schedule, judged.findings);
  vary_ = false;  // what follows is about crashes alone
}

// What is changed is the process, which costs: not in every run, but in some that replay.
void Explorer::try_process_inputs(Exploration& exploration) {
  if (!options_.vary_hidden_inputs || program_.without.contains(Mechanism::kPerturbation)) return;
  constexpr std::size_t kCrashesMax = 16;
  std::vector<Place> after;
  for (const Place& place : places_) {
    const bool recorded = place.kind == PointKind::kCheckpoint && place.moment == Moment::kAfter;
    if (recorded || place.kind == PointKind::kResponse) after.push_back(place);
  }
  const std::size_t stride = after.size() / kCrashesMax + 1;
  for (std::size_t i = 0; i < after.size(); i += stride) {
    Schedule schedule{{crash_at(after[after.size() - 1 - i])}};
    for (const HiddenInput input : kProcessInputs) {
      if (input != HiddenInput::kRounding) schedule.events.push_back(vary(input));
    }
    try_perturbed(exploration, schedule);
    // Sums that differ in their last bit are common and harmless; another operation is neither.
    try_perturbed(exploration,
                  Schedule{{crash_at(after[after.size() - 1 - i]), vary(HiddenInput::kRounding)}});
  }
}

void Explorer::try_perturbed(Exploration& exploration, const Schedule& schedule) {
  Judged judged = run(schedule);
  if (varies(schedule, HiddenInput::kRounding)) {
    std::erase_if(judged.findings,
                  [](const Finding& f) { return f.verdict != Verdict::kDivergentOp; });
  }
  if (!judged.findings.empty()) report(exploration, schedule, judged.findings);
}

void Explorer::try_overlaps(Exploration& exploration) {
  if (!options_.overlap_starts || program_.without.contains(Mechanism::kOverlap)) return;
  for (std::size_t i = 1; i < program_.starts.size(); ++i) {
    ScheduleEvent overlap;
    overlap.kind = ScheduleEvent::Kind::kOverlap;
    overlap.subject = program_.starts[i].name;
    // The places of a run in which this start never comes.
    overlap.place.operation = "nowhere";
    PlaceRecorder places{Schedule{{overlap}}};
    simulation_.run(places, RecordLevel::kOutcome);
    ++certificate_.runs;
    for (const Place& place : places.places()) {
      if (place.kind != PointKind::kEffect) continue;
      overlap.place = place;
      const Schedule schedule = with_variation(Schedule{{overlap}});
      const Judged judged = run(schedule);
      if (!judged.findings.empty()) report(exploration, schedule, judged.findings);
    }
  }
}

void Explorer::sweep_from(Exploration& exploration, const Schedule& prefix, int crashes) {
  PlaceRecorder places(prefix);
  Judged judged = judge_run(prefix, simulation_.run(places, RecordLevel::kOutcome));
  ++certificate_.runs;
  if (!judged.findings.empty()) report(exploration, prefix, judged.findings);
  if (crashes == 0) return;
  for (const Place& place : places.places()) {
    Schedule next = prefix;
    next.events.push_back(crash_at(place));
    sweep_from(exploration, next, crashes - 1);
  }
}

Exploration Explorer::sweep(int crashes) {
  Exploration exploration;
  if (prepare(exploration)) {
    try_hidden_inputs(exploration);
    try_overlaps(exploration);
    sweep_from(exploration, with_variation({}), crashes);
    certificate_.crashes = crashes;
    certificate_.places_hit = crashes > 0 ? certificate_.places : 0;
  } else {
    certificate_.bound = "the run without faults already fails";
  }
  finish(exploration);
  return exploration;
}

Exploration Explorer::explore() {
  if (!program_.world.joinable()) return sweep(options_.sweep_crashes);
  Exploration exploration;
  if (prepare(exploration)) {
    try_hidden_inputs(exploration);
    try_process_inputs(exploration);
    try_overlaps(exploration);
    if (!program_.without.contains(Mechanism::kCrashes)) {
      const ClosureResult result = close(exploration, with_variation({}), options_.states_max);
      certificate_.closed = result.closed && exploration.findings.empty();
      certificate_.states = result.states;
      certificate_.resumes = result.resumes;
      certificate_.places_hit = certificate_.places;
      if (!result.closed) {
        certificate_.bound = "bound of " + std::to_string(options_.states_max) + " states reached";
      }
    } else {
      certificate_.bound = "no crashes";
    }
    if (exploration.findings.empty()) try_variants(exploration);
    if (!exploration.findings.empty()) {
      certificate_.closed = false;
      certificate_.bound = "stopped after a finding";
    }
  } else {
    certificate_.bound = "the run without faults already fails";
  }
  finish(exploration);
  return exploration;
}

// Any number of crashes in the run that `base` gives.
ClosureResult Explorer::close(Exploration& exploration, const Schedule& base,
                              std::int64_t states_max) {
  ClosureLimits limits;
  limits.states_max = states_max;
  limits.crashes_after_finding = options_.crashes_after_finding;
  limits.states_after_finding = options_.states_after_finding;
  Closure closure(simulation_, limits, base);
  // Outcomes that were judged and found right although no reference has them: an at-most-once
  // effect that may or may not have happened.  Another interruption may leave the same world and
  // have acted twice.
  struct Accepted {
    Schedule maybe;
    EndedRun run;
  };
  std::vector<Accepted> accepted;
  return closure.run([&](const RunRecord& record, const ClosurePath& path) {
    note_goals(record);
    if (!suspicious(record, base)) return false;
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
    report_unrepeatable(exploration, schedule, judged.record);
    return true;
  });
}

void Explorer::report_unrepeatable(Exploration& exploration, const Schedule& schedule,
                                   const RunRecord& record) {
  ReportedFinding reported;
  Finding& finding = reported.finding;
  finding.verdict = Verdict::kUnstableOutcome;
  finding.operation = record.outcomes.empty() ? "" : record.outcomes.front().name;
  finding.subject = "not repeatable";
  finding.what =
      "the same schedule gave two different runs: something that no history records decides, for "
      "instance a static variable or state outside the world";
  finding.allowed = "a run is a function of handler, input, world and schedule";
  reported.schedule = schedule;
  reported.record = record;
  reported.replayable = false;
  const bool twice =
      std::any_of(exploration.findings.begin(), exploration.findings.end(),
                  [&](const ReportedFinding& each) { return each.finding.same_as(finding); });
  if (!twice) exploration.findings.push_back(std::move(reported));
}

// Runs that differ from the benign one in something that is no crash; where that opens new code,
// under crashes too.
void Explorer::try_variants(Exploration& exploration) {
  const BenignRun benign{exploration.benign, places_, ready_};
  const auto family = [&](Mechanism mechanism, const char* what,
                          const std::vector<Variant>& variants) {
    if (program_.without.contains(mechanism) || !exploration.findings.empty()) return;
    std::int64_t count = 0;
    // A long handler has many places, and each run passes them all.
    const auto places = static_cast<std::int64_t>(places_.size()) + 1;
    const std::int64_t affordable = std::max<std::int64_t>(options_.places_max / places, 1);
    const auto total = static_cast<std::int64_t>(variants.size());
    const std::int64_t stride = (total + affordable - 1) / affordable;
    for (std::int64_t i = 0; i < total; i += std::max<std::int64_t>(stride, 1)) {
      try_variant(exploration, variants[static_cast<std::size_t>(i)]);
      ++count;
      if (!exploration.findings.empty()) break;
    }
    if (count > 0) certificate_.tried.push_back({what, count, total});
  };
  try_interleavings(exploration);
  family(Mechanism::kBranches, "orders of branches", branch_variants(benign));
  family(Mechanism::kArrivals, "arrivals", arrival_variants(program_, benign));
  family(Mechanism::kFaults, "faults", fault_variants(benign));
  family(Mechanism::kOverlap, "overlaps", overlap_variants(program_, benign));
  family(Mechanism::kLimits, "limits", limit_variants(benign));
}

// The same schedule once more: it must give the same run.
bool Explorer::repeats(const Schedule& schedule, const RunRecord& record) {
  const World::Copy world = program_.world.save();
  ++certificate_.runs;
  const RunRecord again = simulation_.run(schedule, RecordLevel::kOutcome);
  return again.end == record.end && again.outcomes == record.outcomes &&
         changes_of(again) == changes_of(record) && program_.world.equals(world);
}

void Explorer::try_interleavings(Exploration& exploration) {
  if (groups_.empty() || program_.without.contains(Mechanism::kBranches)) return;
  InterleavingLimits limits;
  limits.runs_max = options_.interleavings_max;
  const Schedule base = with_variation({});
  const bool serial = use_serial_references();
  Interleavings interleavings(simulation_, groups_, limits);
  const InterleavingResult result =
      interleavings.run(base, [&](const RunRecord& record, const Schedule& order) {
        note_goals(record);
        ++certificate_.runs;
        // Without serial runs to hold them against, other orders may end as they like.
        const bool wrong = serial ? suspicious(record, base)
                                  : record.end != RunEnd::kCompleted || !record.incidents.empty() ||
                                        !record.violations.empty();
        if (!wrong) return false;
        Schedule schedule = order;
        schedule.events.insert(schedule.events.end(), base.events.begin(), base.events.end());
        Judged judged = run(schedule);
        if (!serial) {
          std::erase_if(judged.findings, [](const Finding& f) {
            return f.verdict == Verdict::kUnstableOutcome || f.verdict == Verdict::kLostEffect ||
                   f.verdict == Verdict::kOrphanEffect || f.verdict == Verdict::kDuplicateEffect;
          });
        }
        if (!judged.findings.empty()) report(exploration, schedule, judged.findings);
        return !exploration.findings.empty();
      });
  certificate_.tried.push_back(
      {result.exhausted ? "classes of interleavings (all)" : "interleavings of more", result.runs,
       result.runs});
}

void Explorer::try_variant(Exploration& exploration, const Variant& variant) {
  const Schedule schedule = with_variation(variant.schedule);
  ScheduledChoices choices(schedule);
  ++certificate_.runs;
  const RunRecord record = simulation_.run(choices, RecordLevel::kOutcome);
  if (!choices.unreached().empty()) return;  // the place of a second fault, mostly
  note_goals(record);
  constexpr std::int64_t kRepeatedEvery = 20;  // 5 %
  if (certificate_.runs % kRepeatedEvery == 0 && !repeats(schedule, record)) {
    report_unrepeatable(exploration, schedule, record);
    return;
  }
  const bool unowned = std::any_of(record.ledger.begin(), record.ledger.end(),
                                   [](const LedgerEntry& entry) { return !entry.owned; });
  if (unowned || !record.maybe_operations.empty() || suspicious(record, schedule)) {
    const Judged judged = run(schedule);
    if (!judged.findings.empty()) {
      report(exploration, schedule, judged.findings);
      return;
    }
  }
  if (!variant.opens_states || program_.without.contains(Mechanism::kCrashes)) return;
  const ClosureResult result = close(exploration, schedule, options_.states_max_of_variant);
  certificate_.states_of_variants += result.states;
  if (!result.closed) ++certificate_.variants_not_closed;
}

// A responder that no callback fits is a mistake in the test, which would look like a callback that
// nobody answers.
void Explorer::check_responders() const {
  for (const CallbackResponder& responder : program_.responders) {
    if (simulation_.responders_used().count(responder.operation) > 0) continue;
    std::string known;
    for (const std::string& path : simulation_.callbacks_seen()) {
      known += (known.empty() ? "" : ", ") + path;
    }
    throw ProgramError(program_.name + ": an answer for the callback \"" + responder.operation +
                       "\" fits no callback of any run; there were " +
                       (known.empty() ? "none" : known));
  }
}

void Explorer::finish(Exploration& exploration) {
  simulation_.reset_world();
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
  exploration.certificate = certificate_;
}

}  // namespace reprise
