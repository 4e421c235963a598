// The part of Simulation that listens to the SDK: calls, bodies, misuse, logs.

#include <algorithm>
#include <utility>
#include <vector>

#include "reprise/runtime/internal/frame.h"
#include "reprise/runtime/simulation.h"
#include "reprise/sdk/internal/engine.h"

namespace reprise {
namespace {

// Longer than most functions that are invoked beside it.
constexpr std::int64_t kSlowBodyMs = 600'000;  // ten minutes

// "ann/decide": the own name behind those of the contexts around it, so that what branches do at
// the same time can be told apart.  A batch itself is left out, its items have names; what
// wait_for_callback is made of goes by its role.
std::string timeline_label(const OperationCall& call) {
  std::string label(call.name ? call.name.view() : call.sub_type);
  char joint = '/';
  for (const internal::ContextState* inner = call.context; inner->parent != nullptr;
       inner = inner->parent) {
    const auto& around =
        inner->parent->children[static_cast<std::size_t>(inner->number_in_parent) - 1];
    if (around.sub_type == sub_type::kMap || around.sub_type == sub_type::kParallel) continue;
    if (around.sub_type == sub_type::kWaitForCallback) {
      label = call.type == OperationType::kCallback ? "callback" : "submit";
      joint = '.';
    }
    label = std::string(around.label()) + std::exchange(joint, '/') + label;
  }
  return label;
}

}  // namespace

void Simulation::operation_called(const OperationCall& call, const Operation* record) {
  const std::size_t execution = frames_.back()->execution;
  if (full()) {
    record_->call_sites.emplace(operation_name(&call), call.location);
    const SharedText label(timeline_label(call));
    labels_.set(execution, call.id.view(), label);
    if (record != nullptr && is_terminal(record->status)) {
      mark(TimelineMark::Kind::kReplayed, label.str());
    }
  }
  const bool addressed = call.type == OperationType::kChainedInvoke ||
                         call.type == OperationType::kCallback ||
                         call.type == OperationType::kContext;
  if (addressed) paths_.set(execution, call.id.view(), SharedText(call.path()));
  if (census_ != nullptr) {
    const std::string operation = operation_name(&call);
    census_->add(Mutant::Kind::kOtherName, operation);
    if (call.arguments) census_->add(Mutant::Kind::kOtherArguments, operation);
    if (call.type == OperationType::kStep) {
      census_->add(Mutant::Kind::kForgottenResult, operation);
    }
  }
  if (record == nullptr) {
    if (call.arguments) arguments_.set(execution, call.id.view(), call.arguments);
    return;
  }
  SharedText recorded = arguments_.find(execution, call.id.view());
  if (mutant_ != nullptr && is_mutated(Mutant::Kind::kOtherArguments, operation_name(&call))) {
    recorded = SharedText(recorded.str() + " (others)");
  }
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
  frame.accesses_before = record_->accesses.size();
  frame.body_ambient = {};
  if (slow_steps_) frame.busy_ms = kSlowBodyMs;
  if (full()) mark(TimelineMark::Kind::kCall, timeline_label(call));
}

void Simulation::body_ended(const OperationCall& call, bool succeeded) {
  Frame& frame = *frames_.back();
  if (succeeded && frame.unwinds) {
    misused(Misuse::kSwallowedCrash,
            "the body caught the end of its process and returned a result: catch (...) takes what "
            "is not the author's",
            call.location, &call);
  }
  frame.unwinds = false;
  if (orders_ && record_->accesses.size() == frame.accesses_before) note_access("", "", false);
  frame.call = nullptr;
  frame.attempt = 0;
  frame.effects = 0;
  frame.operation = {};
}

void Simulation::round_trip_failed(const OperationCall& call, const std::string& message) {
  Incident incident;
  incident.kind = Incident::Kind::kRoundTrip;
  incident.operation = operation_name(&call);
  incident.message = message;
  incident.location = call.location;
  add_incident(std::move(incident));
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
    const std::size_t execution = frames_.back()->execution;
    incident.operation = name_of(execution) + "/" +
                         path_among(service_->execution(execution).operations, *operation);
    incident.message = "a recorded operation that the replay never asked for";
    incident.recorded =
        operation->sub_type.str() +
        (operation->name ? " \"" + operation->name.str() + "\"" : " without a name");
    incident.current = "nothing";
    add_incident(std::move(incident));
  }
}

