// The part of Simulation in which a process may die: checkpoints, effects, responses.

#include <algorithm>
#include <utility>

#include "reprise/protocol/internal/planted_fault.h"
#include "reprise/runtime/internal/frame.h"
#include "reprise/runtime/simulation.h"
#include "reprise/sdk/internal/handler_code.h"

namespace reprise {
namespace {

constexpr std::string_view kClientToken = "sent-again";

ApiError connection_lost() { return {ApiError::kConnectionLost, 0, "the connection was lost"}; }

}  // namespace

bool Simulation::pass_actively(PointKind kind, Moment moment, CheckpointAction action,
                               int attempt) {
  Frame& frame = *frames_.back();
  const bool numbered = kind == PointKind::kResponse || kind == PointKind::kState ||
                        (kind == PointKind::kEffect && !frame.owned());
  const PlaceRef place{kind,
                       moment,
                       action,
                       attempt,
                       kind == PointKind::kEffect  ? frame.effects
                       : kind == PointKind::kState ? frame.pages
                                                   : 0,
                       numbered ? frame.number : 0,
                       place_operation_};
  const bool maybe = in_at_most_once_body();
  fault_.reset();
  const Choices::Alternative alternative = choices_->at(place);
  choices_active_ = choices_->active();
  const OperationCall* const call = place_call_;
  switch (alternative) {
    case Choices::Alternative::kBenign:
      return false;
    case Choices::Alternative::kFault:
      fault_ = choices_->fault();
      // It ends the invocation, and so it interrupts what runs once at most.
      if (maybe && kind == PointKind::kCheckpoint && fault_ != Fault::kSentAgain) {
        record_->maybe_operations.push_back(place.operation());
      }
      return false;
    case Choices::Alternative::kArrival:
      arrive(choices_->arriving());
      return false;
    case Choices::Alternative::kFreeze:
      // Its successor is told that it was interrupted, and it acts nevertheless.
      if (maybe && frame.plain_operation.empty()) {
        record_->maybe_operations.push_back(place.operation());
      }
      drive_successor();
      place_call_ = call;
      return frame.dead;
    case Choices::Alternative::kOverlap: {
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
  if (mutant_ != nullptr && mutant_->kind == Mutant::Kind::kForgottenResult) {
    const std::vector<OperationUpdate> known = known_updates(request);
    if (known.size() < request.updates.size()) {
      CheckpointRequest rest = request;
      rest.updates = known;
      ApiResult<CheckpointResponse> response = store_checkpoint(rest, action, attempt);
      const Execution& execution = service_->execution(frame.execution);
      for (const OperationUpdate& update : request.updates) {
        const OperationPtr* record = execution.find(update.id.view());
        if (response.ok() && record != nullptr) response->operations.push_back(*record);
      }
      return response;
    }
  }
  if (pass(PointKind::kCheckpoint, Moment::kBefore, action, attempt)) return connection_lost();
  if (fault_ == Fault::kSentAgain) {  // PROTOCOL 4.3.6
    fault_.reset();
    CheckpointRequest repeated = request;
    repeated.client_token = kClientToken;
    (void)store_checkpoint(repeated, action, attempt);
    if (frame.dead) return connection_lost();
    return service_->checkpoint(repeated);
  }
  if (std::optional<ApiError> error = refusal()) return std::move(*error);
  return store_checkpoint(request, action, attempt);
}

// What the service, or the network before it, says instead of doing what was asked (PROTOCOL 4.2).
std::optional<ApiError> Simulation::refusal() {
  if (!fault_) return std::nullopt;
  switch (*std::exchange(fault_, std::nullopt)) {
    case Fault::kThrottled:
      return ApiError{"TooManyRequestsException", 429, "Rate exceeded"};
    case Fault::kServerError:
      return ApiError{"ServiceException", 500, "Internal service error"};
    case Fault::kStaleToken:
      return ApiError{"InvalidParameterValueException", 400, "Invalid checkpoint token"};
    case Fault::kAnswerLost:
      return connection_lost();
    case Fault::kSentAgain:
    case Fault::kFails:
      break;
  }
  return std::nullopt;
}

// One named result, built in place: this is the most frequent call of all.
ApiResult<CheckpointResponse> Simulation::store_checkpoint(const CheckpointRequest& request,
                                                           CheckpointAction action, int attempt) {
  ApiResult<CheckpointResponse> response = service_->checkpoint(request);
  if (!program_.canaries.empty()) look_into(request);
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
           label_of(update));
    }
  }
  if (!response.ok() && response.error().http_status == 400 && !frames_.back()->fenced) {
    Incident incident;
    incident.kind = Incident::Kind::kServiceRejected;
    incident.operation = operation_name(place_call_);
    incident.message = response.error().code + ": " + response.error().message;
    incident.recorded = repeated_without_end();
    add_incident(std::move(incident));
  }
  if (!program_.invariants.empty() && !REPRISE_FAULT(invariants_not_asked_after_checkpoints)) {
    check_invariants("a checkpoint");
  }
  // NOLINTNEXTLINE(bugprone-branch-clone): two places, passed one after the other
  if (pass(PointKind::kCheckpoint, Moment::kStored, action, attempt)) {
    response = connection_lost();
  } else if (std::optional<ApiError> error = refusal()) {
    response = std::move(*error);
  } else if (pass(PointKind::kCheckpoint, Moment::kAfter, action, attempt)) {
    response = connection_lost();
  }
  return response;
}

