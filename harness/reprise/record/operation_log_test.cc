#include "reprise/record/internal/operation_log.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>

namespace reprise::internal {
namespace {

Event an_event(std::int64_t number, EventType type) {
  Event event;
  event.event_id = number;
  event.type = type;
  if (type != EventType::kExecutionStarted) event.id = "a";
  return event;
}

Event a_failure(std::int64_t number, std::optional<std::int64_t> delay_seconds) {
  Event event = an_event(number, EventType::kStepFailed);
  event.details.error = EventError{ErrorObject{}, std::nullopt};
  event.details.retry_details = RetryDetails{std::nullopt, delay_seconds};
  return event;
}

TEST(OperationLog, CountsEachAttemptThatHasEnded) {  // PROTOCOL 2.7
  OperationLog log;
  ASSERT_TRUE(log.apply(an_event(1, EventType::kExecutionStarted)).ok());
  ASSERT_TRUE(log.apply(an_event(2, EventType::kStepStarted)).ok());
  EXPECT_EQ(log.find("a")->attempt, 0);
  ASSERT_TRUE(log.apply(a_failure(3, 4)).ok());
  EXPECT_EQ(log.find("a")->attempt, 1);
  EXPECT_EQ(log.find("a")->status, OperationStatus::kPending);
  ASSERT_TRUE(log.apply(an_event(4, EventType::kStepStarted)).ok());
  EXPECT_EQ(log.find("a")->attempt, 1);
  ASSERT_TRUE(log.apply(a_failure(5, std::nullopt)).ok());
  EXPECT_EQ(log.find("a")->attempt, 2);
  EXPECT_EQ(log.find("a")->status, OperationStatus::kFailed);
}

}  // namespace
}  // namespace reprise::internal
