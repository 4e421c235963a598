#include "reprise/runtime/simulation.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace reprise {

namespace {

ApiError connection_lost() { return {ApiError::kConnectionLost, 0, "the connection was lost"}; }

}  // namespace

/// A process that is running: one invocation of a handler, or one call of a plain function.
struct Simulation::Frame {
  std::size_t execution = 0;
  const OperationCall* call = nullptr;  // the step whose body runs
  int attempt = 0;
  int effects = 0;
  int number = 0;      // of the invocation, since the last crash
  int invocation = 0;  // of the invocation, in the run
  bool dead = false;
  bool teardown = false;
  std::string plain_operation;  // set: a plain function
  SharedText operation;         // of the body that runs, once somebody asked
  std::uint64_t entropy_count = 0;

  bool owned() const { return call != nullptr || !plain_operation.empty(); }
};

/// Makes a frame the innermost one for as long as it lives.
class Simulation::Scope {
 public:
  Scope(Simulation& simulation, Frame& frame) : simulation_(simulation) {
    simulation_.frames_.push_back(&frame);
  }
  Scope(const Scope&) = delete;
  ~Scope() { simulation_.frames_.pop_back(); }

 private:
  Simulation& simulation_;
};

namespace {

/// What the caller of a plain function gets when its process dies (PROTOCOL 4.7); nobody calls it
/// again.
// What the caller of a plain function gets when its process dies or is too slow (PROTOCOL 4.7).
// What it did by then stays done, and nobody calls it again.
ErrorPtr timeout_error(const FunctionConfig& function) {
  return make_error(
      "Sandbox.Timedout",
      "Task timed out after " + std::to_string(function.function_timeout_seconds) + ".00 seconds");
}

ErrorPtr exit_error() { return make_error("Runtime.ExitError", "the function's process exited"); }

}  // namespace

SharedText OperationTexts::find(std::size_t execution, std::string_view id) const {
  if (execution >= maps_.size() || !maps_[execution]) return {};
  const auto found = maps_[execution]->find(id);
  return found == maps_[execution]->end() ? SharedText() : found->second;
}

void OperationTexts::set(std::size_t execution, std::string_view id, const SharedText& text) {
  if (maps_.size() <= execution) maps_.resize(execution + 1);
  std::shared_ptr<Map>& map = maps_[execution];
  if (map && map->count(id) > 0 && map->find(id)->second == text) return;
  if (!map) {
    map = std::make_shared<Map>();
  } else if (map.use_count() > 1) {
    map = std::make_shared<Map>(*map);
  }
  (*map)[std::string(id)] = text;
}

std::string_view to_string(RunEnd end) {
  switch (end) {
    case RunEnd::kCompleted:
      return "completed";
    case RunEnd::kStuck:
      return "stuck";
    case RunEnd::kRunaway:
      return "runaway";
    case RunEnd::kPoweredOff:
      return "powered off";
  }
  std::abort();
}

bool operator==(const Incident& a, const Incident& b) {
  return a.kind == b.kind && a.misuse == b.misuse && a.operation == b.operation &&
         a.message == b.message;
}

Simulation::Simulation(Program& program)
    : program_(program),
      initial_world_(program.world.save()),
      service_(std::make_unique<FakeService>(program.limits)) {
  for (const Function& function : program_.functions) {
    service_->register_function(function.config);
    answers_at_once_ =
        answers_at_once_ || (!function.config.durable && function.config.answers_at_once);
  }
  empty_service_ = service_->save();
  options_.observer = this;
  options_.inline_context_limit = program.limits.inline_context_limit;
  options_.response_limit = program.limits.response_limit;
  place_operation_ = [this] { return operation_name(place_call_); };
  if (!program_.responders.empty()) {
    service_->set_record_hook(
        [this](std::size_t execution, const Operation& record) { on_record(execution, record); });
  }
}

Simulation::~Simulation() = default;

void Simulation::reset_world() { program_.world.restore(initial_world_); }

RunRecord Simulation::run(const Schedule& schedule, RecordLevel level) {
  if (schedule.empty()) {
    BenignChoices benign;
    return run(benign, level);
  }
  ScheduledChoices choices(schedule);
  RunRecord record = run(choices, level);
  record.schedule = schedule;
  record.unreached = choices.unreached();
  return record;
}

