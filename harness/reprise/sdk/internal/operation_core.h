#pragma once

#include <coroutine>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <vector>

#include "reprise/sdk/internal/engine.h"
#include "reprise/sdk/internal/payloads.h"
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

  /// The call of the operation; null for what no operation stands behind.
  virtual const OperationCall* operation_call() const { return nullptr; }
  /// The log changed what this unit waits for.
  virtual void record_changed() = 0;
  /// Something that this unit watches has finished.
  virtual void watched_finished() {}
  void resume() override;
  bool done() const { return done_; }
  /// When it ended, according to the log; also while what it gives is still being rebuilt.
  virtual std::optional<TimestampMs> recorded_end() const { return std::nullopt; }
  const std::optional<DurableError>& failure() const { return failure_; }
  /// Somebody else than a coroutine waits for it to finish: `watcher` is told, until it is removed.
  void watch(UnitCore& watcher);
  void unwatch(UnitCore& watcher);

  UnitCore* next_waiter = nullptr;
  std::size_t wait_slot = kNoSlot;  // whose change it waits for
  bool posted = false;
  bool sleeping = false;

 protected:
  explicit UnitCore(ContextState& context) : context_(&context) {}
  ~UnitCore();

  Engine& engine() const { return *context_->engine; }
  ContextState& context() const { return *context_; }
  void finish() { done_ = true; }
  bool awaited() const { return awaited_; }
  /// A coroutine is suspended on it.
  bool suspended() const { return continuation_ != nullptr || !watchers_.empty(); }
  /// It counts as awaited without a coroutine.
  void set_awaited() { awaited_ = true; }
  void set_failure(DurableError error) { failure_.emplace(std::move(error)); }

 private:
  ContextState* context_;
  std::coroutine_handle<> continuation_;
  std::vector<UnitCore*> watchers_;
  bool awaited_ = false;
  bool done_ = false;
  std::optional<DurableError> failure_;
};

/// A call of an operation: identity and record.  It starts when it is called: the id is taken and
/// the unit posted at once, so two operations can be open together.
class OperationCore : public UnitCore {
 public:
  const OperationCall& call() const { return call_; }
  const OperationCall* operation_call() const override { return &call_; }
  std::optional<TimestampMs> recorded_end() const final {
    const Operation* known = record();
    if (known == nullptr || !is_terminal(known->status)) return std::nullopt;
    return known->end_ms.value_or(known->start_ms);
  }

 protected:
  OperationCore(ContextState& context, OperationType type, std::string_view sub_type,
                const OperationName& name, const std::source_location& location);
  ~OperationCore();

  IdNode& node() const { return *node_; }
  PayloadSource source() const { return {&engine(), call_.id.view()}; }
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
  /// What is queued may be sent on behalf of another operation: the record is looked up then.
  void sent_by_others() { sent_by_others_ = true; }
  void fail_with(DurableErrorKind kind, const ErrorPtr& error);
  /// Tells the observer when `again`, which decodes and encodes what is stored, gives something
  /// else.
  template <class F>
  void check_round_trip(const SharedText& stored, F&& again) {
    InvocationObserver* observer = engine().observer();
    if (observer == nullptr || !observer->wants_round_trips()) return;
    try {
      const SharedText second = again();
      if (second == stored) return;
      observer->round_trip_failed(
          call_, "stored as " + stored.str() + ", and after decoding and encoding " + second.str());
    } catch (const SerdesError& error) {
      observer->round_trip_failed(call_, error.what());
    }
  }
  /// What is recorded for it and below it is nobody's any more.
  void excuse();
  /// Refuses the call with Misuse::kInvalidArgument.  Not for a call with a record, which was valid
  /// once: what differs now is a divergence, and begin() tells.
  void reject(const std::string& message);

 private:
  void check_name(const OperationName& name);

  IdNode* node_ = nullptr;
  OperationCall call_;
  std::size_t slot_ = kNoSlot;
  bool sent_by_others_ = false;
  bool valid_ = false;
};

}  // namespace reprise::internal
