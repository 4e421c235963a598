#pragma once

#include <coroutine>
#include <source_location>

#include "reprise/sdk/internal/operation_core.h"

namespace reprise::internal {

/// PROTOCOL 6.5.
class ChildCore : public OperationCore {
 public:
  void run() final;
  void commit() final;
  void record_changed() final {}
  /// Its body has been started, in this or in an earlier invocation.
  bool begun() const { return phase_ != Phase::kIdle || record() != nullptr; }
  /// It ended in an earlier invocation.
  bool ended_before() const { return ended_before_; }

 protected:
  ChildCore(ContextState& context, std::string_view sub_type, const OperationName& name,
            ChildContextOptions options, const std::source_location& location);
  ~ChildCore() = default;
  void start();
  /// Called by the destructor of the operation: the body may be in the middle, because a combinator
  /// has ended without it.  `destroy_body` destroys its frame.
  template <class F>
  void abandon(F&& destroy_body) {
    if (done() || engine().ended() || engine().in_teardown()) return;
    excuse();
    engine().begin_abandoning();
    destroy_body();
    engine().end_teardown();
  }
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
  bool ended_before_ = false;
  SharedText result_;
  ErrorPtr error_;
};

}  // namespace reprise::internal
