// The part of Simulation that listens to the ambient guard.

#include <algorithm>

#include "reprise/runtime/internal/frame.h"
#include "reprise/runtime/simulation.h"
#include "reprise/sdk/internal/handler_code.h"

namespace reprise {

std::string describe(const AmbientNote& note) {
  return std::string(to_string(note.kind)) + ": " + note.function + " called at " + note.location;
}

bool is_always_wrong(const AmbientNote& note) {
  return note.kind == AmbientKind::kSleep || note.kind == AmbientKind::kThread;
}

AmbientScope Simulation::ambient_scope() {
  if (frames_.empty()) return {};
  Frame& frame = *frames_.back();
  if (frame.owned()) return {CodeRegion::kHarness, &frame.body_ambient};
  // A process that is dead or taken down decides nothing any more.
  const bool alive = !frame.dead && !frame.teardown;
  const bool handler = alive && internal::HandlerCode::runs();
  return {handler ? CodeRegion::kHandler : CodeRegion::kHarness, &frame.ambient};
}

void Simulation::ambient_call(const AmbientCall& call) {
  const bool known =
      std::any_of(record_->ambient.begin(), record_->ambient.end(), [&](const AmbientNote& note) {
        return note.function == call.function && note.location == call.location;
      });
  if (known) return;
  const Frame& frame = *frames_.back();
  AmbientNote& note = record_->ambient.emplace_back();
  note.kind = call.kind;
  note.function = call.function;
  note.location = call.location;
  note.symbol = call.symbol;
  note.execution = name_of(frame.execution);
  note.invocation = frame.invocation;
}

}  // namespace reprise
