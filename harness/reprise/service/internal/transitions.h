#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "reprise/protocol/enums.h"

namespace reprise::internal {

/// A set of states that an operation can be in before an update: "no record yet" or a status.
using StateSet = std::uint16_t;
constexpr StateSet kNoRecord = 1;
constexpr StateSet in_status(OperationStatus status) {
  return static_cast<StateSet>(2U << static_cast<unsigned>(status));
}

/// A row of the table of PROTOCOL 2.4-2.7: what one (type, action) pair demands and does.
struct TransitionRule {
  OperationType type;
  OperationAction action;
  StateSet from;               ///< in these states the update is accepted ...
  std::string_view rejection;  ///< ... in all others it gets this message (2.6)
  OperationStatus to;
  EventType event;
  EventType event_with_error;  ///< instead of `event` when the update has an Error
  bool finishes_attempt;       ///< StepDetails.Attempt grows by one (2.7)
};

/// All rows.  EXECUTION is not here: its updates close the execution and write no record.
std::span<const TransitionRule> transition_rules();

/// The row of a pair; null when the pair is illegal (2.4).
const TransitionRule* find_transition(OperationType type, OperationAction action);

/// Message texts of PROTOCOL 2.6 that do not depend on the state.
namespace message {
inline constexpr std::string_view kInvalidAction = "Invalid action for the given operation type.";
inline constexpr std::string_view kUnknownType = "Unknown operation type.";
inline constexpr std::string_view kR4 = "Invalid StepOptions for the given action.";
inline constexpr std::string_view kR5 = "Cannot provide both error and payload to RETRY a STEP.";
inline constexpr std::string_view kR6 = "Cannot provide a Payload for FAIL action.";
inline constexpr std::string_view kR7 = "Cannot provide an Error for SUCCEED action.";
inline constexpr std::string_view kR14 = "Inconsistent operation type.";
inline constexpr std::string_view kR15SubType = "Inconsistent operation subtype.";
inline constexpr std::string_view kR15Name = "Inconsistent operation name.";
inline constexpr std::string_view kR15Parent = "Inconsistent parent operation id.";
inline constexpr std::string_view kR16 = "Invalid parent operation id.";
inline constexpr std::string_view kR17 =
    "Cannot update the same operation twice in a single request.";
inline constexpr std::string_view kR18 = "Cannot checkpoint multiple EXECUTION updates.";
inline constexpr std::string_view kR19 = "EXECUTION checkpoint must be the last update.";
inline constexpr std::string_view kR20 = "Update for WAIT operation requires WaitOptions.";
inline constexpr std::string_view kR21 =
    "Update for CHAINED_INVOKE operation requires ChainedInvokeOptions.";
inline constexpr std::string_view kR22Account =
    "Cannot start a CHAINED_INVOKE on a function in another account.";
inline constexpr std::string_view kR22Region =
    "Cannot start a CHAINED_INVOKE on a function in another region.";
inline constexpr std::string_view kInvalidToken = "Invalid checkpoint token";
inline constexpr std::string_view kForeignToken =
    "Checkpoint token is not valid for the durable execution ARN";
inline constexpr std::string_view kUnqualified =
    "You cannot invoke a durable function using an unqualified ARN.";
inline constexpr std::string_view kTenantMissing =
    "The invoked function is enabled with tenancy configuration. Add a valid tenant ID in your "
    "request and try again.";
inline constexpr std::string_view kCallbackClosed =
    "The callback is either timed out or already completed";
inline constexpr std::string_view kCallbackInvalid = "Invalid callback id";
}  // namespace message

/// Names of errors (PROTOCOL 4.2).
namespace code {
inline constexpr std::string_view kInvalidParameter = "InvalidParameterValueException";
inline constexpr std::string_view kValidation = "ValidationException";
inline constexpr std::string_view kNotFound = "ResourceNotFoundException";
inline constexpr std::string_view kCallbackTimeout = "CallbackTimeoutException";
inline constexpr std::string_view kAlreadyStarted = "DurableExecutionAlreadyStartedException";
inline constexpr std::string_view kTooLarge = "RequestTooLargeException";
}  // namespace code

}  // namespace reprise::internal
