// What a handler does with the calls: found under the verdict of the consequence when they matter,
// a note when they do not.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <time.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "reprise/guard/guard_test_support.h"
#include "reprise/report/text_report.h"
#include "reprise/testing/testing.h"

namespace {

using guard_test::calls;
using reprise::DurableContext;
using reprise::Exploration;
using reprise::ExploreOptions;
using reprise::Scenario;
using reprise::ScheduleEvent;
using reprise::Task;
using reprise::Verdict;
using std::chrono::system_clock;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

template <class H>
Exploration explored(H handler, const ExploreOptions& options = {}) {
  Scenario scenario("order", handler);
  scenario.options(options);
  return reprise::explore(scenario);
}

std::vector<std::string> verdicts(const Exploration& exploration) {
  std::vector<std::string> found;
  for (const reprise::ReportedFinding& each : exploration.findings) {
    found.emplace_back(to_string(each.finding.verdict));
  }
  return found;
}

bool varies_only(const reprise::Schedule& schedule, reprise::HiddenInput input) {
  return schedule.events.size() == 1 && schedule.events[0].kind == ScheduleEvent::Kind::kVary &&
         schedule.events[0].input == input;
}

TEST(Influence, FindsADeadlineThatIsFarAway) {
  const auto handler = [](DurableContext ctx) -> Task<> {
    const auto term = std::chrono::hours(24 * 30);
    const auto due = co_await ctx.step(
        "bill", [&] { return std::int64_t{system_clock::to_time_t(system_clock::now() + term)}; });
    const bool late = system_clock::to_time_t(system_clock::now()) > due;
    if (late) co_await ctx.step("late-fee", [] {});
    co_await ctx.step("archive", [] {});
  };
  EXPECT_THAT(verdicts(explored(handler)), Contains("DIVERGENT_OP"));
}

// ND06: the order in which a hash table of the standard library lists its elements.
TEST(Influence, FindsTheOrderOfAHashTableInControlFlow) {
  const auto handler = [](DurableContext ctx) -> Task<> {
    std::unordered_map<std::string, int> lines;
    for (const char* sku : {"lamp", "desk", "chair"}) ++lines[sku];
    for (const auto& line : lines) co_await ctx.step("reserve-" + line.first, [] {});
  };
  const Exploration exploration = explored(handler);
  ASSERT_THAT(verdicts(exploration), Contains("DIVERGENT_OP"));
  const std::vector<ScheduleEvent>& events = exploration.findings[0].schedule.events;
  EXPECT_EQ(events.back().input, reprise::HiddenInput::kUnorderedOrder);
}

TEST(Influence, LeavesAHashTableUsableThatWasMadeBefore) {
  std::unordered_map<std::string, int> prices = {{"lamp", 3}, {"desk", 90}, {"chair", 40}};
  const auto handler = [&](DurableContext ctx) -> Task<int> {
    int sum = 0;
    for (int i = 0; i < 40; ++i) prices.try_emplace("extra-" + std::to_string(i), 1);
    co_await ctx.step("read", [] {});
    for (const auto& entry : prices) sum += prices.at(entry.first);
    co_return sum;
  };
  EXPECT_THAT(verdicts(explored(handler)), IsEmpty());
}

// ND01: the parity of the second decides, as a date would.
TEST(Influence, FindsTheClockInControlFlow) {
  std::string line;
  const auto handler = [&](DurableContext ctx) -> Task<> {
    line = LINE_AT(1);
    const auto seconds = system_clock::to_time_t(system_clock::now());
    if (seconds % 2 == 1) co_await ctx.step("late-fee", [] {});
    co_await ctx.step("bill", [] {});
  };
  const Exploration exploration = explored(handler);
  ASSERT_THAT(verdicts(exploration), Contains("DIVERGENT_OP"));
  const reprise::ReportedFinding& reported = exploration.findings[0];
  EXPECT_THAT(reported.finding.where,
              Contains("the handler reads the clock: clock_gettime called at " + line));
  EXPECT_FALSE(exploration.certificate.closed);
}

// ND01: a loop that runs until a time has passed makes another number of operations on a host whose
// clock runs at another rate.
TEST(Influence, FindsALoopThatRunsUntilATimeHasPassed) {
  const auto handler = [](DurableContext ctx) -> Task<> {
    const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(20);
    while (std::chrono::steady_clock::now() < until) co_await ctx.step("poll", [] {});
    co_await ctx.wait("pause", absl::Seconds(1));
  };
  const Exploration exploration = explored(handler);
  ASSERT_THAT(verdicts(exploration), Contains("DIVERGENT_OP"));
  EXPECT_TRUE(varies_only(exploration.findings[0].schedule, reprise::HiddenInput::kClockRate))
      << describe(exploration.findings[0].schedule);
}

// ND02.
TEST(Influence, FindsRandomNumbersInControlFlow) {
  std::string line;
  const auto handler = [&](DurableContext ctx) -> Task<> {
    line = LINE_AT(1);
    std::mt19937 generator{std::random_device{}()};
    const bool heads = (generator() & 1) != 0;
    co_await ctx.step(heads ? "a" : "b", [] {});
    co_await ctx.wait("w", absl::Seconds(1));
    co_await ctx.step("c", [] {});
  };
  const Exploration exploration = explored(handler);
  ASSERT_THAT(verdicts(exploration), Contains("DIVERGENT_OP"));
  EXPECT_THAT(exploration.findings[0].finding.where,
              Contains("the handler reads entropy: std::random_device called at " + line));
}

// ND03.
TEST(Influence, FindsAFreshKeyInAnArgument) {
  const auto handler = [](DurableContext ctx) -> Task<int> {
    const std::string key = std::to_string(rand());
    const int paid = co_await ctx.invoke<int>("pay", "pay", key);
    co_return paid;
  };
  Scenario scenario("order", handler);
  scenario.function("pay", [](std::string) { return 1; });
  EXPECT_FINDS(scenario, Verdict::kDivergentArg, 1);
}

TEST(Influence, IsSilentAboutAGeneratorWithASeedOfItsOwn) {
  const auto handler = [](DurableContext ctx) -> Task<int> {
    srand(7);
    co_await ctx.step(rand() % 2 == 0 ? "a" : "b", [] {});
    const int last = rand();
    co_return last;
  };
  const Exploration exploration = explored(handler);
  EXPECT_THAT(verdicts(exploration), IsEmpty());
  EXPECT_THAT(exploration.notes, IsEmpty());
  EXPECT_TRUE(exploration.certificate.closed);
}

// ND04, for a variable that is set and for one that is not.
void expect_that_the_environment_is_named(const char* variable) {
  std::string line;
  const auto handler = [&](DurableContext ctx) -> Task<> {
    line = LINE_AT(1);
    const bool is_set = getenv(variable) != nullptr;
    co_await ctx.step(is_set ? "v2" : "v1", [] {});
    co_await ctx.wait("w", absl::Seconds(1));
  };
  const Exploration exploration = explored(handler);
  ASSERT_THAT(verdicts(exploration), ElementsAre("DIVERGENT_OP"));
  const reprise::ReportedFinding& reported = exploration.findings[0];
  EXPECT_TRUE(varies_only(reported.schedule, reprise::HiddenInput::kEnvironment));
  EXPECT_THAT(reported.finding.where,
              Contains("the handler reads the environment: getenv called at " + line));
  const std::string report = text_report(reported, exploration.certificate, {});
  EXPECT_THAT(report, HasSubstr("the handler reads the environment: getenv"));
  EXPECT_THAT(report, testing::Not(HasSubstr("\n  note"))) << "said once";
}
TEST(Influence, FindsAnEnvironmentVariableThatDecides) {
  expect_that_the_environment_is_named("PATH");
}
TEST(Influence, FindsAnEnvironmentVariableThatDecidesAndIsNotSetHere) {
  expect_that_the_environment_is_named("GUARD_TEST_UNSET");
}

TEST(Influence, FindsAResultThatDependsOnTheClock) {
  const auto handler = [](DurableContext ctx) -> Task<long> {
    co_await ctx.step("s", [] {});
    const long now = time(nullptr);
    co_return now;
  };
  const Exploration exploration = explored(handler);
  ASSERT_THAT(verdicts(exploration), ElementsAre("UNSTABLE_OUTCOME"));
  EXPECT_THAT(exploration.findings[0].finding.where,
              Contains(HasSubstr("reads the clock: time called at influence_test.cc:")));
}

// SU04.
TEST(Influence, FindsASleepAndDoesNotSleep) {
  const auto handler = [](DurableContext ctx) -> Task<> {
    co_await ctx.step("before", [] {});
    std::this_thread::sleep_for(std::chrono::hours(240));
    co_await ctx.step("after", [] {});
  };
  Scenario scenario("order", handler);
  EXPECT_FINDS(scenario, Verdict::kAmbientCall, 0);
}

TEST(Influence, ExploresAHandlerThatSleeps) {
  const auto handler = [](DurableContext ctx) -> Task<long> {
    std::this_thread::sleep_for(std::chrono::hours(1));
    co_await ctx.step("s", [] {});
    const long now = time(nullptr);
    co_return now;
  };
  EXPECT_THAT(verdicts(explored(handler)), ElementsAre("AMBIENT_CALL", "UNSTABLE_OUTCOME"));
}

// CC01.
TEST(Influence, FindsAThreadInTheHandler) {
  const auto handler = [](DurableContext ctx) -> Task<> {
    int sum = 0;
    std::thread([&] { sum = 1; }).join();
    co_await ctx.step("x", [&] { return sum; });
  };
  Scenario scenario("order", handler);
  EXPECT_FINDS(scenario, Verdict::kBoundary, 0);
}

// X01.
TEST(Influence, KeepsToANoteAboutAClockInALogLine) {
  std::string line;
  const auto handler = [&](DurableContext ctx) -> Task<int> {
    line = LINE_AT(1);
    ctx.logger().info("woken at " + std::to_string(time(nullptr)));
    const int answer = co_await ctx.step("answer", [] { return 42; });
    co_return answer;
  };
  const Exploration exploration = explored(handler);
  EXPECT_THAT(verdicts(exploration), IsEmpty());
  EXPECT_TRUE(exploration.certificate.closed);
  EXPECT_THAT(exploration.notes, ElementsAre("reads the clock: time called at " + line));
}

TEST(Influence, ReportsTheLogLineInStrictMode) {
  const auto handler = [](DurableContext ctx) -> Task<int> {
    ctx.logger().info("woken at " + std::to_string(time(nullptr)));
    const int answer = co_await ctx.step("answer", [] { return 42; });
    co_return answer;
  };
  Scenario scenario("order", handler);
  ExploreOptions options;
  options.strict_ambient_calls = true;
  scenario.options(options);
  EXPECT_FINDS(scenario, Verdict::kAmbientCall, 0);
  // Its fixture is replayed as strictly.
  const Exploration exploration = reprise::explore(scenario);
  ASSERT_THAT(exploration.findings, SizeIs(1));
  const reprise::Fixture fixture = reprise::fixture_of(scenario.program(), exploration.findings[0]);
  EXPECT_EQ(reprise::replay_fixture(scenario, fixture).outcome,
            reprise::FixtureOutcome::kReproduces);
}

// X03.
TEST(Influence, IsSilentAboutWhatStepBodiesRead) {
  const auto handler = [](DurableContext ctx) -> Task<std::string> {
    const std::string read = co_await ctx.step("read", [] {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      const char* path = getenv("PATH");
      return std::to_string(time(nullptr)) + "/" + std::to_string(std::random_device{}()) + "/" +
             std::to_string(rand()) + "/" + (path != nullptr ? path : "");
    });
    co_await ctx.wait("w", absl::Hours(1));
    co_return read;
  };
  const Exploration exploration = explored(handler);
  EXPECT_THAT(verdicts(exploration), IsEmpty());
  EXPECT_THAT(exploration.notes, IsEmpty());
  EXPECT_TRUE(exploration.certificate.closed);
}

TEST(Values, AreThoseOfTheRunInAStepBody) {
  const auto handler = [](DurableContext ctx) -> Task<std::string> {
    co_await ctx.wait("w", absl::Hours(1));
    const std::string read = co_await ctx.step(
        "read", [] { return std::to_string(time(nullptr)) + "/" + std::to_string(rand()); });
    co_return read;
  };
  Scenario scenario("order", handler);
  const std::string first = reprise::run(scenario, {}).outcomes[0].result.str();
  EXPECT_EQ(first, reprise::run(scenario, {}).outcomes[0].result.str());
  EXPECT_THAT(first, HasSubstr("1767229200/")) << "the virtual clock began at 2026-01-01T00:00:00Z";
}

TEST(Values, SleepingInAStepBodyTakesVirtualTime) {
  const auto handler = [](DurableContext ctx) -> Task<long> {
    const long slept_s = co_await ctx.step("nap", [] {
      const auto before = std::chrono::steady_clock::now();
      std::this_thread::sleep_for(std::chrono::hours(1000));
      const auto slept = std::chrono::steady_clock::now() - before;
      return static_cast<long>(std::chrono::duration_cast<std::chrono::seconds>(slept).count());
    });
    co_return slept_s;
  };
  Scenario scenario("order", handler);
  const reprise::RunRecord record = reprise::run(scenario, {});
  EXPECT_EQ(record.outcomes[0].result, "3600000");
  EXPECT_EQ(record.virtual_ms, 3600000000);
}

TEST(Values, ALoopUntilADeadlineEnds) {
  const auto handler = [](DurableContext ctx) -> Task<int> {
    const int readings = co_await ctx.step("spin", [] {
      int count = 0;
      const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(10);
      while (std::chrono::steady_clock::now() < until) ++count;
      return count;
    });
    co_return readings;
  };
  Scenario scenario("order", handler);
  EXPECT_EQ(reprise::run(scenario, {}).outcomes[0].result, "34640");
}

TEST(Values, AWaitWithADeadlineEnds) {
  const auto handler = [](DurableContext ctx) -> Task<std::string> {
    co_await ctx.wait("a-century", absl::Hours(24 * 365));
    const std::string ends = co_await ctx.step("wait", [] {
      std::mutex mutex;
      std::condition_variable never;
      std::unique_lock<std::mutex> lock(mutex);
      const auto steady = never.wait_for(lock, std::chrono::milliseconds(1));
      const auto wall = never.wait_until(lock, system_clock::now() + std::chrono::milliseconds(1));
      const bool both = steady == std::cv_status::timeout && wall == std::cv_status::timeout;
      return std::string(both ? "timed out" : "woken");
    });
    co_return ends;
  };
  Scenario scenario("order", handler);
  EXPECT_EQ(reprise::run(scenario, {}).outcomes[0].result, "\"timed out\"");
}

TEST(Attribution, DoesNotBlameTheHandlerForGoogleTest) {
  const auto handler = [](DurableContext ctx) -> Task<> {
    EXPECT_EQ(1, 2) << "a failure that GoogleTest reports while the handler runs";
    co_await ctx.step("s", [] {});
  };
  Scenario scenario("order", handler);
  const Exploration exploration = reprise::explore(scenario);
  EXPECT_THAT(verdicts(exploration), ElementsAre("INVARIANT"));
  EXPECT_THAT(exploration.notes, IsEmpty());
}

TEST(Attribution, DoesNotBlameTheHandlerForAnObserver) {
  struct Stopwatch : reprise::HandlerObserver {
    long at = 0;
    void operation_started(const reprise::ObservedOperation&, bool) override { at = time(nullptr); }
  };
  const auto stopwatch = std::make_shared<Stopwatch>();
  const auto handler = [](DurableContext ctx) -> Task<> { co_await ctx.step("s", [] {}); };
  Scenario scenario("order");
  reprise::Function function;
  function.config.name = "order";
  function.handler = reprise::make_handler(handler, reprise::HandlerOptions().observer(stopwatch));
  scenario.program().functions.push_back(function);
  scenario.program().starts.push_back({"order:$LATEST", "order", {}, {}});
  EXPECT_THAT(calls(reprise::run(scenario, {})), IsEmpty());
  EXPECT_EQ(stopwatch->at, 1767225600) << "it was told";
}

// A call in a function of the handler: the line is that of the innermost own function.
__attribute__((noinline)) long helper() { return time(nullptr) + 1; }

TEST(Attribution, NamesTheInnermostFunctionOfTheProgram) {
  const auto handler = [](DurableContext) -> Task<long> {
    const long now = helper();
    co_return now;
  };
  Scenario scenario("order", handler);
  const reprise::RunRecord record = reprise::run(scenario, {});
  ASSERT_THAT(record.ambient, SizeIs(1));
  EXPECT_THAT(record.ambient[0].symbol, HasSubstr("helper"));
  EXPECT_EQ(record.ambient[0].execution, "order");
  EXPECT_EQ(record.ambient[0].invocation, 1);
}

TEST(Attribution, TellsEachPlaceOnce) {
  const auto handler = [](DurableContext ctx) -> Task<> {
    for (int i = 0; i < 3; ++i) {
      time(nullptr);
      co_await ctx.wait("w", absl::Seconds(1));
    }
  };
  Scenario scenario("order", handler);
  EXPECT_THAT(calls(reprise::run(scenario, {})), SizeIs(1));
}

}  // namespace
