// The part of Simulation that listens to the SDK: calls, bodies, misuse, logs.

#include <utility>

#include "reprise/runtime/internal/frame.h"
#include "reprise/runtime/simulation.h"

namespace reprise {

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

void Simulation::body_ended(const OperationCall&, bool) {
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

}  // namespace reprise
