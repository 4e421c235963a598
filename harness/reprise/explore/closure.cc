#include "reprise/explore/closure.h"

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "reprise/explore/internal/events.h"
#include "reprise/protocol/internal/planted_fault.h"

namespace reprise {
namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

struct KnownState {
  World::Copy world;
  std::optional<DurableState> state;  // until it has been resumed
  std::size_t parent = kNone;         // the state that was resumed when this one was passed
  ScheduleEvent event;                // the crash, or the environment that is chosen
  int crashes = 0;
  bool maybe = false;
  std::size_t seen_in_run = 0;
};

class States {
 public:
  std::size_t find(const StateDigest& digest, const World& world) const {
    const auto bucket = by_digest_.find(digest);
    if (bucket == by_digest_.end()) return kNone;
    for (const std::size_t index : bucket->second) {
      if (REPRISE_FAULT(states_joined_whatever_the_world) || world.equals(states_[index].world)) {
        return index;
      }
    }
    return kNone;
  }
  std::size_t add(const StateDigest& digest, KnownState state) {
    by_digest_[digest].push_back(states_.size());
    states_.push_back(std::move(state));
    return states_.size() - 1;
  }
  /// One that is resumed and never joined.
  void add_unjoined(KnownState state) { states_.push_back(std::move(state)); }
  KnownState& operator[](std::size_t index) { return states_[index]; }
  std::size_t size() const { return states_.size(); }

 private:
  std::deque<KnownState> states_;
  std::map<StateDigest, std::vector<std::size_t>> by_digest_;
};

/// A moment between two invocations at which the environment of the next one was chosen.
struct Decision {
  World::Copy world;
  std::size_t seen_in_run = 0;
};

/// Lets a run pass without faults, collects the new states on its way, and stops it where it joins
/// a known one.
class Collector final : public ScheduledChoices {
 public:
  Collector(const Simulation& simulation, States& states, const Schedule& base,
            const ClosureLimits& limits)
      : ScheduledChoices(base), simulation_(simulation), states_(states), limits_(limits) {}

  bool active() const override { return true; }

  void begin(std::size_t run, std::size_t from) {
    run_ = run;
    from_ = from;
    stopped_ = false;
    chosen_.clear();
    if (from != kNone && states_[from].event.kind == ScheduleEvent::Kind::kAssign) {
      chosen_ = states_[from].event.subject;
    }
  }

  Alternative at(const PlaceRef& place) override {
    if (stopped_) return Alternative::kPowerOff;
    if (REPRISE_FAULT(no_crash_after_effects) && place.kind == PointKind::kEffect &&
        place.moment == Moment::kAfter) {
      return ScheduledChoices::at(place);
    }
    if (limits_.crashes && place.moment != Moment::kStored && collect(place)) {
      return Alternative::kPowerOff;
    }
    return ScheduledChoices::at(place);
  }

  std::size_t assign(const PlaceRef& place, const std::vector<std::string>& environments) override {
    if (!chosen_.empty()) {  // the run was resumed to begin with this
      const auto found = std::find(environments.begin(), environments.end(), chosen_);
      chosen_.clear();
      return found == environments.end() ? kStop
                                         : static_cast<std::size_t>(found - environments.begin());
    }
    // Beside an invocation that stands still, processes are not all there is.
    if (!limits_.environments || !simulation_.between_invocations()) return 0;
    return collect(place, environments) ? kStop : 0;
  }

 private:
  // True: the run has joined a known moment.
  bool collect(const PlaceRef& place, const std::vector<std::string>& environments) {
    std::vector<Decision>& decisions = decisions_[simulation_.digest()];
    for (const Decision& known : decisions) {
      if (simulation_.world().equals(known.world)) return known.seen_in_run != run_;
    }
    const DurableState state = simulation_.save();
    decisions.push_back({state.world, run_});
    for (std::size_t i = 1; i < environments.size(); ++i) {
      KnownState other;
      other.state = state;
      other.parent = from_;
      other.event = internal::assign_at(place.spell(), environments[i]);
      other.crashes = from_ == kNone ? 0 : states_[from_].crashes;
      other.seen_in_run = run_;
      states_.add_unjoined(std::move(other));
    }
    return false;
  }
  // True: the run has joined a known state.  (The state at kStored is that of kAfter.)
  bool collect(const PlaceRef& place) {
    const StateDigest digest = simulation_.digest();
    const std::size_t known = states_.find(digest, simulation_.world());
    if (known == kNone) {
      KnownState state;
      state.state = simulation_.save();
      state.world = state.state->world;
      state.parent = from_;
      state.event = internal::crash_at(place.spell());
      state.crashes = (from_ == kNone ? 0 : states_[from_].crashes) + 1;
      state.maybe = simulation_.in_at_most_once_body();
      state.seen_in_run = run_;
      states_.add(digest, std::move(state));
      return false;
    }
    const bool at_rest = REPRISE_FAULT(runs_joined_within_a_step) ||
                         (place.kind == PointKind::kCheckpoint && place.moment == Moment::kAfter);
    if (!at_rest || states_[known].seen_in_run == run_ || !simulation_.quiet()) {
      return false;
    }
    stopped_ = true;
    return true;
  }

  const Simulation& simulation_;
  States& states_;
  const ClosureLimits limits_;
  std::map<StateDigest, std::vector<Decision>> decisions_;
  std::string chosen_;  // environment of the first invocation
  std::size_t run_ = 0;
  std::size_t from_ = kNone;
  bool stopped_ = false;
};

ClosurePath path_to(States& states, std::size_t index) {
  ClosurePath path;
  for (; index != kNone; index = states[index].parent) {
    path.schedule.events.push_back(states[index].event);
    if (states[index].maybe) path.maybe.events.push_back(states[index].event);
  }
  if (REPRISE_FAULT(path_not_reversed)) return path;
  std::reverse(path.maybe.events.begin(), path.maybe.events.end());
  std::reverse(path.schedule.events.begin(), path.schedule.events.end());
  return path;
}

}  // namespace

Closure::Closure(Simulation& simulation, ClosureLimits limits, Schedule base)
    : simulation_(simulation), limits_(limits), base_(std::move(base)) {}

ClosureResult Closure::run(const OnEnd& on_end) {
  States states;
  Collector collector(simulation_, states, base_, limits_);
  ClosureResult result;
  bool found = false;
  std::size_t resumed = kNone;
  under_way_ = [&] {
    Schedule schedule = path_to(states, resumed).schedule;
    schedule.events.insert(schedule.events.end(), base_.events.begin(), base_.events.end());
    return schedule;
  };
  collector.begin(0, kNone);
  found = on_end(simulation_.run(collector, RecordLevel::kOutcome), {});
  result.closed = states.size() == 0;  // a run without any fault point
  // States are appended while the list is walked: breadth first, so that the first path to a
  // finding is short.
  for (std::size_t next = 0; next < states.size(); ++next) {
    if (result.resumes >= limits_.states_max) break;
    if (found && (states[next].crashes > limits_.crashes_after_finding ||
                  result.resumes >= limits_.states_after_finding)) {
      break;
    }
    const std::optional<DurableState> state = std::exchange(states[next].state, std::nullopt);
    collector.begin(next + 1, next);
    resumed = next;
    const RunRecord record = simulation_.run(collector, RecordLevel::kOutcome, &*state);
    ++result.resumes;
    if (on_end(record, has_joined(record) ? ClosurePath() : path_to(states, next))) found = true;
    result.closed = next + 1 == states.size();
  }
  under_way_ = nullptr;
  result.states = static_cast<std::int64_t>(states.size());
  return result;
}

}  // namespace reprise
