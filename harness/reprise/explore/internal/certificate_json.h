#pragma once

#include <nlohmann/json_fwd.hpp>

#include "reprise/explore/certificate.h"
#include "reprise/protocol/internal/json_reader.h"

namespace reprise::internal {

nlohmann::json certificate_to_json(const Certificate& certificate);
/// Throws JsonFailure when it is none.
Certificate read_certificate(const JsonReader& at);

}  // namespace reprise::internal
