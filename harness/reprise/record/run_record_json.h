#pragma once

#include <absl/status/statusor.h>

#include <nlohmann/json.hpp>
#include <string_view>

#include "reprise/choices/schedule.h"
#include "reprise/runtime/run_record.h"

namespace reprise {

/// A run record as JSON: the same bytes for the same run, whichever compiler, machine or process
/// made it. Source lines are left out; they belong to the build, not to the run.
/// So is what only an exploration needs: `accesses`, `abandoned`, `answered`.
nlohmann::json run_record_to_json(const RunRecord& record);

/// Reads it back; source lines are empty then.  Strict: a wrong type, a missing or unknown member
/// and an unknown name are errors that begin with the place, `pointer` being that of the record.
absl::StatusOr<RunRecord> run_record_from_json(const nlohmann::json& json,
                                               std::string_view pointer = "");

/// "invocation", "effect", "crash": the name of a mark in JSON and in pages.
std::string_view to_string(TimelineMark::Kind kind);
/// "divergence", "arguments".
std::string_view to_string(Incident::Kind kind);

}  // namespace reprise
