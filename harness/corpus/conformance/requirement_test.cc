#include "conformance/requirement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace reprise::corpus {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const std::string kHistory =
    "ExpectedExecutionHistory:\n"
    "  - EventType: StepStarted\n"
    "    EventId: 2\n";

Requirement read(const std::string& text) {
  absl::StatusOr<Requirement> read = parse_requirement(text, "x.yaml");
  EXPECT_TRUE(read.ok()) << read.status();
  return read.ok() ? *std::move(read) : Requirement();
}

std::string error(const std::string& text) {
  const absl::StatusOr<Requirement> read = parse_requirement(text, "x.yaml");
  EXPECT_FALSE(read.ok()) << text;
  return std::string(read.status().message());
}

Json input(const std::string& yaml) { return read("Input: " + yaml + "\n" + kHistory).input; }

TEST(RequirementFile, HasWhatItsTextSays) {
  const Requirement requirement = read(
      "---\n"
      "description: One of everything\n"
      "handler: |\n"
      "  prose\n"
      "async: true\n"
      "AsyncInvoke: true\n"
      "AsyncConfig: {PollIntervalSeconds: 1, NoProgressTimeoutSeconds: 5}\n"
      "Variables:\n"
      "  LATER: ${GEN_STR:3}\n"
      "  EARLIER: 7\n"
      "Input: [1, two]\n"
      "CallbackActions:\n"
      "  - {CallbackName: '*', Operation: heartbeat}\n"
      "  - {CallbackName: a, Operation: failure, Payload: {ErrorType: E}, Delay: 0.5}\n"
      "ExpectedResult: {ExecutionStatus: SUCCEEDED, Result: }\n"
      "ExpectedLogs:\n"
      "  - match: {message: /x/}\n"
      "    count: 1\n"
      "    min_count: 0\n"
      "    max_count: 2\n"
      "    before: {message: y}\n"
      "    after: [{match: {message: z}}, {level: INFO}]\n"
      "optional: yes\n" +
      kHistory);
  EXPECT_EQ(requirement.description, "One of everything");
  EXPECT_TRUE(requirement.async);
  EXPECT_TRUE(requirement.optional);
  EXPECT_FALSE(requirement.history_only());
  EXPECT_EQ(requirement.poll_interval_ms, 1000);
  EXPECT_EQ(requirement.no_progress_timeout_ms, 5000);
  EXPECT_EQ(requirement.input, Json({1, "two"}));
  ASSERT_EQ(requirement.variables.size(), 2U);
  EXPECT_EQ(requirement.variables[0].first, "LATER");
  ASSERT_EQ(requirement.actions.size(), 2U);
  EXPECT_EQ(requirement.actions[0].operation, CallbackAction::Operation::kHeartbeat);
  EXPECT_EQ(requirement.actions[1].delay_ms, 500);
  ASSERT_TRUE(requirement.result);
  EXPECT_EQ(requirement.result->result, Json());
  ASSERT_EQ(requirement.logs.size(), 1U);
  EXPECT_EQ(requirement.logs[0].max_count, 2);
  ASSERT_EQ(requirement.logs[0].after.size(), 2U);
  EXPECT_EQ(requirement.logs[0].after[0].at("message"), "z");
  ASSERT_EQ(requirement.events.size(), 1U);
  EXPECT_EQ(requirement.events[0].event_id, 2);
}

TEST(RequirementFile, WithoutAResultCountsByItsHistoryOnlyWhenAsynchronous) {
  EXPECT_FALSE(read("Input:\n" + kHistory).history_only());
  EXPECT_TRUE(read("Input:\nAsyncInvoke: on\n" + kHistory).history_only());
  EXPECT_FALSE(
      read("Input:\nExpectedResult: {ExecutionStatus: FAILED}\n" + kHistory).history_only());
}

TEST(RequirementFile, ReadsScalarsAsYaml11) {
  EXPECT_EQ(input(""), Json());
  EXPECT_EQ(input("~"), Json());
  EXPECT_EQ(input("Null"), Json());
  EXPECT_EQ(input("'null'"), Json("null"));
  for (const char* word : {"yes", "True", "ON"}) EXPECT_EQ(input(word), Json(true)) << word;
  for (const char* word : {"no", "false", "Off"}) EXPECT_EQ(input(word), Json(false)) << word;
  for (const char* word : {"y", "n", "Y", "tRUE", "1-2", "1e3", "0o7", "1 2"}) {
    EXPECT_EQ(input(word), Json(word)) << word;
  }
  EXPECT_EQ(input("\"yes\""), Json("yes"));
  EXPECT_EQ(input("-12"), Json(-12));
  EXPECT_EQ(input("1_000"), Json(1000));
  EXPECT_EQ(input("010"), Json(8));
  EXPECT_EQ(input("0x1F"), Json(31));
  EXPECT_EQ(input("0b101"), Json(5));
  EXPECT_EQ(input("1.5"), Json(1.5));
  EXPECT_EQ(input("+1.5e+2"), Json(150.0));
  EXPECT_EQ(input("'12'"), Json("12"));
  EXPECT_EQ(input("!!str 12"), Json("12"));
  EXPECT_EQ(input("[&a x, *a]"), Json({"x", "x"}));
  EXPECT_EQ(input("{b: 1, a: 2}").dump(), R"({"b":1,"a":2})");
}

TEST(RequirementFile, RefusesWhatHasNoJson) {
  for (const char* value : {"2026-01-02", "12:30", ".inf", "-.nan", "!thing x", "{<<: {a: 1}}",
                            "99999999999999999999", "{a: 1, a: 2}", "{[1]: 2}"}) {
    EXPECT_THAT(error("Input: " + std::string(value) + "\n" + kHistory), StartsWith("x.yaml:1:"))
        << value;
  }
}

