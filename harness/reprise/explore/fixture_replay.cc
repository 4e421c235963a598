#include "reprise/explore/fixture_replay.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace reprise {

namespace {

nlohmann::json input_of(const Program& program) {
  if (program.starts.empty()) return nullptr;
  nlohmann::json input =
      nlohmann::json::parse(program.starts.front().payload.view(), nullptr, false);
  return input.is_discarded() ? nullptr : input;
}

}  // namespace

Fixture fixture_of(const Program& program, const ReportedFinding& reported) {
  Fixture fixture;
  fixture.scenario = program.name;
  fixture.schedule = reported.schedule;
  fixture.input = input_of(program);
  fixture.verdict = reported.finding.verdict;
  fixture.operation = reported.finding.operation;
  fixture.subject = reported.finding.subject;
  fixture.what = reported.finding.what;
  return fixture;
}

std::string_view to_string(FixtureOutcome outcome) {
  switch (outcome) {
    case FixtureOutcome::kReproduces:
      return "reproduces";
    case FixtureOutcome::kNoLongerFails:
      return "no longer fails";
    case FixtureOutcome::kOtherFinding:
      return "another finding";
    case FixtureOutcome::kStale:
      return "STALE";
  }
  std::abort();
}

ReplayedFixture replay_fixture(Program& program, const Judge& judge, const Fixture& fixture,
                               const ExploreOptions& options) {
  Explorer explorer(program, judge, options);
  Explorer::Replayed run = explorer.replay(fixture.schedule, fixture.subject == kProcessSubject);
  ReplayedFixture replayed;
  replayed.certificate = run.certificate;
  replayed.unreached = run.judged.record.unreached;
  if (!replayed.unreached.empty()) return replayed;
  const std::vector<Finding>& findings = run.judged.findings;
  if (findings.empty()) {
    // With another input it may well be that nothing was mended.
    const nlohmann::json input = input_of(program);
    if (fixture.input.is_null() || fixture.input == input) {
      replayed.outcome = FixtureOutcome::kNoLongerFails;
    } else {
      replayed.input = input.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    }
    return replayed;
  }
  const auto same = std::find_if(findings.begin(), findings.end(), [&](const Finding& finding) {
    return finding.verdict == fixture.verdict && finding.operation == fixture.operation &&
           finding.subject == fixture.subject;
  });
  const bool found = same != findings.end();
  replayed.outcome = found ? FixtureOutcome::kReproduces : FixtureOutcome::kOtherFinding;
  ReportedFinding& reported = replayed.reported.emplace();
  reported.finding = found ? *same : findings.front();
  reported.schedule = fixture.schedule;
  reported.record = std::move(run.judged.record);
  return replayed;
}

}  // namespace reprise
