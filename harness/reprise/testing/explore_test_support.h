#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "reprise/explore/explorer.h"

namespace reprise {

/// "DUPLICATE_EFFECT order/debit#1 1" of each finding: verdict, operation, events of its schedule.
inline std::vector<std::string> verdicts(const Exploration& exploration) {
  std::vector<std::string> names;
  for (const ReportedFinding& reported : exploration.findings) {
    names.push_back(std::string(to_string(reported.finding.verdict)) + " " +
                    reported.finding.operation + " " + std::to_string(reported.schedule.size()));
  }
  return names;
}

/// How GoogleTest shows an exploration.
inline void PrintTo(const Exploration& exploration, std::ostream* out) {
  *out << exploration.certificate.text();
}

}  // namespace reprise
