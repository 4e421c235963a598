#include "reprise/fakes/event_source_mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <concepts>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace reprise::fakes {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

static_assert(std::copyable<EventSourceMapping> && std::equality_comparable<EventSourceMapping>);

QueueOptions queue_options() {
  QueueOptions options;
  options.visibility_timeout = absl::Seconds(30);
  options.max_receives = 3;
  return options;
}

EventSourceMappingOptions mapping_options(int batch_size = 10) {
  EventSourceMappingOptions options;
  options.function = "worker";
  options.batch_size = batch_size;
  options.report_batch_item_failures = true;
  return options;
}

std::vector<std::string> bodies(const std::vector<QueueMessage>& messages) {
  std::vector<std::string> list;
  for (const QueueMessage& message : messages) list.push_back(message.body);
  return list;
}

class EventSourceMappingTest : public testing::Test {
 protected:
  /// Polls once, as a run does.
  std::optional<json> take() {
    const std::optional<SharedText> payload = mapping_.take(now_);
    if (!payload) return std::nullopt;
    return json::parse(payload->view());
  }
  void succeed(const char* answer) {
    PlainOutcome outcome;
    if (answer != nullptr) outcome.result = SharedText(answer);
    mapping_.finish(outcome, now_);
  }
  void fail() { mapping_.finish({{}, make_error("Error", "no")}, now_); }

  TimestampMs now_ = 0;
  Queue queue_{"orders", queue_options()};
  EventSourceMapping mapping_{"intake", queue_, mapping_options()};
};

TEST_F(EventSourceMappingTest, InvokesWithWhatIsInTheQueue) {
  EXPECT_EQ(mapping_.next_due(now_), std::nullopt);
  queue_.send("a");
  queue_.send("b");
  EXPECT_EQ(mapping_.next_due(now_), now_);
  const std::optional<json> event = take();
  ASSERT_TRUE(event.has_value());
  const json& records = event->at("Records");
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].at("messageId"), "orders-1");
  EXPECT_EQ(records[0].at("body"), "a");
  EXPECT_EQ(records[0].at("attributes").at("ApproximateReceiveCount"), "1");
  EXPECT_EQ(records[1].at("body"), "b");
  EXPECT_EQ(mapping_.next_due(now_), std::nullopt);  // one invocation at a time
}

TEST_F(EventSourceMappingTest, TakesNoMoreThanABatch) {
  EventSourceMapping small("intake", queue_, mapping_options(1));
  queue_.send("a");
  queue_.send("b");
  const std::optional<SharedText> payload = small.take(now_);
  ASSERT_TRUE(payload.has_value());
  EXPECT_EQ(json::parse(payload->view()).at("Records").size(), 1U);
}

TEST_F(EventSourceMappingTest, DeletesABatchThatSucceeds) {
  for (const char* answer : {static_cast<const char*>(nullptr), "null", "{}",
                             R"({"batchItemFailures":[]})", R"({"batchItemFailures":null})"}) {
    queue_.send("a");
    take();
    succeed(answer);
    EXPECT_THAT(queue_.messages(), IsEmpty()) << (answer != nullptr ? answer : "no answer");
  }
}

