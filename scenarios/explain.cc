#include "scenarios/explain.h"

#include <absl/status/status.h>

#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "reprise/checks/checks.h"
#include "reprise/explore/fixture_replay.h"
#include "reprise/explore/scenario.h"
#include "reprise/record/fixture.h"
#include "reprise/record/upgrade.h"
#include "reprise/report/upgrade_report.h"
#include "scenarios/order_processing_versions.h"
#include "scenarios/twins.h"

namespace scenarios {
namespace {

using reprise::ReportContext;

template <class Twin>
Explanation replay(const reprise::Fixture& fixture, ReportContext context) {
  Twin twin;
  reprise::Scenario scenario = twin.scenario();
  reprise::Program& program = scenario.program();
  const reprise::ReplayedFixture replayed =
      reprise::replay_fixture(program, reprise::checks::judge(program), fixture);
  context.test = scenario.name();
  return {std::string(to_string(replayed.outcome)),
          replayed.outcome == reprise::FixtureOutcome::kReproduces,
          reprise::text_report(replayed, context)};
}

/// What a later version is called in the names of files.
constexpr const char* kDatedAcceptance = "order_processing_dated_acceptance";

absl::StatusOr<Explanation> go_on(const std::string& path) {
  order_processing::Shop shop;
  order_processing::DatedAcceptance processor(shop);
  const auto run = [&](reprise::DurableContext ctx, order_processing::Order order) {
    return processor.run(ctx, std::move(order));
  };
  const absl::StatusOr<reprise::UpgradeReport> report =
      reprise::check_upgrade(path, reprise::make_handler(run));
  if (!report.ok()) return report.status();
  return Explanation{report->ok() ? "can go on" : "breaks", !report->ok(),
                     text_report(*report, kDatedAcceptance)};
}

}  // namespace

absl::StatusOr<Explanation> explain(const std::string& path, const ReportContext& context) {
  if (std::filesystem::path(path).stem() == kDatedAcceptance) return go_on(path);
  const absl::StatusOr<reprise::Fixture> fixture = reprise::load_fixture(path);
  if (!fixture.ok()) return fixture.status();
  std::string names;
  std::optional<Explanation> explanation;
  for_each_twin([&]<class Twin> {
    names += "\n  " + Twin::name();
    if (Twin::name() == fixture->scenario) explanation = replay<Twin>(*fixture, context);
  });
  if (explanation) return *std::move(explanation);
  return absl::NotFoundError(path + ": /scenario: there is no scenario \"" + fixture->scenario +
                             "\"; known are" + names);
}

}  // namespace scenarios
