#include "reprise/world/effect.h"

namespace reprise {
namespace {

thread_local EffectSink* current_sink = nullptr;

}  // namespace

EffectSink* EffectSink::current() { return current_sink; }

EffectSink* EffectSink::exchange_current(EffectSink* sink) {
  return std::exchange(current_sink, sink);
}

}  // namespace reprise
