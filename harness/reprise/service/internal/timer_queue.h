#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "reprise/protocol/operation.h"

namespace reprise::internal {

enum class TimerKind : std::uint8_t {
  kExecutionTimeout,
  kCallbackTimeout,
  kHeartbeatTimeout,
  kWait,
  kStepRetry,
  kInvocationRetry,
  kPlainCall,
  kCallbackAnswer,
};

struct Timer {
  static constexpr std::uint32_t kNoOperation = 0xFFFFFFFF;

  TimestampMs due_ms = 0;
  std::uint64_t sequence = 0;  ///< creation order: of the operation, or of the timer itself
  std::int64_t period_ms = 0;  ///< kHeartbeatTimeout: what a heartbeat grants
  std::uint32_t execution = 0;
  std::uint32_t operation = kNoOperation;  ///< position of the record
  TimerKind kind = TimerKind::kWait;
};

/// All open timers in the order in which they fire: (due time, creation sequence, kind).
class TimerQueue {
 public:
  void arm(const Timer& timer);

  bool empty() const { return timers_.empty(); }
  std::size_t size() const { return timers_.size(); }
  /// The one that fires first.
  const Timer& front() const { return timers_.back(); }
  Timer pop_front();

  const Timer* find(std::uint32_t execution, std::uint32_t operation, TimerKind kind) const;
  /// Cancels every timer that works on the record.
  void cancel_operation(std::uint32_t execution, std::uint32_t operation);
  void cancel(std::uint32_t execution, std::uint32_t operation, TimerKind kind);
  /// Cancels all timers of an execution but those of calls on their way to a plain function.
  void cancel_execution(std::uint32_t execution);

  /// Calls `visit(timer)` for all, first the one that fires first.
  template <class Visit>
  void for_each(Visit visit) const {
    for (auto it = timers_.rbegin(); it != timers_.rend(); ++it) visit(*it);
  }

 private:
  std::vector<Timer> timers_;  // the one that fires first is last
};

}  // namespace reprise::internal
