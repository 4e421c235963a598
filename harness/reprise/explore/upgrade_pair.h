#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reprise/explore/scenario.h"
#include "reprise/record/upgrade.h"

namespace reprise {

/// How many histories of a scenario are recorded.
struct HistoryBounds {
  int crashes = 1;                ///< in a run, at every fault point
  std::int64_t runs_max = 10000;  ///< reaching it is said (RecordedHistories::bounded)
};

/// A history with the function whose execution it is of.
struct RecordedHistory {
  NamedHistory named;  ///< "order", "order (crash after effect 1 of order/charge#1, attempt 1)"
  std::string function;
};

struct RecordedHistories {
  std::vector<RecordedHistory> histories;
  std::int64_t runs = 0;
  bool bounded = false;  ///< runs_max was reached: there may be more
};

/// The histories of the executions of a program: those of the run without faults, then what is new
/// in the runs with crashes.  Histories are the same when their events of operations are, times
/// aside.  The world is left as it was.
RecordedHistories record_histories(Program& program, const HistoryBounds& bounds = {});
inline RecordedHistories record_histories(Scenario& scenario, const HistoryBounds& bounds = {}) {
  return record_histories(scenario.program(), bounds);
}

/// Two versions of a handler, in both directions.
struct UpgradePairReport {
  UpgradeReport forward;    ///< histories of the old version, on the new one
  UpgradeReport roll_back;  ///< histories of the new version, on the old one
  std::int64_t runs = 0;
  bool bounded = false;

  bool ok() const { return forward.ok() && roll_back.ok(); }
};

/// Records the histories of each version, and checks each on the functions of the other that have
/// the same name.  A durable function that the other version does not have is an error of its
/// histories.  `options.direction` is not looked at.
///
///     UpgradePairReport report = check_upgrade(before, after);
///     EXPECT_TRUE(report.ok()) << describe(report);
///
/// Each version has a world of its own; their starts should be alike.
UpgradePairReport check_upgrade(Program& before, Program& after, const UpgradeOptions& options = {},
                                const HistoryBounds& bounds = {});
inline UpgradePairReport check_upgrade(Scenario& before, Scenario& after,
                                       const UpgradeOptions& options = {},
                                       const HistoryBounds& bounds = {}) {
  return check_upgrade(before.program(), after.program(), options, bounds);
}

/// describe(UpgradeReport) of both directions, and how many runs were recorded.
std::string describe(const UpgradePairReport& report);

}  // namespace reprise
