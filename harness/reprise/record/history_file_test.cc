#include "reprise/record/history_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace reprise {
namespace {

using Json = nlohmann::json;

// One step that fails, is tried again after a second and succeeds, as a local runner records it:
// odd members, times as texts.
constexpr const char* kRecording = R"([
  {"EventType": "ExecutionStarted", "EventId": 1, "Id": "e", "Name": "",
   "EventTimestamp": "2025-12-05T20:14:06.007Z",
   "ExecutionStartedDetails": {"Input": {"Payload": "{\"é\":1}"}}},
  {"EventType": "StepStarted", "SubType": "Step", "EventId": 2, "Id": "c4ca4238a0b92382",
   "EventTimestamp": "2025-12-05T20:14:06.008Z", "StepStartedDetails": {}},
  {"EventType": "StepFailed", "SubType": "Step", "EventId": 3, "Id": "c4ca4238a0b92382",
   "EventTimestamp": "2025-12-05T20:14:06.008Z",
   "StepFailedDetails": {"Error": {"Payload": {"ErrorType": "Error", "ErrorMessage": "no"}},
                         "RetryDetails": {"CurrentAttempt": 1, "NextAttemptDelaySeconds": 1}}},
  {"EventType": "InvocationCompleted", "EventId": 4,
   "EventTimestamp": "2025-12-05T20:14:06.009Z",
   "InvocationCompletedDetails": {"StartTimestamp": "2025-12-05T20:14:06.007Z",
       "EndTimestamp": "2025-12-05T20:14:06.009Z", "Error": {}, "RequestId": "r1"}},
  {"EventType": "StepStarted", "SubType": "Step", "EventId": 5, "Id": "c4ca4238a0b92382",
   "EventTimestamp": "2025-12-05T20:14:07.008Z", "StepStartedDetails": {}},
  {"EventType": "StepSucceeded", "SubType": "Step", "EventId": 6, "Id": "c4ca4238a0b92382",
   "EventTimestamp": "2025-12-05T20:14:07.010Z",
   "StepSucceededDetails": {"Result": {}, "RetryDetails": {}}},
  {"EventType": "CallbackStarted", "SubType": "Callback", "EventId": 7, "Id": "c81e728d9d4c2f63",
   "EventTimestamp": "2025-12-05T20:14:07.011Z",
   "CallbackStartedDetails": {"CallbackId": "Y2I=", "Timeout": 10, "Input": {}}},
  {"EventType": "InvocationCompleted", "EventId": 8,
   "EventTimestamp": "2025-12-05T20:14:07.012Z",
   "InvocationCompletedDetails": {"StartTimestamp": "2025-12-05T20:14:07.008Z",
       "EndTimestamp": "2025-12-05T20:14:07.012Z", "Error": {}, "RequestId": "r2"}},
  {"EventType": "ExecutionFailed", "EventId": 9, "Id": "e",
   "EventTimestamp": "2025-12-05T20:14:07.012Z",
   "ExecutionFailedDetails": {"Result": {"Payload": "\"x\""}}}
])";

// What the service answers: seconds, Truncated, members beside the events.
constexpr const char* kAnswer = R"({
  "Events": [
    {"EventType": "ExecutionStarted", "EventId": 1, "EventTimestamp": 1764965646.007, "Id": "e",
     "ExecutionStartedDetails": {"Input": {"Payload": "1", "Truncated": false},
                                 "ExecutionTimeout": 3600}},
    {"EventType": "InvocationCompleted", "EventId": 2, "EventTimestamp": 1764965647,
     "InvocationCompletedDetails": {"StartTimestamp": 1764965646.0071,
         "EndTimestamp": 1764965647.0, "RequestId": "r1"}},
    {"EventType": "ExecutionSucceeded", "EventId": 3, "EventTimestamp": 1764965647.5, "Id": "e",
     "ExecutionSucceededDetails": {"Result": {"Payload": "2", "Truncated": false}}}
  ],
  "NextMarker": ""
})";

History parsed(const Json& json) {
  absl::StatusOr<History> history = parse_history(json.dump(), "h");
  EXPECT_TRUE(history.ok()) << history.status();
  return history.ok() ? *std::move(history) : History();
}

std::string message_of(const Json& json) {
  return std::string(parse_history(json.dump(), "h").status().message());
}

std::string temporary_path(const std::string& name) {
  return testing::TempDir() + "reprise_" + name;
}

