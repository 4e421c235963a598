#include "reprise/sdk/retry.h"

#include <gtest/gtest.h>

#include <vector>

namespace reprise {
namespace {

std::vector<std::int64_t> delays(const RetryStrategy& strategy, double random = 1.0) {
  std::vector<std::int64_t> seconds;
  for (int attempt = 1; attempt < 50; ++attempt) {
    const RetryDecision decision = strategy(ErrorObject(), attempt);
    if (!decision.should_retry()) break;
    seconds.push_back(retry_delay_seconds(decision, random));
  }
  return seconds;
}

using Seconds = std::vector<std::int64_t>;

TEST(Retry, PresetsHaveTheDocumentedDelays) {  // PROTOCOL 5.4
  EXPECT_EQ(delays(retry::step_default()), (Seconds{5, 10, 20, 40, 60}));
  EXPECT_EQ(delays(ExponentialBackoff()), (Seconds{5, 10}));
  EXPECT_EQ(delays(LinearBackoff()), (Seconds{1, 2, 3, 4, 5}));
  EXPECT_EQ(delays(retry::none()), Seconds{});
  EXPECT_EQ(delays(retry::transient()), (Seconds{5, 10}));
  EXPECT_EQ(delays(retry::resource_availability()), (Seconds{5, 10, 20, 40}));
  EXPECT_EQ(delays(retry::critical()), (Seconds{1, 2, 3, 4, 6, 8, 12, 18, 26}));
  EXPECT_EQ(delays(retry::fixed()), (Seconds{5, 5, 5, 5}));
}

TEST(Retry, JitterIsDrawnFromTheGivenNumber) {
  EXPECT_EQ(delays(retry::step_default(), 0.5), (Seconds{3, 5, 10, 20, 30}));
  EXPECT_EQ(delays(retry::step_default(), 0.0), (Seconds{1, 1, 1, 1, 1}));
  EXPECT_EQ(delays(retry::transient(), 0.0), (Seconds{3, 5}));
}

TEST(Retry, DelaysAreWholeSecondsAndAtLeastOne) {
  EXPECT_EQ(retry_delay_seconds(RetryDecision::after(absl::Milliseconds(1)), 1.0), 1);
  EXPECT_EQ(retry_delay_seconds(RetryDecision::after(absl::Milliseconds(1001)), 1.0), 2);
  EXPECT_EQ(retry_delay_seconds(RetryDecision::after(absl::ZeroDuration()), 1.0), 1);
}

TEST(Retry, FiltersAreAlternatives) {
  const RetryStrategy strategy =
      LinearBackoff().retry_type("RateLimitError").retry_message("try again");
  const auto retried = [&](std::string type, std::string message) {
    return strategy(*make_error(std::move(type), std::move(message)), 1).should_retry();
  };
  EXPECT_TRUE(retried("RateLimitError", "x"));
  EXPECT_TRUE(retried("Other", "please try again"));
  EXPECT_FALSE(retried("Other", "no"));
}

}  // namespace
}  // namespace reprise
