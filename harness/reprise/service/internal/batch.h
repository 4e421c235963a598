#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "reprise/protocol/limits.h"
#include "reprise/protocol/operation.h"
#include "reprise/sdk/durable_service.h"
#include "reprise/service/execution.h"
#include "reprise/service/internal/transitions.h"

namespace reprise::internal {

/// What an update of an accepted batch will do.
struct PlannedUpdate {
  const TransitionRule* rule = nullptr;  ///< null: EXECUTION
  std::uint64_t id_hash = 0;
  std::uint32_t record = 0;  ///< position of the record; of a new one: where it will be
  std::uint32_t parent = 0;  ///< 1 + position of the parent of a new record; 0: none
  bool creates = false;      ///< the first update of a new record
};

/// Reused from call to call, so that accepted batches need no memory.
struct BatchPlan {
  std::vector<PlannedUpdate> updates;
  bool closes = false;          ///< the last update ends the execution
  std::int64_t metered = 0;     ///< operations it adds (PROTOCOL 4.5)
  std::int64_t data_bytes = 0;  ///< bytes it adds
};

/// F-5: checks every rule that a batch can break, before anything changes.  Returns the service's
/// answer to a bad one; nullopt: `plan` tells how to apply it.
std::optional<ApiError> plan_batch(const Execution& execution,
                                   std::span<const OperationUpdate> updates, const Limits& limits,
                                   BatchPlan& plan);

/// An answer with InvalidParameterValueException.
ApiError invalid_parameter(std::string_view message);
/// An answer with ValidationException in the words of the service's front end: `value` is shown
/// when there is one.
ApiError shape_error(std::string_view member, std::string_view value, std::string_view constraint);

/// `Error object size must be ...`, or nullopt when it fits (PROTOCOL 4.5).
std::optional<ApiError> check_error_size(const ErrorPtr& error, const Limits& limits);

}  // namespace reprise::internal
