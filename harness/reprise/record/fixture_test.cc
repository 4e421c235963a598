#include "reprise/record/fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reprise {
namespace {

using testing::HasSubstr;

/// A fixture with every kind of event.
Fixture a_fixture() {
  Fixture fixture;
  fixture.scenario = "order";
  fixture.verdict = Verdict::kDuplicateEffect;
  fixture.operation = "order/charge#1";
  fixture.subject = "bank.debit";
  fixture.what = "bank.debit(10) happened twice";
  fixture.expect = Fixture::Expect::kFailing;
  fixture.input = {{"orderId", 7}};
  const Place effect{
      PointKind::kEffect, Moment::kAfter, "order/charge#1", CheckpointAction::kOther, 1, 2, 0};
  const Place checkpoint{
      PointKind::kCheckpoint, Moment::kStored, "order/charge#1", CheckpointAction::kRetry, 3, 0, 0};
  const Place response{
      PointKind::kResponse, Moment::kBefore, "order", CheckpointAction::kOther, 0, 0, 4};
  const Place page{PointKind::kState, Moment::kBefore, "order", CheckpointAction::kOther, 0, 1, 2};
  const auto event = [&](ScheduleEvent::Kind kind, const Place& place = {},
                         const std::string& subject = "") -> ScheduleEvent& {
    ScheduleEvent& added = fixture.schedule.events.emplace_back();
    added.kind = kind;
    added.place = place;
    added.subject = subject;
    return added;
  };
  using Kind = ScheduleEvent::Kind;
  event(Kind::kVary).input = HiddenInput::kUnorderedOrder;
  event(Kind::kCrash, effect);
  event(Kind::kCrash, checkpoint);
  event(Kind::kPowerOff, response);
  event(Kind::kOverlap, effect, "order-2");
  event(Kind::kReorder, {}, "order-2");
  event(Kind::kFault, checkpoint).fault = Fault::kAnswerLost;
  ScheduleEvent& throttled = event(Kind::kFault, page);
  throttled.fault = Fault::kThrottled;
  throttled.times = 5;
  event(Kind::kFreeze, checkpoint);
  event(Kind::kArrival, {}, "approve").arrival = Arrival::kAfterDeadline;
  event(Kind::kArrival, effect, "message").arrival = Arrival::kHere;
  event(Kind::kPrefer, {}, "order/pack#1/b#1");
  event(Kind::kSwitch, {}, "order/b#1").other = "order/a#1";
  event(Kind::kAssign,
        {PointKind::kInvocation, Moment::kBefore, "order", CheckpointAction::kOther, 0, 0, 2},
        "a cold environment");
  ScheduleEvent& limit = event(Kind::kLimit);
  limit.quota = Quota::kResponse;
  limit.value = 17;
  return fixture;
}

TEST(Fixture, IsReadAsItWasWritten) {
  const std::string text = write_fixture(a_fixture());
  const absl::StatusOr<Fixture> read = parse_fixture(text, "f.json");
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(*read, a_fixture());
  EXPECT_EQ(write_fixture(*read), text);
}

TEST(ScheduleJson, IsReadAsItWasWritten) {
  const Schedule schedule = a_fixture().schedule;
  const absl::StatusOr<Schedule> read = schedule_from_json(schedule_to_json(schedule), "/here");
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(*read, schedule);
}

TEST(ScheduleJson, NamesThePlaceOfAMistakeInItsDocument) {
  nlohmann::json json = schedule_to_json(a_fixture().schedule);
  json[1]["effect"] = -1;
  EXPECT_EQ(std::string(schedule_from_json(json, "/findings/2/schedule").status().message()),
            "/findings/2/schedule/1/effect: expected a number from 0 to 2147483647, found -1");
  EXPECT_EQ(std::string(schedule_from_json("x", "/findings/2/schedule").status().message()),
            "/findings/2/schedule: expected an array, found string");
}

TEST(Fixture, IsNamedAfterItsFinding) {
  EXPECT_EQ(fixture_file_name(a_fixture()), "order_charge_duplicate_effect.json");
  EXPECT_EQ(fixture_file_name(a_fixture(), "Order2Test.SurvivesACrash"),
            "order2_test_survives_a_crash_charge_duplicate_effect.json");
  EXPECT_NE(fixture_file_name(a_fixture(), "Order.Twice"),
            fixture_file_name(a_fixture(), "Order.Once"));
}

struct Broken {
  const char* pointer;  // JSON pointer of the member that is edited
  const char* value;    // its new value; "": removed
  const char* message;
};

class BrokenFixture : public testing::TestWithParam<Broken> {};

TEST_P(BrokenFixture, IsRefusedWithFileAndPlace) {
  nlohmann::json json = nlohmann::json::parse(write_fixture(a_fixture()));
  const nlohmann::json::json_pointer pointer(GetParam().pointer);
  if (std::string(GetParam().value).empty()) {
    json[pointer.parent_pointer()].erase(pointer.back());
  } else {
    json[pointer] = nlohmann::json::parse(GetParam().value);
  }
  const absl::StatusOr<Fixture> read = parse_fixture(json.dump(), "f.json");
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(std::string(read.status().message()), std::string("f.json: ") + GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Table, BrokenFixture,
    testing::Values(
        Broken{"/format", "\"other\"", "/format: expected \"reprise-fixture\", found \"other\""},
        Broken{"/version", "2", "/version: this build reads version 1, found 2"},
        Broken{"/version", "", "/version: missing member"},
        Broken{"/scenario", "7", "/scenario: expected a text, found number"},
        Broken{"/scenario", "", "/scenario: missing member"},
        Broken{"/expect", "\"maybe\"", "/expect: expected one of mended, failing, found \"maybe\""},
        Broken{"/schedule", "{}", "/schedule: expected an array, found object"},
        Broken{"/schedule/1", "3", "/schedule/1: expected an object, found number"},
        Broken{"/schedule/0/input", "\"moon\"",
               "/schedule/0/input: expected one of clock, environment, entropy, unordered order, "
               "clock rate, clock direction, tie order, host name, time zone, locale, heap "
               "placement, memory fill, rounding, found \"moon\""},
        Broken{"/schedule/1/effect", "-1",
               "/schedule/1/effect: expected a number from 0 to 2147483647, found -1"},
        Broken{"/schedule/1/effect", "1.5",
               "/schedule/1/effect: expected a whole number, found number"},
        Broken{"/schedule/1/operation", "", "/schedule/1/operation: missing member"},
        Broken{"/schedule/1/color", "1", "/schedule/1/color: unknown member"},
        Broken{"/finding/verdict", "\"WRONG\"", "/finding/verdict: unknown verdict \"WRONG\""},
        Broken{"/finding", "[]", "/finding: expected an object, found array"},
        Broken{"/extra", "1", "/extra: unknown member"}));

TEST(Fixture, RefusesWhatIsNoJson) {
  for (const std::string text :
       {"", "{", "[1, 2", "{\"a\":1,\"a\":2}", "nul", "{\"format\": \"\xff\"}"}) {
    const absl::StatusOr<Fixture> read = parse_fixture(text, "f.json");
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_THAT(std::string(read.status().message()), HasSubstr("f.json: "));
  }
}

TEST(Fixture, RefusesEveryTruncation) {
  const std::string text = write_fixture(a_fixture());
  for (std::size_t size = 0; size + 2 < text.size(); ++size) {
    EXPECT_FALSE(parse_fixture(text.substr(0, size), "f.json").ok()) << size;
  }
}

TEST(Fixture, ReportsAMissingFile) {
  const absl::StatusOr<Fixture> read = load_fixture("nowhere/f.json");
  ASSERT_FALSE(read.ok());
  EXPECT_THAT(std::string(read.status().message()), HasSubstr("nowhere/f.json"));
}

}  // namespace
}  // namespace reprise
