// The part of Explorer that knows what runs are held against.

#include <algorithm>
#include <optional>
#include <utility>

#include "reprise/explore/explorer.h"
#include "reprise/explore/internal/events.h"
#include "reprise/explore/internal/run_facts.h"
#include "reprise/explore/variants.h"

namespace reprise {

using internal::changes_of;
using internal::is_about_ambient_call;
using internal::prefer;
using internal::reorder;

namespace {

bool takes_long_steps(const Schedule& environment) {
  return std::any_of(environment.events.begin(), environment.events.end(),
                     [](const ScheduleEvent& event) { return event.subject == kEveryStep; });
}

/// It says at most which branch goes first, and that hidden inputs vary.
bool orders_only(const Schedule& schedule) {
  using Kind = ScheduleEvent::Kind;
  return std::all_of(schedule.events.begin(), schedule.events.end(), [](const ScheduleEvent& each) {
    return each.kind == Kind::kPrefer || each.kind == Kind::kSwitch || each.kind == Kind::kVary;
  });
}

Schedule without_variation(Schedule schedule) {
  std::erase_if(schedule.events, [](const ScheduleEvent& event) {
    return event.kind == ScheduleEvent::Kind::kVary;
  });
  return schedule;
}

}  // namespace

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
  if (ended.record.end != RunEnd::kCompleted || !ended.record.unreached.empty() ||
      changes_of(ended.record) != changes_of(record)) {
    return false;
  }
  const std::vector<Finding> held = judge_(program_.world, ended, references);
  return std::all_of(held.begin(), held.end(), is_about_ambient_call);
}

// A fault takes time, so another input of a race may come first.  When callbacks, messages and
// results arrive is free, and what a run without faults gives when they do is allowed.
bool Explorer::only_arrivals_differ(const Schedule& schedule, const EndedRun& ended,
                                    const References& references,
                                    const std::vector<Finding>& findings) {
  const auto about_outcome = [](const Finding& f) {
    return f.verdict == Verdict::kUnstableOutcome || f.verdict == Verdict::kLostEffect ||
           f.verdict == Verdict::kOrphanEffect;
  };
  if (!ended.record.incidents.empty() ||
      std::none_of(findings.begin(), findings.end(), about_outcome)) {
    return false;
  }
  // Where nothing takes time, nothing comes early or late.  Branches that run together are no
  // reference for themselves then, and where steps take long, no order keeps them apart.
  const bool serial = !serial_orders_.empty() && orders_only(schedule);
  References wider = references;
  for (const Schedule& environment : other_arrivals(program_, groups_, schedule)) {
    if (!serial) wider.crash_free.push_back(environment_run(environment));
    if (!serial || takes_long_steps(environment)) continue;
    for (const Schedule& order : serial_orders_) {
      Schedule one_by_one = environment;
      one_by_one.events.insert(one_by_one.events.end(), order.events.begin(), order.events.end());
      wider.crash_free.push_back(environment_run(one_by_one));
    }
  }
  if (wider.crash_free.size() == references.crash_free.size()) return false;
  const std::vector<Finding> left = judge_(program_.world, ended, wider);
  return std::all_of(left.begin(), left.end(), is_about_ambient_call);
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
    EndedRun run = end_of(simulation_.run(with, RecordLevel::kOutcome));
    // A handler that a hidden input leads astray ends there, and says nothing of the crash.
    const Schedule steady = without_variation(with);
    if (run.record.incidents.empty() || steady == with) return run;
    ++certificate_.runs;
    return end_of(simulation_.run(steady, RecordLevel::kOutcome));
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
  const bool excuses = excuses_promises(schedule, record);
  const bool violated =
      std::any_of(record.violations.begin(), record.violations.end(),
                  [&](const auto& each) { return !excuses || !is_excused(each); });
  if (!record.incidents.empty() || violated) return true;
  if (calls_what_is_forbidden(record)) return true;
  const bool in_teardown = std::any_of(record.ledger.begin(), record.ledger.end(),
                                       [](const LedgerEntry& entry) { return entry.in_teardown; });
  if (in_teardown) return true;
  if (record.end == RunEnd::kPoweredOff) return false;
  if (program_.without.contains(Mechanism::kRefinement)) {
    return record.end != RunEnd::kCompleted && !program_.without.contains(Mechanism::kProgress);
  }
  return record.end != RunEnd::kCompleted || !matches_reference(record, schedule);
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

void Explorer::add_reordered_references() {
  for (std::size_t i = 1; i < program_.starts.size(); ++i) {
    const Schedule schedule{{reorder(program_.starts[i].name)}};
    ++certificate_.runs;
    references_.crash_free.push_back(end_of(simulation_.run(schedule, RecordLevel::kOutcome)));
  }
}

}  // namespace reprise