RunRecord Simulation::run(Choices& choices, RecordLevel level, const DurableState* from) {
  RunRecord record;
  record.sometimes.assign(program_.invariants.size(), false);
  record.ledger.reserve(ledger_size_);
  struct Current {
    Simulation& simulation;
    EffectSink* before;
    explicit Current(Simulation& s) : simulation(s), before(exchange_current(&s)) {}
    Current(const Current&) = delete;
    ~Current() {
      exchange_current(before);
      simulation.choices_ = nullptr;
      simulation.record_ = nullptr;
    }
  };
  choices_ = &choices;
  choices_active_ = choices.active();
  record_ = &record;
  level_ = level;
  powered_off_ = false;
  runaway_.clear();
  invocation_numbers_.clear();
  if (from == nullptr) {
    service_->restore(empty_service_);
    program_.world.restore(initial_world_);
    arguments_ = {};
    paths_ = {};
    starts_made_ = 0;
    variation_ = 0;
  } else {
    service_->restore(from->service);
    program_.world.restore(from->world);
    arguments_ = from->arguments;
    paths_ = from->paths;
    starts_made_ = from->starts_made;
    variation_ = from->variation;
    if (from->in_plain_call) finish_dead_plain_call();
  }
  const Current current(*this);
  if (program_.on_run_start) program_.on_run_start();
  const TimestampMs began = service_->now();
  start_all();
  drive();
  record.virtual_ms = service_->now() - began;
  finish(record);
  return record;
}

const Function& Simulation::function_of(std::string_view name) const {
  for (const Function& function : program_.functions) {
    if (function.config.name == name) return function;
  }
  throw ProgramError("function \"" + std::string(name) + "\" is not registered with " +
                     program_.name);
}

std::string Simulation::name_of(std::size_t execution) const {
  return service_->execution(execution).name.str();
}

void Simulation::start_all() {
  if (starts_made_ > 0) return;
  const std::string first = choices_->first_start();
  for (const Start& start : program_.starts) {
    if (start.name == first) start_one(start);
  }
  for (const Start& start : program_.starts) {
    if (start.name != first && !choices_->defers(start.name)) start_one(start);
  }
}

void Simulation::start_one(const Start& start) {
  StartRequest request;
  request.function_name = start.function;
  request.payload = start.payload;
  request.execution_name = start.name;
  request.tenant_id = start.tenant_id;
  const ApiResult<StartResponse> response = service_->start(request);
  if (!response.ok()) {
    throw ProgramError("the service refuses to start " + start.name + ": " + response.error().code +
                       ": " + response.error().message);
  }
  ++starts_made_;
}

void Simulation::drive() {
  while (!powered_off_ && runaway_.empty()) {
    if (const auto execution = service_->next_ready()) {
      invoke(*execution);
    } else if (const auto call = service_->take_plain_call()) {
      run_plain(*call);
    } else if (service_->all_closed()) {
      return;
    } else if (const auto due = service_->next_due()) {
      service_->advance_to(*due);
    } else {
      return;
    }
  }
}

// A start that comes while the body of another process stands still between two effects: it runs as
// far as it can, then the body goes on.
void Simulation::drive_overlap() {
  const std::string name = choices_->overlapping_start();
  const auto start = std::find_if(program_.starts.begin(), program_.starts.end(),
                                  [&](const Start& each) { return each.name == name; });
  if (start == program_.starts.end()) return;
  const std::size_t mine = service_->execution_count();
  start_one(*start);
  while (!powered_off_ && runaway_.empty() && !is_closed(service_->execution(mine).status)) {
    if (const auto execution = service_->next_ready()) {
      invoke(*execution);
    } else if (const auto call = service_->take_plain_call()) {
      run_plain(*call);
    } else if (const auto due = service_->next_due()) {
      service_->advance_to(*due);
    } else {
      return;
    }
  }
}

int& Simulation::invocation_number(std::size_t execution) {
  if (invocation_numbers_.size() <= execution) invocation_numbers_.resize(execution + 1, 0);
  return invocation_numbers_[execution];
}

