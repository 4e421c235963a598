#pragma once

#include "reprise/explore/explorer.h"
#include "reprise/explore/fixture_replay.h"
#include "reprise/explore/scenario.h"

namespace reprise {

/// Explores a scenario with the standard checks; `EXPECT_*` that fail in handlers and fakes
/// meanwhile become findings of the run in which they failed.
Exploration explore(Scenario& scenario);

/// Draws schedules, with the standard checks.
Exploration sample(Scenario& scenario, const SampleOptions& sampling);

/// One schedule, with the standard checks; what it shows is shrunk.
Exploration try_schedule(Scenario& scenario, const Schedule& schedule);

/// Every schedule of up to `crashes` crashes, by brute force.
Exploration sweep(Scenario& scenario, int crashes);

/// One run from the start.  The world is left as the run left it, to be looked at.
RunRecord run(Scenario& scenario, const Schedule& schedule = {});

/// Replays a fixture with the standard checks and, like `explore`, with what EXPECT_* says.
ReplayedFixture replay(Scenario& scenario, const Fixture& fixture);

}  // namespace reprise
