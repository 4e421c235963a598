#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "reprise/protocol/invocation.h"
#include "reprise/protocol/operation.h"

namespace reprise {

/// What a HandlerObserver is told about an operation.
struct ObservedOperation {
  std::string path;       ///< "fulfil#1/charge-card#2"
  std::string_view id;    ///< on the wire
  std::string_view name;  ///< "" when it has none
  OperationType type = OperationType::kStep;
  std::string_view sub_type;
  std::string_view parent_id;  ///< "" at the root
};

/// What a HandlerObserver is told about an invocation.
struct ObservedInvocation {
  std::string_view durable_execution_arn;
  bool first = true;  ///< the log holds no operation yet
};

/// Hooks for metrics, traces and the like, given to `make_handler`; PROTOCOL 6.9.
///
/// Calls come from the invocation's thread, in order.  What an observer throws is dropped and
/// changes nothing; it must not call operations and must not touch what the handler touches.  An
/// invocation that is cut off by a crash has no end.  The default does nothing.
class HandlerObserver {
 public:
  virtual ~HandlerObserver() = default;

  /// The first invocation of an execution, and the one with which it ends (status SUCCEEDED or
  /// FAILED).
  virtual void execution_started(const ObservedInvocation&) {}
  virtual void execution_ended(const ObservedInvocation&, InvocationStatus) {}
  virtual void invocation_started(const ObservedInvocation&) {}
  /// Before the answer is delivered; `responded`: false when the invocation is to be run again.
  virtual void invocation_ended(const ObservedInvocation&, InvocationStatus, bool /*responded*/) {}
  /// The handler calls an operation; `replayed`: the log holds it already.
  virtual void operation_started(const ObservedOperation&, bool /*replayed*/) {}
  /// The record of an operation has changed: what this or a former invocation, the service or the
  /// outside world made of it.
  virtual void operation_changed(const ObservedOperation&, OperationStatus) {}
  /// An operation has ended in this invocation.
  virtual void operation_ended(const ObservedOperation&, OperationStatus) {}
  /// A body runs; attempts count from 1.
  virtual void attempt_started(const ObservedOperation&, int /*attempt*/) {}
  virtual void attempt_ended(const ObservedOperation&, int /*attempt*/, bool /*succeeded*/) {}
};

}  // namespace reprise
