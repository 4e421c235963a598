#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>

#include "reprise/explore/explorer.h"
#include "reprise/explore/fixture_replay.h"
#include "reprise/explore/upgrade_pair.h"
#include "reprise/record/finding.h"
#include "reprise/record/fixture.h"
#include "reprise/record/upgrade.h"
#include "reprise/testing/scenario.h"

/// Explores a scenario (reprise::Scenario): the run without faults, every hidden input, overlapping
/// starts, and any number of crashes at every fault point.  On failure it prints one screen a
/// finding and writes each minimal schedule as a fixture file.  Certificate, verdicts, first
/// schedule and fixture become properties of the test (junit_properties).
///
/// Flags, taken from the command line of the test program (no own main is needed):
///   --reprise_fixture=FILE      replay this fixture instead of exploring, in the scenario it
///   belongs to
///   --reprise_fixture_dir=DIR   where fixtures are written (default: reprise_fixtures)
///   --reprise_report_dir=DIR    write each exploration as DIR/<Suite.Test>.<scenario>.json and
///   .html
///   --reprise_jobs=N            share the work among N processes; a handler that takes its process
///   down is then a finding, with its schedule
///   --reprise_split             with GTEST_TOTAL_SHARDS and GTEST_SHARD_INDEX: each shard runs
///   every test and explores a part of each scenario; `reprise merge` joins the reports
///   --reprise_replays=N         replay each fixture so often, in fresh processes, before a failure
///   is reported (default: 1)
///   --reprise_coverage_min=N    fail when less than N percent of what can happen where was tried
///   --reprise_seed=X            what properties (reprise/testing/rapidcheck.h) and samples are
///   drawn from: a number or any text, a commit for instance
///   --reprise_cases=N           cases of each property (default: what it says, or 100)
///   --reprise_runs=N            no further cases of a property after so many runs of its handlers
///   --reprise_progress          show on a terminal how far an exploration is
///   --reprise_verbose           print certificate and coverage of scenarios that pass, and notes
#define EXPECT_DURABLE(scenario) EXPECT_PRED_FORMAT1(::reprise::internal::check_durable, scenario)
#define ASSERT_DURABLE(scenario) ASSERT_PRED_FORMAT1(::reprise::internal::check_durable, scenario)

/// For a scenario whose closure is too much: draws schedules from --reprise_seed, `runs` runs
/// together, instead of the closure.  What it does not find is not ruled out.
#define EXPECT_DURABLE_SAMPLED(scenario, runs) \
  EXPECT_PRED_FORMAT2(::reprise::internal::check_sampled, scenario, runs)

/// One schedule, judged like all others and shrunk; one that names a place which is never passed is
/// a failure.
#define EXPECT_DURABLE_UNDER(scenario, schedule) \
  EXPECT_PRED_FORMAT2(::reprise::internal::check_under, scenario, schedule)

/// Explores a scenario that is known to be wrong: passes when a finding with this verdict turns up,
/// shrunk to at most `events_max` events, and nothing with another verdict.
#define EXPECT_FINDS(scenario, verdict, events_max) \
  EXPECT_PRED_FORMAT3(::reprise::internal::check_finds, scenario, verdict, events_max)

/// Checks that executions under way can go on with another version of a handler
/// (reprise/record/upgrade.h): fails with one screen for each history that breaks.
///
///     EXPECT_UPGRADABLE("histories/order", make_handler(order));  // files of the old version
///     EXPECT_UPGRADABLE(before, after);  // two scenarios: both directions, recorded on the spot
#define EXPECT_UPGRADABLE(histories, new_version) \
  EXPECT_PRED_FORMAT2(::reprise::internal::check_upgradable, histories, new_version)

/// The way back: files of the new version, on the handler of the old one.
#define EXPECT_ROLLS_BACK(histories, old_version) \
  EXPECT_PRED_FORMAT2(::reprise::internal::check_rolls_back, histories, old_version)

/// Makes a scenario known by name, so that fixtures can be replayed in it.  `Type` is
/// default-constructible, holds world and handlers, and has `Scenario scenario()`.
#define REPRISE_REGISTER_SCENARIO(name, Type)                                      \
  [[maybe_unused]] static const bool REPRISE_CONCAT(reprise_scenario_, __LINE__) = \
      ::reprise::internal::register_scenario(name, [] {                            \
        return std::unique_ptr<::reprise::internal::OwnedScenario>(                \
            std::make_unique<::reprise::internal::OwnedScenarioOf<Type>>());       \
      })

/// Makes a test `suite.<file>` of every fixture file below `directory`; a missing directory, a file
/// that cannot be read and a scenario that is not registered fail as tests.
#define REPRISE_FIXTURE_TESTS(suite, directory)                                    \
  [[maybe_unused]] static const bool REPRISE_CONCAT(reprise_fixtures_, __LINE__) = \
      ::reprise::internal::register_fixture_tests(#suite, directory, __FILE__, __LINE__)

#define REPRISE_CONCAT_INNER(a, b) a##b
#define REPRISE_CONCAT(a, b) REPRISE_CONCAT_INNER(a, b)

namespace reprise {

/// A fixture that was replayed: what it shows, for programs and for readers.
struct FixtureReplay {
  FixtureOutcome outcome = FixtureOutcome::kStale;
  std::string report;  ///< for the reader: the one screen, or what is stale
};

/// Runs the fixture's schedule from the start and judges it.
FixtureReplay replay_fixture(Scenario& scenario, const Fixture& fixture);

namespace internal {

testing::AssertionResult check_durable(const char* expression, Scenario& scenario);
testing::AssertionResult check_sampled(const char* scenario_expression, const char* runs_expression,
                                       Scenario& scenario, std::int64_t runs);
testing::AssertionResult check_under(const char* scenario_expression,
                                     const char* schedule_expression, Scenario& scenario,
                                     const Schedule& schedule);
testing::AssertionResult check_finds(const char* scenario_expression,
                                     const char* verdict_expression, const char* events_expression,
                                     Scenario& scenario, Verdict verdict, int events_max);

testing::AssertionResult check_upgradable(const char* histories_expression,
                                          const char* version_expression,
                                          const std::string& histories,
                                          const HandlerFunction& new_version);
testing::AssertionResult check_upgradable(const char* before_expression,
                                          const char* after_expression, Scenario& before,
                                          Scenario& after);
testing::AssertionResult check_rolls_back(const char* histories_expression,
                                          const char* version_expression,
                                          const std::string& histories,
                                          const HandlerFunction& old_version);

class OwnedScenario {
 public:
  virtual ~OwnedScenario() = default;
  virtual Scenario& scenario() = 0;
};

template <class Type>
class OwnedScenarioOf final : public OwnedScenario {
 public:
  Scenario& scenario() override { return scenario_; }

 private:
  Type definition_;
  Scenario scenario_ = definition_.scenario();
};

using ScenarioFactory = std::unique_ptr<OwnedScenario> (*)();
bool register_scenario(const std::string& name, ScenarioFactory factory);
/// Replays one fixture file; what is wrong is a failure at `file` and `line` that begins with
/// `path`.
void check_fixture(const std::string& path, const char* file, int line);
bool register_fixture_tests(const char* suite, const std::string& directory, const char* file,
                            int line);

}  // namespace internal
}  // namespace reprise
