#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "reprise/choices/schedule.h"
#include "reprise/runtime/run_record.h"
#include "reprise/runtime/simulation.h"

namespace reprise {

/// Sets of sibling branches, as paths of operations: {"order/pack#1/a#1", "order/pack#1/b#1"}.
using BranchGroups = std::vector<std::vector<std::string>>;

struct InterleavingLimits {
  std::int64_t runs_max = 300;
};

struct InterleavingResult {
  std::int64_t runs = 0;
  bool exhausted = false;  ///< every class of orders was run
};

/// Orders of concurrent branches, operation by operation, with dynamic partial-order reduction.
///
/// Two operations of different branches are dependent when both touch the same object of a fake and
/// one of them changes it; a body that touches nothing that a fake tells of depends on every
/// change. Orders that differ only in operations that are not dependent are one class, of which one
/// order is run.
class Interleavings {
 public:
  /// Judges the end of a run.  True: something is wrong, and no further order is tried.
  using OnRun = std::function<bool(const RunRecord& record, const Schedule& order)>;

  Interleavings(Simulation& simulation, BranchGroups groups, InterleavingLimits limits);

  InterleavingResult run(const Schedule& base, const OnRun& on_run);

  /// Orders drawn from a seed, for where there are too many: by turns uniformly at each point, by
  /// priorities of the branches that change a few times (PCT), and with some branches held back as
  /// long as others can go on (swarm).  Returns how many were run.
  std::int64_t sample(const Schedule& base, std::int64_t count, std::uint64_t seed,
                      const OnRun& on_run);

 private:
  Simulation& simulation_;
  BranchGroups groups_;
  InterleavingLimits limits_;
};

}  // namespace reprise
