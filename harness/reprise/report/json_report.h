#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/explore/explorer.h"
#include "reprise/report/text_report.h"

namespace reprise {

/// Which parts of an exploration a report holds.  An exploration that is split over machines has
/// `count` parts, numbered from 1, and each machine reports one; merge_reports joins them.
struct ReportParts {
  int count = 1;
  std::vector<int> present = {1};  ///< ascending, each once
  std::vector<int> closed;         ///< of those, the ones that closed

  bool complete() const { return static_cast<int>(present.size()) == count; }
  friend bool operator==(const ReportParts&, const ReportParts&) = default;
};

/// A finding of a report, with how to see it again.
struct FindingInReport {
  ReportedFinding reported;
  std::string fixture;  ///< path of the fixture that was written; "": none
  std::string again;    ///< command line that shows it again; "": none
};

/// An exploration for programs and pages: what was found, what was covered, and the runs that show
/// it.  Format: docs/cli.md and docs/report.schema.json.
///
///     const ExplorationReport report = make_report("Order.SurvivesEveryCrash", "order", explored);
///     absl::Status written = save_report("out/order.json", report);
struct ExplorationReport {
  static constexpr int kVersion = 1;

  std::string test;  ///< "Order.SurvivesEveryCrash"; "": no test
  std::string scenario;
  ReportParts parts;
  /// Counts are those of what the present parts did themselves.  `closed` holds only when every
  /// part is present and closed; `bound` gives the reasons of the parts that did not close.
  Certificate certificate;
  /// coverage_text() when the report was made.
  std::string coverage;
  std::vector<FindingInReport> findings;
  RunRecord benign;  ///< the run without faults

  bool sound() const { return findings.empty(); }
};

/// The report of an exploration, or of part `part` (from 1) of the `part_count` it was split into.
ExplorationReport make_report(std::string test, std::string scenario,
                              const Exploration& exploration, int part = 1, int part_count = 1);

/// The certificate of a report as one line: as long as parts are missing it is not closed.
std::string coverage_text(const ExplorationReport& report);

/// What text_report says besides the finding.
ReportContext report_context(const ExplorationReport& report, const FindingInReport& finding);

/// Canonical text: sorted members, two spaces, final newline.  Texts that are no UTF-8 have U+FFFD
/// in place of what is not.
std::string write_report(const ExplorationReport& report);
absl::Status save_report(const std::string& path, const ExplorationReport& report);

/// Reads a report strictly: an unknown version or member, a wrong type or a missing member is an
/// error with file and JSON pointer.  Source lines are not in a report, except as text in
/// Finding::where.
absl::StatusOr<ExplorationReport> load_report(const std::string& path);
absl::StatusOr<ExplorationReport> parse_report(std::string_view text, std::string_view name);
/// The same for a value that was read already; messages begin with `name`.
absl::StatusOr<ExplorationReport> report_from_json(const nlohmann::json& value,
                                                   std::string_view name);

/// "reprise-report": the member `format` of every report.
inline constexpr std::string_view kReportFormat = "reprise-report";

}  // namespace reprise
