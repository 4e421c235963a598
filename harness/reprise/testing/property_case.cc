#include "reprise/testing/property_case.h"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <utility>

#include "reprise/explore/internal/place_recorder.h"
#include "reprise/runtime/simulation.h"
#include "reprise/testing/flags.h"

namespace reprise::internal {
namespace {

thread_local PropertyRun* property_now = nullptr;

std::string short_file(const testing::TestPartResult& part) {
  const std::string file = part.file_name() != nullptr ? part.file_name() : "";
  return file.substr(file.rfind('/') + 1) + ":" + std::to_string(part.line_number());
}

}  // namespace

PropertyRun::PropertyRun() : before_(std::exchange(property_now, this)) {}
PropertyRun::~PropertyRun() { property_now = before_; }
PropertyRun* PropertyRun::now() { return property_now; }

std::string PropertyRun::run_case(const std::function<void()>& body) {
  current_.clear();
  replayed_.clear();
  skipped_ = false;
  const int budget = TestFlags::of_process().runs;
  if (budget > 0 && runs_ >= budget && fixture_ == std::nullopt) return {};
  ++cases_;
  testing::TestPartResultArray results;
  {
    const testing::ScopedFakeTestPartResultReporter reporter(
        testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &results);
    body();
  }
  std::string failures;
  for (int i = 0; i < results.size(); ++i) {
    const testing::TestPartResult& part = results.GetTestPartResult(i);
    if (part.skipped()) skipped_ = true;
    if (part.failed()) failures += short_file(part) + ":\n" + part.message() + "\n";
  }
  return failures;
}

void PropertyRun::add(CheckedScenario checked) {
  const Certificate& certificate = checked.report.certificate;
  runs_ += certificate.runs + certificate.resumes;
  current_.push_back(std::move(checked));
}

void PropertyRun::add_replay(std::string outcome, bool passes) {
  replayed_ = std::move(outcome);
  replay_passes_ = passes;
}

std::string PropertyRun::conclude_kept(const std::string& drawn) {
  std::string text;
  for (CheckedScenario& checked : kept_) {
    for (CheckedScenario::Evidence& each : checked.evidence) {
      if (each.fixture) each.fixture->drawn = drawn;
    }
    text += conclude(checked);
  }
  return text;
}

std::string property_id() {
  const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
  if (test == nullptr) return "property";
  return std::string(test->test_suite_name()) + "." + test->name();
}

std::string seed_text(std::uint64_t seed) {
  const TestFlags& flags = TestFlags::of_process();
  // RC_PARAMS may have named another one.
  return !flags.seed.empty() && flags.seed_number() == seed ? flags.seed : std::to_string(seed);
}

void end_property(const PropertyRun& run, bool passed, const std::string& message,
                  const std::source_location& location) {
  const TestFlags& flags = TestFlags::of_process();
  testing::Test::RecordProperty("property_cases", run.cases());
  testing::Test::RecordProperty("property_runs", std::to_string(run.runs()));
  testing::Test::RecordProperty("property_seed", std::to_string(flags.seed_number()));
  if (!passed) {
    GTEST_MESSAGE_AT_(location.file_name(), static_cast<int>(location.line()), message.c_str(),
                      testing::TestPartResult::kNonFatalFailure);
  } else if (flags.verbose || !run.replayed().empty()) {
    std::printf("%s\n", message.c_str());
  }
}

std::vector<Place> places_under(Scenario& scenario, const Schedule& schedule) {
  Simulation simulation(scenario.program());
  PlaceRecorder recorder(schedule);
  simulation.run(recorder, RecordLevel::kOutcome);
  simulation.reset_world();
  return recorder.places();
}

bool is_reached(Scenario& scenario, const Schedule& schedule) {
  Simulation simulation(scenario.program());
  const RunRecord record = simulation.run(schedule, RecordLevel::kOutcome);
  simulation.reset_world();
  return record.unreached.empty();
}

}  // namespace reprise::internal
