#pragma once

#include <absl/status/status.h>

#include <string>

#include "reprise/report/json_report.h"

namespace reprise {

/// A report as one HTML page that needs nothing else: no script, no font, no picture, no network.
///
/// The findings, and for each what the one screen of text_report says, the timeline drawn (a lane
/// for each invocation, operations as bars, effects, crashes; what is replayed looks different from
/// what runs), what was recorded beside what was replayed, and results and effects beside those of
/// the run without faults.  Light and dark, and fit to be printed.  The same bytes for the same
/// report.
std::string html_report(const ExplorationReport& report);

/// Writes html_report(report) to the file at `path`.
absl::Status save_html_report(const std::string& path, const ExplorationReport& report);

}  // namespace reprise
