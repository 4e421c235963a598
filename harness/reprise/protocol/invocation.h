#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reprise/protocol/operation.h"

namespace reprise {

/// What the service hands to an invocation (PROTOCOL 1.3).
struct InvocationInput {
  std::string durable_execution_arn;
  std::string checkpoint_token;
  std::vector<OperationPtr> operations;  ///< InitialExecutionState, first the EXECUTION operation
  std::string next_marker;               ///< not empty: more pages follow (S-2)
  std::vector<std::string> updated_operation_ids;
};

/// What an invocation answers (PROTOCOL 1.4).
struct InvocationOutput {
  InvocationStatus status = InvocationStatus::kPending;
  SharedText result;
  ErrorPtr error;
};

}  // namespace reprise
