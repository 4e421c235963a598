#include "reprise/sdk/internal/child_core.h"

#include <exception>

#include "reprise/protocol/internal/planted_fault.h"

namespace reprise::internal {

// --- ChildCore

ChildCore::ChildCore(ContextState& context, std::string_view sub_type, const OperationName& name,
                     ChildContextOptions options, const std::source_location& location)
    : OperationCore(context, OperationType::kContext, sub_type, name, location),
      options_(std::move(options)) {}

void ChildCore::start() {
  if (options_.is_virtual()) {
    if (begin_virtual()) engine().post(*this);
    return;
  }
  if (!begin({})) return;
  const Operation* known = record();
  ended_before_ = known != nullptr && is_terminal(known->status);
  if (known == nullptr || known->status == OperationStatus::kStarted ||
      (known->status == OperationStatus::kSucceeded && known->replay_children)) {
    engine().post(*this);
  } else if (known->status == OperationStatus::kSucceeded) {
    from_record_ = true;
    finish();
  } else {
    fail_with(error_kind(known->error ? *known->error : ErrorObject()), known->error);
  }
}

void ChildCore::run() {
  if (phase_ == Phase::kIdle) {
    phase_ = Phase::kRunning;
    const bool records_itself = !options_.is_virtual();
    const bool is_new = record() == nullptr;
    if (records_itself && is_new) {
      update(OperationAction::kStart);
      sent_by_others();
    }
    child_ = &engine().add_context(
        std::make_unique<ContextState>(context(), call(), node(), records_itself));
    child_->replaying = context().replaying || (records_itself && !is_new);
    child_->completed =
        context().completed || (records_itself && !is_new && is_terminal(record()->status));
    PromiseBase* promise = nullptr;
    std::coroutine_handle<> body;
    try {
      body = start_body(*child_, promise);
    } catch (const std::exception& error) {  // a body without co_await is no coroutine
      error_ = std::make_shared<const ErrorObject>(error_object_of(error));
      phase_ = Phase::kFinished;
      child_->closed = true;
      return;
    }
    promise->engine = &engine();
    promise->on_finished = this;
    engine().resume(*child_, body);
    return;
  }
  if (phase_ != Phase::kRunning) return;
  phase_ = Phase::kFinished;
  child_->closed = true;
  try {
    result_ = take_body();
  } catch (const std::exception& error) {
    error_ = std::make_shared<const ErrorObject>(error_object_of(error));
  }
}

void ChildCore::commit() {
  if (phase_ != Phase::kFinished) return;
  const bool silent = options_.is_virtual() || child_->completed;
  if (!silent) {
    OperationUpdate& close = update(error_ ? OperationAction::kFail : OperationAction::kSucceed);
    if (error_) {
      close.error = error_;
    } else if (static_cast<std::int64_t>(result_.size()) +
                   int{REPRISE_FAULT(inline_limit_excludes_itself)} >
               engine().options().inline_context_limit) {  // PROTOCOL 6.5.3
      close.replay_children = true;
      close.payload = SharedText("");
    } else {
      close.payload = result_;
    }
    if (!send()) return;
  }
  if (error_) {
    fail_with(error_kind(*error_), error_);
  } else {
    finish();
  }
}

}  // namespace reprise::internal
