#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "reprise/choices/schedule.h"

namespace reprise::internal {

/// Says which schedule is under way on this thread, for as long as it lives: to be asked when the
/// process dies.
class Doing {
 public:
  explicit Doing(std::function<Schedule()> schedule)
      : schedule_(std::move(schedule)), before_(std::exchange(current_, this)) {}
  ~Doing() { current_ = before_; }
  Doing(const Doing&) = delete;
  Doing& operator=(const Doing&) = delete;

  static std::optional<Schedule> now() {
    if (current_ == nullptr) return std::nullopt;
    return current_->schedule_();
  }

 private:
  static inline thread_local Doing* current_ = nullptr;

  std::function<Schedule()> schedule_;
  Doing* before_;
};

}  // namespace reprise::internal
