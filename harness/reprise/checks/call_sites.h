#pragma once

#include <string>

#include "reprise/record/finding.h"
#include "reprise/runtime/run_record.h"

namespace reprise::checks {

/// Adds "order/charge#1 declared order.cpp:42" when the record knows where it was called.
inline void add_call_site(Finding& finding, const RunRecord& record) {
  const auto site = record.call_sites.find(finding.operation);
  if (site == record.call_sites.end()) return;
  const std::string at = short_location(site->second);
  if (!at.empty()) finding.where.push_back(finding.operation + " declared " + at);
}

}  // namespace reprise::checks
