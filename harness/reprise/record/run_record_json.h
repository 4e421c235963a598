#pragma once

#include <nlohmann/json.hpp>

#include "reprise/choices/schedule.h"
#include "reprise/runtime/run_record.h"

namespace reprise {

/// A run record as JSON: the same bytes for the same run, whichever compiler, machine or process
/// made it. Source lines are left out; they belong to the build, not to the run.
nlohmann::json run_record_to_json(const RunRecord& record);

}  // namespace reprise
