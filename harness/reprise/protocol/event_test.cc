#include "reprise/protocol/event.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "reprise/protocol/json.h"

namespace reprise {
namespace {

using Json = nlohmann::json;

constexpr const char* kFullPayload = R"({"Payload": "{}", "Truncated": false})";
constexpr const char* kFullError = R"({"Truncated": true, "Payload":
    {"ErrorMessage": "m", "ErrorType": "T", "ErrorData": "d", "StackTrace": ["a", "b"]}})";
constexpr const char* kFullRetry = R"({"CurrentAttempt": 2, "NextAttemptDelaySeconds": 5})";

Json result() { return {{"Result", Json::parse(kFullPayload)}}; }
Json error() { return {{"Error", Json::parse(kFullError)}}; }

Json with(Json details, const std::string& key, const Json& value) {
  details[key] = value;
  return details;
}

// PROTOCOL 9.2: each event type with all its members, written down independently of event.cc.
std::map<std::string, Json> full_details() {
  const Json input = Json::parse(kFullPayload);
  const Json retry = Json::parse(kFullRetry);
  return {
      {"ExecutionStarted", {{"Input", input}, {"ExecutionTimeout", 3600}}},
      {"ExecutionSucceeded", result()},
      {"ExecutionFailed", error()},
      {"ExecutionTimedOut", error()},
      {"ExecutionStopped", error()},
      {"ContextStarted", Json::object()},
      {"ContextSucceeded", result()},
      {"ContextFailed", error()},
      {"WaitStarted", {{"Duration", 5}, {"ScheduledEndTimestamp", 1764547205.25}}},
      {"WaitSucceeded", {{"Duration", 5}}},
      {"WaitCancelled", error()},
      {"StepStarted", Json::object()},
      {"StepSucceeded", with(result(), "RetryDetails", retry)},
      {"StepFailed", with(error(), "RetryDetails", retry)},
      {"ChainedInvokeStarted",
       {{"FunctionName", "f"},
        {"TenantId", "t"},
        {"Input", input},
        {"ExecutedVersion", "7"},
        {"DurableExecutionArn", "arn"}}},
      {"ChainedInvokeSucceeded", result()},
      {"ChainedInvokeFailed", error()},
      {"ChainedInvokeTimedOut", error()},
      {"ChainedInvokeStopped", error()},
      {"CallbackStarted", {{"CallbackId", "c"}, {"HeartbeatTimeout", 0}, {"Timeout", 60}}},
      {"CallbackSucceeded", result()},
      {"CallbackFailed", error()},
      {"CallbackTimedOut", error()},
      {"InvocationCompleted",
       with(with(with(error(), "RequestId", "r"), "StartTimestamp", 1764547200), "EndTimestamp",
            "2025-12-05T20:14:06.007Z")},
  };
}

Json event_json(const std::string& type, const Json& details) {
  return {{"EventType", type},
          {"EventId", 7},
          {"EventTimestamp", 1764547200.123},
          {"Id", "c4ca4238a0b92382"},
          {"Name", "n"},
          {"SubType", "Step"},
          {"ParentId", "ea66c06c1e1c05fa"},
          {type + "Details", details}};
}

void expect_round_trip(const Json& json) {
  const auto event = event_from_json(json);
  ASSERT_TRUE(event.ok()) << event.status() << json;
  EXPECT_EQ(event_to_json(*event).dump(2), json.dump(2));
  const auto again = event_from_json(event_to_json(*event));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(*again, *event);
}

TEST(EventJson, OfEachTypeComesBackWithAllMembersAndKnowsThem) {
  const std::map<std::string, Json> all = full_details();
  ASSERT_EQ(all.size(), static_cast<std::size_t>(kEventTypeCount));
  for (const auto& [type, details] : all) {
    const Json json = event_json(type, details);
    expect_round_trip(json);
    const auto event = event_from_json(json);
    ASSERT_TRUE(event.ok());
    EXPECT_EQ(to_string(event->type), type);
    EXPECT_TRUE(event->extra.is_null()) << event->extra;
    EXPECT_TRUE(event->details.extra.is_null()) << type << event->details.extra;
  }
}

