#include "conformance/matcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace reprise::corpus {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Json json(const std::string& text) { return Json::parse(text); }

/// Whether `actual` fits, both as JSON.
bool fits(const std::string& expected, const std::string& actual, Bindings bindings = {}) {
  return match_value(json(expected), json(actual), "value", bindings).empty();
}

TEST(Matching, LetsAnEmptyObjectAndAStarStandForAnything) {
  for (const char* actual : {"null", "7", "\"text\"", "[1]", "{\"a\":1}"}) {
    EXPECT_TRUE(fits("{}", actual)) << actual;
    EXPECT_TRUE(fits("\"*\"", actual)) << actual;
  }
  EXPECT_FALSE(fits("\"**\"", "\"text\""));
  EXPECT_FALSE(fits("[]", "[1]"));
}

TEST(Matching, BindsAPlaceholderOnceAndComparesItThen) {
  EXPECT_TRUE(fits(R"(["${A}", "${A}", "${B}"])", R"([7, 7, 7])"));
  EXPECT_FALSE(fits(R"(["${A}", "${A}"])", R"([7, 8])"));
  EXPECT_FALSE(fits(R"(["${A}", "${A}"])", R"([7, "7"])"));
  EXPECT_TRUE(fits(R"(["${A}", "${A}"])", R"([{"x":1,"y":2}, {"y":2,"x":1}])"));
}

TEST(Matching, KeepsWhatWasBoundThoughTheRestFails) {
  Bindings bindings;
  EXPECT_THAT(match_value(json(R"({"Id":"${A}","Name":"n"})"), json(R"({"Id":"i","Name":"m"})"),
                          "event 2", bindings),
              ElementsAre("event 2/Name: expected \"n\", found \"m\""));
  ASSERT_NE(bindings.find("A"), nullptr);
  EXPECT_EQ(*bindings.find("A"), "i");
}

