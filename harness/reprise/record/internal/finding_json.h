#pragma once

#include <nlohmann/json.hpp>

#include "reprise/protocol/internal/json_reader.h"
#include "reprise/record/finding.h"

namespace reprise::internal {

/// Puts the members of a finding into the object `out`.
void write_finding(const Finding& finding, nlohmann::json& out);
/// Takes them; throws JsonFailure.
Finding read_finding(ObjectReader& reader);

}  // namespace reprise::internal
