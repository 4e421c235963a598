#include "reprise/testing/testing.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "reprise/explore/internal/child_process.h"
#include "reprise/explore/internal/doing.h"
#include "reprise/report/json_report.h"
#include "reprise/report/junit_properties.h"
#include "reprise/report/report_files.h"
#include "reprise/report/text_report.h"
#include "reprise/testing/flags.h"
#include "reprise/testing/property_case.h"

namespace reprise {
namespace {

namespace fs = std::filesystem;

using Exploring = std::function<Exploration(Scenario&)>;

std::string test_name(const std::string& otherwise) {
  const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
  if (test == nullptr) return otherwise;
  return std::string(test->test_suite_name()) + "." + test->name();
}

constexpr const char* kShowsAgain = "shows again";

/// What a fixture shows in a process in which nothing ran before: kShowsAgain, or another word.
internal::Nursery witness_of(Scenario& scenario) {
  return internal::Nursery([&scenario](const std::string& text) {
    const absl::StatusOr<Fixture> fixture = parse_fixture(text, "fixture");
    if (!fixture.ok()) return std::string(fixture.status().message());
    const FixtureOutcome outcome = replay_fixture(scenario, *fixture).outcome;
    if (outcome == FixtureOutcome::kReproduces) return std::string(kShowsAgain);
    return std::string(to_string(outcome));
  });
}

/// "" when the fixture shows its finding again, as often as --reprise_replays says.
std::string check_replays(internal::Nursery& witness, const std::string& fixture) {
  const int times = internal::TestFlags::of_process().replays;
  for (int i = 1; i <= times; ++i) {
    const internal::Nursery::Answer answer = witness.ask(fixture);
    if (answer.text == kShowsAgain) continue;
    return "replay " + std::to_string(i) + " of " + std::to_string(times) +
           " does not show it: " + answer.text.value_or("the process " + answer.death) +
           "; this is a defect of Reprise";
  }
  return {};
}

/// Writes the fixture of each finding that has one; "" or what went wrong, as lines of a report.
std::string write_fixtures(internal::CheckedScenario& checked) {
  const internal::TestFlags& flags = internal::TestFlags::of_process();
  ExplorationReport& report = checked.report;
  static std::string writing;  // the test; it may explore several scenarios
  static std::vector<std::string> written;
  if (std::exchange(writing, report.test) != report.test) written.clear();
  std::string problems;
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    const internal::CheckedScenario::Evidence& evidence = checked.evidence[i];
    if (!evidence.fixture) continue;
    FindingInReport& each = report.findings[i];
    const absl::StatusOr<std::string> path =
        save_fixture_in(flags.fixture_dir, *evidence.fixture, written, report.test);
    if (!path.ok()) {
      return "  the fixture could not be written: " + std::string(path.status().message()) + "\n";
    }
    each.fixture = *path;
    each.again =
        flags.program + " --gtest_filter=" + report.test + " --reprise_fixture=" + each.fixture;
    written.push_back(*path);
    if (!evidence.problem.empty()) problems += "  " + *path + ": " + evidence.problem + "\n";
  }
  return problems;
}

/// Writes the report where --reprise_report_dir says; an error when it cannot be written.
absl::Status write_report_files(const ExplorationReport& report) {
  const std::string& directory = internal::TestFlags::of_process().report_dir;
  if (directory.empty()) return absl::OkStatus();
  static std::set<std::string> taken;
  return save_report_files(directory, report, taken).status();
}

/// What was not tried, a line each.
std::string missed(const Coverage& coverage) {
  constexpr std::size_t kShown = 40;
  const std::vector<CoverageTuple> tuples = coverage.missed();
  std::string text;
  for (std::size_t i = 0; i < std::min(tuples.size(), kShown); ++i) {
    text += "  not tried: " + to_string(tuples[i]) + "\n";
  }
  if (tuples.size() > kShown) {
    text += "  and " + std::to_string(tuples.size() - kShown) + " more\n";
  }
  return text;
}

// A handler that calls std::terminate takes this process down.  What it was doing is said before.
[[noreturn]] void tell_and_die() {
  if (const std::optional<Schedule> schedule = internal::Doing::now()) {
    std::fprintf(stderr,
                 "\nFAILED  %s  BOUNDARY\n  what       std::terminate was called in handler code: "
                 "a noexcept function, a destructor or a thread\n  schedule   %s\n"
                 "  again      %s --gtest_filter=%s --reprise_jobs=1, which survives it\n",
                 test_name("").c_str(), describe(*schedule).c_str(),
                 internal::TestFlags::of_process().program.c_str(), test_name("*").c_str());
  }
  std::abort();
}

Exploration explored(Scenario& scenario, const Exploring& exploring) {
  struct Hook {
    std::terminate_handler before = std::set_terminate(tell_and_die);
    Hook() = default;
    Hook(const Hook&) = delete;
    ~Hook() { std::set_terminate(before); }
  };
  const Hook hook;
  return exploring(scenario);
}

internal::CheckedScenario checked_scenario(Scenario& scenario, const Exploring& exploring) {
  const internal::TestFlags& flags = internal::TestFlags::of_process();
  internal::Nursery witness = witness_of(scenario);
  const Exploration exploration = explored(scenario, exploring);
  internal::CheckedScenario checked;
  checked.report = make_report(test_name(scenario.name()), scenario.name(), exploration, flags.part,
                               flags.part_count);
  checked.evidence.resize(checked.report.findings.size());
  for (std::size_t i = 0; i < checked.evidence.size(); ++i) {
    const ReportedFinding& reported = checked.report.findings[i].reported;
    // The failures of a mutant are nobody's.
    if (!reported.replayable || ActiveMutant::now() != nullptr) continue;
    Fixture fixture = fixture_of(scenario.program(), reported);
    checked.evidence[i].problem = check_replays(witness, write_fixture(fixture));
    checked.evidence[i].fixture = std::move(fixture);
  }
  const Coverage& coverage = exploration.coverage;
  if (exploration.sound() && coverage.percent() < flags.coverage_min) {
    checked.shortcoming = scenario.name() + ": " + coverage.text() + ", wanted are " +
                          std::to_string(flags.coverage_min) + " %; not tried are\n" +
                          missed(coverage);
  }
  checked.verbose = scenario.name() + ": " + checked.report.coverage + "; " + coverage.text() +
                    "\n" + missed(coverage);
  for (const std::string& note : exploration.notes) checked.verbose += "  note " + note + "\n";
  return checked;
}

/// What --reprise_fixture shows in a scenario.
testing::AssertionResult check_replay(Scenario& scenario, const Fixture& fixture) {
  const FixtureReplay replay = replay_fixture(scenario, fixture);
  const std::string text = internal::TestFlags::of_process().fixture + ": " +
                           std::string(to_string(replay.outcome)) + "\n" + replay.report;
  const bool passes = replay.outcome == FixtureOutcome::kNoLongerFails;
  if (internal::PropertyRun* property = internal::PropertyRun::now()) {
    property->add_replay(text, passes);
  } else if (passes) {
    std::printf("%s", text.c_str());
  }
  return passes ? testing::AssertionSuccess() : testing::AssertionFailure() << text;
}

testing::AssertionResult check_exploration(Scenario& scenario, const Exploring& exploring) {
  const internal::TestFlags& flags = internal::TestFlags::of_process();
  if (!flags.errors.empty()) return testing::AssertionFailure() << flags.errors.front();
  internal::PropertyRun* property = internal::PropertyRun::now();
  if (property != nullptr && property->fixture() != nullptr) {
    if (property->fixture()->scenario == scenario.name()) {
      return check_replay(scenario, *property->fixture());
    }
  } else if (property == nullptr && !flags.fixture.empty()) {
    const absl::StatusOr<Fixture> fixture = load_fixture(flags.fixture);
    if (!fixture.ok()) return testing::AssertionFailure() << fixture.status().message();
    if (fixture->scenario == scenario.name()) return check_replay(scenario, *fixture);
  }
  internal::CheckedScenario checked = checked_scenario(scenario, exploring);
  if (property != nullptr) {
    std::string verdicts;
    for (const FindingInReport& each : checked.report.findings) {
      const Finding& finding = each.reported.finding;
      verdicts += (verdicts.empty() ? "" : "; ") + std::string(to_string(finding.verdict)) + " " +
                  finding.operation;
    }
    const bool passes = checked.passes();
    if (verdicts.empty()) verdicts = checked.shortcoming;
    property->add(std::move(checked));
    return passes ? testing::AssertionSuccess() : testing::AssertionFailure() << verdicts;
  }
  const std::string text = internal::conclude(checked);
  if (!text.empty()) return testing::AssertionFailure() << text;
  if (flags.verbose) std::printf("%s", checked.verbose.c_str());
  return testing::AssertionSuccess();
}

std::map<std::string, internal::ScenarioFactory>& scenarios() {
  static std::map<std::string, internal::ScenarioFactory> known;
  return known;
}

/// Where REPRISE_FIXTURE_TESTS stands.
struct SourceLine {
  const char* file;
  int line;
};

/// One fixture file as a test.
class FixtureTest : public testing::Test {
 public:
  FixtureTest(std::string path, SourceLine at) : path_(std::move(path)), at_(at) {}
  void TestBody() override { internal::check_fixture(path_, at_.file, at_.line); }

