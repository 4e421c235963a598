// Laws of what is found: a known flaw is planted into a sound program.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "property_tests/exploration_support.h"
#include "property_tests/generated_scenario.h"
#include "property_tests/property.h"
#include "reprise/checks/checks.h"
#include "reprise/explore/fixture_replay.h"

namespace reprise::properties {
namespace {

constexpr ProgramSize kAround{2, 1};

/// The planted flaw of a program.
Flaw flaw_of(const GeneratedProgram& program) {
  Flaw flaw = Flaw::kNone;
  for_each(program.statements, [&](const Statement& statement) {
    if (statement.kind == Statement::Kind::kFlaw) flaw = statement.flaw;
  });
  return flaw;
}

class Flaws : public testing::TestWithParam<Flaw> {};

// Each planted flaw is found, under its verdict and by at most three events, and nothing else is.
TEST_P(Flaws, AreFoundUnderTheirVerdict) {
  expect_property([] {
    GeneratedScenario generated(*programs_with_flaw(GetParam(), kAround));
    Program& program = generated.program();
    // Only another order of its branches shows it.
    const Exploration exploration = GetParam() == Flaw::kCheckThenSet
                                        ? Explorer(program, checks::judge(program)).explore()
                                        : closure_of(program);
    RC_LOG() << show(exploration);
    bool found = false;
    for (const ReportedFinding& each : exploration.findings) {
      RC_LOG() << to_string(each.finding.verdict) << "\n";
      RC_ASSERT(may_be_reported_as(GetParam(), each.finding.verdict));
      RC_ASSERT(each.schedule.size() <= 3U);
      found = found || each.finding.verdict == verdict_of(GetParam());
    }
    RC_ASSERT(found);
    RC_ASSERT(internal::live_frames() == 0);
    RC_ASSERT(Counted::live() == 0);
  });
}

std::string test_name(const testing::TestParamInfo<Flaw>& info) {
  std::string name(to_string(info.param));
  std::erase_if(name, [](char c) { return c == '(' || c == ')'; });
  std::replace_if(
      name.begin(), name.end(),
      [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(Planted, Flaws, testing::ValuesIn(all_flaws()), test_name);

// From any of these schedules no event can be dropped, and the fixture of each goes to a file and
// back and shows the same again.
TEST(PlantedFlaw, HasAMinimalScheduleAndAFixture) {
  expect_property([] {
    GeneratedScenario generated(*programs_with_any_flaw(kAround));
    // It remembers runs, and has to be looked at in processes that have none behind them.
    RC_PRE(flaw_of(generated.source()) != Flaw::kStaticState);
    Program& program = generated.program();
    for (const ReportedFinding& found : closure_of(program).findings) {
      const Finding& finding = found.finding;
      const FindingKey key{std::string(to_string(finding.verdict)), finding.operation,
                           finding.subject};
      RC_LOG() << describe(found.schedule);
      for (std::size_t i = 0; i < found.schedule.size(); ++i) {
        Schedule without = found.schedule;
        without.events.erase(without.events.begin() + static_cast<std::ptrdiff_t>(i));
        RC_ASSERT(findings_under(program, without).count(key) == 0U);
      }
      const Fixture fixture = fixture_of(program, found);
      const absl::StatusOr<Fixture> read = parse_fixture(write_fixture(fixture), "fixture");
      RC_ASSERT(read.ok());
      RC_ASSERT(*read == fixture);
      const ReplayedFixture replayed = replay_fixture(program, checks::judge(program), *read);
      RC_ASSERT(to_string(replayed.outcome) == to_string(FixtureOutcome::kReproduces));
    }
  });
}

}  // namespace
}  // namespace reprise::properties
