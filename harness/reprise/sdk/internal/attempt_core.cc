#include "reprise/sdk/internal/attempt_core.h"

#include <exception>
#include <string>

#include "reprise/protocol/internal/planted_fault.h"
#include "reprise/sdk/internal/cage.h"

namespace reprise::internal {
namespace {

/// While it lives, the body of `call` runs.
class RunningBody {
 public:
  RunningBody(Engine& engine, const OperationCall& call, int attempt)
      : engine_(engine), call_(call) {
    engine_.running_body = &call_;
    if (engine_.observer()) engine_.observer()->body_started(call_, attempt);
  }
  RunningBody(const RunningBody&) = delete;
  ~RunningBody() {
    engine_.running_body = nullptr;
    if (engine_.observer()) engine_.observer()->body_ended(call_, succeeded_);
  }
  void succeeded() { succeeded_ = true; }

 private:
  Engine& engine_;
  const OperationCall& call_;
  bool succeeded_ = false;
};

}  // namespace

// --- AttemptCore

AttemptCore::AttemptCore(ContextState& context, std::string_view sub_type,
                         const OperationName& name, StepSemantics semantics,
                         const std::source_location& location)
    : OperationCore(context, OperationType::kStep, sub_type, name, location),
      semantics_(semantics) {}

void AttemptCore::start(SharedText arguments) {
  if (!begin(std::move(arguments), semantics_ == StepSemantics::kAtMostOncePerRetry)) return;
  if (record() == nullptr) {
    engine().post(*this);
  } else {
    settle();
  }
}

void AttemptCore::settle() {
  phase_ = Phase::kIdle;
  switch (record()->status) {
    case OperationStatus::kSucceeded:
      finish();
      return;
    case OperationStatus::kFailed:
      fail_with(error_kind(record()->error), record()->error);
      return;
    case OperationStatus::kPending:
      wait_for_change();
      return;
    default:
      engine().post(*this);
      return;
  }
}

void AttemptCore::record_changed() {
  settle();
  if (done()) engine().post(*this);
}

void AttemptCore::run() {
  if (engine().options().replay_only) return;
  if (phase_ == Phase::kBusy) {
    phase_ = Phase::kRan;
    return;
  }
  if (phase_ == Phase::kIdle) {
    result_ = {};
    error_ = nullptr;
    permanent_ = false;
    const Operation* known = record();
    attempt_ = (known ? known->attempt : 0) + 1;
    payload_before_ = known ? known->result : SharedText();
    const bool at_most_once = semantics_ == StepSemantics::kAtMostOncePerRetry;
    if (known && known->status == OperationStatus::kStarted && !REPRISE_FAULT(step_starts_twice)) {
      if (at_most_once && REPRISE_CAGED(kAtMostOnceNeverRetried)) return;
      if (at_most_once) {  // PROTOCOL 5.3: the previous attempt was interrupted
        error_ = make_error("StepInterruptedError",
                            "attempt " + std::to_string(attempt_) + " of step " + call().path() +
                                " was interrupted before its result was recorded");
        phase_ = Phase::kRan;
        return;
      }
      // PROTOCOL 5.2: a second START would be rejected (R1)
    } else {
      update(OperationAction::kStart);
      if (!at_most_once && engine().others_ready()) {
        // Not awaited (PROTOCOL 5.2): what else was called together starts in the same call.
        phase_ = Phase::kStarted;
        sent_by_others();
        engine().post(*this);
        return;
      }
    }
  }
  // Only at most once depends on the answer (S-5), but no body runs before its START is known.
  if (engine().has_queued() && !send()) return;
  run_body();
}

void AttemptCore::run_body() {
  phase_ = Phase::kRan;
  try {
    RunningBody running(engine(), call(), attempt_);
    result_ = call_body(attempt_);
    running.succeeded();
  } catch (const SerdesError& error) {
    permanent_ = true;
    set_error(error);
  } catch (const std::exception& error) {
    set_error(error);
  }
  if (const std::int64_t busy_ms = engine().take_busy_ms(); busy_ms > 0) {
    phase_ = Phase::kBusy;
    engine().sleep(*this, busy_ms);
  }
}

void AttemptCore::set_error(const std::exception& error) {
  error_ = std::make_shared<const ErrorObject>(error_object_of(error));
}

void AttemptCore::queue_retry(const RetryDecision& decision, SharedText payload, ErrorPtr error) {
  const double random = decision.jitter() == Jitter::kNone ? 1.0 : engine().random();
  OperationUpdate& again = update(OperationAction::kRetry);
  again.payload = std::move(payload);
  again.error = std::move(error);
  again.next_attempt_delay_seconds = retry_delay_seconds(decision, random);
}

void AttemptCore::commit() {
  if (phase_ != Phase::kRan) return;
  conclude();
  if (send()) settle();
}

// --- StepCore

StepCore::StepCore(ContextState& context, const OperationName& name, StepOptions options,
                   const std::source_location& location)
    : AttemptCore(context, sub_type::kStep, name, options.semantics(), location),
      options_(std::move(options)) {
  const bool at_most_once = options_.semantics() == StepSemantics::kAtMostOncePerRetry;
  start(at_most_once ? SharedText("semantics=at-most-once-per-retry") : SharedText());
}

void StepCore::conclude() {
  if (!error()) {
    update(OperationAction::kSucceed).payload = result();
    return;
  }
  static const RetryStrategy default_strategy = retry::step_default();
  const RetryStrategy& strategy = options_.retry() ? *options_.retry() : default_strategy;
  RetryDecision decision = RetryDecision::stop();
  if (!permanent()) {
    try {
      decision = strategy(*error(), attempt());
    } catch (const std::exception& failure) {
      set_error(failure);
    }
  }
  if (decision.should_retry()) {
    queue_retry(decision, {}, error());
  } else {
    update(OperationAction::kFail).error = error();
  }
}

DurableErrorKind StepCore::error_kind(const ErrorPtr& error) const {
  const bool interrupted = error && error->type == "StepInterruptedError";
  return interrupted ? DurableErrorKind::kStepInterrupted : DurableErrorKind::kStep;
}

// --- ConditionCore

ConditionCore::ConditionCore(ContextState& context, const OperationName& name,
                             const std::source_location& location)
    : AttemptCore(context, sub_type::kWaitForCondition, name, StepSemantics::kAtLeastOncePerRetry,
                  location) {}

void ConditionCore::conclude() {
  WaitDecision decision = WaitDecision::done();
  if (!error()) {
    try {
      decision = decide(attempt());
    } catch (const std::exception& failure) {
      set_error(failure);
    }
  }
  if (!error() && decision.kind() == WaitDecision::Kind::kExhausted) {
    set_error(ApplicationError("WaitForConditionError", decision.message()));
  }
  if (error()) {
    update(OperationAction::kFail).error = error();
  } else if (decision.kind() == WaitDecision::Kind::kDone) {
    update(OperationAction::kSucceed).payload = result();
  } else {
    queue_retry(decision.next(), result(), nullptr);
  }
}

DurableErrorKind ConditionCore::error_kind(const ErrorPtr&) const {
  return DurableErrorKind::kWaitForCondition;
}

}  // namespace reprise::internal
