#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reprise/protocol/event.h"
#include "reprise/protocol/invocation.h"
#include "reprise/protocol/limits.h"
#include "reprise/sdk/durable_service.h"
#include "reprise/service/execution.h"

namespace reprise {

namespace internal {
struct BatchPlan;
struct PlannedUpdate;
}  // namespace internal

/// When an invocation that ended in an error is run again (PROTOCOL 4.7, F-12, F-13).
struct InvocationRetryPolicy {
  /// Retries without delay for process exits and other `Runtime.`, `Sandbox.`, `Extension.` errors
  /// in a row; nullopt: always without delay.
  std::optional<int> immediate_retries_runtime = 3;
  std::int64_t backoff_initial_seconds = 1;
  double backoff_factor = 2.0;
  std::int64_t backoff_max_seconds = 300;
  /// Failed invocations in a row after which the execution is closed FAILED; nullopt: never (the
  /// execution timeout ends it).
  std::optional<int> give_up_after = std::nullopt;
};

/// A function that the service knows.  Its code is not here: the service hands out invocations and
/// calls, and whoever drives it runs them.
struct FunctionConfig {
  std::string name;
  bool durable = true;
  std::int64_t function_timeout_seconds = 900;
  std::optional<std::int64_t> execution_timeout_seconds = std::nullopt;  ///< durable functions only
  std::int64_t retention_days = 14;
  bool per_tenant = false;  ///< tenant isolation mode: an invocation without a tenant is refused
  std::string version = "$LATEST";
  /// A plain function answers this much virtual time after it was called ...
  std::int64_t latency_ms = 1;
  /// ... or, when true, at once: the answer is recorded while the caller still runs.
  bool answers_at_once = false;
  InvocationRetryPolicy retry = {};
};

enum class InvocationType : std::uint8_t { kEvent, kRequestResponse };

/// PROTOCOL 4.1 Invoke of a durable function.
struct StartRequest {
  /// "name:qualifier" or a function ARN; a durable function must be qualified.
  std::string function_name;
  SharedText payload = {};
  std::optional<std::string> execution_name = std::nullopt;
  std::optional<std::string> tenant_id = std::nullopt;
  InvocationType type = InvocationType::kEvent;
};

struct StartResponse {
  std::string durable_execution_arn;
  bool existing = false;  ///< PROTOCOL 10.2 rows 3 and 5
};

/// How a plain function ended.
struct PlainOutcome {
  SharedText result = {};
  ErrorPtr error = nullptr;  ///< set: it failed
};

/// How an invocation ended (PROTOCOL 1.4, 4.7).
struct InvocationEnd {
  enum class Kind : std::uint8_t { kResponse, kProcessExit, kTimeout, kError };
  Kind kind = Kind::kResponse;
  InvocationOutput output = {};  ///< kResponse
  ErrorPtr error = nullptr;      ///< kError: what was thrown
};

/// PROTOCOL 4.1 ListDurableExecutionsByFunction: newest first, and without a qualifier only
/// `$LATEST`.
struct ListRequest {
  std::string function_name;
  std::optional<std::string> execution_name;
  std::vector<ExecutionStatus> statuses;  ///< empty: all
  std::optional<TimestampMs> started_after_ms;
  std::optional<TimestampMs> started_before_ms;
  bool oldest_first = false;
  std::string marker;
  int max_items = 0;  ///< 0: the default
};
struct ListResponse {
  std::vector<ExecutionSummary> executions;
  std::string next_marker;  ///< not empty: more pages follow
};
struct HistoryResponse {
  std::vector<Event> events;
  std::string next_marker;  ///< not empty: more pages follow
};

/// The durable service, in process, under a virtual clock (PROTOCOL sections 1-4, 6, 9, 10).
///
/// It keeps records, tokens, timers, callbacks, chained invokes and histories and enforces every
/// documented rule; it runs no code.  A driver asks what is to be done next and reports how it
/// went:
///
///     FakeService service;
///     service.register_function({.name = "order"});
///     auto started = service.start({.function_name = "order:$LATEST", .payload = "{}"});
///     while (auto execution = service.next_ready()) {
///       InvocationInput input = service.begin_invocation(*execution);
///       ... run the handler, which calls service.checkpoint(...) ...
///       service.end_invocation(*execution, {.output = output});
///     }
///     if (auto due = service.next_due()) service.advance_to(*due);
///
/// The durable state is a value: `save()` copies it (records are shared, histories left out),
/// `restore()` goes back.  Nothing depends on clock, entropy, addresses or hash order.  One thread.
class FakeService final : public DurableService {
 public:
  explicit FakeService(Limits limits = {});
  ~FakeService() override;
  FakeService(const FakeService&) = delete;
  FakeService& operator=(const FakeService&) = delete;

  // --- functions and time ---
  /// Registers or replaces a function.  Functions and limits are not part of the durable state.
  void register_function(FunctionConfig config);
  /// By its bare name; null when there is none.
  const FunctionConfig* find_function(std::string_view name) const;
  const Limits& limits() const { return limits_; }
  Limits& limits() { return limits_; }

