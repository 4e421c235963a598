#pragma once

#include <absl/container/flat_hash_map.h>

#include <coroutine>
#include <cstdint>
#include <memory>
#include <optional>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/protocol/ids.h"
#include "reprise/protocol/invocation.h"
#include "reprise/protocol/operation.h"
#include "reprise/sdk/durable_service.h"
#include "reprise/sdk/errors.h"
#include "reprise/sdk/invocation.h"
#include "reprise/sdk/observer.h"
#include "reprise/sdk/options.h"

namespace reprise::internal {

class Engine;
class PromiseBase;
class UnitCore;

/// A unit of work: the engine runs it, commits what it did, and resumes who waits for it.  The
/// engine knows nothing else of operations and nothing of coroutines but that a handle can be
/// resumed.
class Runnable {
 public:
  virtual void run() = 0;
  virtual void commit() = 0;
  virtual void resume() = 0;

 protected:
  ~Runnable() = default;
};

/// The state behind a DurableContext.
class ContextState {
 public:
  /// The root context.
  explicit ContextState(Engine& owner) : engine(&owner), node(&IdNode::root()) {
    children.reserve(kChildrenReserved);
  }
  /// The context inside the operation `call`, whose node is `id_node`; `records_itself`: not
  /// virtual.
  ContextState(ContextState& outer, const OperationCall& call, IdNode& id_node,
               bool records_itself);

  /// Path of the operation whose context this is; "" for the root.
  std::string path() const;
  /// True while the operations called so far were found finished and recorded ones are left.
  bool is_replaying() const;
  /// Path of the operation with counter `number` in this context.
  std::string path_of(int number) const;
  void append_path_of(int number, std::string& path) const;

  struct Child {
    SharedText name;
    std::string_view sub_type;
    int occurrence = 0;  // among equal names, from 1; 0: not counted yet
    std::string_view label() const { return name ? name.view() : sub_type; }
  };

  static constexpr std::size_t kChildrenReserved = 32;

  Engine* engine;
  IdNode* node;
  ContextState* parent = nullptr;
  int number_in_parent = 0;
  SharedText parent_id;  // of operations in this context: the nearest context with a record
  int counter = 0;
  bool replaying = false;
  bool closed = false;     // its body has ended
  bool completed = false;  // its record is terminal: the body only rebuilds the result
  mutable std::vector<Child> children;

 private:
  void count_occurrences() const;

  static constexpr std::size_t kSearched = 32;  // the first ones are compared one by one
  mutable absl::flat_hash_map<std::string_view, int> occurrences_;
  mutable std::size_t counted_ = 0;
};

/// A record of the log, and who waits for it to change.
struct Slot {
  explicit Slot(OperationPtr first) : record(std::move(first)), id(record->id) {}
  OperationPtr record;
  SharedText id;  // the index refers to this text; a later record may bring its own
  UnitCore* waiter = nullptr;
  bool initial = false;
  bool visited = false;
  bool excused = false;         // nobody will ask for it any more
  bool result_awaited = false;  // a callback whose result somebody waits for
  int polls = 0;                // since somebody waits, in vain
  std::int64_t next_poll_ms = 0;
};

inline constexpr std::size_t kNoSlot = static_cast<std::size_t>(-1);

/// One invocation: the log, the queue of updates, the units that are ready, and the way it ends.
class Engine {
 public:
  Engine(const InvocationInput& input, DurableService& service, const InvocationOptions& options);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine();

  // --- life
  /// S-1, S-2: pages the state.  False: the invocation has ended.
  bool load();
  /// Runs until the root has finished, nothing can go on, or the invocation has ended.
  void run(std::coroutine_handle<> root, PromiseBase& root_promise);
  bool root_finished() const { return root_finished_; }
  bool ended() const { return end_ != End::kNone; }
  /// Suspension: PENDING is to be answered.
  bool suspended() const { return suspended_; }
  /// The execution fails with `error` whatever the handler does.
  void fail(std::string type, std::string message);
  InvocationResult result(const SharedText& value, const ErrorPtr& error);
  void begin_teardown();
  /// Between these two, frames that nobody waits for any more are destroyed: branches of a batch
  /// that has ended, child contexts that lost.
  void begin_abandoning();
  void end_teardown();
  bool in_teardown() const { return in_teardown_; }
  /// After a return or a suspension: records never asked for, operations in flight.
  void check_visits();
  void check_open_at_return();
  void report(Misuse misuse, const std::string& message, const std::source_location& location,
              const OperationCall* call);

