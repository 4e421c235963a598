#include "reprise/testing/scenario.h"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <utility>

#include "reprise/checks/checks.h"

namespace reprise {
namespace {

/// Catches what EXPECT_* reports while a scenario runs, run by run.
class Expectations {
 public:
  explicit Expectations(Program& program)
      : program_(program),
        count_(program.invariants.size()),
        reporter_(testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &results_) {
    Invariant invariant;
    invariant.name = "every EXPECT in handlers and fakes";
    invariant.holds = [this] { return !failed(); };
    invariant.detail = [this] { return first_failure(); };
    invariant.kind = Invariant::Kind::kAlways;
    program_.invariants.push_back(invariant);
    invariant.kind = Invariant::Kind::kAtEnd;
    program_.invariants.push_back(invariant);
    before_ = std::exchange(program_.on_run_start, [this] { seen_ = results_.size(); });
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

std::int64_t milliseconds(absl::Duration duration) { return absl::ToInt64Milliseconds(duration); }

}  // namespace

Scenario::Scenario(std::string name) : program_(std::make_unique<Program>()) {
  program_->name = std::move(name);
}

Scenario& Scenario::add(Function function) {
  program_->functions.push_back(std::move(function));
  return *this;
}

Scenario& Scenario::answer_callback(std::string operation, std::string payload,
                                    absl::Duration delay) {
  CallbackResponder responder;
  responder.operation = std::move(operation);
  responder.delay_ms = milliseconds(delay);
  responder.answer.payload = SharedText(std::move(payload));
  program_->responders.push_back(std::move(responder));
  return *this;
}

Scenario& Scenario::fail_callback(std::string operation, ErrorObject error, absl::Duration delay) {
  CallbackResponder responder;
  responder.operation = std::move(operation);
  responder.delay_ms = milliseconds(delay);
  responder.answer.kind = CallbackAnswer::Kind::kFailure;
  responder.answer.error = std::make_shared<const ErrorObject>(std::move(error));
  program_->responders.push_back(std::move(responder));
  return *this;
}

Scenario& Scenario::add_invariant(Invariant::Kind kind, std::string name,
                                  std::function<bool()> holds, std::string verdict) {
  Invariant invariant;
  invariant.kind = kind;
  invariant.name = std::move(name);
  invariant.holds = std::move(holds);
  invariant.verdict = std::move(verdict);
  program_->invariants.push_back(std::move(invariant));
  return *this;
}

Scenario& Scenario::always(std::string name, std::function<bool()> holds, std::string verdict) {
  return add_invariant(Invariant::Kind::kAlways, std::move(name), std::move(holds), std::move(verdict));
}
Scenario& Scenario::at_end(std::string name, std::function<bool()> holds, std::string verdict) {
  return add_invariant(Invariant::Kind::kAtEnd, std::move(name), std::move(holds), std::move(verdict));
}
Scenario& Scenario::sometimes(std::string name, std::function<bool()> holds, std::string verdict) {
  return add_invariant(Invariant::Kind::kSometimes, std::move(name), std::move(holds),
                       std::move(verdict));
}

Exploration explore(Scenario& scenario) {
  const Expectations expectations(scenario.program());
  return Explorer(scenario.program(), checks::judge(scenario.program()), scenario.explore_options())
      .explore();
}

Exploration sweep(Scenario& scenario, int crashes) {
  const Expectations expectations(scenario.program());
  return Explorer(scenario.program(), checks::judge(scenario.program()), scenario.explore_options())
      .sweep(crashes);
}

RunRecord run(Scenario& scenario, const Schedule& schedule) {
  Simulation simulation(scenario.program());
  RunRecord record = simulation.run(schedule);
  return record;
}

}  // namespace reprise
