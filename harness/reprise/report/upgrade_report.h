#pragma once

#include <string>

#include "reprise/record/upgrade.h"

namespace reprise {

/// One screen for each history that breaks: why, where in the handler, where executions are safe
/// and where they break, and how to mend it.  Behind some screens only the names are told.  Wraps
/// at 100 columns; "" when no history breaks.  `test`: "Order.CanBeUpgraded".
std::string text_report(const UpgradeReport& report, const std::string& test);

}  // namespace reprise
