#pragma once

#include <cstdint>
#include <source_location>

#include "reprise/sdk/condition.h"
#include "reprise/sdk/internal/operation_core.h"

namespace reprise::internal {

/// A STEP operation: a body that runs once an attempt (PROTOCOL 5.2, 5.3, 6.2).
class AttemptCore : public OperationCore {
 public:
  void run() final;
  void commit() final;
  void record_changed() final;

 protected:
  AttemptCore(ContextState& context, std::string_view sub_type, const OperationName& name,
              StepSemantics semantics, const std::source_location& location);
  /// Called by the constructor of the operation, when its body can be called.
  void start(SharedText arguments);

  /// Runs the body of an attempt and encodes its result; a SerdesError means the encoding failed.
  virtual SharedText call_body(int attempt) = 0;
  /// The body has ended: queues the update that says how.
  virtual void conclude() = 0;
  /// What the caller sees of a failed record.
  virtual DurableErrorKind error_kind(const ErrorPtr& error) const = 0;

  SharedText payload() const { return record()->result; }
  /// The payload of the record before this attempt was started (PROTOCOL 6.2).
  const SharedText& payload_before() const { return payload_before_; }
  int attempt() const { return attempt_; }
  const SharedText& result() const { return result_; }
  const ErrorPtr& error() const { return error_; }
  /// The error is not for the retry strategy (PROTOCOL 5.6).
  bool permanent() const { return permanent_; }
  void set_error(const std::exception& error);
  void queue_retry(const RetryDecision& decision, SharedText payload, ErrorPtr error);

 private:
  enum class Phase : std::uint8_t { kIdle, kStarted, kBusy, kRan };

  void settle();
  void run_body();

  StepSemantics semantics_;
  Phase phase_ = Phase::kIdle;
  bool permanent_ = false;
  int attempt_ = 0;
  SharedText payload_before_;
  SharedText result_;
  ErrorPtr error_;
};

class StepCore : public AttemptCore {
 protected:
  StepCore(ContextState& context, const OperationName& name, StepOptions options,
           const std::source_location& location);
  void conclude() final;
  DurableErrorKind error_kind(const ErrorPtr& error) const final;
  const StepOptions& options() const { return options_; }

 private:
  StepOptions options_;
};

/// PROTOCOL 6.2.
class ConditionCore : public AttemptCore {
 protected:
  ConditionCore(ContextState& context, const OperationName& name,
                const std::source_location& location);
  void conclude() final;
  DurableErrorKind error_kind(const ErrorPtr& error) const final;
  /// What the strategy says of the state that the body has just returned.
  virtual WaitDecision decide(int attempt) = 0;
};

}  // namespace reprise::internal