void Simulation::invoke(std::size_t execution) {
  if (++record_->invocations > program_.run_limits.invocations_max) {
    runaway_ = name_of(execution) + " was invoked " +
               std::to_string(program_.run_limits.invocations_max) + " times and has not ended";
    return;
  }
  const Function& function = function_of(service_->execution(execution).function_name.view());
  const InvocationInput input = service_->begin_invocation(execution);
  Frame frame;
  frame.execution = execution;
  frame.number = ++invocation_number(execution);
  frame.invocation = record_->invocations;
  const Scope scope(*this, frame);
  if (full()) mark(TimelineMark::Kind::kInvocation, name_of(execution));
  InvocationResult result;
  try {
    result = function.handler(input, *this, options_);
  } catch (const PowerCut&) {
    frame.dead = true;
  }
  ++variation_;
  place_call_ = nullptr;
  if (!frame.dead) {
    if (full()) {
      const bool pending = result.output.status == InvocationStatus::kPending;
      mark(!result.responded ? TimelineMark::Kind::kThrew
           : pending         ? TimelineMark::Kind::kSuspended
                             : TimelineMark::Kind::kReturned,
           result.output.status == InvocationStatus::kFailed ? "fail" : "return");
    }
    pass(PointKind::kResponse, Moment::kBefore, CheckpointAction::kOther, 0);
  }
  if (powered_off_) return;
  InvocationEnd end;
  if (frame.dead) {
    end.kind = InvocationEnd::Kind::kProcessExit;
  } else if (!result.responded) {
    end.kind = InvocationEnd::Kind::kError;
    end.error = result.error;
  } else {
    end.output = std::move(result.output);
  }
  service_->end_invocation(execution, end);
}

void Simulation::run_plain(const PlainCall& call) {
  const Function& function = function_of(call.function_name);
  Frame frame;
  frame.execution = call.caller;
  frame.invocation = record_->invocations;
  const SharedText path = paths_.find(call.caller, call.operation_id.view());
  frame.plain_operation = name_of(call.caller) + "/" +
                          (path ? path.str() : call.operation_id.str()) + "/" + call.function_name;
  frame.operation = SharedText(frame.plain_operation);
  const Scope scope(*this, frame);
  if (full()) {
    const std::string caller = program_.starts.size() > 1 ? name_of(call.caller) + ": " : "";
    mark(TimelineMark::Kind::kPlain, caller + call.function_name);
  }
  PlainOutcome outcome;
  try {
    outcome.result = function.plain(call.payload);
  } catch (const PowerCut&) {
    frame.dead = true;
  } catch (const std::exception& error) {
    outcome.error = std::make_shared<const ErrorObject>(error_object_of(error));
  }
  if (powered_off_) return;
  if (frame.dead) {
    outcome = {{}, exit_error()};
  } else if (function.config.latency_ms > 1000 * function.config.function_timeout_seconds) {
    outcome = {{}, timeout_error(function.config)};
  }
  service_->finish_plain_call(call, std::move(outcome));
}

// The first call of a restored state is the one whose process died.
void Simulation::finish_dead_plain_call() {
  if (const auto call = service_->take_plain_call()) {
    service_->finish_plain_call(*call, {{}, exit_error()});
  }
}

void Simulation::finish(RunRecord& record) {
  ledger_size_ = record.ledger.size();
  if (powered_off_) {
    record.end = RunEnd::kPoweredOff;
  } else if (!runaway_.empty()) {
    record.end = RunEnd::kRunaway;
    record.end_reason = runaway_;
  } else if (!service_->all_closed()) {
    record.end = RunEnd::kStuck;
  }
  for (std::size_t i = 0; i < service_->execution_count(); ++i) {
    const Execution& execution = service_->execution(i);
    record.outcomes.push_back(
        {execution.name.str(), execution.status, execution.result, execution.error});
    if (record.end == RunEnd::kStuck && !is_closed(execution.status)) {
      record.end_reason += (record.end_reason.empty() ? "" : "; ") + execution.name.str() +
                           " waits and nothing will wake it";
      for (const OperationPtr& operation : execution.operations) {
        if (is_terminal(operation->status) || operation->type == OperationType::kContext) continue;
        record.end_reason += ", " + std::string(to_string(operation->type)) + " " +
                             (operation->name ? operation->name : operation->sub_type).str() +
                             " is " + std::string(to_string(operation->status));
      }
    }
  }
  std::sort(record.outcomes.begin(), record.outcomes.end(),
            [](const ExecutionOutcome& a, const ExecutionOutcome& b) { return a.name < b.name; });
  if (record.end == RunEnd::kCompleted) {
    for (std::size_t i = 0; i < program_.invariants.size(); ++i) {
      const Invariant& invariant = program_.invariants[i];
      if (invariant.kind == Invariant::Kind::kAtEnd && !invariant.holds()) {
        record.violations.push_back({i, "at the end", invariant.detail ? invariant.detail() : ""});
      }
    }
  }
  if (!full()) return;
  for (std::size_t i = 0; i < service_->execution_count(); ++i) {
    const Execution& execution = service_->execution(i);
    std::string marker;
    do {
      const ApiResult<HistoryResponse> page =
          service_->get_history(execution.arn.view(), marker, 1000);
      if (!page.ok()) break;
      auto& events = record.histories[execution.name.str()];
      events.insert(events.end(), page->events.begin(), page->events.end());
      marker = page->next_marker;
    } while (!marker.empty());
  }
}

