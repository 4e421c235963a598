// The part of Simulation in which something outside invokes plain functions.

#include <algorithm>
#include <utility>

#include "reprise/runtime/internal/frame.h"
#include "reprise/runtime/simulation.h"
#include "reprise/world/event_source.h"

namespace reprise {

std::optional<TimestampMs> Simulation::next_source_due() const {
  std::optional<TimestampMs> next;
  for (const EventSource* source : program_.event_sources) {
    const std::optional<TimestampMs> due = source->next_due(service_->now());
    if (due) next = std::min(next.value_or(*due), *due);
  }
  return next;
}

// False: none has work now.
bool Simulation::let_source_invoke() {
  const TimestampMs now = service_->now();
  for (std::size_t i = 0; i < program_.event_sources.size(); ++i) {
    const std::optional<TimestampMs> due = program_.event_sources[i]->next_due(now);
    if (!due || *due > now) continue;
    invoke_for(i);
    return true;
  }
  return false;
}

void Simulation::invoke_for(std::size_t index) {
  EventSource& source = *program_.event_sources[index];
  if (++deliveries_[index] > program_.run_limits.invocations_max) {
    runaway_ = source.source_name() + " has invoked " + source.function_name() + " " +
               std::to_string(program_.run_limits.invocations_max) + " times, and still has work";
    return;
  }
  const Function& function = function_of(source.function_name());
  outside_ = true;
  const std::optional<SharedText> payload = source.take(service_->now());
  outside_ = false;
  if (!payload) return;
  if (function.config.durable) {
    StartRequest request;
    request.function_name = function.config.name + ":" + function.config.version;
    request.payload = *payload;
    request.type = InvocationType::kRequestResponse;
    const ApiResult<StartResponse> response = service_->start(request);
    if (response.ok()) {
      throw ProgramError(source.source_name() + " invokes the durable function " +
                         function.config.name +
                         " synchronously; let it invoke a plain function that starts executions");
    }
    finish_source(index, {{}, make_error(response.error().code, response.error().message)});
    return;
  }
  Frame frame;
  frame.source = index;
  frame.attempt = deliveries_[index];
  frame.invocation = ++record_->invocations;
  frame.plain_operation = source.source_name() + "/" + function.config.name;
  frame.operation = SharedText(frame.plain_operation);
  const Scope scope(*this, frame);
  if (full()) {
    mark(TimelineMark::Kind::kInvocation, source.source_name());
    mark(TimelineMark::Kind::kPlain, function.config.name);
  }
  const PlainOutcome outcome = call_plain(function, *payload, frame);
  if (powered_off_) return;
  if (full() && !frame.dead) {
    mark(outcome.error ? TimelineMark::Kind::kThrew : TimelineMark::Kind::kReturned, "return");
  }
  finish_source(index, outcome);
}

void Simulation::finish_source(std::size_t source, const PlainOutcome& outcome) {
  const bool outside = std::exchange(outside_, true);
  program_.event_sources[source]->finish(outcome, service_->now());
  outside_ = outside;
}

}  // namespace reprise
