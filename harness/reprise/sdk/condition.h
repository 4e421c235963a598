#pragma once

#include <absl/time/time.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "reprise/sdk/retry.h"
#include "reprise/sdk/serdes.h"

namespace reprise {

/// Whether a `wait_for_condition` has what it waits for.
class WaitDecision {
 public:
  enum class Kind : std::uint8_t { kDone, kContinue, kExhausted };

  /// The state is the result.
  static WaitDecision done() { return WaitDecision(Kind::kDone); }
  /// Check again after `base` (1 second at least, rounded up to whole seconds).
  static WaitDecision check_again_after(absl::Duration base, Jitter jitter = Jitter::kNone) {
    WaitDecision made(Kind::kContinue);
    made.next_ = RetryDecision::after(base, jitter);
    return made;
  }
  /// Give up: the operation fails with WaitForConditionError and this message.
  static WaitDecision exhausted(std::string message) {
    WaitDecision made(Kind::kExhausted);
    made.message_ = std::move(message);
    return made;
  }

  Kind kind() const { return kind_; }
  const RetryDecision& next() const { return next_; }
  const std::string& message() const { return message_; }

 private:
  explicit WaitDecision(Kind kind) : kind_(kind) {}
  Kind kind_;
  RetryDecision next_ = RetryDecision::stop();
  std::string message_;
};

/// Decides after each check; `attempts_made` is 1 after the first.  A function of its arguments
/// only.
template <class S>
using WaitStrategy = std::function<WaitDecision(const S& state, int attempts_made)>;

namespace internal {
/// The delays and the bound of PollUntil.
class PollSchedule {
 public:
  int max_attempts = 60;
  absl::Duration initial = absl::Seconds(5);
  absl::Duration max = absl::Seconds(300);
  double rate = 1.5;
  Jitter jitter = Jitter::kFull;

  /// After a check whose state was not what is waited for.
  WaitDecision after(int attempts_made) const;
};
}  // namespace internal

/// The usual strategy: check until `met(state)`, exponentially later each time.  The defaults are
/// those of the official SDKs (PROTOCOL 6.2): 60 attempts, 5 s to 300 s, x1.5, full jitter.
///
///     auto ready = PollUntil<Job>([](const Job& job) { return job.done; }).initial_delay(...);
template <class S>
class PollUntil {
 public:
  explicit PollUntil(std::function<bool(const S&)> met) : met_(std::move(met)) {}
  PollUntil& max_attempts(int value) { return schedule_.max_attempts = value, *this; }
  PollUntil& initial_delay(absl::Duration value) { return schedule_.initial = value, *this; }
  PollUntil& max_delay(absl::Duration value) { return schedule_.max = value, *this; }
  PollUntil& rate(double value) { return schedule_.rate = value, *this; }
  PollUntil& jitter(Jitter value) { return schedule_.jitter = value, *this; }

  /// "Condition met" comes before "attempts exhausted".
  WaitDecision operator()(const S& state, int attempts_made) const {
    return met_(state) ? WaitDecision::done() : schedule_.after(attempts_made);
  }

 private:
  std::function<bool(const S&)> met_;
  internal::PollSchedule schedule_;
};

/// Options of `wait_for_condition`.
template <class S>
class ConditionOptions {
 public:
  /// `strategy`: a PollUntil<S> or any WaitStrategy<S>.
  explicit ConditionOptions(WaitStrategy<S> strategy) : strategy_(std::move(strategy)) {}
  /// Stores the state; a CustomSerdes<S>.
  ConditionOptions& serdes(std::shared_ptr<const AnySerdes> value) {
    return serdes_ = std::move(value), *this;
  }

  const WaitStrategy<S>& strategy() const { return strategy_; }
  const std::shared_ptr<const AnySerdes>& serdes() const { return serdes_; }

 private:
  WaitStrategy<S> strategy_;
  std::shared_ptr<const AnySerdes> serdes_;
};

}  // namespace reprise
