#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "reprise/report/upgrade_report.h"
#include "reprise/testing/flags.h"
#include "reprise/testing/testing.h"

namespace reprise::internal {
namespace {

std::string test_name() {
  const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
  if (test == nullptr) return "upgrade";
  return std::string(test->test_suite_name()) + "." + test->name();
}

testing::AssertionResult judge(const std::string& failures, const std::string& summary) {
  if (!failures.empty()) return testing::AssertionFailure() << "\n" << failures;
  if (TestFlags::of_process().verbose) std::printf("%s", summary.c_str());
  return testing::AssertionSuccess();
}

bool is_switched_off() {
  const std::vector<Mechanism>& without = TestFlags::of_process().without;
  return std::find(without.begin(), without.end(), Mechanism::kVersions) != without.end();
}

testing::AssertionResult check_files(const std::string& histories, const HandlerFunction& handler,
                                     UpgradeDirection direction) {
  if (is_switched_off()) return testing::AssertionSuccess();
  UpgradeOptions options;
  options.direction = direction;
  const absl::StatusOr<UpgradeReport> report = check_upgrade(histories, handler, options);
  if (!report.ok()) {
    return testing::AssertionFailure() << std::string(report.status().message());
  }
  return judge(report->ok() ? "" : text_report(*report, test_name()), describe(*report));
}

}  // namespace

testing::AssertionResult check_upgradable(const char* /*histories_expression*/,
                                          const char* /*version_expression*/,
                                          const std::string& histories,
                                          const HandlerFunction& new_version) {
  return check_files(histories, new_version, UpgradeDirection::kForward);
}

testing::AssertionResult check_rolls_back(const char* /*histories_expression*/,
                                          const char* /*version_expression*/,
                                          const std::string& histories,
                                          const HandlerFunction& old_version) {
  return check_files(histories, old_version, UpgradeDirection::kRollBack);
}

testing::AssertionResult check_upgradable(const char* /*before_expression*/,
                                          const char* /*after_expression*/, Scenario& before,
                                          Scenario& after) {
  if (is_switched_off()) return testing::AssertionSuccess();
  const UpgradePairReport report = check_upgrade(before, after);
  std::string failures;
  if (!report.forward.ok()) failures = text_report(report.forward, test_name());
  if (!report.roll_back.ok()) {
    failures += (failures.empty() ? "" : "\n") + text_report(report.roll_back, test_name());
  }
  return judge(failures, describe(report));
}

}  // namespace reprise::internal
