// What the engine does while nothing can run: who waits for what, and how time passes within an
// invocation.

#include <algorithm>

#include "reprise/sdk/internal/engine.h"
#include "reprise/sdk/internal/operation_core.h"

namespace reprise::internal {
namespace {

// PROTOCOL 7.4, after so many polls without a change.
std::int64_t poll_delay_ms(int polls) {
  constexpr int kMany = 96;
  return polls < kMany ? 1000 * std::clamp(polls, 1, 10) : 60'000;
}

// When the record of an operation that somebody waits for may have changed.
std::optional<TimestampMs> next_change(const Slot& slot) {
  const Operation& record = *slot.record;
  if (slot.waiter == nullptr || is_terminal(record.status)) return std::nullopt;
  if (record.type == OperationType::kWait) return record.scheduled_end_ms;
  if (record.type == OperationType::kStep) return record.next_attempt_ms;
  return slot.next_poll_ms;
}

}  // namespace

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

UnitCore* Engine::take_ready() {
  const bool several = ready_.size() - ready_front_ > 1;
  if (several && options_.host != nullptr && options_.host->orders_operations()) order_ready();
  UnitCore* const unit = ready_[ready_front_++];
  if (ready_front_ == ready_.size()) {
    ready_.clear();
    ready_front_ = 0;
  }
  return unit;
}

// Moves the unit that the host lets go first to the front; the others keep their order.
void Engine::order_ready() {
  std::vector<const OperationCall*> calls;
  std::vector<std::size_t> at;
  for (std::size_t i = ready_front_; i < ready_.size(); ++i) {
    if (ready_[i] == nullptr) continue;
    const OperationCall* call = ready_[i]->operation_call();
    if (call == nullptr) return;  // it belongs to whoever was there before
    calls.push_back(call);
    at.push_back(i);
  }
  if (calls.size() < 2) return;
  const std::size_t chosen = at[options_.host->next_operation(calls)];
  const auto begin = ready_.begin();
  std::rotate(begin + static_cast<std::ptrdiff_t>(ready_front_),
              begin + static_cast<std::ptrdiff_t>(chosen),
              begin + static_cast<std::ptrdiff_t>(chosen) + 1);
}

void Engine::wait_for_change(std::size_t index, UnitCore& unit) {
  Slot& slot = slots_[index];
  unit.wait_slot = index;
  unit.next_waiter = std::exchange(slot.waiter, &unit);
  if (unit.next_waiter != nullptr || options_.host == nullptr) return;
  slot.polls = 0;
  slot.next_poll_ms = options_.host->service_time_ms() + poll_delay_ms(0);
}

std::int64_t Engine::take_busy_ms() {
  return options_.host == nullptr ? 0 : options_.host->take_busy_ms();
}

void Engine::sleep(UnitCore& unit, std::int64_t duration_ms) {
  unit.sleeping = true;
  sleepers_.push_back({options_.host->service_time_ms() + duration_ms, &unit});
}

// PROTOCOL 7.4: nothing can run, but a body takes time.  Until its end, or until something may have
// changed; then the service is asked.
bool Engine::pass_time() {
  const std::int64_t now = options_.host->service_time_ms();
  std::int64_t until = sleepers_.front().due_ms;
  for (const Sleeper& sleeper : sleepers_) until = std::min(until, sleeper.due_ms);
  bool polls = false;
  for (const Slot& slot : slots_) {
    const std::optional<TimestampMs> due = next_change(slot);
    if (!due || *due <= now || *due > until) continue;
    polls = polls || *due < until;
    until = *due;
  }
  options_.host->sleep_until(until);
  count_polls(until);
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

void Engine::count_polls(std::int64_t now) {
  for (Slot& slot : slots_) {
    if (slot.waiter == nullptr || slot.next_poll_ms > now) continue;
    slot.next_poll_ms = now + poll_delay_ms(++slot.polls);
  }
}

}  // namespace reprise::internal
