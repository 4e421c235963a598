#include "reprise/sdk/internal/operation_core.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <exception>

#include "reprise/protocol/limits.h"

namespace reprise::internal {
namespace {

constexpr std::size_t kNameLengthMax = 256;

std::string describe(OperationType type, std::string_view sub_type, const SharedText& name) {
  std::string text(to_string(type));
  text.append(" (").append(sub_type).append(") ");
  text += name ? "\"" + name.str() + "\"" : "without a name";
  return text;
}

const char* first_difference(const OperationCall& call, const Operation& record) {
  if (call.type != record.type) return "type";
  if (!(record.sub_type == call.sub_type)) return "sub type";
  if (!(call.name == record.name)) return "name";
  if (!(call.parent_id == record.parent_id)) return "parent";
  return nullptr;
}

}  // namespace

const SharedText& shared_sub_type(std::string_view name) {
  thread_local const std::array<SharedText, 7> known = {SharedText(sub_type::kStep),
                                                        SharedText(sub_type::kWait),
                                                        SharedText(sub_type::kCallback),
                                                        SharedText(sub_type::kChainedInvoke),
                                                        SharedText(sub_type::kRunInChildContext),
                                                        SharedText(sub_type::kWaitForCallback),
                                                        SharedText(sub_type::kWaitForCondition)};
  for (const SharedText& text : known) {
    if (text.view().data() == name.data() || text == name) return text;
  }
  std::abort();
}

// --- UnitCore

UnitCore::~UnitCore() {
  if (!done_ || posted) engine().cancel(*this);
}

void UnitCore::resume() {
  if (continuation_) engine().resume(*context_, std::exchange(continuation_, nullptr));
}

// --- OperationCore

OperationCore::OperationCore(ContextState& context, OperationType type, std::string_view sub_type,
                             const OperationName& name, const std::source_location& location)
    : UnitCore(context) {
  call_.context = &context;
  call_.type = type;
  call_.sub_type = sub_type;
  call_.location = location;
  valid_ = check_call(name);
  if (!valid_) return;
  call_.number = ++context.counter;
  node_ = &context.node->child(call_.number);
  call_.id = node_->wire();
  call_.parent_id = context.parent_id;
  slot_ = engine().visit(call_.id);
  if (name.named()) {
    const Operation* known = record();
    const bool same_as_before =
        !context.children.empty() && context.children.back().name == name.view();
    call_.name = known && known->name == name.view() ? known->name
                 : same_as_before                    ? context.children.back().name
                                                     : SharedText(name.view());
  }
  context.children.push_back({call_.name, sub_type});
}

bool OperationCore::check_call(const OperationName& name) {
  if (!engine().may_call(context(), call_)) return false;
  if (!name.named()) return true;
  const std::string_view text = name.view();
  const bool printable =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (!text.empty() && text.size() <= kNameLengthMax && printable) return true;
  reject("the name of an operation must have 1 to 256 printable ASCII characters, this one has " +
         std::to_string(text.size()));
  return false;
}

void OperationCore::reject(const std::string& message) {
  valid_ = false;
  engine().report(Misuse::kInvalidArgument, message, call_.location, &call_);
  engine().fail("InvalidArgumentError", message);
}

OperationCore::~OperationCore() {
  if (!valid_ || awaited() || engine().ended() || engine().in_teardown()) return;
  // An exception that leaves the scope abandons the operation: the handler's failure is the news
  // then.
  if (std::uncaught_exceptions() > 0) return;
  engine().report(
      Misuse::kNeverAwaited,
      call_.path() + " was started and never awaited: whether it runs is left to chance",
      call_.location, &call_);
}

bool OperationCore::begin(SharedText arguments, bool at_most_once) {
  if (!valid_) return false;
  call_.at_most_once = at_most_once;
  call_.arguments = std::move(arguments);
  const Operation* known = record();
  if (known == nullptr || !is_terminal(known->status)) context().replaying = false;
  InvocationObserver* observer = engine().observer();
  if (known != nullptr) {
    const char* difference = first_difference(call_, *known);
    if (difference != nullptr) {  // S-10, before any field of the record is interpreted
      const std::string message =
          "Non-deterministic execution detected at operation " + node_->raw() + ": its " +
          difference + " differs; the checkpoint log holds " +
          describe(known->type, known->sub_type.view(), known->name) + ", the handler now calls " +
          describe(call_.type, call_.sub_type, call_.name);
      if (observer) observer->operation_diverged(call_, *known, message);
      engine().fail("NonDeterministicExecutionError", message);
      return false;
    }
  }
  if (observer) observer->operation_called(call_, known);
  return true;
}

bool OperationCore::begin_virtual() { return valid_; }

OperationUpdate& OperationCore::update(OperationAction action) {
  OperationUpdate& update = engine().enqueue();
  update.id = call_.id;
  update.parent_id = call_.parent_id;
  update.name = call_.name;
  update.sub_type = record() ? record()->sub_type : shared_sub_type(call_.sub_type);
  update.type = call_.type;
  update.action = action;
  return update;
}

bool OperationCore::send() {
  if (!engine().flush(&call_, &slot_)) return false;
  if (slot_ != kNoSlot) return true;
  engine().fail("ServiceContractError",
                "the answer to a checkpoint of " + call_.path() + " does not hold its record");
  return false;
}

void OperationCore::fail_with(DurableErrorKind kind, const ErrorPtr& error) {
  set_failure(DurableError(kind, error ? *error : ErrorObject(), call_.path()));
  finish();
}

// --- StepCore

StepCore::StepCore(ContextState& context, const OperationName& name, StepOptions options,
                   const std::source_location& location)
    : OperationCore(context, OperationType::kStep, sub_type::kStep, name, location),
      options_(std::move(options)) {
  const bool at_most_once = options_.semantics() == StepSemantics::kAtMostOncePerRetry;
  if (begin(at_most_once ? SharedText("semantics=at-most-once-per-retry") : SharedText(),
            at_most_once)) {
    if (record() == nullptr) {
      engine().post(*this);
    } else {
      settle();
    }
  }
}

void StepCore::settle() {
  switch (record()->status) {
    case OperationStatus::kSucceeded:
      finish();
      return;
    case OperationStatus::kFailed: {
      const ErrorPtr& error = record()->error;
      const bool interrupted = error && error->type == "StepInterruptedError";
      fail_with(interrupted ? DurableErrorKind::kStepInterrupted : DurableErrorKind::kStep, error);
      return;
    }
    case OperationStatus::kPending:
      wait_for_change();
      return;
    default:
      if (!context().completed) engine().post(*this);
      return;
  }
}

void StepCore::record_changed() {
  settle();
  if (done()) engine().post(*this);
}

void StepCore::run() {
  result_ = {};
  error_ = nullptr;
  permanent_ = false;
  const Operation* known = record();
  attempt_ = (known ? known->attempt : 0) + 1;
  const bool at_most_once = options_.semantics() == StepSemantics::kAtMostOncePerRetry;
  if (known && known->status == OperationStatus::kStarted) {
    if (at_most_once) {  // PROTOCOL 5.3: the previous attempt was interrupted
      error_ = make_error("StepInterruptedError",
                          "attempt " + std::to_string(attempt_) + " of step " + call().path() +
                              " was interrupted before its result was recorded");
      return;
    }
    // PROTOCOL 5.2: a second START would be rejected (R1)
  } else {
    // Both semantics send START before the body; only at most once depends on the answer (S-5).
    update(OperationAction::kStart);
    if (!send()) return;
  }
  struct Running {
    Engine& engine;
    const OperationCall& call;
    Running(Engine& e, const OperationCall& c, int attempt) : engine(e), call(c) {
      engine.running_body = &call;
      if (engine.observer()) engine.observer()->body_started(call, attempt);
    }
    ~Running() {
      engine.running_body = nullptr;
      if (engine.observer()) engine.observer()->body_ended(call);
    }
  };
  const Running running(engine(), call(), attempt_);
  try {
    result_ = call_body(attempt_);
  } catch (const SerdesError& error) {
    permanent_ = true;  // not for the retry strategy (PROTOCOL 5.6)
    error_ = std::make_shared<const ErrorObject>(error_object_of(error));
  } catch (const std::exception& error) {
    error_ = std::make_shared<const ErrorObject>(error_object_of(error));
  }
}

void StepCore::commit() {
  if (!error_) {
    OperationUpdate& succeed = update(OperationAction::kSucceed);
    succeed.payload = result_;
    if (send()) settle();
    return;
  }
  static const RetryStrategy default_strategy = retry::step_default();
  const RetryStrategy& strategy = options_.retry() ? *options_.retry() : default_strategy;
  RetryDecision decision = RetryDecision::stop();
  if (!permanent_) {
    try {
      decision = strategy(*error_, attempt_);
    } catch (const std::exception& error) {
      error_ = std::make_shared<const ErrorObject>(error_object_of(error));
    }
  }
  OperationUpdate& failed =
      update(decision.should_retry() ? OperationAction::kRetry : OperationAction::kFail);
  failed.error = error_;
  if (decision.should_retry()) {
    const double random = decision.jitter() == Jitter::kNone ? 1.0 : engine().random();
    failed.next_attempt_delay_seconds = retry_delay_seconds(decision, random);
  }
  if (send()) settle();
}

// --- WaitCore

namespace {

std::int64_t whole_seconds(absl::Duration duration) {
  return static_cast<std::int64_t>(std::ceil(absl::ToDoubleSeconds(duration)));
}

}  // namespace

WaitCore::WaitCore(ContextState& context, const OperationName& name, absl::Duration duration,
                   const std::source_location& location)
    : OperationCore(context, OperationType::kWait, sub_type::kWait, name, location) {
  static constexpr Limits kLimits;
  seconds_ =
      duration == absl::InfiniteDuration() ? kLimits.max_seconds + 1 : whole_seconds(duration);
  if (!engine().ended() && (duration < absl::Seconds(1) || seconds_ > kLimits.max_seconds)) {
    reject("a wait must last from 1 second to " + std::to_string(kLimits.max_seconds) +
           " seconds, this one lasts " + absl::FormatDuration(duration));
    return;
  }
  if (!begin(SharedText("seconds=" + std::to_string(seconds_)))) return;
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
  std::string arguments = "function=" + function_;
  if (options_.tenant_id()) arguments += " tenant=" + *options_.tenant_id();
  if (input_) arguments.append(" payload=").append(input_.view());
  if (!begin(SharedText(std::move(arguments)))) return;
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
  if (!engine().ended() && (timeout_seconds_ < 0 || heartbeat_seconds_ < 0)) {
    reject("the timeouts of a callback must not be negative");
    return;
  }
  SharedText arguments;
  if (timeout_seconds_ != 0 || heartbeat_seconds_ != 0) {
    arguments = SharedText("timeout=" + std::to_string(timeout_seconds_) +
                           " heartbeat=" + std::to_string(heartbeat_seconds_));
  }
  if (!begin(std::move(arguments))) return;
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
    const bool timed_out = known.status == OperationStatus::kTimedOut;
    if (!error.message) error.message = timed_out ? "Callback timed out" : "Callback failed";
    set_failure(DurableError(
        timed_out ? DurableErrorKind::kCallbackTimeout : DurableErrorKind::kCallbackExternal,
        std::move(error), known.name.str()));
  }
  finish();
  if (suspended()) engine().post(*this);
}

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
    if (records_itself && is_new) update(OperationAction::kStart);
    child_ = &engine().add_context(
        std::make_unique<ContextState>(context(), call(), node(), records_itself));
    child_->replaying = context().replaying || (records_itself && !is_new);
    child_->completed = records_itself && !is_new && is_terminal(record()->status);
    PromiseBase* promise = nullptr;
    const std::coroutine_handle<> body = start_body(*child_, promise);
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
    } else if (static_cast<std::int64_t>(result_.size()) >
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