TEST(HistoryFile, IsWrittenAsItWasRead) {
  for (const char* source : {kRecording, kAnswer}) {
    const auto history = parse_history(source, "h");
    ASSERT_TRUE(history.ok()) << history.status();
    EXPECT_EQ(write_history(*history), Json::parse(source).dump(2) + "\n");
    const auto again = parse_history(write_history(*history), "h");
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(*again, *history);
  }
}

TEST(HistoryFile, RemembersWhichOfTheTwoFormsItHas) {
  const History recording = parsed(Json::parse(kRecording));
  EXPECT_EQ(recording.form, History::Form::kArray);
  EXPECT_EQ(recording.events.size(), 9U);
  EXPECT_EQ(recording.events[2].details.retry_details->next_attempt_delay_seconds, 1);
  const History answer = parsed(Json::parse(kAnswer));
  EXPECT_EQ(answer.form, History::Form::kEventsMember);
  EXPECT_EQ(answer.events.size(), 3U);
  EXPECT_EQ(answer.events[1].details.start->ms, 1764965646007);
}

TEST(HistoryFile, ComesBackFromDisk) {
  const std::string path = temporary_path("history.json");
  const History history = parsed(Json::parse(kAnswer));
  ASSERT_TRUE(save_history(path, history).ok());
  const auto loaded = load_history(path);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(*loaded, history);
  std::filesystem::remove(path);
}

TEST(HistoryFile, MayEndBeforeTheExecutionDoes) {
  Json json = Json::parse(kRecording);
  while (json.size() > 1) {
    json.erase(json.size() - 1);
    EXPECT_EQ(message_of(json), "");
  }
}

TEST(HistoryFile, ReportsAGapADuplicateAndAWrongFirstId) {
  Json gap = Json::parse(kRecording);
  gap.erase(3);
  EXPECT_EQ(message_of(gap), "h: /3/EventId: expected 4, found 5: event 4 is missing");
  Json duplicate = Json::parse(kRecording);
  duplicate.insert(duplicate.begin() + 4, duplicate[3]);
  EXPECT_EQ(message_of(duplicate), "h: /4/EventId: expected 5, found 4: event 4 is there already");
  Json first = Json::parse(kRecording);
  first[0]["EventId"] = 2;
  EXPECT_EQ(message_of(first), "h: /0/EventId: expected 1, found 2: event 1 is missing");
  Json zero = Json::parse(kAnswer);
  zero["Events"][0]["EventId"] = 0;
  EXPECT_EQ(message_of(zero).substr(0, 46), "h: /Events/0/EventId: expected a whole number ");
  Json swapped = Json::parse(kAnswer);
  std::swap(swapped["Events"][1]["EventId"], swapped["Events"][2]["EventId"]);
  EXPECT_EQ(message_of(swapped), "h: /Events/1/EventId: expected 2, found 3: event 2 is missing");
}

TEST(HistoryFile, BeginsWithTheStartOfTheExecutionAndHasOneOnly) {
  Json json = Json::parse(kRecording);
  json.erase(0);
  EXPECT_EQ(message_of(json).substr(0, 47), "h: /0/EventType: expected ExecutionStarted, wit");
  json = Json::parse(kRecording);
  json[4] = json[0];
  json[4]["EventId"] = 5;
  EXPECT_EQ(message_of(json),
            "h: /4/EventType: expected ExecutionStarted as the first event only, found "
            "ExecutionStarted");
}

TEST(HistoryFile, EndsWithTheEndOfTheExecutionAndHasOneOnly) {
  for (const char* end : {"Succeeded", "Failed", "TimedOut", "Stopped"}) {
    const std::string type = std::string("Execution") + end;
    Json json = Json::parse(kAnswer);
    json["Events"][1] = {{"EventType", type},
                         {"EventId", 2},
                         {"EventTimestamp", 1764965647},
                         {type + "Details", Json::object()}};
    EXPECT_EQ(message_of(json),
              "h: /Events/1/EventType: expected no event behind the end of the execution, found " +
                  type + " before the last event");
    json["Events"].erase(2);
    EXPECT_EQ(message_of(json), "");
  }
}

TEST(HistoryFile, HasTheShapeOfAHistory) {
  EXPECT_EQ(message_of(Json::array()), "h: (document): expected at least one event, found none");
  EXPECT_EQ(message_of({{"Events", Json::array()}}),
            "h: /Events: expected at least one event, found none");
  EXPECT_EQ(message_of({{"events", Json::array()}}),
            "h: (document): expected the member \"Events\", found none");
  EXPECT_EQ(message_of({{"Events", 1}}), "h: /Events: expected an array, found the number 1");
  EXPECT_EQ(message_of("x").substr(0, 35), "h: (document): expected a history: ");
  EXPECT_EQ(message_of(Json::array({1})), "h: /0: expected an object, found the number 1");
}

