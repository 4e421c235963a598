#pragma once

#include <functional>
#include <string>
#include <vector>

#include "reprise/explore/scenario.h"
#include "reprise/runtime/mutant.h"

namespace reprise {

/// How much of what can go wrong with a durable handler a suite of tests notices.
struct DurabilityScore {
  std::vector<Mutant> noticed;
  std::vector<Mutant> survivors;
  /// What changes nothing that can be observed, and so counts for nothing: the result of a pure
  /// read that is forgotten, for instance.
  std::vector<Mutant> equivalent;

  int total() const { return static_cast<int>(noticed.size() + survivors.size()); }
  /// "durability score 12/14\n  survives: order/charge#1: its result is forgotten\n".
  std::string text() const;
};

/// Runs `suite` once for each mistake that the run time can impersonate in the handlers of
/// `scenario`, and says which it notices: by a failing EXPECT_* or ASSERT_*, or by an exception.
///
///     const DurabilityScore score = durability_score(scenario, [&] { EXPECT_DURABLE(scenario); });
///     EXPECT_TRUE(score.survivors.empty()) << score.text();
///
/// The suite must pass without any mutant; ProgramError says so when it does not.  No fixtures are
/// written meanwhile.  One thread.
DurabilityScore durability_score(Scenario& scenario, const std::function<void()>& suite);

}  // namespace reprise
