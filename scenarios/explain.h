// What a kept file shows, as one screen.
#pragma once

#include <absl/status/statusor.h>

#include <string>

#include "reprise/report/text_report.h"

namespace scenarios {

struct Explanation {
  std::string outcome;       ///< "reproduces", "stale", ...
  bool as_recorded = false;  ///< it shows what it was kept for
  std::string screen;
};

/// Replays a fixture in the flawed twin that it names, or runs a history on the version that its
/// file is named after: "order_processing_dated_acceptance.json".  An error names the file and what
/// was expected.
absl::StatusOr<Explanation> explain(const std::string& path,
                                    const reprise::ReportContext& context = {});

}  // namespace scenarios
