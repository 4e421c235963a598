#pragma once

#include <string>
#include <utility>
#include <vector>

#include "reprise/report/json_report.h"

namespace reprise {

/// A report as properties of a JUnit test case, name and value, in this order:
///
///     reprise_<scenario>            the certificate: "closed: 81 states, any number of crashes"
///     reprise_<scenario>_verdicts   "DUPLICATE_EFFECT order/charge#1, STUCK order"
///     reprise_<scenario>_schedule   the schedule of the first finding, in words
///     reprise_<scenario>_fixture    the fixture of the first finding that has one
///
/// The last three only where there is a finding (a fixture).
std::vector<std::pair<std::string, std::string>> junit_properties(const ExplorationReport& report);

}  // namespace reprise