TEST(EventJson, OfEachTypeComesBackWithoutOptionalMembers) {
  for (const auto& [type, details] : full_details()) {
    expect_round_trip({{"EventType", type},
                       {"EventId", 1},
                       {"EventTimestamp", 0},
                       {type + "Details", Json::object()}});
  }
}

TEST(EventJson, OfEachTypeRefusesAWrongTypeInEachMember) {
  for (const auto& [type, details] : full_details()) {
    for (const auto& [member, value] : details.items()) {
      Json json = event_json(type, details);
      json[type + "Details"][member] = Json::array();
      std::string pointer = "/";
      pointer.append(type).append("Details/").append(member).append(": ");
      const auto event = event_from_json(json);
      ASSERT_FALSE(event.ok()) << pointer;
      EXPECT_EQ(std::string(event.status().message()).substr(0, pointer.size()), pointer);
    }
  }
}

TEST(EventJson, FillsTheMembersOfTheEvent) {
  const auto event = event_from_json(event_json("StepFailed", full_details()["StepFailed"]));
  ASSERT_TRUE(event.ok()) << event.status();
  EXPECT_EQ(event->type, EventType::kStepFailed);
  EXPECT_EQ(event->event_id, 7);
  EXPECT_EQ(event->timestamp.ms, 1764547200123);
  EXPECT_EQ(event->id, "c4ca4238a0b92382");
  EXPECT_EQ(event->name, "n");
  EXPECT_EQ(event->sub_type, "Step");
  EXPECT_EQ(event->parent_id, "ea66c06c1e1c05fa");
  EXPECT_EQ(event->details.error->payload->type, "T");
  EXPECT_EQ(event->details.error->truncated, true);
  EXPECT_EQ(event->details.retry_details->current_attempt, 2);
  EXPECT_EQ(event->details.retry_details->next_attempt_delay_seconds, 5);
}

TEST(EventJson, KeepsWhatLocalRunnersWriteDifferently) {
  expect_round_trip(
      event_json("CallbackStarted", {{"CallbackId", "c"}, {"Input", Json::object()}}));
  expect_round_trip(event_json("ExecutionFailed", with(error(), "Result", {{"Payload", "x"}})));
  expect_round_trip(event_json("InvocationCompleted", {{"Error", Json::object()}}));
  expect_round_trip(
      event_json("StepSucceeded", {{"Result", Json::object()}, {"RetryDetails", Json::object()}}));
  expect_round_trip(event_json("CallbackFailed", {{"Error", {{"Payload", Json::object()}}}}));
}

TEST(EventJson, KeepsUnknownMembersAtEveryDepth) {
  Json json = event_json("StepFailed", full_details()["StepFailed"]);
  json["New"] = Json::array({1, Json::object()});
  json["Null"] = nullptr;
  json["StepFailedDetails"]["New"] = nullptr;
  json["StepFailedDetails"]["Input"] = Json::object();
  json["StepFailedDetails"]["RetryDetails"]["Jitter"] = 0.5;
  json["StepFailedDetails"]["Error"]["New"] = "e";
  json["StepFailedDetails"]["Error"]["Payload"]["Cause"] = {{"ErrorType", "Inner"}};
  expect_round_trip(json);
  const auto event = event_from_json(json);
  EXPECT_EQ(event->extra.size(), 2U);
  EXPECT_EQ(event->details.extra["Error"]["Payload"]["Cause"]["ErrorType"], "Inner");
  EXPECT_EQ(event->details.error->payload->type, "T");
}

TEST(EventJson, WritesItsOwnMemberWhereExtraHoldsTheSame) {
  Event event;
  event.type = EventType::kExecutionSucceeded;
  event.event_id = 2;
  event.name = "mine";
  event.extra = {{"Name", "other"}, {"More", 1}};
  const Json json = event_to_json(event);
  EXPECT_EQ(json["Name"], "mine");
  EXPECT_EQ(json["More"], 1);
}

struct Broken {
  const char* place;
  Json value;
  const char* message;
};

