// What REPRISE_PROP promises: reprise/testing/rapidcheck.h.

#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "reprise/fakes/mailer.h"
#include "reprise/testing/property_case.h"
#include "reprise/testing/rapidcheck.h"

namespace reprise {
namespace {

using fakes::Mailer;
using testing::HasSubstr;

/// Sends a mail for each of `count`; only the first one has a key.
struct Send {
  Mailer& mailer;

  Task<int> operator()(DurableContext ctx, int count) {
    for (int i = 0; i < count; ++i) {
      const std::string key = i == 0 ? "first" : "";
      co_await ctx.step("send", [&] { mailer.send("ann", "Hello", "", key); });
    }
    co_return count;
  }
};

void intercept(void (*property)(), testing::TestPartResultArray& results) {
  const testing::ScopedFakeTestPartResultReporter reporter(
      testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &results);
  property();
}

std::vector<std::string> failures_of(void (*property)()) {
  testing::TestPartResultArray results;
  intercept(property, results);
  std::vector<std::string> failures;
  for (int i = 0; i < results.size(); ++i)
    failures.emplace_back(results.GetTestPartResult(i).message());
  return failures;
}

void sends_each_mail_once(int drawn) {
  Mailer mailer;
  Scenario scenario("send", Send{mailer}, std::abs(drawn) % 7);
  scenario.world(mailer);
  EXPECT_DURABLE(scenario);
}

TEST(ReprisePropFails, WithTheSmallestInputAndOneFixture) {
  const std::string fixture =
      "reprise_fixtures/reprise_prop_fails_with_the_smallest_input_and_one_fixture_send_"
      "duplicate_effect.json";
  std::filesystem::remove(fixture);
  const auto failures = failures_of([] { internal::check_property(&sends_each_mail_once, 0); });
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_THAT(failures[0], HasSubstr("std::tuple<int>:\n(2)"));
  EXPECT_THAT(failures[0], HasSubstr("1 event: crash after effect 1 of send/send#2, attempt 1"));
  EXPECT_THAT(failures[0], HasSubstr("seed --reprise_seed="));
  const absl::StatusOr<Fixture> written = load_fixture(fixture);
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_EQ(written->input, 2);
  EXPECT_THAT(written->drawn, HasSubstr("reproduce="));
  EXPECT_FALSE(std::filesystem::exists(fixture.substr(0, fixture.size() - 5) + "_2.json"));
}

void sends_mails_under_a_drawn_schedule(int drawn) {
  Mailer mailer;
  Scenario scenario("send", Send{mailer}, std::abs(drawn) % 7);
  scenario.world(mailer);
  const Schedule schedule = *gen::schedules(scenario);
  EXPECT_DURABLE_UNDER(scenario, schedule);
}

// The scenario is gone when RapidCheck asks for smaller schedules.
TEST(ReprisePropFails, WithTheSmallestOfTheSchedulesThatItDraws) {
  const auto failures =
      failures_of([] { internal::check_property(&sends_mails_under_a_drawn_schedule, 0); });
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_THAT(failures[0], HasSubstr("reprise::Schedule:\n1 event: crash"));
  EXPECT_THAT(failures[0], HasSubstr("DUPLICATE_EFFECT send/send#"));
}

TEST(ReprisePropFails, InTheSameWordsEveryTime) {
  const auto fail = [] { internal::check_property(&sends_each_mail_once, 0); };
  const std::string before = failures_of(fail).at(0);
  std::string again = failures_of(fail).at(0);
  // A test that fails twice has two files.
  for (std::size_t at; (at = again.find("_2.json")) != std::string::npos;) again.erase(at, 2);
  EXPECT_EQ(again, before);
}

void replays_what_it_drew(int drawn) { sends_each_mail_once(drawn); }

TEST(ReprisePropReplays, TheCaseOfItsFixture) {
  const auto failures = failures_of([] { internal::check_property(&replays_what_it_drew, 0); });
  ASSERT_EQ(failures.size(), 1U);
  const std::string path =
      "reprise_fixtures/reprise_prop_replays_the_case_of_its_fixture_send_duplicate_effect.json";
  const absl::StatusOr<Fixture> fixture = load_fixture(path);
  ASSERT_TRUE(fixture.ok()) << fixture.status();
  internal::PropertyRun run;
  run.replay(*fixture);
  const auto drawn = rc::detail::configFromString(fixture->drawn);
  rc::detail::TestListenerAdapter silent;
  rc::detail::TestMetadata metadata;
  metadata.id = metadata.description = internal::property_id();
  const auto property = [&](int given) {
    const std::string said = run.run_case([&] { sends_each_mail_once(given); });
    RC_ASSERT(said.empty());
  };
  rc::detail::checkTestable(property, metadata, rc::detail::TestParams(), silent, drawn.reproduce);
  EXPECT_THAT(run.replayed(), HasSubstr("reproduces"));
  EXPECT_FALSE(run.replay_passes());
}

void expects_small_numbers_in_a_handler(int drawn) {
  const auto check = [](DurableContext ctx, int given) -> Task<int> {
    int number = co_await ctx.step("number", [&] { return given; });
    EXPECT_LT(number, 5);
    co_return number;
  };
  Scenario scenario("check", check, drawn);
  EXPECT_DURABLE_SAMPLED(scenario, 5);
}

TEST(ReprisePropFails, WhereAnExpectationInAHandlerDoes) {
  const auto failures =
      failures_of([] { internal::check_property(&expects_small_numbers_in_a_handler, 0); });
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_THAT(failures[0], HasSubstr("std::tuple<int>:\n(5)"));
  EXPECT_THAT(failures[0], HasSubstr("INVARIANT"));
}

void asserts_in_its_body(int drawn) {
  if (drawn % 2 != 0) GTEST_SKIP() << "odd";
  ASSERT_LT(drawn, 4) << "too large";
}

TEST(ReprisePropFails, WhereAnAssertionInItsBodyDoes) {
  const auto failures = failures_of([] { internal::check_property(&asserts_in_its_body, 0); });
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_THAT(failures[0], HasSubstr("std::tuple<int>:\n(4)"));
  EXPECT_THAT(failures[0], HasSubstr("too large"));
}

void asserts_in_the_way_of_rapidcheck(int drawn) { RC_ASSERT(drawn < 3); }

TEST(ReprisePropFails, WhereRapidCheckSaysSo) {
  const auto failures =
      failures_of([] { internal::check_property(&asserts_in_the_way_of_rapidcheck, 0); });
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_THAT(failures[0], HasSubstr("std::tuple<int>:\n(3)"));
}

int cases_seen = 0;
void counts_cases(int) { ++cases_seen; }

TEST(RepriseProp, RunsAHundredCasesOrAsManyAsItSays) {
  cases_seen = 0;
  internal::check_property(&counts_cases, 0);
  EXPECT_EQ(cases_seen, 100);
  cases_seen = 0;
  internal::check_property(&counts_cases, 7);
  EXPECT_EQ(cases_seen, 7);
}

REPRISE_PROP(RepriseProp, DrawsSchedulesWhosePlacesArePassed, (bool large)) {
  Mailer mailer;
  Scenario scenario("send", Send{mailer}, large ? 3 : 1);
  scenario.world(mailer);
  const Schedule schedule = *gen::schedules(scenario, 3);
  EXPECT_LE(schedule.size(), 3U);
  const RunRecord record = run(scenario, schedule);
  EXPECT_TRUE(record.unreached.empty());
  EXPECT_EQ(record.crashes, static_cast<int>(schedule.size()));
}

REPRISE_PROP(RepriseProp, DrawsTextsThatAreStoredAsTheyAre, ()) {
  const nlohmann::json value = *gen::json_value(2);
  const auto echo = [](DurableContext ctx, nlohmann::json given) -> Task<nlohmann::json> {
    nlohmann::json same = co_await ctx.step("echo", [&] { return given; });
    co_return same;
  };
  Scenario scenario("echo", echo, value);
  EXPECT_EQ(run(scenario).outcomes.front().result, value.dump());
}

void draws_what_is_no_utf8() {
  const auto echo = [](DurableContext ctx, std::string given) -> Task<std::string> {
    std::string same = co_await ctx.step("echo", [&] { return given; });
    co_return same;
  };
  Scenario scenario("echo", echo, std::string("\xff"));
}

TEST(ReprisePropFails, WithTheNameOfAnInputThatIsNoUtf8) {
  const auto failures = failures_of([] { internal::check_property(&draws_what_is_no_utf8, 0); });
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_THAT(failures[0], HasSubstr("the input of \"echo\" cannot be stored as JSON: "));
  EXPECT_THAT(failures[0], HasSubstr("invalid UTF-8 byte at index 0"));
}

TEST(ReprisePropFails, AtTheLineOfTheProperty) {
  const int line = __LINE__ + 1;
  const auto fail = [] { internal::check_property(&asserts_in_its_body, 0); };
  testing::TestPartResultArray results;
  intercept(fail, results);
  ASSERT_EQ(results.size(), 1);
  EXPECT_EQ(results.GetTestPartResult(0).line_number(), line);
  EXPECT_THAT(results.GetTestPartResult(0).file_name(), testing::EndsWith("front_end_test.cc"));
}

TEST(Sample, FindsWhatACrashShowsAndSaysThatItWasASample) {
  Mailer mailer;
  Scenario scenario("send", Send{mailer}, 2);
  scenario.world(mailer);
  SampleOptions sampling;
  sampling.runs = 200;
  const Exploration found = sample(scenario, sampling);
  ASSERT_EQ(found.findings.size(), 1U);
  EXPECT_EQ(found.findings[0].schedule.size(), 1U);

  Scenario sound("send", Send{mailer}, 1);
  sound.world(mailer);
  const Exploration silent = sample(sound, sampling);
  EXPECT_TRUE(silent.sound());
  EXPECT_FALSE(silent.certificate.closed);
  EXPECT_THAT(silent.certificate.text(), HasSubstr("sampled; "));
  EXPECT_THAT(silent.certificate.text(), HasSubstr("200 runs of schedules drawn from seed 1"));
}

TEST(TrySchedule, JudgesOneScheduleAndShrinksIt) {
  Mailer mailer;
  Scenario scenario("send", Send{mailer}, 3);
  scenario.world(mailer);
  Schedule schedule;
  ScheduleEvent crash;
  crash.place.kind = PointKind::kEffect;
  crash.place.moment = Moment::kAfter;
  crash.place.attempt = 1;
  crash.place.effect = 1;
  for (const char* operation : {"send/send#1", "send/send#3"}) {
    crash.place.operation = operation;
    schedule.events.push_back(crash);
  }
  const Exploration found = try_schedule(scenario, schedule);
  ASSERT_EQ(found.findings.size(), 1U);
  EXPECT_EQ(found.findings[0].finding.operation, "send/send#3");
  EXPECT_EQ(found.findings[0].schedule.size(), 1U);

  crash.place.operation = "send/nowhere#1";
  schedule.events.push_back(crash);
  const auto stale = internal::check_under("", "schedule", scenario, schedule);
  EXPECT_FALSE(stale);
  EXPECT_THAT(stale.message(), HasSubstr("schedule is STALE"));
}

}  // namespace
}  // namespace reprise
