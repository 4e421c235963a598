// Sleeping, waiting with a deadline, and threads.  Sleeping takes virtual time in a run and none of
// the machine's.

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>

#include "reprise/guard/internal/interposed.h"

namespace {

using reprise::AmbientKind;
using reprise::AmbientScope;
using reprise::internal::AmbientRegion;
using reprise::internal::GuardedClock;

constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr std::int64_t kNsPerUs = 1'000;

std::int64_t ns_of(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * kNsPerSecond + time.tv_nsec;
}

bool is_valid(const timespec* time) {
  return time != nullptr && time->tv_sec >= 0 && time->tv_nsec >= 0 && time->tv_nsec < kNsPerSecond;
}

GuardedClock guarded(clockid_t clock) {
  return clock == CLOCK_REALTIME ? GuardedClock::kWall : GuardedClock::kMonotonic;
}

// Threads that a step body started, and polls for by sleeping, get their turn.
void sleep_for(std::int64_t duration_ns, const AmbientRegion& region) {
  reprise::internal::pass_ns(duration_ns, region.state());
  sched_yield();
}

/// Waits until a moment of virtual time: as long on the machine's clock as it is away.
template <class Wait>
int wait_until(clockid_t clock, const timespec* deadline, Wait wait) {
  const AmbientScope scope = reprise::internal::quiet_scope();
  if (scope.state == nullptr || !is_valid(deadline)) return wait(deadline);
  const std::int64_t away = std::max<std::int64_t>(
      0, ns_of(*deadline) - reprise::internal::peek_clock_ns(guarded(clock), *scope.state));
  timespec now = {};
  reprise::internal::read_machine_clock(clock, &now);
  const std::int64_t at = ns_of(now) + away;
  const timespec real = {static_cast<time_t>(at / kNsPerSecond),
                         static_cast<decltype(now.tv_nsec)>(at % kNsPerSecond)};
  const int result = wait(&real);
  if (result != 0) reprise::internal::pass_ns(away, *scope.state);
  return result;
}

}  // namespace

REPRISE_GUARD_OBJECT(waiting)

REPRISE_INTERPOSED(int, nanosleep, (const timespec* duration, timespec* left)) {
  const AmbientRegion region(AmbientKind::kSleep, "nanosleep", REPRISE_CALLER);
  if (region.outside() || !is_valid(duration)) return next_nanosleep.get()(duration, left);
  sleep_for(ns_of(*duration), region);
  return 0;
}

REPRISE_INTERPOSED(int, clock_nanosleep,
                   (clockid_t clock, int flags, const timespec* time, timespec* left)) {
  const AmbientRegion region(AmbientKind::kSleep, "clock_nanosleep", REPRISE_CALLER);
  if (region.outside() || !is_valid(time)) {
    return next_clock_nanosleep.get()(clock, flags, time, left);
  }
  const bool until = (flags & TIMER_ABSTIME) != 0;
  const std::int64_t from =
      until ? reprise::internal::peek_clock_ns(guarded(clock), region.state()) : 0;
  sleep_for(ns_of(*time) - from, region);
  return 0;
}

REPRISE_INTERPOSED(int, usleep, (useconds_t duration_us)) {
  const AmbientRegion region(AmbientKind::kSleep, "usleep", REPRISE_CALLER);
  if (region.outside()) return next_usleep.get()(duration_us);
  sleep_for(static_cast<std::int64_t>(duration_us) * kNsPerUs, region);
  return 0;
}

REPRISE_INTERPOSED(unsigned int, sleep, (unsigned int seconds)) {
  const AmbientRegion region(AmbientKind::kSleep, "sleep", REPRISE_CALLER);
  if (region.outside()) return next_sleep.get()(seconds);
  sleep_for(static_cast<std::int64_t>(seconds) * kNsPerSecond, region);
  return 0;
}

REPRISE_INTERPOSED(int, pthread_cond_timedwait,
                   (pthread_cond_t * condition, pthread_mutex_t* mutex, const timespec* deadline)) {
  return wait_until(CLOCK_REALTIME, deadline, [&](const timespec* at) {
    return next_pthread_cond_timedwait.get()(condition, mutex, at);
  });
}

REPRISE_INTERPOSED(int, pthread_cond_clockwait,
                   (pthread_cond_t * condition, pthread_mutex_t* mutex, clockid_t clock,
                    const timespec* deadline)) {
  return wait_until(clock, deadline, [&](const timespec* at) {
    return next_pthread_cond_clockwait.get()(condition, mutex, clock, at);
  });
}

REPRISE_INTERPOSED(int, pthread_mutex_timedlock,
                   (pthread_mutex_t * mutex, const timespec* deadline)) {
  return wait_until(CLOCK_REALTIME, deadline, [&](const timespec* at) {
    return next_pthread_mutex_timedlock.get()(mutex, at);
  });
}

REPRISE_INTERPOSED(int, pthread_mutex_clocklock,
                   (pthread_mutex_t * mutex, clockid_t clock, const timespec* deadline)) {
  return wait_until(clock, deadline, [&](const timespec* at) {
    return next_pthread_mutex_clocklock.get()(mutex, clock, at);
  });
}

REPRISE_INTERPOSED(int, sem_timedwait, (sem_t * semaphore, const timespec* deadline)) {
  return wait_until(CLOCK_REALTIME, deadline,
                    [&](const timespec* at) { return next_sem_timedwait.get()(semaphore, at); });
}

REPRISE_OBSERVED(kThread, int, pthread_create,
                 (pthread_t * thread, const pthread_attr_t* attributes, void* (*code)(void*),
                  void* argument),
                 thread, attributes, code, argument)