TEST(HistoryFile, ReportsABrokenEventByItsPointer) {
  Json json = Json::parse(kAnswer);
  json["Events"][1]["InvocationCompletedDetails"]["EndTimestamp"] = "yesterday";
  EXPECT_EQ(message_of(json),
            "h: /Events/1/InvocationCompletedDetails/EndTimestamp: expected a date and time with a "
            "zone, such as \"2025-12-05T20:14:06.007Z\", found the text \"yesterday\"");
  json = Json::parse(kRecording);
  json[3]["EventTimestamp"] = "2025-02-30T00:00:00.000Z";
  EXPECT_EQ(message_of(json).substr(0, 43), "h: /3/EventTimestamp: expected a date and t");
}

TEST(HistoryFile, IsNotOnePageOfALongerOne) {
  Json json = Json::parse(kAnswer);
  json["NextMarker"] = "abc";
  EXPECT_EQ(message_of(json).substr(0, 15), "h: /NextMarker:");
  json["NextMarker"] = nullptr;
  EXPECT_EQ(message_of(json), "");
}

TEST(HistoryFile, ThatIsTruncatedAnywhereIsAnErrorWithItsLine) {
  const std::string source = Json::parse(kAnswer).dump(1);
  for (std::size_t size = 0; size < source.size(); ++size) {
    const auto history = parse_history(std::string_view(source).substr(0, size), "h");
    ASSERT_FALSE(history.ok()) << size;
    const std::string text = source.substr(0, size);
    const auto lines = 1 + std::count(text.begin(), text.end(), '\n');
    const std::string place = "h: " + std::to_string(lines) + ":";
    EXPECT_EQ(std::string(history.status().message()).substr(0, place.size()), place) << size;
  }
}

TEST(HistoryFile, SurvivesEveryBrokenByte) {
  const std::string source = Json::parse(kAnswer).dump();
  for (std::size_t i = 0; i < source.size(); ++i) {
    for (const char byte : {'\0', '"', '[', '}', '9', '\\', '\xFF'}) {
      std::string text = source;
      text[i] = byte;
      const auto history = parse_history(text, "h");
      if (!history.ok()) continue;  // what is read all the same must be written as it was
      EXPECT_EQ(write_history(*history), Json::parse(text).dump(2) + "\n");
    }
  }
}

TEST(HistoryFile, RefusesWhatAnyJsonFileRefuses) {
  EXPECT_EQ(
      std::string(
          parse_history(R"({"Events": [{"EventId": 1, "EventId": 1}]})", "h").status().message()),
      "h: /Events/0/EventId: duplicate member name");
  EXPECT_FALSE(parse_history(std::string(1000, '['), "h").ok());
  EXPECT_FALSE(parse_history(kRecording, "h", {.bytes_max = 1000}).ok());
  const std::string path = temporary_path("no_such_history.json");
  EXPECT_EQ(load_history(path).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(std::string(load_history(testing::TempDir()).status().message()),
            testing::TempDir() + ": Is a directory");
}

TEST(SaveHistory, RefusesWhatCouldNotBeReadBack) {
  const std::string path = temporary_path("unsaved.json");
  History history = parsed(Json::parse(kAnswer));
  history.events[1].event_id = 5;
  EXPECT_EQ(std::string(save_history(path, history).message()),
            path + ": /Events/1/EventId: expected 2, found 5: event 2 is missing");
  history = parsed(Json::parse(kRecording));
  history.events[4].name = "\xFF";
  EXPECT_EQ(std::string(save_history(path, history).message()),
            path + ": /4: expected UTF-8, found a text with other bytes");
  EXPECT_NE(write_history(history).find("\xEF\xBF\xBD"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(SaveHistory, ReportsAPathThatCannotBeWritten) {
  const std::string path = temporary_path("no_such_directory") + "/h.json";
  const absl::Status status = save_history(path, parsed(Json::parse(kAnswer)));
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(std::string(status.message()), path + ": No such file or directory");
}

TEST(HistoryFile, CountsItsLastEventToo) {  // H-1
  std::string gap = kRecording;
  const std::string last = "\"EventId\": 9";
  gap.replace(gap.find(last), last.size(), "\"EventId\": 10");
  const absl::Status status = parse_history(gap, "gap.json").status();
  EXPECT_NE(status.message().find("expected 9, found 10"), absl::string_view::npos) << status;
}

}  // namespace
}  // namespace reprise