  /// Virtual time, milliseconds since the epoch; starts at 2026-01-01T00:00:00Z.
  TimestampMs now() const { return state_.now_ms; }
  /// When the earliest timer, delivery or scheduled retry is due; nullopt: nothing is scheduled.
  std::optional<TimestampMs> next_due() const;
  /// Moves the clock (never backwards) and fires all that is due, in order of (due time, creation).
  void advance_to(TimestampMs to_ms);

  // --- API for callers ---
  /// PROTOCOL 10.2: idempotent by name.  A new execution is ready to be invoked; an existing one
  /// stays as it is, and get_execution() has its result.
  ApiResult<StartResponse> start(const StartRequest& request);
  /// PROTOCOL 10.5.  A running invocation goes on, but its checkpoints are refused.  Stopping a
  /// closed execution changes nothing and returns when it ended.
  ApiResult<TimestampMs> stop(std::string_view arn, ErrorPtr error = nullptr);
  ApiResult<ExecutionDescription> get_execution(std::string_view arn) const;
  /// One page, oldest event first unless told otherwise.  `max_items` 0 means the default.
  ApiResult<HistoryResponse> get_history(std::string_view arn, std::string_view marker = {},
                                         int max_items = 0, bool newest_first = false,
                                         bool include_data = true) const;
  ApiResult<ListResponse> list_executions(const ListRequest& request) const;
  /// PROTOCOL 6.3.4: the first answer wins; later ones get CallbackTimeoutException.
  ApiResult<Done> send_callback_success(std::string_view callback_id, SharedText payload);
  ApiResult<Done> send_callback_failure(std::string_view callback_id, ErrorPtr error);
  ApiResult<Done> send_callback_heartbeat(std::string_view callback_id);
  /// Hands `answer` to the callback `delay_ms` from now (0: as soon as the checkpoint call that is
  /// being answered has its answer).  Answers that come too late are dropped, as on the service.
  void schedule_callback_answer(std::string_view callback_id, std::int64_t delay_ms,
                                CallbackAnswer answer);
  /// When an open callback times out, or misses its heartbeat; nullopt: never.
  std::optional<TimestampMs> callback_deadline(std::string_view callback_id) const;
  /// Forgets closed executions whose retention has passed (PROTOCOL 10.6).  They cannot be found
  /// any longer even without a sweep; it frees their memory.  Indexes of executions stay.
  void sweep_retention();

  // --- DurableService ---
  ApiResult<CheckpointResponse> checkpoint(const CheckpointRequest& request) override;
  ApiResult<StateResponse> get_state(const StateRequest& request) override;

  // --- for the driver ---
  /// The execution whose turn it is (first come first served); nullopt: none can be invoked now.
  std::optional<std::size_t> next_ready() const;
  /// Starts an invocation of it: a fresh token, the first page of the state (F-8, F-17).  Also for
  /// a running execution that nothing has woken (a wake-up delivered twice); the tokens of an
  /// invocation still in flight die.
  InvocationInput begin_invocation(std::size_t execution);
  /// Ends it: validates the response (1.5), writes InvocationCompleted (H-3), closes, suspends or
  /// schedules a retry.  Without an invocation in flight nothing happens.
  void end_invocation(std::size_t execution, const InvocationEnd& end);
  /// The next plain function call whose time has come; the caller runs it and reports back.
  std::optional<PlainCall> take_plain_call();
  /// Completes the caller's operation, unless something else did.  A call counts once.
  void finish_plain_call(const PlainCall& call, PlainOutcome outcome);

  std::size_t execution_count() const { return state_.executions.size(); }
  const Execution& execution(std::size_t index) const { return *state_.executions[index]; }
  /// Index of an execution; nullopt when there is none or its retention has passed.
  std::optional<std::size_t> find_execution(std::string_view arn) const;
  /// True when every execution is closed.
  bool all_closed() const;
  /// The whole history of an execution, spelled out (PROTOCOL 9).
  std::vector<Event> history(std::size_t execution, bool include_data = true) const;
  /// How many operations begin_invocation() hands out at once, the EXECUTION operation included;
  /// the handler reads the rest through get_state() (S-2).  Everything at first.  Not part of the
  /// durable state.
  void set_inline_page_size(std::optional<std::size_t> operations) {
    inline_page_size_ = operations;
  }

  /// Called after each accepted batch, when its answer is already fixed, once per record that the
  /// batch created or changed: what a test uses to answer callbacks.
  using RecordHook = std::function<void(std::size_t execution, const Operation& record)>;
  void set_record_hook(RecordHook hook) { record_hook_ = std::move(hook); }

  // --- durable state ---
  /// A copy of everything that survives a crash, without histories; an invocation in flight is not
  /// part of it. Restoring it means: the power went off at that moment, every process is gone.
  ServiceState save() const;
  /// Goes back to `state`; executions that were in flight are ready to be invoked again.  Histories
  /// begin empty.
  void restore(const ServiceState& state);
  /// Digest of the durable state.  It leaves out what must not matter: time stamps, tokens, request
  /// ids, how often an invocation ran; timers count by the time they have left.
  StateDigest digest() const;
  /// True when no operation of a running execution is in flight: every record that is not terminal
  /// is a CONTEXT.
  bool quiet() const;

