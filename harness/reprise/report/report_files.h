#pragma once

#include <absl/status/statusor.h>

#include <set>
#include <string>

#include "reprise/report/json_report.h"

namespace reprise {

/// Where a report was written.
struct ReportFiles {
  std::string json;
  std::string html;
};

/// Writes a report as `<test>.<scenario>.json` and `.html` into `directory`, which is made when it
/// is missing.  Characters of the names that do not belong into a file name become `_`; a name that
/// is in `taken` gets a number behind it.  The name is added to `taken`.
absl::StatusOr<ReportFiles> save_report_files(const std::string& directory,
                                              const ExplorationReport& report,
                                              std::set<std::string>& taken);

}  // namespace reprise
