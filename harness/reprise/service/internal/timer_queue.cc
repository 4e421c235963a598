#include "reprise/service/internal/timer_queue.h"

#include <algorithm>
#include <tuple>

#include "reprise/protocol/internal/planted_fault.h"

namespace reprise::internal {
namespace {

bool fires_later(const Timer& a, const Timer& b) {
  if (REPRISE_FAULT(timers_that_fall_together_reversed) && a.due_ms == b.due_ms) {
    return a.sequence < b.sequence;
  }
  return std::tie(a.due_ms, a.sequence, a.kind) > std::tie(b.due_ms, b.sequence, b.kind);
}

}  // namespace

void TimerQueue::arm(const Timer& timer) {
  timers_.insert(std::upper_bound(timers_.begin(), timers_.end(), timer, fires_later), timer);
}

Timer TimerQueue::pop_front() {
  const Timer first = timers_.back();
  timers_.pop_back();
  return first;
}

const Timer* TimerQueue::find(std::uint32_t execution, std::uint32_t operation,
                              TimerKind kind) const {
  const auto it = std::find_if(timers_.begin(), timers_.end(), [&](const Timer& timer) {
    return timer.execution == execution && timer.operation == operation && timer.kind == kind;
  });
  return it == timers_.end() ? nullptr : &*it;
}

void TimerQueue::cancel_operation(std::uint32_t execution, std::uint32_t operation) {
  std::erase_if(timers_, [&](const Timer& timer) {
    return timer.execution == execution && timer.operation == operation;
  });
}

void TimerQueue::cancel(std::uint32_t execution, std::uint32_t operation, TimerKind kind) {
  std::erase_if(timers_, [&](const Timer& timer) {
    return timer.execution == execution && timer.operation == operation && timer.kind == kind;
  });
}

void TimerQueue::cancel_execution(std::uint32_t execution) {
  std::erase_if(timers_, [&](const Timer& timer) {
    return timer.execution == execution && timer.kind != TimerKind::kPlainCall;
  });
}

}  // namespace reprise::internal