void Simulation::logged(LogLevel level, std::string_view message, std::string_view path) {
  if (!full()) return;
  record_->logs.push_back(
      {level, std::string(path), std::string(message), name_of(frames_.back()->execution)});
}

void Simulation::teardown_started(TeardownReason reason) {
  // After a return the handler's frame is at its end; what is destroyed then has nothing left to
  // run.
  frames_.back()->teardown = reason != TeardownReason::kReturned;
  if (reason == TeardownReason::kAbandoned) record_->abandoned = true;
}
void Simulation::teardown_ended() { frames_.back()->teardown = false; }

std::size_t Simulation::next_operation(std::span<const OperationCall* const> ready) {
  constexpr std::size_t kChoosable = 64;
  std::vector<std::string> names;
  Frame& frame = *frames_.back();
  for (const OperationCall* call : ready.first(std::min(ready.size(), kChoosable))) {
    names.push_back(operation_name(call));
    const auto turns = frame.turns.find(names.back());
    if (turns != frame.turns.end()) names.back() += " turn " + std::to_string(turns->second + 1);
  }
  ++branch_points_;
  const std::size_t chosen = choices_->choose(names);
  ++frame.turns[operation_name(ready[chosen])];
  return chosen;
}

void Simulation::answer_callback(const CallbackResponder& responder, std::string_view id) {
  const auto send = [&](std::int64_t delay_ms, const CallbackAnswer& answer) {
    service_->schedule_callback_answer(id, delay_ms, answer);
  };
  const bool final_answer = responder.answer.kind != CallbackAnswer::Kind::kHeartbeat;
  const auto opposite = [&] {
    CallbackAnswer other;
    if (responder.answer.kind == CallbackAnswer::Kind::kSuccess) {
      other.kind = CallbackAnswer::Kind::kFailure;
      other.error = make_error("Contradiction", "another answer than the first");
    }
    return other;
  };
  if (census_ != nullptr) census_->add(Mutant::Kind::kNoCompletion, responder.operation);
  if (is_mutated(Mutant::Kind::kNoCompletion, responder.operation)) return;
  constexpr std::int64_t kLateMs = std::int64_t{24} * 3600 * 1000;
  const std::optional<TimestampMs> deadline = service_->callback_deadline(id);
  const std::int64_t left = deadline ? *deadline - service_->now() : kLateMs;
  const std::int64_t on_time = responder.delay_ms;
  if (full()) record_->answered[responder.operation] = deadline.has_value();
  switch (choices_->arrival(responder.operation).value_or(Arrival::kHere)) {
    case Arrival::kHere:
      return send(on_time, responder.answer);
    case Arrival::kAtOnce:
      return send(0, responder.answer);
    case Arrival::kLate:
      return send(left / 2 > on_time ? left / 2 : on_time, responder.answer);
    case Arrival::kBeforeDeadline:
      return send(deadline ? left - 1 : on_time, responder.answer);
    case Arrival::kAtDeadline:
      return send(deadline ? left : on_time, responder.answer);
    case Arrival::kAfterDeadline:
      return send(deadline ? left + 1 : on_time, responder.answer);
    case Arrival::kTwice:
      send(on_time, responder.answer);
      return send(on_time + 1, responder.answer);
    case Arrival::kContradicted:
      send(on_time, responder.answer);
      if (final_answer) send(on_time + 1, opposite());
      return;
    case Arrival::kContradictionFirst:
      if (final_answer) send(on_time, opposite());
      return send(on_time + 1, responder.answer);
    case Arrival::kNever:
      return;
  }
}

void Simulation::add_incident(Incident incident) {
  incident.invocation = record_->invocations;
  record_->incidents.push_back(std::move(incident));
}

void Simulation::mark(TimelineMark::Kind kind, const std::string& label) {
  const int invocation = frames_.empty() ? record_->invocations : frames_.back()->invocation;
  record_->timeline.push_back({kind, label, invocation});
}

std::string Simulation::label_of(const OperationUpdate& update) const {
  const SharedText label = labels_.find(frames_.back()->execution, update.id.view());
  if (label) return label.str();
  return update.name ? update.name.str() : update.sub_type.str();
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
  if (created && std::none_of(program_.responders.begin(), program_.responders.end(),
                              [&](const CallbackResponder& responder) {
                                return fits(responder.operation, own) ||
                                       fits(responder.operation, parent);
                              })) {
    unanswered_.insert(own);
  }
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
    responders_used_.insert(responder.operation);
    answer_callback(responder, callback->callback_id.view());
  }
}

}  // namespace reprise
