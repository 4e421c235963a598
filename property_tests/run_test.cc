// Laws of single runs, over generated handlers and schedules of crashes.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "property_tests/drawn_schedules.h"
#include "property_tests/exploration_support.h"
#include "property_tests/generated_scenario.h"
#include "property_tests/property.h"
#include "reprise/sdk/task.h"

namespace reprise::properties {
namespace {

/// By id, which says where in the program an operation is; branches may reach theirs in any order.
std::vector<IssuedOperation> sorted(std::vector<IssuedOperation> operations) {
  std::sort(operations.begin(), operations.end(),
            [](const IssuedOperation& a, const IssuedOperation& b) { return a.id < b.id; });
  return operations;
}

// The same schedule gives the same record: with a simulation of its own, and after other runs.
TEST(Run, IsAFunctionOfItsSchedule) {
  expect_property([] {
    GeneratedScenario generated(*rc::gen::oneOf(sound_programs(), flawed_programs()));
    const Schedule schedule = draw_crashes(generated.program());
    const std::string alone = dump(full_run(generated.program(), schedule));
    Simulation simulation(generated.program());
    simulation.run(Schedule());
    RC_ASSERT(dump(simulation.run(schedule)) == alone);
    RC_ASSERT(dump(simulation.run(schedule)) == alone);
    simulation.reset_world();
  });
}

// Every crash of a schedule whose places were passed is reached, the execution ends, nothing is
// refused and no frame is left.
TEST(Run, ReachesItsEvents) {
  expect_property([] {
    GeneratedScenario generated(*sound_programs());
    const Schedule schedule = draw_crashes(generated.program());
    const RunRecord record = full_run(generated.program(), schedule);
    RC_ASSERT(record.unreached.empty());
    RC_ASSERT(record.crashes == static_cast<int>(schedule.size()));
    RC_ASSERT(record.end == RunEnd::kCompleted);
    RC_ASSERT(record.incidents.empty());
    RC_ASSERT(internal::live_frames() == 0);
    RC_ASSERT(Counted::live() == 0);
  });
}

// Resumed from a power cut at any place, a program issues the operations of the run without faults,
// in their order unless there are branches; where the cut leaves nothing in doubt, they end alike.
TEST(Run, IssuesTheSameOperationsWhereverItIsResumed) {
  expect_property([] {
    GeneratedScenario generated(*rc::gen::oneOf(sound_programs(), repeating_programs()));
    const std::vector<ResumedRun> runs = resume_everywhere(generated.program());
    for (const ResumedRun& run : runs) {
      RC_LOG() << "crash " << run.crash << "\n";
      RC_ASSERT(run.record.incidents.empty());
      RC_ASSERT(run.record.end == RunEnd::kCompleted);
      if (run.maybe) continue;
      RC_ASSERT(run.record.outcomes == runs.front().record.outcomes);
      const bool ordered = !has_branches(generated.source());
      RC_ASSERT(!ordered || run.operations == runs.front().operations);
      RC_ASSERT(sorted(run.operations) == sorted(runs.front().operations));
    }
  });
}

}  // namespace
}  // namespace reprise::properties
