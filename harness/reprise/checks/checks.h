#pragma once

#include <vector>

#include "reprise/explore/judge.h"
#include "reprise/record/finding.h"
#include "reprise/runtime/program.h"

namespace reprise::checks {

// Pure functions: a run record in, findings out.  `judge` puts them together.

/// What the SDK reported: divergent operations and arguments (S-10, S-11), records never visited,
/// broken contracts, quotas.
std::vector<Finding> incidents(const RunRecord& record, const MechanismSet& without = {});

/// An execution that cannot end, or does not stop.
std::vector<Finding> progress(const RunRecord& record);

/// Effects that no step owns and that a replay makes again; effects while frames are destroyed.
std::vector<Finding> unowned_effects(const RunRecord& record);

/// Calls past the world that handler code makes outside steps: sleeping and starting threads, which
/// cannot be right, and all others if `strict`.  Only with reprise::guard.
std::vector<Finding> ambient_calls(const RunRecord& record, bool strict);

/// Invariants of the test's author.
std::vector<Finding> invariants(const std::vector<Invariant>& invariants, const RunRecord& record);

/// The oracle: result and world must equal those of some run without faults (PROTOCOL 13.4 says
/// what may differ).  When they do not, the ledger says in which way.
std::vector<Finding> refinement(const World& world, const EndedRun& run,
                                const References& references);

/// All checks.  A handler that is not deterministic or breaks the contract is reported as that and
/// judged no further.  `program` must outlive the judge.
Judge judge(const Program& program);

}  // namespace reprise::checks
