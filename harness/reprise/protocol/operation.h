#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "reprise/protocol/enums.h"
#include "reprise/protocol/error_object.h"
#include "reprise/protocol/shared_text.h"

namespace reprise {

/// Milliseconds of virtual time since the Unix epoch.
using TimestampMs = std::int64_t;

/// A record of the checkpoint log (PROTOCOL 2.2).
///
/// The `...Details` objects of the wire are flat here: each member is used by the types its comment
/// names and has its default value elsewhere.  Records are immutable once published and shared as
/// OperationPtr.
struct Operation {
  SharedText id;
  SharedText parent_id;
  SharedText name;
  SharedText sub_type;
  OperationType type = OperationType::kStep;
  OperationStatus status = OperationStatus::kStarted;
  TimestampMs start_ms = 0;
  std::optional<TimestampMs> end_ms;  ///< only when terminal

  SharedText input_payload;                     ///< EXECUTION
  SharedText result;                            ///< CONTEXT, STEP, CALLBACK, CHAINED_INVOKE
  ErrorPtr error;                               ///< CONTEXT, STEP, CALLBACK, CHAINED_INVOKE
  SharedText callback_id;                       ///< CALLBACK
  std::optional<TimestampMs> next_attempt_ms;   ///< STEP, only while PENDING
  std::optional<TimestampMs> scheduled_end_ms;  ///< WAIT
  int attempt = 0;                              ///< STEP: finished attempts
  bool replay_children = false;                 ///< CONTEXT

  friend bool operator==(const Operation&, const Operation&);
};
bool operator==(const Operation&, const Operation&);

using OperationPtr = std::shared_ptr<const Operation>;

/// A record to be filled in and then published: a new one, or a copy of `before`.
std::shared_ptr<Operation> make_operation();
std::shared_ptr<Operation> make_operation(const Operation& before);

/// The operation in the handler's terms, as far as records tell: recorded names from the root, each
/// with its occurrence among equal names of its context: "fulfil#1/charge-card#2".  An unnamed one
/// goes by its sub type; virtual contexts have no record and are left out.  `operations`: all of
/// its execution, in the order in which they started.
std::string path_among(std::span<const OperationPtr> operations, const Operation& operation);

/// One element of a checkpoint (PROTOCOL 2.3).
struct OperationUpdate {
  SharedText id;
  SharedText parent_id;
  SharedText name;
  SharedText sub_type;
  OperationType type = OperationType::kStep;
  OperationAction action = OperationAction::kStart;
  SharedText payload;
  ErrorPtr error;

  std::optional<bool> replay_children;                     ///< ContextOptions
  std::optional<std::int64_t> next_attempt_delay_seconds;  ///< StepOptions
  std::optional<std::int64_t> wait_seconds;                ///< WaitOptions
  struct CallbackOptions {
    std::optional<std::int64_t> timeout_seconds;            ///< 0 or absent: none
    std::optional<std::int64_t> heartbeat_timeout_seconds;  ///< 0 or absent: none
    friend bool operator==(const CallbackOptions&, const CallbackOptions&) = default;
  };
  std::optional<CallbackOptions> callback_options;
  struct ChainedInvokeOptions {
    SharedText function_name;
    SharedText tenant_id;
    SharedText trace_id;
    friend bool operator==(const ChainedInvokeOptions&, const ChainedInvokeOptions&) = default;
  };
  std::optional<ChainedInvokeOptions> chained_invoke_options;

  friend bool operator==(const OperationUpdate&, const OperationUpdate&);
};
bool operator==(const OperationUpdate&, const OperationUpdate&);

}  // namespace reprise