// An operation whose attempts are most of what the service allows an execution.
std::string Simulation::repeated_without_end() const {
  const Execution& execution = service_->execution(frames_.back()->execution);
  for (const OperationPtr& operation : execution.operations) {
    if (std::int64_t{2} * operation->attempt < program_.limits.max_operations) continue;
    return std::to_string(operation->attempt) + " attempts of " +
           name_of(frames_.back()->execution) + "/" + path_among(execution.operations, *operation);
  }
  return {};
}

ApiResult<StateResponse> Simulation::get_state(const StateRequest& request) {
  Frame& frame = *frames_.back();
  if (powered_off_ || frame.dead) return connection_lost();
  ++frame.pages;
  place_call_ = nullptr;
  if (pass(PointKind::kState, Moment::kBefore, CheckpointAction::kOther, 0)) {
    return connection_lost();
  }
  if (std::optional<ApiError> error = refusal()) return std::move(*error);
  return service_->get_state(request);
}

// In destructors that run because of another exception nothing is thrown (leave_effect).
EffectFate Simulation::dies(Frame& frame) {
  if (std::uncaught_exceptions() == 0) frame.unwinds = true;
  return EffectFate::kDies;
}

EffectFate Simulation::before_effect(const EffectCall& call) {
  // The outside world is not a process of this run.
  if (frames_.empty() || outside_) return EffectFate::kGoesOn;
  Frame& frame = *frames_.back();
  if (powered_off_ || frame.dead) return dies(frame);
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
    return EffectFate::kDies;
  }
  ++frame.effects;
  place_call_ = frame.call;
  if (is_mutated(Mutant::Kind::kLostEffect, mutant_ ? operation_name(frame.call) : "")) {
    before_lost_effect_ = program_.world.save();
  }
  if (pass(PointKind::kEffect, Moment::kBefore, CheckpointAction::kOther, frame.attempt)) {
    return dies(frame);
  }
  if (std::exchange(fault_, std::nullopt) != Fault::kFails) return EffectFate::kGoesOn;
  if (full()) {
    mark(TimelineMark::Kind::kFault,
         std::string(call.target) + "." + std::string(call.action) + " fails");
  }
  return EffectFate::kFails;
}

EffectFate Simulation::after_effect(const EffectCall& call, bool changed) {
  if (frames_.empty() || outside_) return EffectFate::kGoesOn;
  Frame& frame = *frames_.back();
  if (!frame.operation) {
    scratch_.clear();
    append_operation_name(frame.call, scratch_);
    frame.operation = SharedText(scratch_);
  }
  if (census_ != nullptr && changed) {
    census_->add(Mutant::Kind::kLostEffect, frame.operation.str());
  }
  if (before_lost_effect_) {
    program_.world.restore(*std::exchange(before_lost_effect_, std::nullopt));
    changed = false;
  }
  const auto take = [](std::string& to, const std::string& from) {
    if (!from.empty()) to = from;  // mostly there is none
  };
  LedgerEntry& entry = record_->ledger.emplace_back();
  entry.operation = frame.operation;
  entry.attempt = frame.attempt;
  entry.number = frame.effects;
  entry.invocation = frame.invocation;
  entry.target = call.target;
  entry.action = call.action;
  take(entry.arguments, call.arguments);
  take(entry.key, call.key);
  take(entry.object, call.object);
  entry.repeatable = call.repeatable;
  entry.changed = changed;
  entry.owned = frame.owned();
  entry.location = call.location;
  if (orders_) note_access(entry.target, entry.object, changed);
  if (!program_.canaries.empty()) {
    look_for_canaries(frame.source ? "" : name_of(frame.execution), frame.operation.str(),
                      entry.call() + " " + entry.key, entry.location);
  }
  if (full()) mark(TimelineMark::Kind::kEffect, entry.target + "." + entry.action);
  if (static_cast<int>(record_->ledger.size()) > program_.run_limits.effects_max &&
      runaway_.empty()) {
    runaway_ = frame.operation.str() + " does not stop making effects";
    frame.dead = true;
    return EffectFate::kDies;
  }
  if (!program_.invariants.empty()) check_invariants("effect " + entry.call());
  place_call_ = frame.call;
  if (!REPRISE_FAULT(no_fault_point_after_effects) &&
      pass(PointKind::kEffect, Moment::kAfter, CheckpointAction::kOther, frame.attempt)) {
    return dies(frame);
  }
  if (std::exchange(fault_, std::nullopt) != Fault::kAnswerLost) return EffectFate::kGoesOn;
  if (!REPRISE_FAULT(lost_answer_not_noted)) {
    record_->maybe_operations.push_back(frame.operation.str());
  }
  if (full()) mark(TimelineMark::Kind::kFault, "answer lost");
  return EffectFate::kFails;
}

