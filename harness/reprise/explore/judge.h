#pragma once

#include <functional>
#include <vector>

#include "reprise/record/finding.h"
#include "reprise/runtime/run_record.h"
#include "reprise/world/world.h"

namespace reprise {

/// A run with the world it left behind.
struct EndedRun {
  RunRecord record;
  World::Copy world;
};

/// What runs are held against: every result and world that some run without faults gives.
struct References {
  std::vector<EndedRun> crash_free;
  /// For a run whose crashes hit what nobody repeats, an at-most-once step in flight or a plain
  /// function: the runs with those crashes only, for each order of starts.  Whether such an effect
  /// happened is unknown (the third value, maybe), so their outcomes are allowed too.
  std::vector<EndedRun> maybe;
  /// When there are several such crashes: the runs with all of them but one.  What that one
  /// interrupted runs whole there, also where only the others lead to it.
  std::vector<EndedRun> maybe_but_one;
  /// Every ambient call in handler code is wrong (ExploreOptions).
  bool strict_ambient_calls = false;
};

/// Says what is wrong with a run; empty: nothing.  `world` tells whether worlds can be compared.
using Judge = std::function<std::vector<Finding>(const World& world, const EndedRun& run,
                                                 const References& references)>;

}  // namespace reprise