// --- fault points

bool Simulation::pass_actively(PointKind kind, Moment moment, CheckpointAction action,
                               int attempt) {
  Frame& frame = *frames_.back();
  const bool numbered =
      kind == PointKind::kResponse || (kind == PointKind::kEffect && !frame.owned());
  const PlaceRef place{kind,
                       moment,
                       action,
                       attempt,
                       kind == PointKind::kEffect ? frame.effects : 0,
                       numbered ? frame.number : 0,
                       place_operation_};
  const bool maybe = in_at_most_once_body();
  const Choices::Alternative alternative = choices_->at(place);
  choices_active_ = choices_->active();
  switch (alternative) {
    case Choices::Alternative::kBenign:
      return false;
    case Choices::Alternative::kOverlap: {
      const OperationCall* const call = place_call_;
      drive_overlap();
      place_call_ = call;
      return frame.dead;
    }
    case Choices::Alternative::kPowerOff:
      powered_off_ = true;
      for (Frame* each : frames_) each->dead = true;
      return true;
    case Choices::Alternative::kCrash:
      break;
  }
  frame.dead = true;
  if (maybe) {
    record_->maybe_events.push_back(static_cast<std::size_t>(record_->crashes));
    record_->maybe_operations.push_back(place.operation());
  }
  ++record_->crashes;
  invocation_numbers_.clear();
  if (full()) mark(TimelineMark::Kind::kCrash, describe(place.spell()));
  return true;
}

bool Simulation::in_at_most_once_body() const {
  const Frame& frame = *frames_.back();
  if (!frame.plain_operation.empty()) return true;
  const OperationCall* call = frame.call != nullptr ? frame.call : place_call_;
  if (call == nullptr || !call->at_most_once) return false;
  const OperationPtr* record = service_->execution(frame.execution).find(call->id.view());
  return record != nullptr && (*record)->status == OperationStatus::kStarted;
}

ApiResult<CheckpointResponse> Simulation::checkpoint(const CheckpointRequest& request) {
  Frame& frame = *frames_.back();
  if (powered_off_ || frame.dead) return connection_lost();
  CheckpointAction action = CheckpointAction::kOther;
  int attempt = 0;
  if (choices_active_ && !request.updates.empty()) {
    const OperationUpdate& last = request.updates.back();
    switch (last.action) {
      case OperationAction::kStart:
        action = CheckpointAction::kStart;
        break;
      case OperationAction::kSucceed:
        action = CheckpointAction::kSucceed;
        break;
      case OperationAction::kFail:
        action = CheckpointAction::kFail;
        break;
      case OperationAction::kRetry:
        action = CheckpointAction::kRetry;
        break;
      case OperationAction::kCancel:
        break;
    }
    if (last.type == OperationType::kStep) {
      const OperationPtr* record = service_->execution(frame.execution).find(last.id.view());
      attempt = (record ? (*record)->attempt : 0) + 1;
    }
  }
  if (pass(PointKind::kCheckpoint, Moment::kBefore, action, attempt)) return connection_lost();
  return store_checkpoint(request, action, attempt);
}

