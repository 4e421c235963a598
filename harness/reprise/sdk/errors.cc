#include "reprise/sdk/errors.h"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>
#include <typeinfo>

namespace reprise {
namespace {

std::string class_name(const std::exception& exception) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> name(
      abi::__cxa_demangle(typeid(exception).name(), nullptr, nullptr, &status), std::free);
  return status == 0 ? std::string(name.get()) : std::string(typeid(exception).name());
}

ErrorObject with_type(ErrorObject error, std::string_view type) {
  error.type = std::string(type);
  return error;
}

}  // namespace

std::string_view to_string(DurableErrorKind kind) {
  switch (kind) {
    case DurableErrorKind::kStep:
      return "StepError";
    case DurableErrorKind::kStepInterrupted:
      return "StepInterruptedError";
    case DurableErrorKind::kInvoke:
      return "InvokeError";
    case DurableErrorKind::kCallback:
      return "CallbackError";
    case DurableErrorKind::kCallbackExternal:
      return "CallbackExternalError";
    case DurableErrorKind::kCallbackTimeout:
      return "CallbackTimeoutError";
    case DurableErrorKind::kCallbackSubmitter:
      return "CallbackSubmitterError";
    case DurableErrorKind::kChildContext:
      return "ChildContextError";
    case DurableErrorKind::kWaitForCondition:
      return "WaitForConditionError";
    case DurableErrorKind::kPromiseCombinator:
      return "PromiseCombinatorError";
    case DurableErrorKind::kBatchCompletion:
      return "BatchCompletionError";
    case DurableErrorKind::kSerdes:
      return "SerdesError";
  }
  std::abort();
}

DurableError::DurableError(DurableErrorKind kind, ErrorObject error, std::string operation)
    : std::runtime_error(error.message.value_or("")),
      kind_(kind),
      error_(std::move(error)),
      operation_(std::move(operation)) {}

SerdesError::SerdesError(std::string message)
    : DurableError(DurableErrorKind::kSerdes,
                   ErrorObject{std::move(message), "SerdesError", {}, {}}, "") {}

void raise(const DurableError& error) {
  const auto as = [&]<class E>(std::type_identity<E>) {
    return E(error.kind(), error.error(), error.operation());
  };
  switch (error.kind()) {
    case DurableErrorKind::kStep:
      throw as(std::type_identity<StepError>());
    case DurableErrorKind::kStepInterrupted:
      throw as(std::type_identity<StepInterruptedError>());
    case DurableErrorKind::kInvoke:
      throw as(std::type_identity<InvokeError>());
    case DurableErrorKind::kCallback:
      throw as(std::type_identity<CallbackError>());
    case DurableErrorKind::kCallbackExternal:
      throw as(std::type_identity<CallbackExternalError>());
    case DurableErrorKind::kCallbackTimeout:
      throw as(std::type_identity<CallbackTimeoutError>());
    case DurableErrorKind::kCallbackSubmitter:
      throw as(std::type_identity<CallbackSubmitterError>());
    case DurableErrorKind::kChildContext:
      throw as(std::type_identity<ChildContextError>());
    case DurableErrorKind::kWaitForCondition:
      throw as(std::type_identity<WaitForConditionError>());
    case DurableErrorKind::kPromiseCombinator:
      throw as(std::type_identity<PromiseCombinatorError>());
    case DurableErrorKind::kBatchCompletion:
      throw as(std::type_identity<BatchCompletionError>());
    case DurableErrorKind::kSerdes:
      throw as(std::type_identity<SerdesError>());
  }
  std::abort();
}

ApplicationError::ApplicationError(std::string type, const std::string& message, ErrorObject more)
    : std::runtime_error(message), error_(std::move(more)) {
  error_.type = std::move(type);
  error_.message = message;
}

ErrorObject error_object_of(const std::exception& exception) {
  if (const auto* durable = dynamic_cast<const DurableError*>(&exception)) {
    ErrorObject error = with_type(durable->error(), to_string(durable->kind()));
    error.stack_trace.reset();  // it stays in the record of what failed (PROTOCOL 12)
    return error;
  }
  if (const auto* application = dynamic_cast<const ApplicationError*>(&exception)) {
    return application->error();
  }
  ErrorObject error;
  error.type = class_name(exception);
  error.message = exception.what();
  return error;
}

}  // namespace reprise
