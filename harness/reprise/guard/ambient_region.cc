#include "reprise/guard/internal/ambient_region.h"

#include <absl/time/time.h>

#include <algorithm>

#include "reprise/guard/internal/call_site.h"
#include "reprise/world/effect.h"
#include "reprise/world/host.h"

namespace reprise::internal {
namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;
constexpr std::int64_t kNsPerUs = 1'000;
// A monotonic clock begins with its process.  A small value: who hands a deadline made of it to the
// kernel finds it passed, and does not wait for a year.
constexpr std::int64_t kMonotonicBase = 3'600'000 * kNsPerMs;
constexpr std::int64_t kMonotonicSkew = 1013 * kNsPerMs;

thread_local bool busy = false;  // the guard's own look-ups call guarded functions too

std::int64_t variation(HiddenInput input) {
  return static_cast<std::int64_t>(EffectSink::current()->variation(input));
}

// The n-th reading comes n us after the one before: two readings hardly differ, and a loop that
// waits for an hour ends after 85,000.
std::int64_t ticked_ns(const AmbientState& state) {
  const auto n = static_cast<std::int64_t>(std::min<std::uint64_t>(state.clock_readings, 1U << 30));
  return n * (n - 1) / 2 * kNsPerUs;
}

std::int64_t wall_ns(const AmbientState& state) {
  return absl::ToUnixNanos(Host().now()) + state.passed_ns + ticked_ns(state);
}

// Another host has run longer, and its clock is faster; back it goes nowhere.
std::int64_t monotonic_ns(const AmbientState& state) {
  const std::int64_t gone_ms = EffectSink::current()->now_ms() - state.began_ms;
  const std::int64_t gone_ns = gone_ms * kNsPerMs + state.passed_ns + ticked_ns(state);
  return kMonotonicBase + variation(HiddenInput::kClock) * kMonotonicSkew +
         gone_ns * (1 + variation(HiddenInput::kClockRate));
}

}  // namespace

AmbientScope quiet_scope() {
  EffectSink* sink = EffectSink::current();
  if (sink == nullptr || busy) return {};
  return sink->ambient_scope();
}

AmbientRegion::AmbientRegion(AmbientKind kind, const char* function, void* caller)
    : scope_(quiet_scope()) {
  if (!in_handler()) return;
  busy = true;
  const CallSite* site = find_call_site(caller);
  if (site != nullptr) {
    EffectSink::current()->ambient_call({kind, function, site->location, site->symbol});
  } else {
    scope_ = {};  // a test framework's own call
  }
  busy = false;
}

std::int64_t peek_clock_ns(GuardedClock clock, AmbientState& state) {
  if (state.began_ms < 0) state.began_ms = EffectSink::current()->now_ms();
  return clock == GuardedClock::kWall ? wall_ns(state) : monotonic_ns(state);
}

std::int64_t read_clock_ns(GuardedClock clock, AmbientState& state) {
  ++state.clock_readings;
  return peek_clock_ns(clock, state);
}

void pass_ns(std::int64_t duration_ns, AmbientState& state) {
  if (duration_ns <= 0) return;
  EffectSink* sink = EffectSink::current();
  if (state.began_ms < 0) state.began_ms = sink->now_ms();
  const std::int64_t before = sink->now_ms();
  sink->spend(duration_ns / kNsPerMs);
  state.passed_ns += duration_ns - (sink->now_ms() - before) * kNsPerMs;
}

std::uint64_t draw_bits() { return Host().entropy(); }

}  // namespace reprise::internal