 private:
  std::string path_;
  SourceLine at_;
};

/// What went wrong while fixtures were looked for, as a test that says so.
class BrokenFixtures : public testing::Test {
 public:
  BrokenFixtures(std::string message, SourceLine at) : message_(std::move(message)), at_(at) {}
  void TestBody() override { ADD_FAILURE_AT(at_.file, at_.line) << message_; }

 private:
  std::string message_;
  SourceLine at_;
};

}  // namespace

FixtureReplay replay_fixture(Scenario& scenario, const Fixture& fixture) {
  const ReplayedFixture replayed = replay(scenario, fixture);
  ReportContext context;
  context.test = test_name(scenario.name());
  return {replayed.outcome, text_report(replayed, context)};
}

namespace internal {

std::string conclude(CheckedScenario& checked) {
  ExplorationReport& report = checked.report;
  const std::string problem = write_fixtures(checked);
  for (const auto& [name, value] : junit_properties(report)) {
    testing::Test::RecordProperty(name, value);
  }
  std::string text;
  for (const FindingInReport& each : report.findings) {
    text += "\n" + text_report(each.reported, report.certificate, report_context(report, each));
  }
  text += problem;
  const absl::Status written = write_report_files(report);
  if (!written.ok()) {
    text += "  the report could not be written: " + std::string(written.message()) + "\n";
  }
  return text + checked.shortcoming;
}

testing::AssertionResult check_durable(const char* /*expression*/, Scenario& scenario) {
  return check_exploration(scenario, [](Scenario& explored) { return explore(explored); });
}

testing::AssertionResult check_sampled(const char* /*scenario_expression*/,
                                       const char* /*runs_expression*/, Scenario& scenario,
                                       std::int64_t runs) {
  SampleOptions sampling;
  sampling.runs = runs;
  sampling.seed = TestFlags::of_process().seed_number();
  return check_exploration(scenario,
                           [&](Scenario& explored) { return sample(explored, sampling); });
}

testing::AssertionResult check_under(const char* /*scenario_expression*/,
                                     const char* schedule_expression, Scenario& scenario,
                                     const Schedule& schedule) {
  if (!is_reached(scenario, schedule)) {
    // Where it is drawn, and shrunk, that is no mistake of anybody.
    if (internal::PropertyRun* property = internal::PropertyRun::now()) {
      property->discard();
      return testing::AssertionSuccess();
    }
    return testing::AssertionFailure()
           << schedule_expression << " is STALE: a place of it is never "
           << "reached: " << describe(schedule);
  }
  return check_exploration(scenario,
                           [&](Scenario& explored) { return try_schedule(explored, schedule); });
}

testing::AssertionResult check_finds(const char* /*scenario_expression*/,
                                     const char* /*verdict_expression*/,
                                     const char* /*events_expression*/, Scenario& scenario,
                                     Verdict verdict, int events_max) {
  Nursery witness = witness_of(scenario);
  const Exploration exploration = explore(scenario);
  std::string text;
  bool found = false;
  for (const ReportedFinding& reported : exploration.findings) {
    ReportContext context;
    context.test = test_name(scenario.name());
    text += "\n" + text_report(reported, exploration.certificate, context);
    if (reported.finding.verdict != verdict) {
      text += "  this verdict was not expected\n";
    } else if (static_cast<int>(reported.schedule.size()) > events_max) {
      text += "  the schedule has more than " + std::to_string(events_max) + " events\n";
    } else {
      const std::string problem =
          reported.replayable
              ? check_replays(witness, write_fixture(fixture_of(scenario.program(), reported)))
              : "";
      if (problem.empty()) {
        found = true;
      } else {
        text += "  its fixture: " + problem + "\n";
      }
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

void check_fixture(const std::string& path, const char* file, int line) {
  const absl::StatusOr<Fixture> fixture = load_fixture(path);
  if (!fixture.ok()) {
    ADD_FAILURE_AT(file, line) << fixture.status().message();
    return;
  }
  const auto factory = scenarios().find(fixture->scenario);
  if (factory == scenarios().end()) {
    ADD_FAILURE_AT(file, line) << path << ": /scenario: no scenario \"" << fixture->scenario
                               << "\" is registered (REPRISE_REGISTER_SCENARIO)";
    return;
  }
  const std::unique_ptr<OwnedScenario> owned = factory->second();
  const FixtureReplay replay = replay_fixture(owned->scenario(), *fixture);
  const FixtureOutcome wanted = fixture->expect == Fixture::Expect::kMended
                                    ? FixtureOutcome::kNoLongerFails
                                    : FixtureOutcome::kReproduces;
  if (replay.outcome == wanted) return;
  ADD_FAILURE_AT(file, line) << path << ": expected \"" << to_string(wanted) << "\", found \""
                             << to_string(replay.outcome) << "\"\n"
                             << replay.report;
}

bool register_fixture_tests(const char* suite, const std::string& directory, const char* file,
                            int line) {
  const SourceLine at{file, line};
  const auto broken = [&](const std::string& message) {
    testing::RegisterTest(
        suite, "fixtures", nullptr, nullptr, file, line,
        [message, at]() -> testing::Test* { return new BrokenFixtures(message, at); });
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
                          [path, at]() -> testing::Test* { return new FixtureTest(path, at); });
  }
  return true;
}

}  // namespace internal
}  // namespace reprise
