#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <source_location>
#include <string>
#include <vector>

#include "reprise/choices/schedule.h"
#include "reprise/record/fixture.h"
#include "reprise/report/json_report.h"
#include "reprise/testing/scenario.h"

namespace reprise::internal {

/// What EXPECT_DURABLE and its kin found out about a scenario, before anything is written or said.
struct CheckedScenario {
  ExplorationReport report;
  /// For each finding of the report that one can replay.
  struct Evidence {
    std::optional<Fixture> fixture;
    std::string problem;  ///< the fixture does not show it again: why
  };
  std::vector<Evidence> evidence;
  std::string shortcoming;  ///< what else makes the check fail; "": nothing
  std::string verbose;      ///< what --reprise_verbose says when it passes

  bool passes() const { return report.sound() && shortcoming.empty(); }
};

/// Writes fixtures and reports of a scenario that was checked, and says what is wrong with it; "":
/// nothing.
std::string conclude(CheckedScenario& checked);

/// A property under test: a body that is called for one case after the other.  What its cases find
/// is kept and not written, until it is known which case is the smallest that fails.  Knows nothing
/// of RapidCheck, which reprise/testing/rapidcheck.h puts on top.
class PropertyRun {
 public:
  PropertyRun();
  ~PropertyRun();
  PropertyRun(const PropertyRun&) = delete;

  /// The property whose case is running; nullptr outside properties.
  static PropertyRun* now();

  /// Runs a case and catches what EXPECT_* and ASSERT_* report; "": it passes.  Behind the budget
  /// of runs the body is not called.  Exceptions pass through.
  std::string run_case(const std::function<void()>& body);
  /// True: the case that was run last was discarded, or skipped by GTEST_SKIP().
  bool skipped() const { return skipped_; }
  /// The running case says nothing, as if skipped.
  void discard() { skipped_ = true; }
  /// The case that was run last is the smallest failing one so far.
  void keep_case() { kept_ = std::move(current_); }

  /// What checks of the running case tell.
  void add(CheckedScenario checked);
  void add_replay(std::string outcome, bool passes);

  /// The fixture of --reprise_fixture when it is of this property: its case is run alone.
  const Fixture* fixture() const { return fixture_ ? &*fixture_ : nullptr; }
  void replay(Fixture fixture) { fixture_ = std::move(fixture); }
  /// Of the case that was run last.
  const std::string& replayed() const { return replayed_; }
  bool replay_passes() const { return replay_passes_; }

  /// Writes the fixtures of the kept case, `drawn` in each, and gives its screens.
  std::string conclude_kept(const std::string& drawn);

  std::int64_t runs() const { return runs_; }
  int cases() const { return cases_; }  ///< those whose body was called

 private:
  PropertyRun* before_;
  std::vector<CheckedScenario> current_;
  std::vector<CheckedScenario> kept_;
  std::optional<Fixture> fixture_;
  std::string replayed_;
  bool replay_passes_ = false;
  bool skipped_ = false;
  std::int64_t runs_ = 0;
  int cases_ = 0;
};

/// "Suite.Name" of the running test.
std::string property_id();
/// The seed as it was given, when it was: the text behind the number.
std::string seed_text(std::uint64_t seed);
/// Fails the running test at `location`, or tells of a success when --reprise_verbose is given.
void end_property(const PropertyRun& run, bool passed, const std::string& message,
                  const std::source_location& location);

/// Every place that the run under `schedule` passes after its last crash; the world is left as it
/// was.
std::vector<Place> places_under(Scenario& scenario, const Schedule& schedule);
/// False: an event of it never comes into play.
bool is_reached(Scenario& scenario, const Schedule& schedule);

}  // namespace reprise::internal
