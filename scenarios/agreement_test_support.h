// What the tests of all scenarios ask: do closure and brute force find the same?
#pragma once

#include <gtest/gtest.h>

#include <cctype>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "reprise/testing/testing.h"

namespace scenarios {

/// Verdict, operation and subject: what makes two findings the same.
using Found = std::set<std::tuple<std::string, std::string, std::string>>;

inline Found found_by(const reprise::Exploration& exploration) {
  Found found;
  for (const reprise::ReportedFinding& each : exploration.findings) {
    found.emplace(to_string(each.finding.verdict), each.finding.operation, each.finding.subject);
  }
  return found;
}

/// The closure finds what every schedule of one crash, and of two, finds.  `definition` has
/// `Scenario scenario()`.
template <class Definition>
void expect_agreement(Definition& definition) {
  reprise::Scenario scenario = definition.scenario();
  reprise::ExploreOptions options = scenario.explore_options();
  options.try_variants = false;  // brute force knows crashes only
  scenario.options(options);
  const Found closed = found_by(reprise::explore(scenario));
  EXPECT_EQ(found_by(reprise::sweep(scenario, 1)), closed) << scenario.name();
  EXPECT_EQ(found_by(reprise::sweep(scenario, 2)), closed) << scenario.name();
}

/// "LastLamps" for "order-chaining.last-lamps".
inline std::string test_name(const std::string& scenario) {
  std::string test;
  bool upper = true;
  for (const char c : scenario.substr(scenario.find('.') + 1)) {
    if (c != '-') test += upper ? static_cast<char>(std::toupper(c)) : c;
    upper = c == '-';
  }
  return test;
}

/// "StepSucceeded validate-order" for each event of an execution without faults, except the end of
/// invocations.
inline std::vector<std::string> history_lines(const reprise::RunRecord& record,
                                              const std::string& execution) {
  std::vector<std::string> lines;
  for (const reprise::Event& event : record.histories.at(execution)) {
    if (event.type == reprise::EventType::kInvocationCompleted) continue;
    std::string line(to_string(event.type));
    // The first and the last event bear the name of the execution.
    if (event.sub_type) line += " " + event.name.value_or("");
    lines.push_back(line);
  }
  return lines;
}

}  // namespace scenarios
