#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/explore/explorer.h"
#include "reprise/record/fixture.h"

namespace reprise {

/// The fixture of a finding; its test passes once the finding is mended.
Fixture fixture_of(const Program& program, const ReportedFinding& reported);

/// What the replay of a fixture shows.
enum class FixtureOutcome : std::uint8_t {
  kReproduces,     ///< the same finding
  kNoLongerFails,  ///< no finding
  kOtherFinding,   ///< a finding, but another one
  kStale,  ///< a place of its schedule is never reached, or nothing fails and the input is another
           ///< one: it says nothing about this handler any more
};
std::string_view to_string(FixtureOutcome outcome);

/// A fixture that was replayed.
struct ReplayedFixture {
  FixtureOutcome outcome = FixtureOutcome::kStale;
  std::optional<ReportedFinding> reported;  ///< what was found
  std::vector<ScheduleEvent> unreached;     ///< kStale: what was never reached
  std::string input;                        ///< kStale: what the scenario starts with instead
  Certificate certificate;
};

/// Runs the fixture's schedule from the start and judges it, with the options of the exploration
/// that found it.
ReplayedFixture replay_fixture(Program& program, const Judge& judge, const Fixture& fixture,
                               const ExploreOptions& options = {});

}  // namespace reprise
