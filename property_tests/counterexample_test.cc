// A property that fails must show a program that people read at once.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "property_tests/exploration_support.h"
#include "property_tests/generated_scenario.h"
#include "property_tests/property.h"

namespace reprise::properties {
namespace {

using testing::HasSubstr;

TEST(Counterexample, IsASmallFlawedProgram) {
  const PropertyResult result =
      test_property("nothing is ever found", property_configuration(kPrograms), [] {
        GeneratedScenario generated(*flawed_programs());
        RC_ASSERT(closure_of(generated.program()).sound());
      });
  EXPECT_FALSE(result.passed);
  EXPECT_THAT(result.message,
              HasSubstr("Task<int> program(DurableContext ctx) {\n"
                        "  int sum = 0;\n"
                        "  sum += co_await ctx.step(\"s1\", [&] { meter.add(0, 1); return 0; });\n"
                        "  co_return sum;\n"
                        "}\n"));
  EXPECT_THAT(result.message, HasSubstr("RC_PARAMS=\"seed="));
}

TEST(Counterexample, KeepsTheNestingThatItNeeds) {
  const PropertyResult result =
      test_property("no step of a child context fails", property_configuration(kPrograms), [] {
        GeneratedScenario generated(*sound_programs());
        const RunRecord record = full_run(generated.program(), {});
        const auto& history = record.histories.at("program");
        const bool fails = std::any_of(history.begin(), history.end(), [](const Event& event) {
          return event.type == EventType::kStepFailed && event.parent_id.has_value();
        });
        RC_ASSERT(!fails);
      });
  EXPECT_FALSE(result.passed);
  EXPECT_THAT(
      result.message,
      HasSubstr("Task<int> program(DurableContext ctx) {\n"
                "  int sum = 0;\n"
                "  sum += or_minus_1(co_await ctx.try_run_in_child_context(\"s1\", "
                "[&](DurableContext ctx) {\n"
                "    sum += or_minus_1(co_await ctx.try_step(\"s2\", [&](StepContext step) { "
                "if (step.attempt() <= 1) throw Failure(); return 0; }));\n"
                "  }));\n"
                "  co_return sum;\n"
                "}\n"));
}

}  // namespace
}  // namespace reprise::properties