// One named result, built in place: this is the most frequent call of all.
ApiResult<CheckpointResponse> Simulation::store_checkpoint(const CheckpointRequest& request,
                                                           CheckpointAction action, int attempt) {
  ApiResult<CheckpointResponse> response = service_->checkpoint(request);
  if (answers_at_once_) {  // while the caller still runs; the answer of its own call is fixed
    const OperationCall* const calling = place_call_;
    while (const auto call = service_->take_plain_call()) run_plain(*call);
    place_call_ = calling;
  }
  if (full()) {
    for (const OperationUpdate& update : request.updates) {
      if (update.action == OperationAction::kStart && update.type == OperationType::kStep) continue;
      mark(update.action == OperationAction::kStart     ? TimelineMark::Kind::kStarted
           : update.action == OperationAction::kSucceed ? TimelineMark::Kind::kRecorded
                                                        : TimelineMark::Kind::kFailed,
           update.name ? update.name.str() : update.sub_type.str());
    }
  }
  if (!response.ok() && response.error().http_status == 400) {
    Incident incident;
    incident.kind = Incident::Kind::kServiceRejected;
    incident.operation = operation_name(place_call_);
    incident.message = response.error().code + ": " + response.error().message;
    add_incident(std::move(incident));
  }
  if (!program_.invariants.empty()) check_invariants("a checkpoint");
  if (pass(PointKind::kCheckpoint, Moment::kStored, action, attempt) ||
      pass(PointKind::kCheckpoint, Moment::kAfter, action, attempt)) {
    response = connection_lost();
  }
  return response;
}

ApiResult<StateResponse> Simulation::get_state(const StateRequest& request) {
  if (powered_off_ || frames_.back()->dead) {
    return connection_lost();
  }
  return service_->get_state(request);
}

bool Simulation::before_effect(const EffectCall& call) {
  if (frames_.empty()) return true;  // the outside world, not a process of this run
  Frame& frame = *frames_.back();
  if (powered_off_ || frame.dead) return false;
  if (frame.teardown) {
    LedgerEntry entry;
    entry.operation = SharedText(operation_name(nullptr));
    entry.invocation = frame.invocation;
    entry.target = call.target;
    entry.action = call.action;
    entry.arguments = call.arguments;
    entry.key = call.key;
    entry.changed = false;
    entry.owned = false;
    entry.in_teardown = true;
    entry.location = call.location;
    record_->ledger.push_back(std::move(entry));
    return false;
  }
  ++frame.effects;
  place_call_ = frame.call;
  return !pass(PointKind::kEffect, Moment::kBefore, CheckpointAction::kOther, frame.attempt);
}

bool Simulation::after_effect(const EffectCall& call, bool changed) {
  if (frames_.empty()) return true;
  Frame& frame = *frames_.back();
  if (!frame.operation) {
    scratch_.clear();
    append_operation_name(frame.call, scratch_);
    frame.operation = SharedText(scratch_);
  }
  LedgerEntry& entry = record_->ledger.emplace_back();
  entry.operation = frame.operation;
  entry.attempt = frame.attempt;
  entry.number = frame.effects;
  entry.invocation = frame.invocation;
  entry.target = call.target;
  entry.action = call.action;
  entry.arguments = call.arguments;
  entry.key = call.key;
  entry.repeatable = call.repeatable;
  entry.changed = changed;
  entry.owned = frame.owned();
  entry.location = call.location;
  if (full()) mark(TimelineMark::Kind::kEffect, entry.target + "." + entry.action);
  if (static_cast<int>(record_->ledger.size()) > program_.run_limits.effects_max &&
      runaway_.empty()) {
    runaway_ = frame.operation.str() + " does not stop making effects";
    frame.dead = true;
    return false;
  }
  if (!program_.invariants.empty()) check_invariants("effect " + entry.call());
  place_call_ = frame.call;
  return !pass(PointKind::kEffect, Moment::kAfter, CheckpointAction::kOther, frame.attempt);
}

bool Simulation::tearing_down() const { return !frames_.empty() && frames_.back()->teardown; }

std::uint64_t Simulation::variation(HiddenInput input) {
  if (frames_.empty() || frames_.back()->owned() || !choices_->varies(input)) return 0;
  return static_cast<std::uint64_t>(variation_);
}

std::int64_t Simulation::now_ms() const {
  return clock_held_ ? empty_service_.now_ms : service_->now();
}

