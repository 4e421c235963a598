// What the engine does while nothing can run: who waits for what, and how time passes within an
// invocation.

#include <algorithm>

#include "reprise/sdk/internal/engine.h"
#include "reprise/sdk/internal/operation_core.h"

namespace reprise::internal {

void Engine::cancel(UnitCore& unit) {
  if (unit.posted) {
    std::replace(ready_.begin() + static_cast<std::ptrdiff_t>(ready_front_), ready_.end(), &unit,
                 static_cast<UnitCore*>(nullptr));
  }
  if (unit.sleeping) {
    // A body that nobody waits for any more goes on: the invocation is busy until it ends
    // (PROTOCOL 7.1 c).
    for (Sleeper& sleeper : sleepers_) {
      if (sleeper.unit == &unit) sleeper.unit = nullptr;
    }
  }
  if (unit.wait_slot == kNoSlot) return;
  UnitCore** link = &slots_[unit.wait_slot].waiter;
  while (*link != nullptr && *link != &unit) link = &(*link)->next_waiter;
  if (*link == &unit) *link = unit.next_waiter;
}

void Engine::wait_for_change(std::size_t index, UnitCore& unit) {
  unit.wait_slot = index;
  unit.next_waiter = std::exchange(slots_[index].waiter, &unit);
}

std::int64_t Engine::take_busy_ms() {
  return options_.host == nullptr ? 0 : options_.host->take_busy_ms();
}

void Engine::sleep(UnitCore& unit, std::int64_t duration_ms) {
  unit.sleeping = true;
  sleepers_.push_back({options_.host->service_time_ms() + duration_ms, &unit});
}

// PROTOCOL 7.4: nothing can run, but a body takes time.  Until its end, or until a timer of this
// execution is due; then the service is asked what has changed.
bool Engine::pass_time() {
  const std::int64_t now = options_.host->service_time_ms();
  std::int64_t until = sleepers_.front().due_ms;
  for (const Sleeper& sleeper : sleepers_) until = std::min(until, sleeper.due_ms);
  bool polls = false;
  for (const Slot& slot : slots_) {
    if (slot.waiter == nullptr) continue;
    const Operation& record = *slot.record;
    const std::optional<TimestampMs>& due =
        record.type == OperationType::kWait ? record.scheduled_end_ms : record.next_attempt_ms;
    if (is_terminal(record.status) || !due || *due <= now || *due > until) continue;
    polls = polls || *due < until;
    until = *due;
  }
  options_.host->sleep_until(until);
  if (polls) {  // F-10: an empty call
    sender_slot_ = nullptr;
    return send({});
  }
  for (const Sleeper& sleeper : std::exchange(sleepers_, {})) {
    if (sleeper.due_ms > until) {
      sleepers_.push_back(sleeper);
    } else if (sleeper.unit != nullptr) {
      sleeper.unit->sleeping = false;
      post(*sleeper.unit);
    }
  }
  return true;
}

}  // namespace reprise::internal
