#pragma once

#include "reprise/record/finding.h"
#include "reprise/runtime/run_record.h"

namespace reprise::checks {

/// Adds the ambient calls that may be why a handler differs from one time to the next: those that
/// read what the schedule varies, or all when it varies nothing that they read.
void add_suspects(Finding& finding, const RunRecord& record);

}  // namespace reprise::checks