std::uint64_t Simulation::entropy() {
  if (frames_.empty()) return 0;
  Frame& frame = *frames_.back();
  std::uint64_t hash = 0xcbf29ce484222325U;  // FNV-1a over what identifies the draw
  const auto add = [&](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  };
  add(frame.plain_operation.empty() ? operation_name(frame.call) : frame.plain_operation);
  add("/" + std::to_string(frame.attempt) + "/" + std::to_string(++frame.entropy_count));
  return hash;
}

void Simulation::check_invariants(const std::string& after) {
  for (std::size_t i = 0; i < program_.invariants.size(); ++i) {
    const Invariant& invariant = program_.invariants[i];
    if (invariant.kind == Invariant::Kind::kAtEnd) continue;
    const bool holds = invariant.holds();
    if (invariant.kind == Invariant::Kind::kSometimes) {
      if (holds) record_->sometimes[i] = true;
    } else if (!holds) {
      const bool known = std::any_of(record_->violations.begin(), record_->violations.end(),
                                     [&](const InvariantViolation& v) { return v.invariant == i; });
      if (!known) {
        record_->violations.push_back(
            {i, "after " + after, invariant.detail ? invariant.detail() : ""});
      }
    }
  }
}

void Simulation::append_operation_name(const OperationCall* call, std::string& name) const {
  name += service_->execution(frames_.back()->execution).name.view();
  if (call == nullptr) return;
  name += '/';
  call->append_path(name);
}

std::string Simulation::operation_name(const OperationCall* call) const {
  const Frame& frame = *frames_.back();
  if (!frame.plain_operation.empty()) return frame.plain_operation;
  std::string name;
  append_operation_name(call, name);
  return name;
}

// --- what the SDK tells

void Simulation::operation_called(const OperationCall& call, const Operation* record) {
  const std::size_t execution = frames_.back()->execution;
  if (full()) {
    record_->call_sites.emplace(operation_name(&call), call.location);
    if (record != nullptr && is_terminal(record->status)) {
      mark(TimelineMark::Kind::kReplayed, call.name ? call.name.str() : std::string(call.sub_type));
    }
  }
  const bool addressed = call.type == OperationType::kChainedInvoke ||
                         call.type == OperationType::kCallback ||
                         call.type == OperationType::kContext;
  if (addressed) paths_.set(execution, call.id.view(), SharedText(call.path()));
  if (record == nullptr) {
    if (call.arguments) arguments_.set(execution, call.id.view(), call.arguments);
    return;
  }
  const SharedText recorded = arguments_.find(execution, call.id.view());
  if (recorded == call.arguments) return;
  Incident incident;
  incident.kind = Incident::Kind::kArguments;
  incident.operation = operation_name(&call);
  incident.message = "the same operation with other arguments";
  incident.recorded = recorded.str();
  incident.current = call.arguments.str();
  incident.location = call.location;
  add_incident(std::move(incident));
}

void Simulation::operation_diverged(const OperationCall& call, const Operation& record,
                                    const std::string& message) {
  const auto identity = [](std::string_view sub_type, const SharedText& name) {
    return std::string(sub_type) + (name ? " \"" + name.str() + "\"" : " without a name");
  };
  Incident incident;
  incident.kind = Incident::Kind::kDivergence;
  incident.scope = name_of(frames_.back()->execution);
  const std::string scope = call.context->path();
  if (!scope.empty()) incident.scope += "/" + scope;
  incident.number = call.number;
  incident.operation = operation_name(&call);
  incident.message = message;
  incident.recorded = identity(record.sub_type.view(), record.name);
  incident.current = identity(call.sub_type, call.name);
  incident.location = call.location;
  add_incident(std::move(incident));
}

void Simulation::body_started(const OperationCall& call, int attempt) {
  Frame& frame = *frames_.back();
  frame.call = &call;
  frame.attempt = attempt;
  frame.effects = 0;
  frame.operation = {};
  frame.entropy_count = 0;
  if (full())
    mark(TimelineMark::Kind::kCall, call.name ? call.name.str() : std::string(call.sub_type));
}

void Simulation::body_ended(const OperationCall&) {
  Frame& frame = *frames_.back();
  frame.call = nullptr;
  frame.attempt = 0;
  frame.effects = 0;
  frame.operation = {};
}

