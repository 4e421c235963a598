// Laws of refinement: a sound program ends under any schedule as some run without faults ends.

#include <gtest/gtest.h>

#include <string>

#include "property_tests/drawn_schedules.h"
#include "property_tests/generated_scenario.h"
#include "property_tests/property.h"
#include "reprise/checks/checks.h"

namespace reprise::properties {
namespace {

// Under schedules of any kind, which are drawn, nothing is found in a sound program.
TEST(Refinement, HoldsForSoundProgramsUnderAnySchedule) {
  expect_property([] {
    GeneratedScenario generated(*sound_programs(kSmall));
    Program& program = generated.program();
    SampleOptions sampling;
    sampling.runs = 60;
    sampling.seed = *rc::gen::arbitrary<std::uint64_t>();
    const Exploration exploration = Explorer(program, checks::judge(program)).sample(sampling);
    RC_LOG() << show(exploration);
    RC_ASSERT(exploration.sound());
  });
}

// Where a crash leaves nothing in doubt, result and world are those of the run without faults.
TEST(Refinement, IsEqualityWhereNothingIsInDoubt) {
  expect_property([] {
    GeneratedScenario generated(*repeating_programs());
    Program& program = generated.program();
    const Schedule schedule = draw_crashes(program);
    Simulation simulation(program);
    const RunRecord benign = simulation.run(Schedule(), RecordLevel::kOutcome);
    const World::Copy world = program.world.save();
    const RunRecord crashed = simulation.run(schedule, RecordLevel::kOutcome);
    RC_ASSERT(crashed.outcomes == benign.outcomes);
    RC_ASSERT(program.world.equals(world));
    simulation.reset_world();
    RC_ASSERT(Counted::live() == 0);
  });
}

}  // namespace
}  // namespace reprise::properties
