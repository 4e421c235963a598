#include "reprise/sdk/internal/service_core.h"

#include "reprise/protocol/internal/planted_fault.h"
#include "reprise/protocol/limits.h"

namespace reprise::internal {

SharedText wait_arguments(std::int64_t seconds) {
  return SharedText("seconds=" + std::to_string(seconds));
}

SharedText invoke_arguments(std::string_view function, const std::optional<std::string>& tenant_id,
                            const SharedText& payload) {
  std::string arguments = "function=" + std::string(function);
  if (tenant_id) arguments += " tenant=" + *tenant_id;
  if (payload) arguments.append(" payload=").append(payload.view());
  return SharedText(arguments);
}

SharedText callback_arguments(std::int64_t timeout_seconds, std::int64_t heartbeat_seconds) {
  if (timeout_seconds == 0 && heartbeat_seconds == 0) return {};
  return SharedText("timeout=" + std::to_string(timeout_seconds) +
                    " heartbeat=" + std::to_string(heartbeat_seconds));
}

// --- WaitCore

namespace {

std::int64_t whole_seconds(absl::Duration duration) {
  if (REPRISE_FAULT(wait_rounds_down)) return absl::ToInt64Seconds(duration);
  return absl::ToInt64Seconds(absl::Ceil(duration, absl::Seconds(1)));
}

}  // namespace

WaitCore::WaitCore(ContextState& context, const OperationName& name, absl::Duration duration,
                   const std::source_location& location)
    : OperationCore(context, OperationType::kWait, sub_type::kWait, name, location) {
  static constexpr Limits kLimits;
  seconds_ = whole_seconds(duration);
  if (!engine().ended() && record() == nullptr &&
      (duration < absl::Seconds(1) || seconds_ > kLimits.max_seconds)) {
    reject("a wait must last from 1 second to " + std::to_string(kLimits.max_seconds) +
           " seconds, this one lasts " + absl::FormatDuration(duration));
    return;
  }
  if (!begin(wait_arguments(seconds_))) return;
  if (record() == nullptr) {
    engine().post(*this);
  } else {
    settle();
  }
}

void WaitCore::settle() {
  if (record()->status == OperationStatus::kStarted) {
    wait_for_change();
  } else {
    finish();
  }
}

void WaitCore::record_changed() {
  settle();
  if (done()) engine().post(*this);
}

void WaitCore::run() {
  OperationUpdate& start = update(OperationAction::kStart);
  start.wait_seconds = seconds_;
  if (send()) settle();
}

// --- InvokeCore

InvokeCore::InvokeCore(ContextState& context, const OperationName& name, std::string_view function,
                       SharedText payload, InvokeOptions options,
                       const std::source_location& location)
    : OperationCore(context, OperationType::kChainedInvoke, sub_type::kChainedInvoke, name,
                    location),
      function_(function),
      input_(std::move(payload)),
      options_(std::move(options)) {
  if (!begin(invoke_arguments(function_, options_.tenant_id(), input_))) return;
  if (record() == nullptr) {
    engine().post(*this);
  } else {
    settle();
  }
}

void InvokeCore::settle() {
  const OperationStatus status = record()->status;
  if (!is_terminal(status)) {
    wait_for_change();
  } else if (status == OperationStatus::kSucceeded) {
    finish();
  } else {
    fail_with(DurableErrorKind::kInvoke, record()->error);
  }
}

void InvokeCore::record_changed() {
  settle();
  if (done()) engine().post(*this);
}

void InvokeCore::run() {
  OperationUpdate& start = update(OperationAction::kStart);
  start.payload = input_;
  OperationUpdate::ChainedInvokeOptions target;
  target.function_name = SharedText(function_);
  if (options_.tenant_id()) target.tenant_id = SharedText(*options_.tenant_id());
  start.chained_invoke_options = std::move(target);
  if (send()) settle();
}

// --- CallbackCore

CallbackCore::CallbackCore(ContextState& context, const OperationName& name,
                           const CallbackOptions& options, const std::source_location& location)
    : OperationCore(context, OperationType::kCallback, sub_type::kCallback, name, location),
      timeout_seconds_(whole_seconds(options.timeout())),
      heartbeat_seconds_(whole_seconds(options.heartbeat_timeout())) {
  if (!engine().ended() && record() == nullptr &&
      (timeout_seconds_ < 0 || heartbeat_seconds_ < 0)) {
    reject("the timeouts of a callback must not be negative");
    return;
  }
  if (!begin(callback_arguments(timeout_seconds_, heartbeat_seconds_))) return;
  if (record() == nullptr) {
    engine().post(*this);
  } else {
    settle();
  }
}

void CallbackCore::settle() {
  if (record()->callback_id) {
    finish();
  } else {
    engine().fail("ServiceContractError", "callback " + call().path() + " has no callback id");
  }
}

void CallbackCore::record_changed() {}

void CallbackCore::run() {
  OperationUpdate& start = update(OperationAction::kStart);
  OperationUpdate::CallbackOptions timeouts;
  if (timeout_seconds_ > 0) timeouts.timeout_seconds = timeout_seconds_;
  if (heartbeat_seconds_ > 0) timeouts.heartbeat_timeout_seconds = heartbeat_seconds_;
  start.callback_options = timeouts;
  if (send()) settle();
}

CallbackResultCore::CallbackResultCore(ContextState& context, std::size_t slot)
    : UnitCore(context), slot_(slot) {
  engine().slot(slot_).result_awaited = true;
  record_changed();
}

void CallbackResultCore::record_changed() {
  const Operation& known = *engine().slot(slot_).record;
  if (!is_terminal(known.status)) {
    engine().wait_for_change(slot_, *this);
    return;
  }
  if (known.status != OperationStatus::kSucceeded) {
    ErrorObject error = known.error ? *known.error : ErrorObject();
    const bool timed_out =
        known.status == OperationStatus::kTimedOut && !REPRISE_FAULT(timed_out_callback_is_failed);
    if (!error.message) error.message = timed_out ? "Callback timed out" : "Callback failed";
    set_failure(DurableError(
        timed_out ? DurableErrorKind::kCallbackTimeout : DurableErrorKind::kCallbackExternal,
        std::move(error), known.name.str()));
  }
  finish();
  if (suspended()) engine().post(*this);
}

}  // namespace reprise::internal
