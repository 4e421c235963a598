#include "comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "corpus_check.h"
#include "corpus_handlers.h"

namespace reprise::corpus {
namespace {

using testing::HasSubstr;

History history(const std::string& events) {
  const std::string start =
      R"([{"EventType":"ExecutionStarted","EventId":1,"EventTimestamp":1,"Id":"e",)"
      R"("ExecutionStartedDetails":{"Input":{"Payload":"{}"}}})";
  absl::StatusOr<History> parsed =
      parse_history(start + (events.empty() ? "" : ",") + events + "]", "test");
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return parsed.ok() ? *std::move(parsed) : History();
}

std::string step(const std::string& type, int number, const std::string& details) {
  return R"({"EventType":")" + type + R"(","EventId":)" + std::to_string(number) +
         R"(,"EventTimestamp":)" + std::to_string(number) + R"(,"Id":"a","SubType":"Step",")" +
         type + R"(Details":)" + details + "}";
}

bool equal(const std::string& recorded, const std::string& produced, const Masks& masks = {}) {
  return !compare_histories(history(recorded), history(produced), masks);
}

TEST(Comparison, LooksAtPayloadsByteByByteApartFromMaskedMembers) {
  const auto succeeded = [](const std::string& payload) {
    return step(
        "StepSucceeded", 2,
        R"({"Result":{"Payload":")" + payload + R"("},"RetryDetails":{"CurrentAttempt":1}})");
  };
  EXPECT_TRUE(equal(succeeded("[1, 2]"), succeeded("[1,2]")));
  EXPECT_FALSE(equal(succeeded(R"({\"a\":1,\"b\":2})"), succeeded(R"({\"b\":2,\"a\":1})")));
  const std::string early = succeeded(R"({\"text\":\"{\\\"at\\\":1}\"})");
  const std::string late = succeeded(R"({\"text\":\"{\\\"at\\\":2}\"})");
  EXPECT_FALSE(equal(early, late));
  Masks masks;
  masks.members = {"at"};
  EXPECT_TRUE(equal(early, late, masks));
}

TEST(Comparison, KnowsThatRecordedAttemptsAreOneOff) {
  const std::string recorded =
      step("StepFailed", 2,
           R"({"RetryDetails":{"CurrentAttempt":1,"NextAttemptDelaySeconds":1}})") +
      "," +
      step("StepFailed", 3, R"({"RetryDetails":{"CurrentAttempt":1,"NextAttemptDelaySeconds":1}})");
  const auto produced = [](int second) {
    return step("StepFailed", 2,
                R"({"RetryDetails":{"CurrentAttempt":1,"NextAttemptDelaySeconds":1}})") +
           "," +
           step("StepFailed", 3,
                R"({"RetryDetails":{"NextAttemptDelaySeconds":1,"CurrentAttempt":)" +
                    std::to_string(second) + "}}");
  };
  EXPECT_TRUE(equal(recorded, produced(2)));
  EXPECT_FALSE(equal(recorded, produced(1)));  // ours must count as the service does (H-8)
  EXPECT_FALSE(equal(recorded, produced(3)));
}

TEST(Comparison, SaysWhichEventDiffers) {
  const auto difference = compare_histories(history(step("StepStarted", 2, "{}")), history(""), {});
  ASSERT_TRUE(difference);
  EXPECT_EQ(difference->event_id, 2);
  EXPECT_THAT(difference->recorded, HasSubstr("StepStarted"));
  EXPECT_EQ(difference->produced, "no event");
}

TEST(Comparison, MapsOldNamesOfErrorsToNewOnesAndNotBack) {
  EXPECT_TRUE(error_type_became("CallbackError", "CallbackTimeoutError", false));
  EXPECT_TRUE(error_type_became("ChildContextError", "CallbackExternalError", true));
  EXPECT_FALSE(error_type_became("ChildContextError", "CallbackExternalError", false));
  EXPECT_FALSE(error_type_became("CallbackTimeoutError", "CallbackError", true));
  EXPECT_FALSE(error_type_became("StepError", "InvokeError", true));
}

TEST(UnknownSubTypes, AreThoseThatNoOperationWrites) {
  const std::string started = step("StepStarted", 2, "{}");
  std::string condition = started;
  condition.replace(condition.find("\"Step\""), 6, "\"WaitForCondition\"");
  EXPECT_EQ(unknown_sub_types(history(started)), "");
  EXPECT_EQ(unknown_sub_types(history(condition)), "");
  std::string graph = started;
  graph.replace(graph.find("\"Step\""), 6, "\"Dag\"");
  EXPECT_EQ(unknown_sub_types(history(graph)), "Dag");
}

std::string map_ended(const std::string& items, const std::string& reason) {
  return R"({"EventType":"ContextSucceeded","EventId":2,"EventTimestamp":2,"Id":"m",)"
         R"("SubType":"Map","ContextSucceededDetails":{"Result":{"Payload":"{\"all\":[)" +
         items + R"(],\"completionReason\":\")" + reason + R"(\"}"}}})";
}

TEST(Comparison, TakesTheErrorOfAFailedItemAsOpaque) {
  const std::string nested = R"({\"error\":{\"cause\":{}},\"index\":0,\"status\":\"FAILED\"})";
  const std::string flat = R"({\"error\":{\"ErrorType\":\"E\"},\"index\":0,\"status\":\"FAILED\"})";
  const std::string started = R"({\"index\":0,\"status\":\"STARTED\"})";
  EXPECT_TRUE(equal(map_ended(nested, "ALL_COMPLETED"), map_ended(flat, "ALL_COMPLETED")));
  EXPECT_FALSE(equal(map_ended(nested, "ALL_COMPLETED"), map_ended(started, "ALL_COMPLETED")));
  EXPECT_FALSE(
      equal(map_ended(nested, "ALL_COMPLETED"), map_ended(flat, "MIN_SUCCESSFUL_REACHED")));
}

TEST(CorpusHandlers, HaveNamesOfTheirOwn) {
  const std::vector<CorpusHandler>& all = corpus_handlers();
  ASSERT_FALSE(all.empty());
  for (std::size_t i = 1; i < all.size(); ++i) EXPECT_LT(all[i - 1].id, all[i].id);
  EXPECT_EQ(find_corpus_handler(all.front().id), &all.front());
  EXPECT_EQ(find_corpus_handler("no such recording"), nullptr);
}

TEST(CorpusCheck, RefusesADirectoryWithoutRecordings) {
  const auto results = check_corpus(testing::TempDir() + "no-corpus-here");
  ASSERT_FALSE(results.ok());
  EXPECT_THAT(std::string(results.status().message()), HasSubstr("histories"));
}

}  // namespace
}  // namespace reprise::corpus
