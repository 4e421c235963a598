#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "reprise/choices/schedule.h"
#include "reprise/runtime/run_record.h"
#include "reprise/runtime/simulation.h"

namespace reprise {

struct ClosureLimits {
  std::int64_t states_max = 200000;
  int crashes_after_finding = 2;
  std::int64_t states_after_finding = 5000;
  bool crashes = true;       ///< crash wherever the run passes
  bool environments = true;  ///< let each invocation be served by every environment that may
};

/// How a state was reached: the crashes on the way, and the environments that were chosen.
struct ClosurePath {
  Schedule schedule;
  Schedule maybe;  ///< those of them that hit something that nobody repeats, such as an
                   ///< at-most-once step
};

struct ClosureResult {
  bool closed = false;
  std::int64_t states = 0;
  std::int64_t resumes = 0;
};

/// The run has stopped where another one goes on, and nothing was wrong by then.
inline bool has_joined(const RunRecord& record) {
  return record.end == RunEnd::kPoweredOff && record.incidents.empty() && record.violations.empty();
}

/// Any number of crashes, by fixpoint.
///
/// After a crash, everything that goes on is in the durable state.  So each state that a run passes
/// is copied once, and a run is resumed from each copy; the run stops as soon as it passes, *with
/// no operation in flight*, a state that was known before it began: a deterministic handler goes on
/// from there as the resume from that state does.  (In the middle of an operation the same records
/// may hide different progress of the body; joining there loses bugs.)  When no new state turns up,
/// every number of crashes is covered.  For a deterministic handler the number of resumes is linear
/// in its operations.
///
/// Where the world has an EnvironmentPool, each invocation is served by every candidate: the state
/// before it is copied once for each.  No process is running then, so a run that comes to such a
/// state a second time is stopped there whatever is in flight.
class Closure {
 public:
  /// Judges the end of a run; the world holds what the run left.  True: something is wrong.  Runs
  /// that have joined another one (`has_joined`) are shown too, without their path.
  using OnEnd = std::function<bool(const RunRecord& record, const ClosurePath& path)>;

  /// `base`: what is the same in all runs, hidden inputs that vary for instance; no crashes.
  Closure(Simulation& simulation, ClosureLimits limits, Schedule base);

  ClosureResult run(const OnEnd& on_end);

  /// While it runs: the schedule that leads to where it is.
  Schedule under_way() const { return under_way_ ? under_way_() : base_; }

 private:
  Simulation& simulation_;
  ClosureLimits limits_;
  Schedule base_;
  std::function<Schedule()> under_way_;
};

}  // namespace reprise
