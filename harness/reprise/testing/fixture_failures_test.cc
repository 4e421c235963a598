// What a fixture's test says when it fails.

#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "reprise/testing/testing.h"
#include "reprise/world/effect.h"

namespace reprise {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// Counts twice what a crash repeats.
struct CountScenario {
  struct Counter {
    int count = 0;
    friend bool operator==(const Counter&, const Counter&) = default;
  };
  Counter counter;

  Scenario scenario() {
    auto handler = [this](DurableContext ctx) -> Task<> {
      co_await ctx.step("count", [&] {
        effect({.target = "counter", .action = "count"}, [&](EffectOutcome&) { ++counter.count; });
      });
    };
    Scenario scenario("fixture-failures", handler);
    scenario.world(counter);
    return scenario;
  }
};
REPRISE_REGISTER_SCENARIO("fixture-failures", CountScenario);

class FixtureFailures : public testing::Test {
 protected:
  Fixture found() const {
    CountScenario definition;
    Scenario scenario = definition.scenario();
    const Exploration exploration = explore(scenario);
    return fixture_of(scenario.program(), exploration.findings.at(0));
  }
  /// The only failure of the test that this fixture makes at line 77 of "user_test.cc".
  testing::TestPartResult failure_of(const Fixture& fixture) {
    EXPECT_TRUE(save_fixture(path_, fixture).ok());
    return failure_of_file();
  }
  testing::TestPartResult failure_of_file() {
    testing::TestPartResultArray results;
    {
      const testing::ScopedFakeTestPartResultReporter reporter(
          testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &results);
      internal::check_fixture(path_, "user_test.cc", 77);
    }
    if (results.size() == 1) return results.GetTestPartResult(0);
    return {testing::TestPartResult::kSuccess, "no failure", 0, "no failure"};
  }

  const std::string path_ = testing::TempDir() + "/reprise_fixture_failures.json";
};

TEST_F(FixtureFailures, PointAtTheLineOfTheUserAndTheFile) {
  const testing::TestPartResult failure = failure_of(found());  // it was not mended
  EXPECT_STREQ(failure.file_name(), "user_test.cc");
  EXPECT_EQ(failure.line_number(), 77);
  EXPECT_THAT(
      failure.message(),
      StartsWith("Failed\n" + path_ + ": expected \"no longer fails\", found \"reproduces\""));
  EXPECT_THAT(failure.message(), HasSubstr("DUPLICATE_EFFECT"));
}

TEST_F(FixtureFailures, AreNoneWhenTheFixtureIsMeantToFail) {
  Fixture fixture = found();
  fixture.expect = Fixture::Expect::kFailing;
  EXPECT_EQ(failure_of(fixture).type(), testing::TestPartResult::kSuccess);
}

TEST_F(FixtureFailures, NameTheScenarioThatIsMissing) {
  Fixture fixture = found();
  fixture.scenario = "fixture-failures-elsewhere";
  const testing::TestPartResult failure = failure_of(fixture);
  EXPECT_STREQ(failure.file_name(), "user_test.cc");
  EXPECT_THAT(failure.message(), StartsWith("Failed\n" + path_ + ": /scenario: no scenario"));
}

TEST_F(FixtureFailures, NameTheFileThatCannotBeRead) {
  std::ofstream(path_) << "{";
  const testing::TestPartResult failure = failure_of_file();
  EXPECT_STREQ(failure.file_name(), "user_test.cc");
  EXPECT_THAT(failure.message(), StartsWith("Failed\n" + path_));
}

}  // namespace
}  // namespace reprise
