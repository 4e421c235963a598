// Laws of the exploration, over generated handlers.  Each says in one sentence what holds for every
// program.

#include <gtest/gtest.h>

#include <string>

#include "property_tests/exploration_support.h"
#include "property_tests/generated_scenario.h"
#include "property_tests/property.h"
#include "reprise/checks/checks.h"
#include "reprise/explore/fixture_replay.h"
#include "reprise/record/fixture.h"
#include "reprise/sdk/task.h"

namespace reprise::properties {
namespace {

/// The closure counts as linear when it resumes at most so often for each fault point.
constexpr std::int64_t kResumesPerFaultPoint = 2;  // one, where nothing runs beside others

FindingKey key_of(const Finding& finding) {
  return {std::string(to_string(finding.verdict)), finding.operation, finding.subject};
}

/// What must be found in a flawed program.
FindingKeys planted_in(const GeneratedScenario& generated, const RunRecord& benign) {
  FindingKeys keys;
  for (const LedgerEntry& entry : benign.ledger) {
    if (!generated.is_planted(entry.operation.str(), entry.number)) continue;
    keys.emplace("DUPLICATE_EFFECT", entry.operation.str(), entry.target + "." + entry.action);
  }
  return keys;
}

// A sound program is silent however often it crashes, and the closure comes to its end.
TEST(Closure, IsSilentAboutSoundPrograms) {
  expect_property([] {
    GeneratedScenario generated(*sound_programs());
    const Exploration exploration = closure_of(generated.program());
    RC_LOG() << show(exploration);
    RC_ASSERT(exploration.sound());
    RC_ASSERT(exploration.certificate.closed);
  });
}

// A step that is not idempotent is found as what it is and nothing else is, by at most two events.
TEST(Closure, FindsThePlantedFlaw) {
  expect_property([] {
    GeneratedScenario generated(*flawed_programs());
    const Exploration exploration = closure_of(generated.program());
    RC_LOG() << show(exploration);
    RC_ASSERT(keys_of(exploration.findings) == planted_in(generated, exploration.benign));
    for (const ReportedFinding& found : exploration.findings) {
      RC_ASSERT(found.schedule.size() <= 2U);
    }
  });
}

void expect_what_brute_force_finds(GeneratedScenario& generated) {
  const FindingKeys by_closure = keys_of(closure_of(generated.program()).findings);
  // Pairs are many where there are many places.
  constexpr std::size_t kPlacesOfPairs = 30;
  const int crashes = places_of(generated.program()).size() <= kPlacesOfPairs ? 2 : 1;
  const FindingKeys by_force = keys_of(brute_force(generated.program(), crashes).findings);
  RC_LOG() << "closure:\n"
           << show(by_closure) << "every schedule of " << crashes << " crashes:\n"
           << show(by_force);
  RC_ASSERT(by_closure == by_force);
}

// The closure finds in sound programs what every schedule of up to two crashes finds: it joins no
// states that differ.
TEST(Closure, FindsWhatBruteForceFindsInSoundPrograms) {
  expect_property([] {
    GeneratedScenario generated(*sound_programs(kSmall));
    expect_what_brute_force_finds(generated);
  });
}

// The same for flawed programs.
TEST(Closure, FindsWhatBruteForceFindsInFlawedPrograms) {
  expect_property([] {
    GeneratedScenario generated(*flawed_programs(kSmall));
    expect_what_brute_force_finds(generated);
  });
}

// Where a crash leaves nothing in doubt, the closure resumes a bounded number of times for each
// fault point.
TEST(Closure, IsLinear) {
  expect_property([] {
    GeneratedScenario generated(*repeating_programs());
    const Certificate certificate = closure_of(generated.program()).certificate;
    RC_LOG() << certificate.resumes << " resumes for " << certificate.places << " fault points";
    RC_ASSERT(certificate.closed);
    RC_ASSERT(certificate.resumes <= kResumesPerFaultPoint * certificate.places);
  });
}

// Without any one of its events a reported schedule no longer shows its finding.
TEST(Closure, ReportsMinimalSchedules) {
  expect_property([] {
    GeneratedScenario generated(*flawed_programs(kSmall));
    for (const ReportedFinding& found : closure_of(generated.program()).findings) {
      RC_ASSERT(findings_under(generated.program(), found.schedule).count(key_of(found.finding)) ==
                1U);
      for (std::size_t i = 0; i < found.schedule.size(); ++i) {
        Schedule without = found.schedule;
        without.events.erase(without.events.begin() + static_cast<std::ptrdiff_t>(i));
        RC_LOG() << "without event " << i + 1 << " of " << describe(found.schedule);
        RC_ASSERT(findings_under(generated.program(), without).count(key_of(found.finding)) == 0U);
      }
    }
  });
}

// A finding that went to a fixture file and back is shown again by it.
TEST(Closure, WritesFixturesThatReproduce) {
  expect_property([] {
    GeneratedScenario generated(*flawed_programs(kSmall));
    for (const ReportedFinding& found : closure_of(generated.program()).findings) {
      const Fixture fixture = fixture_of(generated.program(), found);
      const absl::StatusOr<Fixture> read = parse_fixture(write_fixture(fixture), "fixture");
      RC_LOG() << write_fixture(fixture);
      RC_ASSERT(read.ok());
      RC_ASSERT(*read == fixture);
      Program& program = generated.program();
      const ReplayedFixture replayed = replay_fixture(program, checks::judge(program), *read);
      RC_ASSERT(to_string(replayed.outcome) == to_string(FixtureOutcome::kReproduces));
    }
  });
}

// Exploring a program twice gives the same findings, schedules, runs and certificate.
TEST(Closure, IsDeterministic) {
  expect_property([] {
    GeneratedScenario generated(*flawed_programs(kSmall));
    const Exploration first = closure_of(generated.program());
    const Exploration second = closure_of(generated.program());
    RC_ASSERT(show(first) == show(second));
    RC_ASSERT(first.certificate.resumes == second.certificate.resumes);
    RC_ASSERT(first.certificate.runs == second.certificate.runs);
    for (std::size_t i = 0; i < first.findings.size(); ++i) {
      RC_ASSERT(dump(first.findings[i].record) == dump(second.findings[i].record));
    }
  });
}

// No coroutine frame and no result of a step outlives an exploration, in which most runs are cut
// off somewhere.
TEST(Closure, LeavesNothingBehind) {
  expect_property([] {
    GeneratedScenario generated(*rc::gen::oneOf(sound_programs(kSmall), flawed_programs(kSmall)));
    const Exploration exploration = closure_of(generated.program());
    RC_ASSERT(exploration.certificate.resumes > 0);
    RC_ASSERT(internal::live_frames() == 0);
    RC_ASSERT(Counted::live() == 0);
  });
}

}  // namespace
}  // namespace reprise::properties
