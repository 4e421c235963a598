#include "reprise/explore/explorer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "reprise/explore/closure.h"

namespace reprise {
namespace {

/// Takes the events of a schedule and writes down the places that come after the last of them.
class PlaceRecorder final : public Choices {
 public:
  explicit PlaceRecorder(const Schedule& schedule) : scheduled_(schedule) {
    for (const ScheduleEvent& event : schedule.events) {
      if (event.kind == ScheduleEvent::Kind::kCrash) ++pending_;
    }
  }

  Alternative at(const PlaceRef& place) override {
    const Alternative alternative = scheduled_.at(place);
    if (alternative == Alternative::kCrash) {
      --pending_;
    } else if (pending_ == 0) {
      places_.push_back(place.spell());
    }
    return alternative;
  }
  std::string overlapping_start() const override { return scheduled_.overlapping_start(); }
  bool defers(std::string_view name) const override { return scheduled_.defers(name); }
  std::string first_start() const override { return scheduled_.first_start(); }
  bool varies(HiddenInput input) const override { return scheduled_.varies(input); }

  const std::vector<Place>& places() const { return places_; }

 private:
  ScheduledChoices scheduled_;
  int pending_ = 0;
  std::vector<Place> places_;
};

ScheduleEvent crash_at(Place place) {
  ScheduleEvent event;
  event.kind = ScheduleEvent::Kind::kCrash;
  event.place = std::move(place);
  return event;
}

ScheduleEvent vary(HiddenInput input) {
  ScheduleEvent event;
  event.kind = ScheduleEvent::Kind::kVary;
  event.input = input;
  return event;
}

ScheduleEvent reorder(const std::string& start) {
  ScheduleEvent event;
  event.kind = ScheduleEvent::Kind::kReorder;
  event.subject = start;
  return event;
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
  if (closed) return text + "closed: " + std::to_string(states) + " states, any number of crashes";
  if (states == 0 && !bound.empty()) return text + bound;
  if (crashes > 0 && bound.empty()) {
    return text + "exhaustive to " + std::to_string(crashes) +
           (crashes == 1 ? " crash, " : " crashes, ") + std::to_string(runs) + " runs";
  }
  return text + "not closed (" + bound + "): " + std::to_string(states) + " states";
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
  const EndedRun ended = end_of(std::move(record));
  References references = references_;
  if (references.crash_free.empty()) references.crash_free.push_back(ended);
  add_maybe_references(references, schedule, ended);
  std::vector<Finding> findings = judge_(program_.world, ended, references);
  if (only_time_differs(schedule, findings)) return {ended.record, {}, true};
  return {ended.record, std::move(findings)};
}

// A fault takes time, and a step may well record what time it is.  So an outcome that differs is
// held against runs without faults once more, all with a clock that stands still.
bool Explorer::only_time_differs(const Schedule& schedule, const std::vector<Finding>& findings) {
  const auto unstable = [](const Finding& f) { return f.verdict == Verdict::kUnstableOutcome; };
  if (findings.empty() || !std::all_of(findings.begin(), findings.end(), unstable)) return false;
  simulation_.hold_clock(true);
  const auto held_run = [&](const Schedule& of) {
    ++certificate_.runs;
    return end_of(simulation_.run(of, RecordLevel::kOutcome));
  };
  if (held_references_.empty()) {
    held_references_.push_back(held_run({}));
    for (std::size_t i = 1; i < program_.starts.size(); ++i) {
      held_references_.push_back(held_run(Schedule{{reorder(program_.starts[i].name)}}));
    }
  }
  const EndedRun ended = held_run(schedule);
  References references;
  references.crash_free = held_references_;
  add_maybe_references(references, schedule, ended);
  simulation_.hold_clock(false);
  return ended.record.end == RunEnd::kCompleted && ended.record.unreached.empty() &&
         judge_(program_.world, ended, references).empty();
}

void Explorer::add_maybe_references(References& references, const Schedule& schedule,
                                    const EndedRun& ended) {
  const std::vector<std::size_t>& maybe = ended.record.maybe_events;
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

bool Explorer::matches_reference(const RunRecord& record) const {
  return std::any_of(references_.crash_free.begin(), references_.crash_free.end(),
                     [&](const EndedRun& reference) {
                       return reference.record.outcomes == record.outcomes &&
                              program_.world.equals(reference.world);
                     });
}

bool Explorer::suspicious(const RunRecord& record) const {
  if (!record.incidents.empty() || !record.violations.empty()) return true;
  const bool in_teardown = std::any_of(record.ledger.begin(), record.ledger.end(),
                                       [](const LedgerEntry& entry) { return entry.in_teardown; });
  if (in_teardown) return true;
  if (record.end == RunEnd::kPoweredOff) return false;
  return record.end != RunEnd::kCompleted || !matches_reference(record);
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
    for (const HiddenInput input : kHiddenInputs) {
      if (varies(reported.schedule, input)) continue;
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
  certificate_ = {};
  PlaceRecorder places{Schedule()};
  RunRecord benign = simulation_.run(places, RecordLevel::kFull);
  certificate_.places = static_cast<std::int64_t>(places.places().size());
  Judged judged = judge_run({}, std::move(benign));
  exploration.benign = judged.record;
  references_.crash_free.push_back(end_of(judged.record));
  const auto hopeless = [](const Finding& finding) {
    return finding.verdict != Verdict::kInvariant;
  };
  report(exploration, {}, judged.findings);
  if (std::any_of(judged.findings.begin(), judged.findings.end(), hopeless)) return false;
  add_reordered_references();
  return true;
}

Schedule Explorer::with_variation(Schedule schedule) const {
  if (!vary_) return schedule;
  for (const HiddenInput input : kHiddenInputs) schedule.events.push_back(vary(input));
  return schedule;
}

Explorer::Replayed Explorer::replay(const Schedule& schedule) {
  references_ = {};
  held_references_.clear();
  references_.crash_free.push_back(end_of(simulation_.run(Schedule(), RecordLevel::kOutcome)));
  add_reordered_references();
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
  if (!options_.vary_hidden_inputs) return;
  vary_ = true;
  const Schedule schedule = with_variation({});
  const Judged judged = run(schedule);
  if (judged.findings.empty()) return;
  report(exploration, schedule, judged.findings);
  vary_ = false;  // what follows is about crashes alone
}

void Explorer::try_overlaps(Exploration& exploration) {
  if (!options_.overlap_starts) return;
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
    try_overlaps(exploration);
    ClosureLimits limits;
    limits.states_max = options_.states_max;
    limits.crashes_after_finding = options_.crashes_after_finding;
    limits.states_after_finding = options_.states_after_finding;
    std::vector<HiddenInput> varied;
    if (vary_) varied.assign(std::begin(kHiddenInputs), std::end(kHiddenInputs));
    Closure closure(simulation_, limits, varied);
    // Outcomes that were judged and found right although no reference has them: an at-most-once
    // effect that may or may not have happened.  Another interruption may leave the same world and
    // have acted twice.
    struct Accepted {
      Schedule maybe;
      EndedRun run;
    };
    std::vector<Accepted> accepted;
    const auto on_end = [&](const RunRecord& record, const ClosurePath& path) {
      note_goals(record);
      if (!suspicious(record)) return false;
      const auto ends_alike = [&](const Accepted& each) {
        return each.maybe == path.maybe && each.run.record.end == record.end &&
               each.run.record.outcomes == record.outcomes && record.incidents.empty() &&
               record.violations.empty() && program_.world.equals(each.run.world);
      };
      const bool known =
          !path.maybe.empty() && std::any_of(accepted.begin(), accepted.end(), ends_alike);
      if (known) return false;
      const EndedRun resumed{record, program_.world.save()};
      Schedule schedule = path.schedule;
      for (const HiddenInput input : varied) schedule.events.push_back(vary(input));
      const Judged judged = run(schedule);
      if (!judged.findings.empty()) {
        report(exploration, schedule, judged.findings);
        return true;
      }
      if (judged.only_time_differs) return false;
      if (!judged.record.maybe_events.empty()) {
        accepted.push_back({path.maybe, resumed});
        return false;
      }
      Finding finding;
      finding.verdict = Verdict::kUnstableOutcome;
      finding.operation = record.outcomes.empty() ? "" : record.outcomes.front().name;
      finding.subject = "not repeatable";
      finding.what =
          "the same schedule gave two different runs: something that no history records decides, "
          "for instance "
          "a static variable or state outside the world";
      finding.allowed = "a run is a function of handler, input, world and schedule";
      ReportedFinding reported;
      reported.finding = finding;
      reported.schedule = schedule;
      reported.record = judged.record;
      const bool twice =
          std::any_of(exploration.findings.begin(), exploration.findings.end(),
                      [&](const ReportedFinding& each) { return each.finding.same_as(finding); });
      if (!twice) exploration.findings.push_back(std::move(reported));
      return true;
    };
    const ClosureResult result = closure.run(on_end);
    certificate_.closed = result.closed && exploration.findings.empty();
    certificate_.states = result.states;
    certificate_.resumes = result.resumes;
    certificate_.places_hit = certificate_.places;
    if (!exploration.findings.empty()) {
      certificate_.bound = "stopped after a finding";
    } else if (!result.closed) {
      certificate_.bound = "bound of " + std::to_string(options_.states_max) + " states reached";
    }
  } else {
    certificate_.bound = "the run without faults already fails";
  }
  finish(exploration);
  return exploration;
}

void Explorer::finish(Exploration& exploration) {
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
    reported.finding.allowed = "it holds at some moment of at least one run";
    reported.record = exploration.benign;
    exploration.findings.push_back(std::move(reported));
  }
  exploration.certificate = certificate_;
  simulation_.reset_world();
}

}  // namespace reprise
