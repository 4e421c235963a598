#pragma once

#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "reprise/explore/explorer.h"
#include "reprise/runtime/simulation.h"
#include "reprise/testing/scenario.h"

namespace reprise::properties {

/// What makes a finding the same finding, whatever run showed it: verdict, operation, subject.
using FindingKey = std::tuple<std::string, std::string, std::string>;
using FindingKeys = std::set<FindingKey>;

FindingKeys keys_of(const std::vector<ReportedFinding>& findings);
std::string show(const FindingKeys& keys);
std::string show(const Exploration& exploration);

Exploration closure_of(Program& program, ExploreOptions options = {});
Exploration brute_force(Program& program, int crashes);

/// The findings of one schedule, judged against the runs without faults as a fixture is.
FindingKeys findings_under(Program& program, const Schedule& schedule);

/// Every fault point that the run under `schedule` passes after its last crash.
std::vector<Place> places_of(Program& program, const Schedule& schedule = {});
Schedule crashes_at(const std::vector<Place>& places);

/// A run from the start, with all that is recorded.
RunRecord full_run(Program& program, const Schedule& schedule);

/// One operation as the service knows it at the end: what a replay must issue again.
struct IssuedOperation {
  std::string id;
  std::string identity;  ///< type, sub type, name, parent
  std::string end;       ///< status, result or error
  friend bool operator==(const IssuedOperation&, const IssuedOperation&) = default;
};

/// What a run that was resumed after a power cut did.
struct ResumedRun {
  std::string crash;   ///< where it was cut
  bool maybe = false;  ///< the cut hit something that nobody repeats
  RunRecord record;
  std::vector<IssuedOperation> operations;
};

/// Cuts the run without faults at every fault point and resumes it.  The first run is the uncut
/// one.
std::vector<ResumedRun> resume_everywhere(Program& program);

/// All that a run record says, as text: two runs are the same run when their texts are equal.
std::string dump(const RunRecord& record);

}  // namespace reprise::properties
