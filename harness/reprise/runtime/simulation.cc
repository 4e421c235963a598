#include "reprise/runtime/simulation.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "reprise/protocol/ids.h"
#include "reprise/runtime/internal/frame.h"
#include "reprise/world/event_source.h"

namespace reprise {

namespace {

// What the caller of a plain function gets when its process dies or is too slow (PROTOCOL 4.7).
// What it did by then stays done, and nobody calls it again.
ErrorPtr timeout_error(const FunctionConfig& function) {
  return make_error(
      "Sandbox.Timedout",
      "Task timed out after " + std::to_string(function.function_timeout_seconds) + ".00 seconds");
}

ErrorPtr exit_error() { return make_error("Runtime.ExitError", "the function's process exited"); }

// The execution that a caller starts who got no answer to the first start.
std::string name_of_repetition(const std::string& name) { return name + kRepetition; }

}  // namespace

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
  // What the first id makes the library of hashes do is nothing that a handler does.
  static_cast<void>(operation_id("1"));
  for (const Function& function : program_.functions) {
    service_->register_function(function.config);
  }
  empty_service_ = service_->save();
  options_.observer = this;
  options_.host = this;
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

void Simulation::begin(Choices& choices, RecordLevel level, RunRecord& record) {
  record.sometimes.assign(program_.invariants.size(), false);
  record.ledger.reserve(ledger_size_);
  choices_ = &choices;
  choices_active_ = choices.active();
  record_ = &record;
  level_ = level;
  labels_ = {};
  powered_off_ = false;
  mutant_ = ActiveMutant::now();
  census_ = MutantCensus::now();
  fault_.reset();
  orders_ = choices.orders();
  branch_points_ = 0;
  perturbation_wanted_ = std::any_of(std::begin(kProcessInputs), std::end(kProcessInputs),
                                     [&](HiddenInput input) { return choices.varies(input); });
  outside_ = false;
  runaway_.clear();
  apply_limits();
  slow_steps_ = choices.arrival(kEveryStep) == Arrival::kLate;
  invocation_numbers_.clear();
}

void Simulation::begin_from_start() {
  service_->restore(empty_service_);
  program_.world.restore(initial_world_);
  arguments_ = {};
  paths_ = {};
  starts_made_ = 0;
  variation_ = 0;
  happened_.assign(program_.external_events.size(), 0);
  deliveries_.assign(program_.event_sources.size(), 0);
}

RunRecord Simulation::run(Choices& choices, RecordLevel level, const DurableState* from) {
  RunRecord record;
  begin(choices, level, record);
  if (from == nullptr) {
    begin_from_start();
  } else {
    service_->restore(from->service);
    program_.world.restore(from->world);
    arguments_ = from->arguments;
    paths_ = from->paths;
    starts_made_ = from->starts_made;
    variation_ = from->variation;
    happened_ = from->happened;
    invocation_numbers_ = from->invocation_numbers;
    deliveries_ = from->deliveries;
    if (program_.environments != nullptr) program_.environments->lose_busy();
    if (from->in_plain_call && !from->source) finish_dead_plain_call();
  }
  const Current current(*this);
  if (from != nullptr && from->source) finish_source(*from->source, {{}, exit_error()});
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

void Simulation::apply_limits() {
  const auto limit = [&](Quota quota, std::int64_t usual) {
    return choices_->limit(quota).value_or(usual);
  };
  options_.inline_context_limit =
      limit(Quota::kInlineContext, program_.limits.inline_context_limit);
  options_.response_limit = limit(Quota::kResponse, program_.limits.response_limit);
  const std::optional<std::int64_t> page = choices_->limit(Quota::kStatePage);
  answers_at_once_ = false;
  bool changed = false;
  for (const Function& function : program_.functions) {
    if (function.config.durable) continue;
    FunctionConfig config = function.config;
    const std::optional<Arrival> arrival = choices_->arrival(config.name);
    if (arrival == Arrival::kAtOnce) config.answers_at_once = true;
    if (arrival == Arrival::kLate) {
      config.answers_at_once = false;
      config.latency_ms = std::max(config.latency_ms, 1000 * config.function_timeout_seconds - 1);
    }
    answers_at_once_ = answers_at_once_ || config.answers_at_once;
    if (arrival || functions_changed_) service_->register_function(config);
    changed = changed || arrival;
  }
  functions_changed_ = changed;
  service_->set_inline_page_size(page ? std::optional(static_cast<std::size_t>(*page))
                                      : std::nullopt);
}

// The next thing that can happen; virtual time moves only when there is nothing else.
bool Simulation::drive_once() {
  if (const auto execution = service_->next_ready()) {
    invoke_next(*execution);
  } else if (const auto call = service_->take_plain_call()) {
    run_plain(*call);
  } else if (let_source_invoke() || let_happen()) {
    // what it led to comes next
  } else {
    std::optional<TimestampMs> due = next_source_due();
    if (const auto timer = service_->next_due(); timer && !service_->all_closed()) {
      due = std::min(due.value_or(*timer), *timer);
    }
    if (!due) return false;
    service_->advance_to(*due);
  }
  return true;
}

void Simulation::drive() {
  while (!powered_off_ && runaway_.empty() && drive_once()) {
  }
}

// A start that comes while the body of another process stands still between two effects: it runs as
// far as it can, then the body goes on.  Where there is no environment for it, it cannot.
void Simulation::drive_overlap() {
  const std::string name = choices_->arriving();
  const auto start =
      std::find_if(program_.starts.begin(), program_.starts.end(), [&](const Start& each) {
        return each.name == name || (each.unnamed && name_of_repetition(each.name) == name);
      });
  if (start == program_.starts.end()) return;
  const std::size_t mine = service_->execution_count();
  Start arriving = *start;
  arriving.name = name;
  start_one(arriving);
  throttled_ = false;
  while (!powered_off_ && runaway_.empty() && !throttled_ &&
         !is_closed(service_->execution(mine).status) && drive_once()) {
  }
}

// The service gives up on the process that stands still here, and goes on without it.  Nobody has
// told the process.
void Simulation::drive_successor() {
  Frame& frame = *frames_.back();
  if (!frame.plain_operation.empty() || frame.fenced) return;
  frame.fenced = true;
  service_->end_invocation(frame.execution, {.kind = InvocationEnd::Kind::kTimeout});
  throttled_ = false;
  while (!powered_off_ && runaway_.empty() && !throttled_ &&
         !is_closed(service_->execution(frame.execution).status) && drive_once()) {
  }
}

// An external event whose time has come.  False: there is none.
bool Simulation::let_happen() {
  for (std::size_t i = 0; i < program_.external_events.size(); ++i) {
    const ExternalEvent& event = program_.external_events[i];
    const Arrival arrival = choices_->arrival(event.name).value_or(Arrival::kHere);
    if (arrival == Arrival::kNever) continue;
    const bool again = arrival == Arrival::kTwice && happened_[i] == 1;
    if (!again && (happened_[i] > 0 || !event.ready())) continue;
    const bool others_first =
        (service_->next_due() && !service_->all_closed()) || next_source_due();
    if (arrival == Arrival::kLate && others_first && !polled_long()) continue;
    happen(i);
    return true;
  }
  return false;
}

// Who looks again and again has waited long enough for what comes last of all.
bool Simulation::polled_long() const {
  constexpr int kAttempts = 100;
  for (std::size_t i = 0; i < service_->execution_count(); ++i) {
    for (const OperationPtr& operation : service_->execution(i).operations) {
      if (operation->attempt >= kAttempts) return true;
    }
  }
  return false;
}

void Simulation::happen(std::size_t event) {
  ++happened_[event];
  if (full()) mark(TimelineMark::Kind::kArrived, program_.external_events[event].name);
  outside_ = true;
  program_.external_events[event].happen();
  outside_ = false;
  if (!program_.invariants.empty()) check_invariants(program_.external_events[event].name);
}

void Simulation::arrive(const std::string& name) {
  for (std::size_t i = 0; i < program_.external_events.size(); ++i) {
    const ExternalEvent& event = program_.external_events[i];
    if (event.name == name && happened_[i] == 0 && event.ready()) happen(i);
  }
}

int& Simulation::invocation_number(std::size_t execution) {
  if (invocation_numbers_.size() <= execution) invocation_numbers_.resize(execution + 1, 0);
  return invocation_numbers_[execution];
}

void Simulation::invoke_next(std::size_t execution) {
  if (++record_->invocations > program_.run_limits.invocations_max) {
    runaway_ = name_of(execution) + " was invoked " +
               std::to_string(program_.run_limits.invocations_max) + " times and has not ended";
    return;
  }
  const std::optional<std::string> environment =
      environment_for(arriving(execution), name_of(execution), invocation_number(execution) + 1);
  if (powered_off_) return;
  if (!environment) return refuse_invocation(execution);
  InvocationInput input = service_->begin_invocation(execution);
  if (mutant_ != nullptr) mutate(execution, input);
  invoke(execution, input, *environment);
}

void Simulation::invoke(std::size_t execution, const InvocationInput& input,
                        const std::string& environment) {
  const Function& function = function_of(service_->execution(execution).function_name.view());
  Frame frame;
  frame.execution = execution;
  frame.number = ++invocation_number(execution);
  frame.invocation = record_->invocations;
  const ArrivingInvocation invocation = arriving(execution);
  const bool unusual =
      full() && internal::is_unusual(program_.environments, invocation, environment);
  const Occupied occupied(program_.environments, invocation, environment, frame);
  const Scope scope(*this, frame);
  if (full()) mark(TimelineMark::Kind::kInvocation, name_of(execution));
  if (unusual) mark(TimelineMark::Kind::kArrived, "in " + environment);
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
  if (powered_off_ || frame.fenced) return;
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
  const ArrivingInvocation invocation{call.function_name, name_of(call.caller),
                                      call.tenant_id.str()};
  const std::optional<std::string> environment =
      environment_for(invocation, frame.plain_operation, 0);
  if (powered_off_) return;
  if (!environment) return service_->finish_plain_call(call, {{}, internal::throttled_error()});
  const bool unusual =
      full() && internal::is_unusual(program_.environments, invocation, *environment);
  const Occupied occupied(program_.environments, invocation, *environment, frame);
  const Scope scope(*this, frame);
  if (full()) {
    const std::string caller = program_.starts.size() > 1 ? name_of(call.caller) + ": " : "";
    mark(TimelineMark::Kind::kPlain, caller + call.function_name);
  }
  if (unusual) mark(TimelineMark::Kind::kArrived, "in " + *environment);
  PlainOutcome outcome = call_plain(function, call.payload, frame);
  if (powered_off_) return;
  service_->finish_plain_call(call, std::move(outcome));
}

PlainOutcome Simulation::call_plain(const Function& function, const SharedText& payload,
                                    Frame& frame) {
  PlainOutcome outcome;
  try {
    outcome.result = function.plain(payload);
  } catch (const PowerCut&) {
    frame.dead = true;
  } catch (const std::exception& error) {
    outcome.error = std::make_shared<const ErrorObject>(error_object_of(error));
  }
  if (frame.dead) return {{}, exit_error()};
  if (function.config.latency_ms > 1000 * function.config.function_timeout_seconds) {
    return {{}, timeout_error(function.config)};
  }
  return outcome;
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
    if (!program_.canaries.empty()) {
      look_for_canaries(execution.name.str(), execution.name.str(),
                        "its result " + execution.result.str(), {});
    }
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
  if (program_.environments != nullptr) program_.environments->retire();
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

}  // namespace reprise
