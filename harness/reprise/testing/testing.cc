#include "reprise/testing/testing.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <utility>
#include <vector>

#include "reprise/checks/checks.h"
#include "reprise/report/text_report.h"
#include "reprise/testing/flags.h"

namespace reprise {
namespace {

namespace fs = std::filesystem;

std::string test_name(const std::string& otherwise) {
  const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
  if (test == nullptr) return otherwise;
  return std::string(test->test_suite_name()) + "." + test->name();
}

/// The report of a finding.  A fixture is written, and its path added to `written`, unless that is
/// null.
std::string report_of(Scenario& scenario, const ReportedFinding& reported,
                      const Certificate& certificate, std::vector<std::string>* written) {
  const internal::TestFlags& flags = internal::TestFlags::of_process();
  ReportContext context;
  context.test = test_name(scenario.name());
  std::string problem;
  if (written != nullptr) {
    const absl::StatusOr<std::string> path =
        save_fixture_in(flags.fixture_dir, fixture_of(scenario.program(), reported), *written);
    if (path.ok()) {
      context.fixture = *path;
      context.again = flags.program + " --gtest_filter=" + context.test +
                      " --reprise_fixture=" + context.fixture;
      written->push_back(*path);
    } else {
      problem = std::string(path.status().message());
    }
  }
  std::string text = text_report(reported, certificate, context);
  if (!problem.empty()) text += "  the fixture could not be written: " + problem + "\n";
  return text;
}

std::map<std::string, internal::ScenarioFactory>& scenarios() {
  static std::map<std::string, internal::ScenarioFactory> known;
  return known;
}

/// One fixture file as a test.
class FixtureTest : public testing::Test {
 public:
  explicit FixtureTest(std::string path) : path_(std::move(path)) {}
  void TestBody() override {
    const absl::StatusOr<Fixture> fixture = load_fixture(path_);
    ASSERT_TRUE(fixture.ok()) << fixture.status().message();
    const auto factory = scenarios().find(fixture->scenario);
    ASSERT_TRUE(factory != scenarios().end())
        << path_ << ": /scenario: no scenario \"" << fixture->scenario
        << "\" is registered (REPRISE_REGISTER_SCENARIO)";
    const std::unique_ptr<internal::OwnedScenario> owned = factory->second();
    const FixtureReplay replay = replay_fixture(owned->scenario(), *fixture);
    const FixtureOutcome wanted = fixture->expect == Fixture::Expect::kMended
                                      ? FixtureOutcome::kNoLongerFails
                                      : FixtureOutcome::kReproduces;
    EXPECT_EQ(to_string(replay.outcome), to_string(wanted)) << path_ << "\n" << replay.report;
  }

 private:
  std::string path_;
};

/// What went wrong while fixtures were looked for, as a test that says so.
class BrokenFixtures : public testing::Test {
 public:
  explicit BrokenFixtures(std::string message) : message_(std::move(message)) {}
  void TestBody() override { FAIL() << message_; }

 private:
  std::string message_;
};

}  // namespace

FixtureReplay replay_fixture(Scenario& scenario, const Fixture& fixture) {
  const ReplayedFixture replayed =
      replay_fixture(scenario.program(), checks::judge(scenario.program()), fixture);
  ReportContext context;
  context.test = test_name(scenario.name());
  return {replayed.outcome, text_report(replayed, context)};
}

namespace internal {

testing::AssertionResult check_durable(const char* /*expression*/, Scenario& scenario) {
  const TestFlags& flags = TestFlags::of_process();
  if (!flags.errors.empty()) return testing::AssertionFailure() << flags.errors.front();
  if (!flags.fixture.empty()) {
    const absl::StatusOr<Fixture> fixture = load_fixture(flags.fixture);
    if (!fixture.ok()) return testing::AssertionFailure() << fixture.status().message();
    if (fixture->scenario == scenario.name()) {
      const FixtureReplay replay = replay_fixture(scenario, *fixture);
      const std::string text =
          flags.fixture + ": " + std::string(to_string(replay.outcome)) + "\n" + replay.report;
      if (replay.outcome != FixtureOutcome::kNoLongerFails) {
        return testing::AssertionFailure() << text;
      }
      std::printf("%s", text.c_str());
      return testing::AssertionSuccess();
    }
  }
  const Exploration exploration = explore(scenario);
  const std::string certificate = exploration.certificate.text();
  testing::Test::RecordProperty("reprise_" + scenario.name(), certificate);
  if (exploration.sound()) {
    if (flags.verbose) std::printf("%s: %s\n", scenario.name().c_str(), certificate.c_str());
    return testing::AssertionSuccess();
  }
  std::string text;
  std::vector<std::string> written;
  for (const ReportedFinding& reported : exploration.findings) {
    text += "\n" + report_of(scenario, reported, exploration.certificate, &written);
  }
  return testing::AssertionFailure() << text;
}

testing::AssertionResult check_finds(const char* /*scenario_expression*/,
                                     const char* /*verdict_expression*/,
                                     const char* /*events_expression*/, Scenario& scenario,
                                     Verdict verdict, int events_max) {
  const Exploration exploration = explore(scenario);
  std::string text;
  bool found = false;
  for (const ReportedFinding& reported : exploration.findings) {
    text += "\n" + report_of(scenario, reported, exploration.certificate, nullptr);
    if (reported.finding.verdict != verdict) {
      text += "  this verdict was not expected\n";
    } else if (static_cast<int>(reported.schedule.size()) > events_max) {
      text += "  the schedule has more than " + std::to_string(events_max) + " events\n";
    } else {
      found = true;
    }
  }
  const bool only = std::all_of(
      exploration.findings.begin(), exploration.findings.end(),
      [&](const ReportedFinding& reported) { return reported.finding.verdict == verdict; });
  if (found && only) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << scenario.name() << ": expected " << to_string(verdict) << " and nothing else, found "
         << (exploration.findings.empty() ? "nothing (" + exploration.certificate.text() + ")"
                                          : text);
}

bool register_scenario(const std::string& name, ScenarioFactory factory) {
  scenarios()[name] = factory;
  return true;
}

bool register_fixture_tests(const char* suite, const std::string& directory, const char* file,
                            int line) {
  const auto broken = [&](const std::string& message) {
    testing::RegisterTest(suite, "fixtures", nullptr, nullptr, file, line,
                          [message]() -> testing::Test* { return new BrokenFixtures(message); });
  };
  std::error_code error;
  std::vector<std::string> paths;
  for (fs::recursive_directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error)) {
    if (it->path().extension() == ".json") paths.push_back(it->path().string());
  }
  if (error) {
    broken(directory + ": " + error.message());
    return false;
  }
  if (paths.empty()) broken(directory + ": there is no fixture file (*.json) in this folder");
  std::sort(paths.begin(), paths.end());  // the order of a directory is not reproducible
  for (const std::string& path : paths) {
    const std::string name = fs::path(path).stem().string();
    testing::RegisterTest(suite, name.c_str(), nullptr, nullptr, file, line,
                          [path]() -> testing::Test* { return new FixtureTest(path); });
  }
  return true;
}

}  // namespace internal
}  // namespace reprise
