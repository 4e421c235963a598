#include "reprise/testing/scenario.h"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

#include "reprise/checks/checks.h"
#include "reprise/testing/flags.h"

namespace reprise {
namespace {

/// Catches what EXPECT_* reports while a scenario runs, run by run.
class Expectations {
 public:
  explicit Expectations(Program& program)
      : program_(program),
        count_(program.invariants.size()),
        reporter_(testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD,
                  &results_) {
    Invariant invariant;
    invariant.name = "every EXPECT in handlers and fakes";
    invariant.holds = [this] { return !failed(); };
    invariant.detail = [this] { return first_failure(); };
    invariant.kind = Invariant::Kind::kAlways;
    program_.invariants.push_back(invariant);
    invariant.kind = Invariant::Kind::kAtEnd;
    program_.invariants.push_back(invariant);
    before_ = std::exchange(program_.on_run_start, [this] { seen_ = results_.size(); });
    for (const Mechanism mechanism : internal::TestFlags::of_process().without) {
      program_.without.add(mechanism);
    }
  }
  Expectations(const Expectations&) = delete;
  ~Expectations() {
    program_.invariants.resize(count_);
    program_.on_run_start = std::move(before_);
  }

 private:
  bool failed() const {
    for (int i = seen_; i < results_.size(); ++i) {
      if (results_.GetTestPartResult(i).failed()) return true;
    }
    return false;
  }
  std::string first_failure() const {
    for (int i = seen_; i < results_.size(); ++i) {
      const testing::TestPartResult& part = results_.GetTestPartResult(i);
      if (!part.failed()) continue;
      const std::string file = part.file_name() != nullptr ? part.file_name() : "";
      return file.substr(file.rfind('/') + 1) + ":" + std::to_string(part.line_number()) + ": " +
             part.message();
    }
    return {};
  }

  Program& program_;
  std::size_t count_;
  testing::TestPartResultArray results_;
  testing::ScopedFakeTestPartResultReporter reporter_;
  std::function<void()> before_;
  int seen_ = 0;
};

Explorer explorer_of(Scenario& scenario) {
  return Explorer(scenario.program(), checks::judge(scenario.program()),
                  scenario.explore_options());
}

}  // namespace

Exploration explore(Scenario& scenario) {
  const Expectations expectations(scenario.program());
  const internal::TestFlags& flags = internal::TestFlags::of_process();
  ExploreOptions options = scenario.explore_options();
  if (flags.jobs > 0) options.jobs = flags.jobs;
  if (flags.split) {
    options.part = flags.part;
    options.part_count = flags.part_count;
  }
  const bool shows = flags.progress && ::isatty(STDERR_FILENO) != 0;
  if (shows && !options.progress) {
    options.progress = [&](std::int64_t done, std::int64_t total) {
      std::fprintf(stderr, "\r%s: %lld of %lld", scenario.name().c_str(),
                   static_cast<long long>(done), static_cast<long long>(total));
      std::fflush(stderr);
    };
  }
  Exploration exploration =
      Explorer(scenario.program(), checks::judge(scenario.program()), options).explore();
  if (shows) std::fprintf(stderr, "\n");
  return exploration;
}

Exploration sweep(Scenario& scenario, int crashes) {
  const Expectations expectations(scenario.program());
  return explorer_of(scenario).sweep(crashes);
}

Exploration sample(Scenario& scenario, const SampleOptions& sampling) {
  const Expectations expectations(scenario.program());
  return explorer_of(scenario).sample(sampling);
}

Exploration try_schedule(Scenario& scenario, const Schedule& schedule) {
  const Expectations expectations(scenario.program());
  return explorer_of(scenario).try_schedules({schedule});
}

ReplayedFixture replay(Scenario& scenario, const Fixture& fixture) {
  const Expectations expectations(scenario.program());
  return replay_fixture(scenario.program(), checks::judge(scenario.program()), fixture,
                        scenario.explore_options());
}

RunRecord run(Scenario& scenario, const Schedule& schedule) {
  Simulation simulation(scenario.program());
  RunRecord record = simulation.run(schedule);
  return record;
}

}  // namespace reprise