TEST(RequirementFile, SaysWhereAndWhatIsWrong) {
  EXPECT_THAT(error("Input: 1\n" + kHistory + "    Id: '*\n"),
              HasSubstr("x.yaml:7:1: expected YAML: illegal document indicator in scalar"));
  EXPECT_THAT(error("Imput: 1\n" + kHistory), HasSubstr("x.yaml:1:1: expected a key of a"));
  EXPECT_THAT(error(kHistory), HasSubstr("the key Input in a requirement, found none"));
  EXPECT_THAT(error("Input: 1\n"), HasSubstr("ExpectedExecutionHistory"));
  EXPECT_THAT(error("Input: 1\nExpectedExecutionHistory: []\n"), HasSubstr("an empty list"));
  EXPECT_THAT(error("Input: 1\nExpectedExecutionHistory:\n  - EventType: X\n"),
              HasSubstr("x.yaml:3:5: expected the key EventId"));
  EXPECT_THAT(error("Input: 1\nExpectedExecutionHistory:\n  - EventId: '2'\n    EventType: X\n"),
              HasSubstr("x.yaml:3:14: expected a whole number from 1 for EventId, found \"2\""));
  EXPECT_THAT(error("Input: 1\nExpectedExecutionHistory: {}\n"), HasSubstr("a list"));
  EXPECT_THAT(error("Input: 1\nAsyncInvoke: 'yes'\n" + kHistory), HasSubstr("true or false"));
  EXPECT_THAT(error("Input: 1\nasync: 3\n" + kHistory), HasSubstr("true or false for async"));
  EXPECT_THAT(error("Input: 1\nExpectedResult: {Status: X}\n" + kHistory),
              HasSubstr("a key of ExpectedResult"));
  EXPECT_THAT(error("Input: 1\nExpectedResult: {ExecutionStatus: DONE}\n" + kHistory),
              HasSubstr("found DONE"));
  EXPECT_THAT(error("Input: 1\nExpectedResult: {}\n" + kHistory), HasSubstr("ExecutionStatus"));
  EXPECT_THAT(error("Input: 1\nVariables: {A: [1]}\n" + kHistory),
              HasSubstr("a plain value for A"));
  EXPECT_THAT(error("Input: 1\nExpectedLogs: [{count: 1}]\n" + kHistory), HasSubstr("match"));
  EXPECT_THAT(error("Input: 1\nExpectedLogs: [{match: {}}]\n" + kHistory), HasSubstr("empty"));
  EXPECT_THAT(error("- 1\n"), HasSubstr("a mapping for a requirement, found a list"));
  EXPECT_THAT(error(""), HasSubstr("a mapping for a requirement, found nothing"));
  EXPECT_THAT(error("Input: 1\n" + kHistory + "---\nInput: 2\n"), HasSubstr("found 2"));
}

TEST(RequirementFile, RefusesWrongCallbackActions) {
  const auto action = [](const std::string& fields) {
    return error("Input: 1\nCallbackActions: [{" + fields + "}]\n" + kHistory);
  };
  EXPECT_THAT(action("Operation: success"), HasSubstr("CallbackName"));
  EXPECT_THAT(action("CallbackName: a, Operation: answer"), HasSubstr("success, failure or heart"));
  EXPECT_THAT(action("CallbackName: a, Operation: success, Delay: -1"), HasSubstr("from 0"));
  EXPECT_THAT(action("CallbackName: a, Operation: success, Delay: 99999999"), HasSubstr("366"));
  EXPECT_THAT(action("CallbackName: a, Operation: failure, Payload: no"),
              HasSubstr("error object"));
}

class RequirementDirectory : public testing::Test {
 protected:
  void SetUp() override {
    root_ = std::filesystem::path(testing::TempDir()) /
            testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(root_);
  }
  void write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << text;
  }
  std::filesystem::path root_;
};

TEST_F(RequirementDirectory, IsReadInTheOrderOfNumbersAtAnyDepth) {
  write("tests/wait/2-10.yaml", "Input:\n" + kHistory);
  write("tests/wait/2-9.yaml", "Input:\n" + kHistory);
  write("tests/step/1-1.yaml", "Input: [\n");
  write("tests/step/readme.yaml", "no requirement");
  write(".hidden/3-1.yaml", "no requirement");
  const auto files = load_requirements(root_.string());
  ASSERT_TRUE(files.ok()) << files.status();
  ASSERT_EQ(files->size(), 3U);
  EXPECT_EQ((*files)[0].suite, "step");
  EXPECT_THAT(std::string((*files)[0].requirement.status().message()), HasSubstr("1-1.yaml:"));
  EXPECT_EQ((*files)[1].id, "2-9");
  ASSERT_TRUE((*files)[2].requirement.ok());
  EXPECT_EQ((*files)[2].requirement->id, "2-10");
  EXPECT_EQ((*files)[2].requirement->suite, "wait");
}

TEST_F(RequirementDirectory, MustExistAndHoldEachRequirementOnce) {
  EXPECT_THAT(std::string(load_requirements(root_.string()).status().message()),
              HasSubstr("requirements are in"));
  std::filesystem::create_directories(root_);
  EXPECT_THAT(std::string(load_requirements(root_.string()).status().message()),
              HasSubstr("no requirement"));
  write("a/1-1.yaml", "");
  write("b/1-1.yaml", "");
  EXPECT_THAT(std::string(load_requirements(root_.string()).status().message()),
              HasSubstr("each requirement once"));
}

}  // namespace
}  // namespace reprise::corpus