TEST(Matching, SearchesForRegularExpressions) {
  EXPECT_TRUE(fits(R"("${/b+/}")", R"("abbc")"));
  EXPECT_TRUE(fits(R"("${/^[0-5]$/}")", "4"));
  EXPECT_FALSE(fits(R"("${/^[0-5]$/}")", "14"));
  EXPECT_FALSE(fits(R"("${/b+/} and more")", R"("abbc")"));
  Bindings bindings;
  EXPECT_THAT(match_value(json(R"("${/(/}")"), json("1"), "value", bindings),
              ElementsAre(HasSubstr("no regular expression")));
}

TEST(Matching, DoesNotSearchInEndlessTexts) {
  Bindings bindings;
  EXPECT_THAT(match_value(json(R"("${/.*x/}")"), Json(std::string(100000, 'a')), "value", bindings),
              ElementsAre(HasSubstr("are not searched")));
}

TEST(Matching, WantsEveryExpectedMemberAndNoOther) {
  EXPECT_TRUE(fits(R"({"a":1})", R"({"a":1,"b":2})"));
  EXPECT_FALSE(fits(R"({"a":{}})", R"({"b":2})"));
  EXPECT_FALSE(fits(R"({"a":"*"})", R"({"b":2})"));
  EXPECT_TRUE(fits(R"({"a":null})", R"({"a":null})"));
  EXPECT_FALSE(fits(R"({"a":null})", "{}"));
  EXPECT_FALSE(fits(R"({"a":1})", "[1]"));
}

TEST(Matching, ComparesListsElementByElement) {
  EXPECT_TRUE(fits(R"([1,"*"])", "[1,2]"));
  EXPECT_FALSE(fits("[1]", "[1,2]"));
  EXPECT_FALSE(fits("[2,1]", "[1,2]"));
}

TEST(Matching, LooksAtTypes) {
  EXPECT_FALSE(fits("\"1\"", "1"));
  EXPECT_FALSE(fits("1", "\"1\""));
  EXPECT_TRUE(fits("1", "1.0"));
  EXPECT_TRUE(fits("1", "true"));
  EXPECT_FALSE(fits("1", "false"));
  EXPECT_FALSE(fits("0", "null"));
  EXPECT_TRUE(fits("\" a\"", "\" a\""));
  EXPECT_FALSE(fits("\"{\\\"a\\\": 1}\"", "\"{\\\"a\\\":1}\""));  // payloads are texts
}

TEST(Matching, ReplacesBoundNamesInsideTexts) {
  Bindings bindings;
  bindings.bind("A", "x");
  bindings.bind("N", 5);
  EXPECT_TRUE(fits(R"("<${A}${N}>")", R"("<x5>")", bindings));
  EXPECT_TRUE(fits(R"("<${B}>")", R"("<${B}>")", bindings));
  EXPECT_FALSE(fits(R"("${A}")", R"("y")", bindings));
  EXPECT_TRUE(fits(R"("${A} and ${")", R"("x and ${")", bindings));
}

TEST(Variables, AreGeneratedTheSameEachTime) {
  Requirement requirement;
  requirement.id = "1-1";
  requirement.variables = {
      {"A", "${GEN_STR:8}"}, {"B", "${GEN_STR:8}"}, {"C", "as it is"}, {"D", true}, {"E", 4},
      {"F", "x${GEN_STR:8}"}};
  const Bindings first(requirement);
  const Bindings second(requirement);
  const std::string a = first.find("A")->get<std::string>();
  EXPECT_EQ(a, second.find("A")->get<std::string>());
  EXPECT_THAT(a, testing::MatchesRegex("[a-z0-9]{8}"));
  EXPECT_NE(a, first.find("B")->get<std::string>());
  EXPECT_EQ(*first.find("C"), "as it is");
  EXPECT_EQ(*first.find("D"), "True");
  EXPECT_EQ(*first.find("E"), "4");
  EXPECT_EQ(*first.find("F"), "x${GEN_STR:8}");
  EXPECT_EQ(first.substitute(json(R"({"n":["${E}", 4]})")), json(R"({"n":["4", 4]})"));
}

std::vector<std::string> match_events(const std::string& expected, const std::string& events) {
  std::vector<ExpectedEvent> wanted;
  for (const Json& each : json(expected)) {
    wanted.push_back({each.at("EventId").get<std::int64_t>(), each});
  }
  Bindings bindings;
  return match_history(wanted, json(events).get<std::vector<Json>>(), bindings);
}

TEST(MatchingOfHistories, LooksEventsUpByTheirId) {
  const std::string events = R"([{"EventId":1,"EventType":"A"},{"EventId":2,"EventType":"B"},
                                 {"EventId":3,"EventType":"C"}])";
  EXPECT_THAT(match_events(R"([{"EventId":3,"EventType":"C"}])", events), IsEmpty());
  EXPECT_THAT(match_events(R"([{"EventId":4,"EventType":"D"}])", events),
              ElementsAre("event 4: expected D, found no such event"));
  EXPECT_THAT(match_events(R"([{"EventId":2,"EventType":"C"}])", events),
              ElementsAre("event 2/EventType: expected \"C\", found \"B\""));
}

TEST(MatchingOfHistories, TakesTheLastOfEventsWithOneId) {
  EXPECT_THAT(match_events(R"([{"EventId":1,"EventType":"B"}])",
                           R"([{"EventId":1,"EventType":"A"},{"EventId":1,"EventType":"B"}])"),
              IsEmpty());
}

std::vector<std::string> result(const std::string& expected, std::optional<std::string> actual,
                                const Bindings& bindings = {}) {
  ExpectedResult wanted;
  wanted.status = "SUCCEEDED";
  wanted.result = json(expected);
  return match_result(wanted, "SUCCEEDED", std::move(actual), bindings);
}

TEST(MatchingOfResults, ParsesTheResultOnce) {
  EXPECT_THAT(result(R"({"a":1,"b":[2]})", R"({"b":[2],"a":1})"), IsEmpty());
  EXPECT_THAT(result(R"({"a":1})", R"({"a":1,"b":2})"), SizeIs(1));
  EXPECT_THAT(result("null", std::nullopt), IsEmpty());
  EXPECT_THAT(result("null", "null"), IsEmpty());
  EXPECT_THAT(result(R"("no json")", "no json"), IsEmpty());
  EXPECT_THAT(result(R"("7")", R"("7")"), IsEmpty());
  EXPECT_THAT(result("7", R"("7")"), SizeIs(1));
  EXPECT_THAT(result(R"("\"7\"")", R"("\"7\"")"), IsEmpty());
}

TEST(MatchingOfResults, KnowsNoWildcardsButNames) {
  Bindings bindings;
  bindings.bind("A", 7);
  EXPECT_THAT(result(R"("*")", "7"), SizeIs(1));
  EXPECT_THAT(result("{}", "7"), SizeIs(1));
  EXPECT_THAT(result(R"(["${A}", "${A}!"])", R"([7, "7!"])", bindings), IsEmpty());
}

TEST(MatchingOfResults, ChecksTheStatusFirstAndNothingElseOfAFailure) {
  ExpectedResult wanted;
  wanted.status = "FAILED";
  wanted.result = Json(1);
  EXPECT_THAT(match_result(wanted, "FAILED", "2", {}), IsEmpty());
  EXPECT_THAT(match_result(wanted, "SUCCEEDED", "1", {}),
              ElementsAre("status: expected \"FAILED\", found \"SUCCEEDED\""));
}

class MatchingOfLogs : public testing::Test {
 protected:
  void add(std::int64_t time, const std::string& fields) {
    records_.push_back({json(fields), time});
  }
  std::vector<std::string> check(const LogExpectation& expectation) {
    return match_logs({expectation}, records_, bindings_);
  }
  std::size_t problems(const std::string& matcher) {
    LogExpectation expectation;
    expectation.match = json(matcher);
    return check(expectation).size();
  }
  std::vector<LogRecord> records_;
  Bindings bindings_;
};

TEST_F(MatchingOfLogs, ComparesFields) {
  add(1, R"({"message":" hello Ann ","n":1,"on":true,"level":"INFO"})");
  bindings_.bind("WHO", "Ann");
  EXPECT_EQ(problems(R"({"message":"hello ${WHO}"})"), 0U);
  EXPECT_EQ(problems(R"({"message":"hello"})"), 1U);
  EXPECT_EQ(problems(R"({"message":"/l+o ${WHO}/"})"), 0U);
  EXPECT_EQ(problems(R"({"message":"/^h/"})"), 1U);
  EXPECT_EQ(problems(R"({"n":1.0})"), 0U);
  EXPECT_EQ(problems(R"({"n":true})"), 1U);
  EXPECT_EQ(problems(R"({"on":1})"), 1U);
  EXPECT_EQ(problems(R"({"on":true})"), 0U);
  EXPECT_EQ(problems(R"({"level":"INFO","n":1})"), 0U);
  EXPECT_EQ(problems(R"({"level":"INFO","n":2})"), 1U);
  EXPECT_EQ(problems(R"({"missing":"/.*/"})"), 1U);
  EXPECT_EQ(problems(R"({"message":"/(/"})"), 1U);
}

TEST_F(MatchingOfLogs, Counts) {
  for (int i = 0; i < 3; ++i) add(i, R"({"message":"a"})");
  LogExpectation expectation;
  expectation.match = json(R"({"message":"a"})");
  EXPECT_THAT(check(expectation), IsEmpty());
  expectation.count = 3;
  EXPECT_THAT(check(expectation), IsEmpty());
  expectation.count = 2;
  EXPECT_THAT(check(expectation), ElementsAre(HasSubstr("expected 2 records, found 3")));
  expectation.count.reset();
  expectation.min_count = 4;
  EXPECT_THAT(check(expectation), SizeIs(1));
  expectation.min_count = 3;
  expectation.max_count = 3;
  EXPECT_THAT(check(expectation), IsEmpty());
  expectation.max_count = 2;
  EXPECT_THAT(check(expectation), SizeIs(1));
  LogExpectation none;
  none.match = json(R"({"message":"b"})");
  EXPECT_THAT(check(none), ElementsAre(HasSubstr("at least 1")));
  none.count = 0;
  EXPECT_THAT(check(none), IsEmpty());
}

TEST_F(MatchingOfLogs, Orders) {
  add(1, R"({"message":"a"})");
  add(2, R"({"message":"a"})");
  add(2, R"({"message":"b"})");
  add(3, R"({"message":"c"})");
  LogExpectation expectation;
  expectation.match = json(R"({"message":"a"})");
  expectation.before = {json(R"({"message":"b"})"), json(R"({"message":"c"})")};
  EXPECT_THAT(check(expectation), IsEmpty());  // an equal time will do
  expectation.before.clear();
  expectation.after = {json(R"({"message":"b"})")};
  EXPECT_THAT(check(expectation), ElementsAre(HasSubstr("another order")));
  expectation.match = json(R"({"message":"c"})");
  EXPECT_THAT(check(expectation), IsEmpty());
  expectation.after = {json(R"({"message":"d"})")};
  EXPECT_THAT(check(expectation), ElementsAre(HasSubstr("found none")));
}

TEST_F(MatchingOfLogs, TakesTheRecordsOfTheExecution) {
  const auto of = [](const std::string& fields) { return LogRecord{json(fields), 0}; };
  EXPECT_TRUE(belongs_to(of(R"({"executionArn":"arn"})"), "arn"));
  EXPECT_TRUE(belongs_to(of(R"({"durableExecutionArn":"arn"})"), "arn"));
  EXPECT_FALSE(belongs_to(of(R"({"executionArn":"other"})"), "arn"));
  EXPECT_FALSE(belongs_to(of(R"({"message":"arn"})"), "arn"));
}

TEST(SpacedJson, IsWhatTheOutsideWorldSends) {
  EXPECT_EQ(spaced_json(json(R"({"a":[1,true,null],"b":{"c":"é"}})")),
            R"({"a": [1, true, null], "b": {"c": "\u00e9"}})");
  EXPECT_EQ(spaced_json(Json("x")), "\"x\"");
  EXPECT_EQ(spaced_json(Json::array()), "[]");
}

}  // namespace
}  // namespace reprise::corpus
