// Clocks.  In a run they show virtual time; in handler code it differs from invocation to
// invocation when the run varies the clock.

#include <sys/time.h>
#include <sys/times.h>
#include <time.h>

#include "reprise/guard/internal/interposed.h"

namespace {

using reprise::AmbientKind;
using reprise::internal::AmbientRegion;
using reprise::internal::GuardedClock;

constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr std::int64_t kNsPerUs = 1'000;

std::int64_t wall_ns(const AmbientRegion& region) {
  return reprise::internal::read_clock_ns(GuardedClock::kWall, region.state());
}
std::int64_t monotonic_ns(const AmbientRegion& region) {
  return reprise::internal::read_clock_ns(GuardedClock::kMonotonic, region.state());
}

void show(std::int64_t ns, timespec* to) {
  to->tv_sec = static_cast<time_t>(ns / kNsPerSecond);
  to->tv_nsec = static_cast<decltype(to->tv_nsec)>(ns % kNsPerSecond);
}

}  // namespace

REPRISE_GUARD_OBJECT(clock)

REPRISE_INTERPOSED(int, clock_gettime, (clockid_t clock, timespec* now)) {
  const AmbientRegion region(AmbientKind::kClock, "clock_gettime", REPRISE_CALLER);
  if (region.outside() || now == nullptr) return next_clock_gettime.get()(clock, now);
  const bool wall = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
  show(wall ? wall_ns(region) : monotonic_ns(region), now);
  return 0;
}

REPRISE_INTERPOSED(int, gettimeofday, (timeval * now, void* zone)) {
  const AmbientRegion region(AmbientKind::kClock, "gettimeofday", REPRISE_CALLER);
  if (region.outside() || now == nullptr) return next_gettimeofday.get()(now, zone);
  const std::int64_t ns = wall_ns(region);
  now->tv_sec = static_cast<time_t>(ns / kNsPerSecond);
  now->tv_usec = static_cast<decltype(now->tv_usec)>(ns % kNsPerSecond / kNsPerUs);
  return 0;
}

REPRISE_INTERPOSED(time_t, time, (time_t * now)) {
  const AmbientRegion region(AmbientKind::kClock, "time", REPRISE_CALLER);
  if (region.outside()) return next_time.get()(now);
  const auto seconds = static_cast<time_t>(wall_ns(region) / kNsPerSecond);
  if (now != nullptr) *now = seconds;
  return seconds;
}

REPRISE_INTERPOSED(int, timespec_get, (timespec * now, int base)) {
  const AmbientRegion region(AmbientKind::kClock, "timespec_get", REPRISE_CALLER);
  if (region.outside() || now == nullptr || base != TIME_UTC) {
    return next_timespec_get.get()(now, base);
  }
  show(wall_ns(region), now);
  return base;
}

REPRISE_INTERPOSED(clock_t, clock, ()) {
  const AmbientRegion region(AmbientKind::kClock, "clock", REPRISE_CALLER);
  if (region.outside()) return next_clock.get()();
  static_assert(CLOCKS_PER_SEC == 1'000'000);
  return static_cast<clock_t>(monotonic_ns(region) / kNsPerUs);
}

void reprise::internal::read_machine_clock(clockid_t clock, timespec* now) {
  next_clock_gettime.get()(clock, now);
}