TEST_F(EventSourceMappingTest, ABatchThatFailsComesBackAfterTheVisibilityTimeout) {
  queue_.send("a");
  take();
  fail();
  EXPECT_EQ(mapping_.next_due(now_), 30'000);
  now_ = 30'000;
  const std::optional<json> event = take();
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(event->at("Records")[0].at("attributes").at("ApproximateReceiveCount"), "2");
}

TEST_F(EventSourceMappingTest, OnlyTheMessagesThatHaveFailedComeBack) {
  queue_.send("a");
  queue_.send("b");
  take();
  succeed(R"({"batchItemFailures":[{"itemIdentifier":"orders-2"}]})");
  EXPECT_THAT(bodies(queue_.messages()), ElementsAre("b"));
}

TEST_F(EventSourceMappingTest, AnAnswerThatCannotBeReadMeansThatAllHasFailed) {
  for (const char* answer : {"not json", "[]", R"({"batchItemFailures":7})",
                             R"({"batchItemFailures":[{"itemIdentifier":""}]})",
                             R"({"batchItemFailures":[{"itemIdentifier":"orders-99"}]})",
                             R"({"batchItemFailures":[{"id":"orders-1"}]})"}) {
    Queue queue("orders", queue_options());
    EventSourceMapping mapping("intake", queue, mapping_options());
    queue.send("a");
    mapping.take(0);
    PlainOutcome outcome;
    outcome.result = SharedText(answer);
    mapping.finish(outcome, 0);
    EXPECT_THAT(bodies(queue.messages()), ElementsAre("a")) << answer;
  }
}

TEST_F(EventSourceMappingTest, WithoutReportsTheAnswerOfTheFunctionMeansNothing) {
  EventSourceMappingOptions options = mapping_options();
  options.report_batch_item_failures = false;
  EventSourceMapping mapping("intake", queue_, options);
  queue_.send("a");
  mapping.take(now_);
  PlainOutcome outcome;
  outcome.result = SharedText(R"({"batchItemFailures":[{"itemIdentifier":"orders-1"}]})");
  mapping.finish(outcome, now_);
  EXPECT_THAT(queue_.messages(), IsEmpty());
}

TEST_F(EventSourceMappingTest, APoisonMessageReachesTheDeadLetters) {
  queue_.send("poison");
  for (int receive = 1; receive <= 3; ++receive, now_ += 30'000) {
    ASSERT_TRUE(take().has_value());
    fail();
  }
  EXPECT_EQ(take(), std::nullopt);
  EXPECT_THAT(bodies(queue_.dead_letters()), ElementsAre("poison"));
  EXPECT_EQ(mapping_.next_due(now_), std::nullopt);
}

TEST_F(EventSourceMappingTest, RefusesTimeoutsThatDoNotFit) {
  EventSourceMappingOptions options = mapping_options();
  options.function_timeout = absl::Seconds(31);
  try {
    EventSourceMapping("intake", queue_, options);
    ADD_FAILURE() << "was not refused";
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(), HasSubstr("Queue visibility timeout: 30 seconds is less than "
                                        "Function timeout: 31 seconds"));
  }
  QueueOptions slow = queue_options();
  slow.visibility_timeout = absl::Hours(1);
  Queue queue("orders", slow);
  options.function_timeout = absl::Minutes(16);
  EXPECT_THROW(EventSourceMapping("intake", queue, options), std::invalid_argument);
  options.function_timeout = absl::Minutes(15);
  options.batch_size = 0;
  EXPECT_THROW(EventSourceMapping("intake", queue, options), std::invalid_argument);
}

// Driven as a run drives it.
TEST_F(EventSourceMappingTest, GoesOnUntilTheQueueIsEmpty) {
  queue_.send("good");
  queue_.send("poison");
  std::vector<std::string> worked;
  while (const std::optional<TimestampMs> due = mapping_.next_due(now_)) {
    now_ = *due;
    const std::optional<json> event = take();
    if (!event) continue;
    json failed = json::array();
    for (const json& record : event->at("Records")) {
      worked.push_back(record.at("body").get<std::string>());
      if (worked.back() == "poison") failed.push_back({{"itemIdentifier", record["messageId"]}});
    }
    succeed(json{{"batchItemFailures", failed}}.dump().c_str());
  }
  EXPECT_THAT(worked, ElementsAre("good", "poison", "poison", "poison"));
  EXPECT_THAT(queue_.messages(), IsEmpty());
  EXPECT_THAT(bodies(queue_.dead_letters()), ElementsAre("poison"));
  EXPECT_EQ(now_, 3 * 30'000);
}

}  // namespace
}  // namespace reprise::fakes