  // --- for operations
  ContextState& root_context() { return *contexts_.front(); }
  ContextState& add_context(std::unique_ptr<ContextState> context);
  /// False when an operation may not be called now; reports why.
  bool may_call(ContextState& context, const OperationCall& call);
  /// Every record of the initial state has been asked for: what follows happens for the first time.
  bool replay_finished() const { return visited_count_ == initial_count_; }
  /// The record that the initial state holds for a call; kNoSlot when it is new.
  std::size_t visit(const SharedText& id);
  std::size_t find(const SharedText& id);
  /// Nobody will ask for the records of the operations at `nodes` and of those below them any more:
  /// a batch or a combinator has ended without them.
  void excuse(std::span<IdNode* const> nodes);
  Slot& slot(std::size_t index) { return slots_[index]; }
  /// Adds an empty update to the queue, to be filled in before the next flush.
  OperationUpdate& enqueue() { return queue_.emplace_back(); }
  /// Sends what is queued, on behalf of `call`, whose record is or comes into `slot`.  False: the
  /// invocation has ended, the answer must not be acted upon.
  bool flush(const OperationCall* call = nullptr, std::size_t* slot = nullptr);
  bool has_queued() const { return !queue_.empty(); }
  /// Other units are ready to run.
  bool others_ready() const { return !ready_.empty(); }
  void post(UnitCore& operation);
  void cancel(UnitCore& operation);
  void wait_for_change(std::size_t index, UnitCore& operation);
  /// Virtual time that the body which has just ended took.
  std::int64_t take_busy_ms();
  /// Posts the unit again when that much time has passed within this invocation (PROTOCOL 7.4).
  void sleep(UnitCore& unit, std::int64_t duration_ms);
  void set_next(std::coroutine_handle<> handle) { next_ = handle; }
  void resume(ContextState& context, std::coroutine_handle<> handle);
  void root_done() { root_finished_ = true; }
  ContextState* current_context() const { return current_context_; }
  ContextState* set_current_context(ContextState* context) {
    return std::exchange(current_context_, context);
  }

  InvocationObserver* observer() const { return options_.observer; }
  const InvocationOptions& options() const { return options_; }
  std::string_view arn() const { return arn_; }
  const OperationPtr& execution_record() const { return execution_record_; }
  double random();

  const OperationCall* running_body = nullptr;

 private:
  enum class End : std::uint8_t { kNone, kFailed, kThrow, kNoMoreCheckpoints, kClosed };

  void apply(std::span<const OperationPtr> records);
  bool apply_pages(std::string marker);
  void apply_to(std::size_t index, const OperationPtr& record);
  void end_with(const ApiError& error);
  bool send(std::span<const OperationUpdate> updates);
  bool pass_time();
  void count_polls(std::int64_t now);
  UnitCore* take_ready();
  void order_ready();
  void mark_visited(std::size_t index);
  void mark_excused(std::size_t index);
  std::string path_of(const Operation& record) const;
  void send_rest();

  std::string arn_;
  std::string token_;
  std::string first_marker_;
  DurableService& service_;
  const InvocationOptions& options_;
  bool watched_;  // by the host
  OperationPtr execution_record_;
  std::vector<Slot> slots_;
  std::size_t cursor_ = 0;
  absl::flat_hash_map<std::string_view, std::size_t> index_;
  std::size_t indexed_ = 0;
  std::vector<OperationUpdate> queue_;
  std::vector<UnitCore*> ready_;
  std::size_t ready_front_ = 0;
  struct Sleeper {
    std::int64_t due_ms;
    UnitCore* unit;  // null: abandoned
  };
  std::vector<Sleeper> sleepers_;
  std::vector<std::unique_ptr<ContextState>> contexts_;
  ContextState* current_context_ = nullptr;
  std::coroutine_handle<> next_;
  std::size_t initial_count_ = 0;
  std::size_t visited_count_ = 0;
  bool root_finished_ = false;
  bool suspended_ = false;
  bool in_teardown_ = false;
  bool loading_ = true;
  const OperationCall* sender_ = nullptr;  // of the flush in progress
  std::size_t* sender_slot_ = nullptr;
  End end_ = End::kNone;
  ErrorPtr end_error_;
};

}  // namespace reprise::internal
