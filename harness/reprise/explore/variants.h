#pragma once

#include <string>
#include <vector>

#include "reprise/choices/schedule.h"
#include "reprise/explore/interleavings.h"
#include "reprise/runtime/mechanism.h"
#include "reprise/runtime/program.h"
#include "reprise/runtime/run_record.h"

namespace reprise {

/// What the run without faults tells about where others can differ from it.
struct BenignRun {
  const RunRecord& record;  ///< written down in full
  const std::vector<Place>& places;
  const std::vector<std::vector<std::string>>& ready;  ///< at each branch point
};

/// A run that differs from the benign one in something that is no crash.
struct Variant {
  Mechanism mechanism = Mechanism::kFaults;
  Schedule schedule;
  /// It leads to code that no other run reaches: crashes are tried in it too.
  bool opens_states = false;
};

/// M6: the service and the network fail, effects fail.
std::vector<Variant> fault_variants(const BenignRun& benign);
/// M8: each branch goes first, and all of them in reverse order.
std::vector<Variant> branch_variants(const BenignRun& benign);
/// M9: callbacks, messages and results arrive early, late, twice, with other contents or never.
std::vector<Variant> arrival_variants(const Program& program, const BenignRun& benign);
/// M10: an invocation is given up and goes on; a caller starts again.
std::vector<Variant> overlap_variants(const Program& program, const BenignRun& benign);
/// M13: quotas just below what the run needs.
std::vector<Variant> limit_variants(const BenignRun& benign);

/// Variants of one kind.
struct VariantFamily {
  const char* what = "";  ///< for the certificate: "faults"
  std::vector<Variant> variants;
};
/// All of the above, in the order in which they are tried; not those of mechanisms that are
/// switched off, and no empty ones.
std::vector<VariantFamily> all_variants(const Program& program, const BenignRun& benign);

/// The branches of a run.
BranchGroups branches_of(const BenignRun& benign);

/// What a run under `schedule` may end like, besides the runs without faults: runs in which the
/// same happens from outside, without crashes.  What is its own reference is among them.
std::vector<Schedule> legal_environments(const Schedule& schedule);

/// Runs without faults in which what `schedule` leaves alone arrives at once, or late, and runs in
/// which one of the branches comes first.
std::vector<Schedule> other_arrivals(const Program& program, const BranchGroups& groups,
                                     const Schedule& schedule);

}  // namespace reprise