TEST(EventJson, IsReadStrictly) {
  const Json step = event_json("StepFailed", full_details()["StepFailed"]);
  const std::vector<Broken> table = {
      {"", 5, "/Events/3: expected an object, found the number 5"},
      {"/EventType", "StepDone", "/Events/3/EventType: expected an event type such as"},
      {"/EventType", nullptr, "/Events/3/EventType: expected an event type"},
      {"/EventType", "StepStarted", "/Events/3: expected the member \"StepStartedDetails\""},
      {"/EventId", 0, "/Events/3/EventId: expected a whole number from 1 to"},
      {"/EventId", -4, "/Events/3/EventId: expected a whole number from 1 to"},
      {"/EventId", "7", "/Events/3/EventId: expected a whole number from 1 to"},
      {"/EventId", 7.0, "/Events/3/EventId: expected a whole number from 1 to"},
      {"/EventId", 1e30, "/Events/3/EventId: expected a whole number from 1 to"},
      {"/EventId", 9223372036854775808U, "/Events/3/EventId: expected a whole number"},
      {"/EventTimestamp", true, "/Events/3/EventTimestamp: expected a time"},
      {"/EventTimestamp", "now", "/Events/3/EventTimestamp: expected a date and time"},
      {"/EventTimestamp", 1e18, "/Events/3/EventTimestamp: expected epoch seconds within"},
      {"/Id", 1, "/Events/3/Id: expected a text"},
      {"/Name", nullptr, "/Events/3/Name: expected a text, found null"},
      {"/SubType", Json::object(), "/Events/3/SubType: expected a text"},
      {"/ParentId", false, "/Events/3/ParentId: expected a text"},
      {"/StepFailedDetails", nullptr, "/Events/3/StepFailedDetails: expected an object"},
      {"/StepStartedDetails", Json::object(),
       "/Events/3/StepStartedDetails: expected no Details but StepFailedDetails"},
      {"/StepFailedDetails/Error/Truncated", "no",
       "/Events/3/StepFailedDetails/Error/Truncated: expected true or false"},
      {"/StepFailedDetails/Error/Payload/StackTrace/1", 3,
       "/Events/3/StepFailedDetails/Error/Payload/StackTrace/1: expected a text"},
      {"/StepFailedDetails/RetryDetails/CurrentAttempt", -1,
       "/Events/3/StepFailedDetails/RetryDetails/CurrentAttempt: expected a whole number from 0"},
      {"/StepFailedDetails/RetryDetails/NextAttemptDelaySeconds", 0.5,
       "/Events/3/StepFailedDetails/RetryDetails/NextAttemptDelaySeconds: expected a whole"},
  };
  for (const Broken& broken : table) {
    Json json = step;
    json[Json::json_pointer(broken.place)] = broken.value;
    const auto event = event_from_json(json, "/Events/3");
    ASSERT_FALSE(event.ok()) << broken.message;
    const std::string message(event.status().message());
    EXPECT_EQ(message.substr(0, std::string(broken.message).size()), broken.message);
  }
}

TEST(EventJson, NeedsItsFourMembers) {
  for (const char* key : {"EventType", "EventId", "EventTimestamp", "StepStartedDetails"}) {
    Json json = event_json("StepStarted", Json::object());
    json.erase(key);
    const auto event = event_from_json(json);
    ASSERT_FALSE(event.ok()) << key;
    EXPECT_EQ(std::string(event.status().message()),
              "(document): expected the member \"" + std::string(key) + "\", found none");
  }
}

// Times.

struct TimeExample {
  const char* json;
  TimestampMs ms;
  bool verbatim;
};

