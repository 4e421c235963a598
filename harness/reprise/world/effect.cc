#include "reprise/world/effect.h"

namespace reprise {
namespace {

thread_local EffectSink* current_sink = nullptr;

}  // namespace

namespace internal {

void leave_effect(const EffectSink& sink, const EffectCall& call, EffectFate fate,
                  const char* reason) {
  if (sink.tearing_down() || std::uncaught_exceptions() > 0) return;
  if (fate == EffectFate::kDies) throw PowerCut();
  throw EffectFailed(std::string(call.target) + "." + std::string(call.action) + ": " + reason);
}

}  // namespace internal

EffectSink* EffectSink::current() { return current_sink; }

EffectSink* EffectSink::exchange_current(EffectSink* sink) {
  return std::exchange(current_sink, sink);
}

}  // namespace reprise
