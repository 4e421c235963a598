#pragma once

#include <absl/status/status.h>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/protocol/event.h"
#include "reprise/protocol/operation.h"

namespace reprise::internal {

/// False: an event of the execution or of an invocation.
bool is_operation_event(const Event& event);

/// The checkpoint log of an execution, rebuilt from its history one event after the other
/// (PROTOCOL 2.7 read backwards).
class OperationLog {
 public:
  /// InvalidArgument, naming the event, when no log leads to this event: a missing member, a
  /// transition that the service refuses (PROTOCOL 2.6), a payload that was cut off.  The log is
  /// not usable then.
  absl::Status apply(const Event& event);

  const OperationPtr& execution() const { return execution_; }
  /// Every operation so far, in the order in which they started.
  const std::vector<OperationPtr>& operations() const { return operations_; }
  const Operation* find(std::string_view id) const;
  /// The number of the event with which the operation appeared.
  std::int64_t first_event(std::string_view id) const;
  /// Position of an operation in operations(); its size when there is none.
  std::size_t position(std::string_view id) const;

  /// What an invocation is given now: the EXECUTION operation, then the operations without those
  /// inside a completed context (PROTOCOL 4.1).  A step in flight is given as one that waits for a
  /// retry, so that its body is not run.
  std::vector<OperationPtr> state() const;

  /// The operation in the handler's terms, from the recorded names: "fulfil#1/charge-card#2".
  std::string path(const Operation& operation) const;
  /// The counter path behind an id; "" when it is none.
  std::string raw_id(const Operation& operation) const;

 private:
  absl::Status apply_execution_started(const Event& event);
  absl::Status start(const Event& event, OperationType type);
  absl::Status end(const Event& event, OperationType type, OperationStatus status);
  absl::Status check_identity(const Event& event, OperationType type, const Operation& known) const;
  absl::Status add(const Event& event, Operation record);

  OperationPtr execution_;
  std::vector<OperationPtr> operations_;
  std::map<std::string, std::size_t, std::less<>> positions_;
  std::vector<std::int64_t> first_events_;
};

}  // namespace reprise::internal
