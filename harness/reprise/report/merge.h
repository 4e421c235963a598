#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "reprise/report/json_report.h"

namespace reprise {

/// A report and the name that messages call it by: its path.
struct NamedReport {
  std::string name;
  ExplorationReport report;
};

/// Joins the reports of the parts of one exploration (ReportParts), in whatever order they come:
///
/// - a finding that several parts report (same verdict, operation and subject) is kept once, with
///   the shortest schedule;
/// - states, resumes, runs and crashed fault points are summed;
/// - the result is closed only if every part is there and closed; otherwise it says which parts are
///   missing and why parts did not close.
///
/// A result that lacks parts can be merged with them later.  InvalidArgument, naming the report and
/// what was expected, when no report is given, when they are of different tests, scenarios, numbers
/// of parts or runs without faults (parts of different builds), and when a part comes twice.
absl::StatusOr<ExplorationReport> merge_reports(std::vector<NamedReport> reports);

}  // namespace reprise
