#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "reprise/protocol/error_object.h"

namespace reprise {

/// PROTOCOL 5.4: how much of a delay is drawn at random.  FULL = uniform(0, base), HALF = base/2 +
/// uniform(0, base/2), NONE = base.
enum class Jitter : std::uint8_t { kNone, kHalf, kFull };

/// Whether another attempt follows, and when.  The delay is rounded up to whole seconds, at least
/// one.
class RetryDecision {
 public:
  static RetryDecision stop() { return RetryDecision(false, absl::ZeroDuration(), Jitter::kNone); }
  static RetryDecision after(absl::Duration base, Jitter jitter = Jitter::kNone) {
    return RetryDecision(true, base, jitter);
  }

  bool should_retry() const { return should_retry_; }
  absl::Duration base() const { return base_; }
  Jitter jitter() const { return jitter_; }

 private:
  RetryDecision(bool should_retry, absl::Duration base, Jitter jitter)
      : should_retry_(should_retry), base_(base), jitter_(jitter) {}
  bool should_retry_;
  absl::Duration base_;
  Jitter jitter_;
};

/// Decides after a failed attempt; `attempts_made` is 1 after the first failure.
using RetryStrategy = std::function<RetryDecision(const ErrorObject& error, int attempts_made)>;

/// The parameters of an exponential strategy; the defaults are those of `createRetryStrategy()`
/// (PROTOCOL 5.4).
class ExponentialBackoff {
 public:
  ExponentialBackoff() = default;
  ExponentialBackoff& max_attempts(int value) { return max_attempts_ = value, *this; }
  ExponentialBackoff& initial_delay(absl::Duration value) { return initial_ = value, *this; }
  ExponentialBackoff& max_delay(absl::Duration value) { return max_ = value, *this; }
  ExponentialBackoff& rate(double value) { return rate_ = value, *this; }
  ExponentialBackoff& jitter(Jitter value) { return jitter_ = value, *this; }
  /// Retries only errors whose ErrorType is `type`; together with retry_message: either.
  ExponentialBackoff& retry_type(std::string type) {
    return types_.push_back(std::move(type)), *this;
  }
  /// Retries only errors whose message contains `text`.
  ExponentialBackoff& retry_message(std::string text) {
    return messages_.push_back(std::move(text)), *this;
  }

  RetryDecision operator()(const ErrorObject& error, int attempts_made) const;

 private:
  int max_attempts_ = 3;
  absl::Duration initial_ = absl::Seconds(5);
  absl::Duration max_ = absl::Seconds(300);
  double rate_ = 2.0;
  Jitter jitter_ = Jitter::kFull;
  std::vector<std::string> types_;
  std::vector<std::string> messages_;
};

/// base = initial + (attempts_made - 1) * increment, no jitter (PROTOCOL 12).
class LinearBackoff {
 public:
  LinearBackoff() = default;
  LinearBackoff& max_attempts(int value) { return max_attempts_ = value, *this; }
  LinearBackoff& initial_delay(absl::Duration value) { return initial_ = value, *this; }
  LinearBackoff& increment(absl::Duration value) { return increment_ = value, *this; }
  LinearBackoff& max_delay(absl::Duration value) { return max_ = value, *this; }
  LinearBackoff& jitter(Jitter value) { return jitter_ = value, *this; }
  LinearBackoff& retry_type(std::string type) { return types_.push_back(std::move(type)), *this; }
  LinearBackoff& retry_message(std::string text) {
    return messages_.push_back(std::move(text)), *this;
  }

  RetryDecision operator()(const ErrorObject& error, int attempts_made) const;

 private:
  int max_attempts_ = 6;
  absl::Duration initial_ = absl::Seconds(1);
  absl::Duration increment_ = absl::Seconds(1);
  absl::Duration max_ = absl::Seconds(300);
  Jitter jitter_ = Jitter::kNone;
  std::vector<std::string> types_;
  std::vector<std::string> messages_;
};

/// Presets of PROTOCOL 5.4.
namespace retry {
/// What a step does that names no strategy: 6 attempts, 5 s to 60 s, x2, full jitter.
RetryStrategy step_default();
/// One attempt.
RetryStrategy none();
RetryStrategy transient();
RetryStrategy resource_availability();
RetryStrategy critical();
RetryStrategy fixed(absl::Duration delay = absl::Seconds(5), int max_attempts = 5);
}  // namespace retry

/// The delay of `decision` in whole seconds, 1 or more; `unit_random` in [0, 1) is used only when
/// there is jitter (S-6).
std::int64_t retry_delay_seconds(const RetryDecision& decision, double unit_random);

}  // namespace reprise
