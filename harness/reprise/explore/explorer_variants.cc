// The part of Explorer that tries what is no crash.

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "reprise/explore/closure.h"
#include "reprise/explore/explorer.h"
#include "reprise/explore/internal/child_process.h"
#include "reprise/explore/internal/doing.h"
#include "reprise/explore/internal/events.h"
#include "reprise/explore/internal/place_recorder.h"
#include "reprise/explore/internal/run_facts.h"
#include "reprise/explore/internal/units.h"

namespace reprise {

using internal::changes_of;
using internal::crash_at;
using internal::is_about_ambient_call;
using internal::PlaceRecorder;
using internal::varies;
using internal::vary;

void Explorer::try_hidden_inputs(Exploration& exploration) {
  if (!options_.vary_hidden_inputs || program_.without.contains(Mechanism::kPerturbation)) return;
  vary_ = true;
  const Schedule schedule = with_variation({});
  const Judged judged = run(schedule);
  report(exploration, schedule, judged.findings);
  // Once an influence was shown, what follows is about crashes alone.
  vary_ = std::all_of(judged.findings.begin(), judged.findings.end(), is_about_ambient_call);
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

// The closure copies durable states, and no body sees there how its process ends.  What a body does
// then is seen in a run for each call in the code of a body.
std::vector<Schedule> Explorer::crashes_in_bodies() const {
  std::vector<Schedule> schedules;
  std::set<std::pair<std::string, int>> known;
  for (const Place& place : places_) {
    if (place.kind != PointKind::kEffect || place.moment != Moment::kBefore) continue;
    std::string body;
    bool occurrence = false;
    for (const char c : place.operation) {
      occurrence = c == '#' || (occurrence && c != '/');
      if (!occurrence) body += c;
    }
    if (!known.emplace(std::move(body), place.effect).second) continue;
    schedules.push_back(with_variation(Schedule{{crash_at(place)}}));
  }
  // A long handler has many places, and each run passes them all.
  const auto places = static_cast<std::int64_t>(places_.size()) + 1;
  const std::int64_t affordable = std::max<std::int64_t>(options_.places_max / places, 1);
  if (static_cast<std::int64_t>(schedules.size()) > affordable) {
    schedules.resize(static_cast<std::size_t>(affordable));
  }
  return schedules;
}

void Explorer::try_crashes_in_bodies(Exploration& exploration) {
  if (program_.without.contains(Mechanism::kCrashes) ||
      program_.without.contains(Mechanism::kBoundary)) {
    return;
  }
  const std::vector<Schedule> schedules = crashes_in_bodies();
  const auto serve = [&](const std::string& request) {
    std::set_terminate([] { std::_Exit(1); });
    const RunRecord record = simulation_.run(schedules[std::stoul(request)], RecordLevel::kOutcome);
    const bool swallows =
        std::any_of(record.incidents.begin(), record.incidents.end(), [](const Incident& incident) {
          return incident.kind == Incident::Kind::kMisuse &&
                 incident.misuse == Misuse::kSwallowedCrash;
        });
    return std::string(swallows ? "swallows" : "");
  };
  // A body that promises not to throw takes its process down here.  That it ends is what is tried,
  // and no mistake: so another process tries it.
  std::unique_ptr<internal::ChildProcess> child;
  for (std::size_t i = 0; i < schedules.size(); ++i) {
    if (!child) child = std::make_unique<internal::ChildProcess>(serve);
    ++certificate_.runs;
    child->send(std::to_string(i));
    const std::optional<std::string> answer = child->receive();
    if (!answer) {
      child.reset();
    } else if (!answer->empty()) {
      const Judged judged = run(schedules[i]);
      if (!judged.findings.empty()) report(exploration, schedules[i], judged.findings);
    }
  }
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
  const internal::Doing doing([&base] { return base; });
  const bool serial = use_serial_references();
  Interleavings interleavings(simulation_, groups_, limits);
  const auto judge_order = [&](const RunRecord& record, const Schedule& order) {
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
  };
  const InterleavingResult result = interleavings.run(base, judge_order);
  certificate_.tried.push_back(
      {result.exhausted ? "classes of interleavings (all)" : "interleavings of more", result.runs,
       result.runs});
  if (result.exhausted || !exploration.findings.empty()) return;
  const std::int64_t drawn =
      interleavings.sample(base, options_.orders_drawn, options_.seed, judge_order);
  certificate_.tried.push_back(
      {"orders of operations drawn from seed " + std::to_string(options_.seed), drawn, drawn});
}

void Explorer::try_variant(Exploration& exploration, const internal::WorkUnit& unit,
                           std::size_t index) {
  const Variant& variant = unit.variant;
  const Schedule schedule = with_variation(variant.schedule);
  const internal::Doing doing([&schedule] { return schedule; });
  ScheduledChoices choices(schedule);
  ++certificate_.runs;
  const RunRecord record = simulation_.run(choices, RecordLevel::kOutcome);
  if (!choices.unreached().empty()) return;  // the place of a second fault, mostly
  note_goals(record);
  constexpr std::size_t kRepeatedEvery = 20;  // 5 %
  if (index % kRepeatedEvery == 0 && !repeats(schedule, record)) {
    report_unrepeatable(exploration, schedule, record);
    return;
  }
  if (internal::has_loose_ends(record) || suspicious(record, schedule)) {
    const Judged judged = run(schedule);
    if (!judged.findings.empty()) {
      report(exploration, schedule, judged.findings);
      return;
    }
  }
  const bool crashes = !program_.without.contains(Mechanism::kCrashes);
  if (!variant.opens_states || (!crashes && !varies_environments())) return;
  const ClosureResult result = close(exploration, schedule, states_of_variant_);
  certificate_.states_of_variants += result.states;
  if (!result.closed) ++certificate_.variants_not_closed;
}

}  // namespace reprise
