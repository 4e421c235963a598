#include "reprise/report/junit_properties.h"

#include <algorithm>

namespace reprise {

std::vector<std::pair<std::string, std::string>> junit_properties(const ExplorationReport& report) {
  const std::string name = "reprise_" + report.scenario;
  std::vector<std::pair<std::string, std::string>> properties = {{name, report.coverage}};
  if (report.sound()) return properties;
  std::string verdicts;
  for (const FindingInReport& each : report.findings) {
    const Finding& finding = each.reported.finding;
    verdicts += (verdicts.empty() ? "" : ", ") + std::string(to_string(finding.verdict)) + " " +
                finding.operation;
  }
  properties.emplace_back(name + "_verdicts", verdicts);
  properties.emplace_back(name + "_schedule", describe(report.findings.front().reported.schedule));
  const auto kept = std::find_if(report.findings.begin(), report.findings.end(),
                                 [](const FindingInReport& each) { return !each.fixture.empty(); });
  if (kept != report.findings.end()) properties.emplace_back(name + "_fixture", kept->fixture);
  return properties;
}

}  // namespace reprise
