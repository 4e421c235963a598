#pragma once

#include <cstdint>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "reprise/protocol/error_object.h"

namespace reprise {

/// What kind of operation failed, and how (PROTOCOL 5.5).
enum class DurableErrorKind : std::uint8_t {
  kStep,
  kStepInterrupted,
  kInvoke,
  kCallback,
  kCallbackExternal,
  kCallbackTimeout,
  kCallbackSubmitter,
  kChildContext,
  kWaitForCondition,
  kPromiseCombinator,
  kBatchCompletion,
  kSerdes,
};

/// "StepError", "CallbackTimeoutError", ...: the ErrorType under which the error leaves a handler.
std::string_view to_string(DurableErrorKind kind);

/// A durable operation failed for good.
///
/// `co_await` of an operation throws the subclass of its kind; the `try_` twins return it as a
/// value.  It is rebuilt from the checkpointed error on the first run and on replay alike, so both
/// see the same fields (S-7).
class DurableError : public std::runtime_error {
 public:
  DurableError(DurableErrorKind kind, ErrorObject error, std::string operation);

  DurableErrorKind kind() const { return kind_; }
  /// The checkpointed error: type and message of what was thrown or sent, data, stack trace.
  const ErrorObject& error() const { return error_; }
  /// ErrorType of the cause: what the step body threw, what the callback was failed with.
  std::string_view cause_type() const {
    return error_.type ? std::string_view(*error_.type) : std::string_view();
  }
  /// The operation in the handler's terms; "" when unknown.
  const std::string& operation() const { return operation_; }

 private:
  DurableErrorKind kind_;
  ErrorObject error_;
  std::string operation_;
};

class StepError : public DurableError {
 public:
  using DurableError::DurableError;
};
class StepInterruptedError : public StepError {
 public:
  using StepError::StepError;
};
class InvokeError : public DurableError {
 public:
  using DurableError::DurableError;
};
class CallbackError : public DurableError {
 public:
  using DurableError::DurableError;
};
class CallbackExternalError : public CallbackError {
 public:
  using CallbackError::CallbackError;
};
class CallbackTimeoutError : public CallbackError {
 public:
  using CallbackError::CallbackError;
};
class CallbackSubmitterError : public CallbackError {
 public:
  using CallbackError::CallbackError;
};
class ChildContextError : public DurableError {
 public:
  using DurableError::DurableError;
};
class WaitForConditionError : public DurableError {
 public:
  using DurableError::DurableError;
};
/// A combinator (`all`, `any`, `race`) was settled by a failure.
class PromiseCombinatorError : public DurableError {
 public:
  using DurableError::DurableError;
};
/// A batch whose predicate declared it failed, with no failed item.
class BatchCompletionError : public DurableError {
 public:
  using DurableError::DurableError;
};
/// A value could not be encoded, or a recorded payload not be decoded.  Permanent.
class SerdesError : public DurableError {
 public:
  using DurableError::DurableError;
  explicit SerdesError(std::string message);
};

/// Throws `error` as the subclass of its kind.
[[noreturn]] void raise(const DurableError& error);

/// An error with a chosen ErrorType, for step bodies and handlers that want another name in the
/// record than that of a C++ class:
///
///     throw reprise::ApplicationError("CardDeclined", "insufficient funds");
class ApplicationError : public std::runtime_error {
 public:
  ApplicationError(std::string type, const std::string& message, ErrorObject more = {});

  const ErrorObject& error() const { return error_; }

 private:
  ErrorObject error_;
};

/// The error object that stands for a thrown exception: ErrorType is the class name
/// (ApplicationError and DurableError: their own), ErrorMessage is what().  A DurableError passes
/// its data on, not its stack trace.
ErrorObject error_object_of(const std::exception& exception);

}  // namespace reprise
