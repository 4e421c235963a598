#pragma once

#include <coroutine>
#include <memory>
#include <optional>
#include <source_location>
#include <string>

#include "reprise/sdk/internal/engine.h"
#include "reprise/sdk/options.h"
#include "reprise/sdk/outcome.h"
#include "reprise/sdk/task.h"

namespace reprise::internal {

/// One shared text a conventional sub type.
const SharedText& shared_sub_type(std::string_view sub_type);

/// Something a coroutine can await and the engine can run.  It lives in the awaiting frame and is
/// neither copied nor moved.
class UnitCore : public Awaitable, public Runnable {
 public:
  UnitCore(const UnitCore&) = delete;
  UnitCore& operator=(const UnitCore&) = delete;

  // Awaitable.
  bool ready(const PromiseBase&) {
    awaited_ = true;
    return done_ && !engine().ended();
  }
  void suspend(const PromiseBase&, std::coroutine_handle<> handle) { continuation_ = handle; }

  /// The log changed what this unit waits for.
  virtual void record_changed() = 0;
  void resume() final;
  bool done() const { return done_; }

  UnitCore* next_waiter = nullptr;
  bool posted = false;

 protected:
  explicit UnitCore(ContextState& context) : context_(&context) {}
  ~UnitCore();

  Engine& engine() const { return *context_->engine; }
  ContextState& context() const { return *context_; }
  void finish() { done_ = true; }
  bool awaited() const { return awaited_; }
  /// A coroutine is suspended on it.
  bool suspended() const { return continuation_ != nullptr; }
  const std::optional<DurableError>& failure() const { return failure_; }
  void set_failure(DurableError error) { failure_.emplace(std::move(error)); }

 private:
  ContextState* context_;
  std::coroutine_handle<> continuation_;
  bool awaited_ = false;
  bool done_ = false;
  std::optional<DurableError> failure_;
};

/// A call of an operation: identity and record.  It starts when it is called: the id is taken and
/// the unit posted at once, so two operations can be open together.
class OperationCore : public UnitCore {
 public:
  const OperationCall& call() const { return call_; }

 protected:
  OperationCore(ContextState& context, OperationType type, std::string_view sub_type,
                const OperationName& name, const std::source_location& location);
  ~OperationCore();

  IdNode& node() const { return *node_; }
  const Operation* record() const {
    return slot_ == kNoSlot ? nullptr : engine().slot(slot_).record.get();
  }
  std::size_t slot() const { return slot_; }
  /// Looks the record up and checks it (S-10).  False: the operation must not start.
  bool begin(SharedText arguments, bool at_most_once = false);
  /// Takes the id and checks the call, for an operation without a record.
  bool begin_virtual();
  /// Queues an update of this operation, to be completed before it is sent.
  OperationUpdate& update(OperationAction action);
  /// Sends what is queued; afterwards record() is current.  False: the invocation has ended.
  bool send();
  void wait_for_change() { engine().wait_for_change(slot_, *this); }
  void fail_with(DurableErrorKind kind, const ErrorPtr& error);
  /// Refuses the call with Misuse::kInvalidArgument.
  void reject(const std::string& message);

 private:
  bool check_call(const OperationName& name);

  IdNode* node_ = nullptr;
  OperationCall call_;
  std::size_t slot_ = kNoSlot;
  bool valid_ = false;
};

/// PROTOCOL 5.2, 5.3.
class StepCore : public OperationCore {
 public:
  void run() final;
  void commit() final;
  void record_changed() final;

 protected:
  StepCore(ContextState& context, const OperationName& name, StepOptions options,
           const std::source_location& location);
  /// Runs the body and encodes its result; a SerdesError means the encoding failed.
  virtual SharedText call_body(int attempt) = 0;
  SharedText payload() const { return record()->result; }
  const StepOptions& options() const { return options_; }

 private:
  void settle();
  StepOptions options_;
  SharedText result_;
  ErrorPtr error_;
  int attempt_ = 0;
  bool permanent_ = false;
};

/// PROTOCOL 6.1.
class WaitCore : public OperationCore {
 public:
  void run() final;
  void commit() final {}
  void record_changed() final;

 protected:
  WaitCore(ContextState& context, const OperationName& name, absl::Duration duration,
           const std::source_location& location);

 private:
  void settle();
  std::int64_t seconds_ = 0;
};

/// PROTOCOL 6.4.
class InvokeCore : public OperationCore {
 public:
  void run() final;
  void commit() final {}
  void record_changed() final;

 protected:
  InvokeCore(ContextState& context, const OperationName& name, std::string_view function,
             SharedText payload, InvokeOptions options, const std::source_location& location);
  const InvokeOptions& options() const { return options_; }
  SharedText payload() const { return record()->result; }

 private:
  void settle();
  std::string function_;
  SharedText input_;
  InvokeOptions options_;
};

/// PROTOCOL 6.3.1: done as soon as there is a callback id.
class CallbackCore : public OperationCore {
 public:
  void run() final;
  void commit() final {}
  void record_changed() final;

 protected:
  CallbackCore(ContextState& context, const OperationName& name, const CallbackOptions& options,
               const std::source_location& location);

 private:
  void settle();
  std::int64_t timeout_seconds_ = 0;
  std::int64_t heartbeat_seconds_ = 0;
};

/// The result of a callback that exists; fails only when it is awaited (PROTOCOL 6.3.1).
class CallbackResultCore : public UnitCore {
 public:
  void run() final {}
  void commit() final {}
  void record_changed() final;

 protected:
  CallbackResultCore(ContextState& context, std::size_t slot);
  ~CallbackResultCore() = default;
  SharedText payload() const { return engine().slot(slot_).record->result; }

 private:
  std::size_t slot_;
};

/// PROTOCOL 6.5.
class ChildCore : public OperationCore {
 public:
  void run() final;
  void commit() final;
  void record_changed() final {}

 protected:
  ChildCore(ContextState& context, std::string_view sub_type, const OperationName& name,
            ChildContextOptions options, const std::source_location& location);
  ~ChildCore() = default;
  void start();
  /// Makes the body's task and returns its handle.
  virtual std::coroutine_handle<> start_body(ContextState& child, PromiseBase*& promise) = 0;
  /// Takes the task's result; encodes it.  Throws what the body threw.
  virtual SharedText take_body() = 0;
  /// The error under which a failure of the body is seen, from the checkpointed error object.
  virtual DurableErrorKind error_kind(const ErrorObject&) const {
    return DurableErrorKind::kChildContext;
  }
  /// The result lives in the record: decode it; else the task has just rebuilt it.
  bool from_record() const { return from_record_; }
  SharedText payload() const { return from_record_ ? record()->result : result_; }
  const ChildContextOptions& options() const { return options_; }

 private:
  enum class Phase : std::uint8_t { kIdle, kRunning, kFinished };
  ChildContextOptions options_;
  ContextState* child_ = nullptr;
  Phase phase_ = Phase::kIdle;
  bool from_record_ = false;
  SharedText result_;
  ErrorPtr error_;
};

}  // namespace reprise::internal
