// Laws of upgrades, over generated handlers.

#include <gtest/gtest.h>

#include "property_tests/generated_scenario.h"
#include "property_tests/property.h"
#include "reprise/explore/upgrade_pair.h"

namespace reprise::properties {
namespace {

constexpr std::int64_t kRuns = 60;

// Nothing has changed: each history of a program, cut anywhere, can go on with that program.
TEST(Upgrade, AProgramFitsItself) {
  expect_property([] {
    GeneratedScenario generated(*sound_programs(kSmall));
    HistoryBounds bounds;
    bounds.crashes = 2;
    bounds.runs_max = kRuns;
    const UpgradePairReport report =
        check_upgrade(generated.program(), generated.program(), {}, bounds);
    RC_LOG() << describe(report);
    RC_ASSERT(report.ok());
    for (const HistoryUpgrade& history : report.forward.histories) {
      RC_ASSERT(history.notes.empty());
    }
  });
}

}  // namespace
}  // namespace reprise::properties
