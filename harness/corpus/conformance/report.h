#pragma once

#include <string>
#include <vector>

#include "conformance/runner.h"

namespace reprise::corpus {

/// How strict the verdict on a whole directory is.
struct ReportOptions {
  bool require_all = false;  ///< a requirement without a handler is a failure
  bool verbose = false;      ///< a line for what has passed too
};

/// A line each: those that have not passed with every reason, those that did not hold under
/// crashes, those that are excluded from that.
std::string requirement_lines(const std::vector<RequirementResult>& results,
                              const ReportOptions& options);

/// "conformance: 61/99 passed".
std::string conformance_total(const std::vector<RequirementResult>& results);

/// "conformance under crashes: 60/61"; the second figure leaves the excluded out.
std::string crash_total(const std::vector<RequirementResult>& results);

/// False when a requirement has failed that may not, with or without crashes.
bool acceptable(const std::vector<RequirementResult>& results, const ReportOptions& options);

/// The results as JUnit XML: a test suite for each suite, and another for it under crashes.
std::string junit_xml(const std::vector<RequirementResult>& results, const ReportOptions& options);

}  // namespace reprise::corpus