void Simulation::checkpoint_starting(const OperationCall* call) { place_call_ = call; }

void Simulation::misused(Misuse misuse, const std::string& message,
                         const std::source_location& location, const OperationCall* call) {
  Incident incident;
  incident.kind = Incident::Kind::kMisuse;
  incident.misuse = misuse;
  const std::string path = call != nullptr ? call->path() : "";
  incident.operation = path.empty() ? operation_name(frames_.back()->call) : operation_name(call);
  incident.message = message;
  incident.location = location;
  add_incident(std::move(incident));
}

void Simulation::records_unvisited(const std::vector<OperationPtr>& records) {
  for (const OperationPtr& operation : records) {
    Incident incident;
    incident.kind = Incident::Kind::kUnvisited;
    incident.operation = name_of(frames_.back()->execution) + "/" +
                         (operation->name ? operation->name.str() : operation->id.str());
    incident.message = "a recorded operation that the replay never asked for";
    incident.recorded =
        operation->sub_type.str() +
        (operation->name ? " \"" + operation->name.str() + "\"" : " without a name");
    incident.current = "nothing";
    add_incident(std::move(incident));
  }
}

void Simulation::logged(LogLevel level, std::string_view message, std::string_view path) {
  if (full()) record_->logs.push_back({level, std::string(path), std::string(message)});
}

void Simulation::teardown_started(TeardownReason reason) {
  // After a return the handler's frame is at its end; what is destroyed then has nothing left to
  // run.
  frames_.back()->teardown = reason != TeardownReason::kReturned;
}
void Simulation::teardown_ended() { frames_.back()->teardown = false; }

void Simulation::add_incident(Incident incident) {
  incident.invocation = record_->invocations;
  record_->incidents.push_back(std::move(incident));
}

void Simulation::mark(TimelineMark::Kind kind, const std::string& label) {
  const int invocation = frames_.empty() ? record_->invocations : frames_.back()->invocation;
  record_->timeline.push_back({kind, label, invocation});
}

void Simulation::on_record(std::size_t execution, const Operation& record) {
  const bool created =
      record.type == OperationType::kCallback && record.status == OperationStatus::kStarted;
  const bool submitted =
      record.type == OperationType::kStep && record.status == OperationStatus::kSucceeded;
  if (!created && !(submitted && record.parent_id)) return;
  const std::string name = name_of(execution);
  const auto path_of = [&](const SharedText& id) {
    const SharedText path = id ? paths_.find(execution, id.view()) : SharedText();
    return path ? name + "/" + path.str() : std::string();
  };
  const auto fits = [](const std::string& wanted, const std::string& path) {
    if (path.empty()) return false;
    if (wanted == path) return true;
    const std::size_t slash = path.rfind('/');
    return path.substr(slash + 1, path.rfind('#') - slash - 1) == wanted;
  };
  const std::string own = path_of(record.id);
  const std::string parent = path_of(record.parent_id);
  for (const CallbackResponder& responder : program_.responders) {
    const bool by_submitter = responder.when == CallbackResponder::When::kSubmitted;
    if (by_submitter != submitted) continue;
    if (!fits(responder.operation, own) && !fits(responder.operation, parent)) continue;
    const Operation* callback = &record;
    if (submitted) {
      callback = nullptr;
      for (const OperationPtr& each : service_->execution(execution).operations) {
        if (each->type == OperationType::kCallback && each->parent_id == record.parent_id) {
          callback = each.get();
        }
      }
    }
    if (callback == nullptr) continue;
    service_->schedule_callback_answer(callback->callback_id.view(), responder.delay_ms,
                                       responder.answer);
  }
}

// --- durable state

DurableState Simulation::save() const {
  const bool in_plain_call = !frames_.empty() && !frames_.back()->plain_operation.empty();
  // Whoever resumes from here is another invocation than the one in flight.
  const int variation = in_plain_call ? variation_ : variation_ + 1;
  return {service_->save(), program_.world.save(), arguments_, paths_, starts_made_,
          variation,        in_plain_call};
}

StateDigest Simulation::digest() const { return service_->digest(); }

bool Simulation::quiet() const { return frames_.size() == 1 && service_->quiet(); }

}  // namespace reprise
