// Laws of replay: what a history holds, its program issues again.

#include "reprise/record/replay.h"

#include <gtest/gtest.h>

#include <string>

#include "property_tests/drawn_schedules.h"
#include "property_tests/generated_scenario.h"
#include "property_tests/property.h"
#include "reprise/record/history_file.h"

namespace reprise::properties {
namespace {

const HandlerFunction& handler_of(const Program& program, const std::string& name) {
  for (const Function& function : program.functions) {
    if (function.config.name == name) return function.handler;
  }
  return program.functions.front().handler;
}

// Over any prefix of any history that it wrote, a program asks for the operations of that history
// and no others, and over the whole of it ends as it has ended.
TEST(Replay, OfAnyPrefixIssuesTheSameOperations) {
  expect_property([] {
    GeneratedScenario generated(*sound_programs());
    Program& program = generated.program();
    const RunRecord record = full_run(program, draw_crashes(program));
    History history;
    history.events = record.histories.at("program");
    RC_LOG() << write_history(history);
    const ReplayResult result = replay_history(handler_of(program, "program"), history);
    RC_LOG() << result.status << "\n"
             << (result.difference ? describe(*result.difference) : std::string());
    RC_ASSERT(result.compatible());
    RC_ASSERT(result.prefixes > 0);
    RC_ASSERT(Counted::live() == 0);
  });
}

// A replay runs no step body: the world stays as it is.
TEST(Replay, ChangesNothing) {
  expect_property([] {
    GeneratedScenario generated(*sound_programs());
    Program& program = generated.program();
    const RunRecord record = full_run(program, draw_crashes(program));
    History history;
    history.events = record.histories.at("program");
    const World::Copy before = program.world.save();
    RC_ASSERT(replay_history(handler_of(program, "program"), history).status.ok());
    RC_ASSERT(program.world.equals(before));
  });
}

}  // namespace
}  // namespace reprise::properties