TEST(EventTime, IsReadInEveryFormAndWrittenAsItWas) {
  using Form = EventTime::Form;
  const TimeExample examples[] = {
      {"0", 0, false},
      {"1764965646", 1764965646000, false},
      {"1764965646.007", 1764965646007, false},
      {"1764965646.5", 1764965646500, false},
      {"1764965646.0", 1764965646000, true},
      {"1764965646.0074", 1764965646007, true},
      {"-1", -1000, false},
      {"-0.001", -1, false},
      {"-0.0", 0, true},
      {"-62135596800", -62135596800000, false},
      {"253402300799.999", 253402300799999, false},
      {R"("2025-12-05T20:14:06.007Z")", 1764965646007, false},
      {R"("1970-01-01T00:00:00.000Z")", 0, false},
      {R"("1969-12-31T23:59:59.999Z")", -1, false},
      {R"("0001-01-01T00:00:00.000Z")", -62135596800000, false},
      {R"("9999-12-31T23:59:59.999Z")", 253402300799999, false},
      {R"("2024-02-29T00:00:00.000Z")", 1709164800000, false},
      {R"("2000-02-29T12:00:00.000Z")", 951825600000, false},
      {R"("2025-12-05T20:14:06Z")", 1764965646000, true},
      {R"("2025-12-05T20:14:06.7Z")", 1764965646700, true},
      {R"("2025-12-05T20:14:06.0074999Z")", 1764965646007, true},
      {R"("2025-12-05T20:14:06.9995Z")", 1764965647000, true},
      {R"("2025-12-05T21:14:06.007+01:00")", 1764965646007, true},
      {R"("2025-12-05T14:44:06.007-05:30")", 1764965646007, true},
      {R"("2025-12-05 20:14:06.007123+00:00")", 1764965646007, true},
  };
  for (const TimeExample& example : examples) {
    const Json json = Json::parse(example.json);
    const auto time = event_time_from_json(json);
    ASSERT_TRUE(time.ok()) << example.json << time.status();
    EXPECT_EQ(time->ms, example.ms) << example.json;
    EXPECT_EQ(time->form, json.is_string() ? Form::kIso8601 : Form::kEpochSeconds);
    EXPECT_EQ(time->verbatim.has_value(), example.verbatim) << example.json;
    EXPECT_EQ(event_time_to_json(*time).dump(), json.dump());
  }
}

TEST(EventTime, ThatDoesNotExistIsRefused) {
  const char* const bad[] = {
      "",
      "Z",
      "2025-12-05",
      "2025-12-05T20:14:06.007",
      "2025-12-05T20:14:06.007z",
      "2025-12-05T20:14:06.007ZZ",
      "2025-12-05T20:14:06.Z",
      "2025-12-05T20:14Z",
      "2025-12-05T24:00:00.000Z",
      "2025-12-05T20:60:00.000Z",
      "2025-12-05T20:14:60.000Z",
      "2025-13-05T20:14:06.007Z",
      "2025-00-05T20:14:06.007Z",
      "2025-12-00T20:14:06.007Z",
      "2025-04-31T20:14:06.007Z",
      "2025-02-29T20:14:06.007Z",
      "1900-02-29T20:14:06.007Z",
      "0000-01-01T00:00:00.000Z",
      "0001-01-01T00:00:00.000+00:01",
      "9999-12-31T23:59:59.999-00:01",
      "10000-01-01T00:00:00.000Z",
      "+2025-12-05T20:14:06.007Z",
      " 2025-12-05T20:14:06.007Z",
      "2025-1-05T20:14:06.007Z",
      "2025-12-05T20:14:06,007Z",
      "2025-12-05T20:14:06.007+0100",
      "2025-12-05T20:14:06.007+01",
      "2025-12-05T20:14:06.007+24:00",
      "2025-12-05T20:14:06.00\xD9\xA7Z",
      "1764965646",
  };
  for (const char* text : bad) EXPECT_FALSE(event_time_from_json(Json(text)).ok()) << text;
}

TEST(EventTime, ComesBackFromAnywhereInTheCalendarAndFromEveryMillisecond) {
  constexpr TimestampMs kDay = 86400000;
  std::string previous;
  // A step that is no whole day, so that hours, minutes and milliseconds change too.
  for (TimestampMs ms = -62135596800000; ms < 253402300800000; ms += 31 * kDay + 12345678) {
    const EventTime time{.ms = ms, .form = EventTime::Form::kIso8601, .verbatim = std::nullopt};
    const Json json = event_time_to_json(time);
    const auto read = event_time_from_json(json);
    ASSERT_TRUE(read.ok()) << read.status();
    ASSERT_EQ(*read, time) << json;
    ASSERT_LT(previous, json.get<std::string>());
    previous = json.get<std::string>();
  }
  for (TimestampMs ms = 1764965646000; ms < 1764965647000; ++ms) {
    const EventTime time{
        .ms = ms, .form = EventTime::Form::kEpochSeconds, .verbatim = std::nullopt};
    ASSERT_EQ(*event_time_from_json(Json::parse(event_time_to_json(time).dump())), time);
  }
}

}  // namespace
}  // namespace reprise
