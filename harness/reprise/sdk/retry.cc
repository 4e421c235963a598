#include "reprise/sdk/retry.h"

#include <algorithm>
#include <cmath>

#include "reprise/protocol/internal/planted_fault.h"

namespace reprise {
namespace {

bool is_retryable(const ErrorObject& error, const std::vector<std::string>& types,
                  const std::vector<std::string>& messages) {
  if (types.empty() && messages.empty()) return true;
  const bool type_matches =
      error.type && std::find(types.begin(), types.end(), *error.type) != types.end();
  const bool message_matches =
      error.message && std::any_of(messages.begin(), messages.end(), [&](const std::string& text) {
        return error.message->find(text) != std::string::npos;
      });
  return type_matches || message_matches;
}

}  // namespace

RetryDecision ExponentialBackoff::operator()(const ErrorObject& error, int attempts_made) const {
  if (REPRISE_FAULT(retry_one_attempt_more)) --attempts_made;
  if (attempts_made >= max_attempts_ || !is_retryable(error, types_, messages_)) {
    return RetryDecision::stop();
  }
  const double factor = std::pow(rate_, attempts_made - 1);
  return RetryDecision::after(std::min(initial_ * factor, max_), jitter_);
}

RetryDecision LinearBackoff::operator()(const ErrorObject& error, int attempts_made) const {
  if (attempts_made >= max_attempts_ || !is_retryable(error, types_, messages_)) {
    return RetryDecision::stop();
  }
  return RetryDecision::after(
      std::min(initial_ + increment_ *
                              (attempts_made - 1 + int{REPRISE_FAULT(retry_delay_of_next_attempt)}),
               max_),
      jitter_);
}

namespace retry {

RetryStrategy step_default() {
  return ExponentialBackoff().max_attempts(6).max_delay(absl::Seconds(60));
}
RetryStrategy none() {
  return [](const ErrorObject&, int) { return RetryDecision::stop(); };
}
RetryStrategy transient() { return ExponentialBackoff().jitter(Jitter::kHalf); }
RetryStrategy resource_availability() { return ExponentialBackoff().max_attempts(5); }
RetryStrategy critical() {
  return ExponentialBackoff()
      .max_attempts(10)
      .initial_delay(absl::Seconds(1))
      .max_delay(absl::Seconds(60))
      .rate(1.5)
      .jitter(Jitter::kNone);
}
RetryStrategy fixed(absl::Duration delay, int max_attempts) {
  return LinearBackoff()
      .max_attempts(max_attempts)
      .initial_delay(delay)
      .increment(absl::ZeroDuration());
}

}  // namespace retry

std::int64_t retry_delay_seconds(const RetryDecision& decision, double unit_random) {
  const double base = absl::ToDoubleSeconds(decision.base());
  double delay = base;
  if (decision.jitter() == Jitter::kFull) delay = base * unit_random;
  if (decision.jitter() == Jitter::kHalf) delay = base / 2 + base / 2 * unit_random;
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(delay)));
}

}  // namespace reprise