 private:
  using Index = std::uint32_t;

  // An operation's change that no update of the handler made, and what it does to the record.
  struct Completion {
    OperationStatus status = OperationStatus::kSucceeded;
    EventType event = EventType::kWaitSucceeded;
    SharedText result = {};
    ErrorPtr error = nullptr;
    bool wakes = true;
  };

  // What a START leads to beside its record.
  struct Started {
    std::shared_ptr<const HistoryExtra> extra;
    ErrorPtr failure;  // set: the operation fails at once
  };

  // A function that may be invoked, or why it may not.
  struct Target {
    const FunctionConfig* function = nullptr;
    ApiError error;  ///< when `function` is null
  };

  Execution& at(Index index) { return *state_.executions[index]; }

  // checkpoint.cc
  std::optional<Index> bearer(std::string_view arn, std::string_view token) const;
  ApiResult<CheckpointResponse> accept(Index index, const CheckpointRequest& request);
  ApiError token_error(std::string_view arn, std::string_view token) const;
  std::optional<CheckpointResponse> stored_answer(const CheckpointRequest& request) const;
  void store_answer(Index index, const CheckpointRequest& request,
                    const CheckpointResponse& answer);
  void apply(Index index, const OperationUpdate& update, const internal::PlannedUpdate& planned);
  Started apply_start(Index index, const OperationUpdate& update, Operation& record,
                      Index position);
  void arm_start_timers(Index index, const OperationUpdate& update, Index position);
  void apply_closing(Index index, const OperationUpdate& update);
  void after_answer(Index index, const std::vector<Index>& changed);

  // records.cc
  void add_record(Execution& execution, OperationPtr record, std::uint64_t id_hash, Index parent);
  void replace_record(Execution& execution, Index position, OperationPtr record);
  void complete(Index index, Index position, Completion completion);
  void take_delta(Execution& execution, CheckpointResponse& answer) const;
  StateResponse state_page(const Execution& execution, std::size_t first, std::size_t count) const;

  // timers.cc
  std::uint64_t next_sequence() { return state_.next_sequence++; }
  void arm_operation_timer(Index index, Index position, internal::TimerKind kind,
                           TimestampMs due_ms, std::int64_t period_ms = 0);
  void fire(const internal::Timer& timer);
  void make_step_ready(Index index, Index position);
  void time_out_execution(Index index);

  // callbacks.cc
  struct OpenCallback {
    Index execution = 0;
    Index position = 0;
  };
  ApiResult<OpenCallback> open_callback(std::string_view callback_id) const;
  ApiResult<Done> answer_callback(std::string_view callback_id, const CallbackAnswer& answer);
  void renew_heartbeat(Index index, Index position);
  void time_out_callback(Index index, Index position, ErrorPtr error);
  void end_callback(Index index, Index position, Completion completion);
  void deliver_answer(std::uint64_t sequence);
  void drop_answers_without_timer();

  // chained_invoke.cc
  Target resolve(std::string_view function_name, bool has_tenant) const;
  Started start_chained_invoke(Index index, const OperationUpdate& update, Index position);
  void queue_plain_call(const FunctionConfig& function, PlainCall call, Index position);
  void release_plain_call(std::uint64_t sequence);
  void complete_parent(const Execution& child);

  // executions.cc
  Index create_execution(const FunctionConfig& function, SharedText name, SharedText payload,
                         SharedText tenant, std::optional<ParentLink> parent);
  std::optional<Index> find_named(std::string_view function, std::string_view name) const;
  void index_names() const;
  bool expired(const Execution& execution) const;
  void close(Index index, ExecutionStatus status, SharedText result, ErrorPtr error);
  void record_terminal_event(Execution& execution);

  // invocations.cc
  void wake(Index index);
  void make_ready(Index index);
  std::optional<std::string_view> response_violation(const Execution& execution,
                                                     const InvocationOutput& output) const;
  void finish_response(Index index, const InvocationOutput& output);
  void finish_failure(Index index, const ErrorPtr& error);
  ErrorPtr invocation_error(const Execution& execution, const InvocationEnd& end) const;
  void record_invocation(Execution& execution, ErrorPtr error);

  // digest.cc
  void digest_timers(std::vector<std::uint64_t>& words) const;

  Limits limits_;
  std::map<std::string, FunctionConfig, std::less<>> functions_;
  ServiceState state_;
  RecordHook record_hook_;
  std::optional<std::size_t> inline_page_size_;
  std::unique_ptr<internal::BatchPlan> plan_;  // reused, so that checkpoint() needs no memory
  bool in_checkpoint_ = false;
  mutable Index last_bearer_ = 0;  // a guess, always checked
  // Scheduled without delay during a checkpoint call: given as soon as that call has its answer.
  std::vector<std::pair<SharedText, CallbackAnswer>> answers_at_once_;
  // "function\nname" to the newest execution; made again after restore().
  mutable absl::flat_hash_map<std::string, Index> names_;
  mutable bool names_known_ = true;
  mutable std::vector<std::uint64_t> digest_words_;
};

}  // namespace reprise
