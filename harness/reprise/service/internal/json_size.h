#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "reprise/protocol/error_object.h"
#include "reprise/protocol/operation.h"

namespace reprise::internal {

/// Bytes that a text takes in JSON, quotes and escapes included.
std::int64_t json_size(std::string_view text);
/// Bytes of an ErrorObject in JSON.
std::int64_t json_size(const ErrorObject& error);
/// Bytes of the body of a checkpoint call.
std::int64_t json_size(std::span<const OperationUpdate> updates);

/// True when `error` certainly takes at most `limit` bytes in JSON: cheap, for the usual small one.
bool surely_within(const ErrorObject& error, std::int64_t limit);
/// Upper bound of the size of an update in JSON, without looking at its texts.
std::int64_t json_size_bound(const OperationUpdate& update);

}  // namespace reprise::internal
