#include "reprise/testing/durability_score.h"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <set>

#include "reprise/explore/internal/events.h"
#include "reprise/explore/internal/place_recorder.h"
#include "reprise/runtime/simulation.h"

namespace reprise {
namespace {

/// The first failure of the suite; nothing when it passes.
std::optional<std::string> failure_of(const std::function<void()>& suite) {
  testing::TestPartResultArray results;
  try {
    const testing::ScopedFakeTestPartResultReporter reporter(
        testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &results);
    suite();
  } catch (const std::exception& error) {
    return error.what();
  }
  for (int i = 0; i < results.size(); ++i) {
    if (results.GetTestPartResult(i).failed()) return results.GetTestPartResult(i).message();
  }
  return std::nullopt;
}

/// The runs that tell a mutant from the handler itself: without faults, and with a crash behind
/// each thing that is recorded.
std::vector<Schedule> probes(Simulation& simulation) {
  internal::PlaceRecorder recorder{Schedule()};
  simulation.run(recorder, RecordLevel::kOutcome);
  std::vector<Schedule> schedules(1);
  for (const Place& place : recorder.places()) {
    const bool recorded = place.kind == PointKind::kCheckpoint && place.moment == Moment::kAfter;
    if (recorded || place.kind == PointKind::kResponse) {
      schedules.push_back(Schedule{{internal::crash_at(place)}});
    }
  }
  return schedules;
}

bool changes_something(Simulation& simulation, const std::vector<Schedule>& schedules,
                       const Mutant& mutant) {
  const World& world = simulation.world();
  return std::any_of(schedules.begin(), schedules.end(), [&](const Schedule& schedule) {
    const RunRecord usual = simulation.run(schedule, RecordLevel::kOutcome);
    const World::Copy left = world.save();
    const ActiveMutant active(mutant);
    const RunRecord record = simulation.run(schedule, RecordLevel::kOutcome);
    return record.end != usual.end || record.outcomes != usual.outcomes ||
           record.incidents.size() != usual.incidents.size() ||
           record.violations.size() != usual.violations.size() || !world.equals(left);
  });
}

}  // namespace

std::string DurabilityScore::text() const {
  std::string text =
      "durability score " + std::to_string(noticed.size()) + "/" + std::to_string(total()) + "\n";
  for (const Mutant& mutant : survivors) {
    text += "  survives: " + mutant.operation + ": " + std::string(to_string(mutant.kind)) + "\n";
  }
  return text;
}

DurabilityScore durability_score(Scenario& scenario, const std::function<void()>& suite) {
  World& world = scenario.program().world;
  const World::Copy initial = world.save();
  if (const std::optional<std::string> failure = failure_of(suite)) {
    throw ProgramError(scenario.name() +
                       ": the suite fails without any mutant, so it has no score: " + *failure);
  }
  world.restore(initial);  // the suite may have left something
  Simulation simulation(scenario.program());
  std::set<Mutant> mutants;
  {
    const MutantCensus census;
    simulation.run(Schedule(), RecordLevel::kOutcome);
    mutants = census.mutants();
  }
  const std::vector<Schedule> schedules = probes(simulation);
  DurabilityScore score;
  for (const Mutant& mutant : mutants) {
    if (!changes_something(simulation, schedules, mutant)) {
      score.equivalent.push_back(mutant);
      continue;
    }
    world.restore(initial);
    const ActiveMutant active(mutant);
    (failure_of(suite) ? score.noticed : score.survivors).push_back(mutant);
  }
  world.restore(initial);
  return score;
}

}  // namespace reprise