void Simulation::observed(std::string_view target, std::string_view object) {
  if (orders_ && !outside_ && !frames_.empty()) note_access(target, object, false);
}

void Simulation::look_into(const CheckpointRequest& request) {
  const std::string execution = name_of(frames_.back()->execution);
  const Execution& known = service_->execution(frames_.back()->execution);
  for (const OperationUpdate& update : request.updates) {
    const OperationPtr* record = known.find(update.id.view());
    const std::string operation =
        record != nullptr ? execution + "/" + path_among(known.operations, **record) : execution;
    if (update.payload) {
      look_for_canaries(execution, operation, "its record " + update.payload.str(), {});
    }
    if (update.name) look_for_canaries(execution, operation, "its name " + update.name.str(), {});
    if (update.error) {
      look_for_canaries(execution, operation,
                        "its error " + update.error->message.value_or(std::string()), {});
    }
  }
}

void Simulation::look_for_canaries(const std::string& execution, const std::string& operation,
                                   std::string_view text, const std::source_location& location) {
  const auto is_start = [&](const Start& start) { return start.name == execution; };
  if (std::none_of(program_.starts.begin(), program_.starts.end(), is_start)) return;
  for (const Canary& canary : program_.canaries) {
    if (canary.start == execution || text.find(canary.text) == std::string_view::npos) continue;
    Incident incident;
    incident.kind = Incident::Kind::kLeak;
    incident.operation = operation;
    incident.message = "\"" + canary.text + "\", which belongs to " + canary.start +
                       ", turns up in " + std::string(text);
    incident.recorded = "canary of " + canary.start;
    incident.location = location;
    add_incident(std::move(incident));
  }
}

void Simulation::note_access(std::string_view target, std::string_view object, bool changes) {
  record_->accesses.push_back({operation_name(frames_.back()->call), std::string(target),
                               std::string(object), changes, branch_points_});
}

void Simulation::handler_enters() {
  perturbation_.apply([this](HiddenInput input) -> std::optional<std::uint64_t> {
    if (!choices_->varies(input)) return std::nullopt;
    return variation(input);
  });
}

void Simulation::handler_leaves() { perturbation_.restore(); }

std::int64_t Simulation::clock_readings() {
  if (frames_.empty() || frames_.back()->owned()) return 0;
  return frames_.back()->clock_readings++;
}

FakeService* Simulation::service_for_callers() { return service_.get(); }

bool Simulation::tearing_down() const { return !frames_.empty() && frames_.back()->teardown; }

std::uint64_t Simulation::variation(HiddenInput input) {
  if (frames_.empty() || frames_.back()->owned() || !choices_->varies(input)) return 0;
  return static_cast<std::uint64_t>(variation_);
}

std::int64_t Simulation::now_ms() const {
  if (clock_held_) return empty_service_.now_ms;
  return service_->now() + (frames_.empty() ? 0 : frames_.back()->busy_ms);
}

void Simulation::spend(std::int64_t duration_ms) {
  if (!frames_.empty() && frames_.back()->call != nullptr && duration_ms > 0) {
    frames_.back()->busy_ms += duration_ms;
  }
}

std::int64_t Simulation::take_busy_ms() { return std::exchange(frames_.back()->busy_ms, 0); }

void Simulation::sleep_until(std::int64_t at_ms) {
  const OperationCall* const calling = place_call_;
  for (auto due = service_->next_due(); due && *due <= at_ms && !frames_.back()->dead;
       due = service_->next_due()) {
    service_->advance_to(*due);
    while (const auto call = service_->take_plain_call()) run_plain(*call);
  }
  if (!frames_.back()->dead) service_->advance_to(at_ms);
  place_call_ = calling;
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
  const internal::HandlerCode invariant_code(false);
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

}  // namespace reprise
