#pragma once

#include <string>

#include "reprise/record/finding.h"

namespace reprise::internal {

/// "FAILED  Order.SurvivesEveryCrash        DUPLICATE_EFFECT", and a newline.
std::string headline(const std::string& test, Verdict verdict);

/// Appends `label` and `text`, broken at spaces; continuation lines begin under the text.
void append_wrapped(std::string& out, const std::string& label, const std::string& text);

/// "docs/verdicts/duplicate_effect.md".
std::string verdict_page(Verdict verdict);

}  // namespace reprise::internal
