#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/report/internal/lanes.h"
#include "reprise/runtime/run_record.h"

namespace reprise::internal {

/// The text with `<`, `>`, `&`, `"` and `'` escaped, for contents and attributes alike.  Control
/// characters other than tab and newline, which no HTML text may hold, become U+FFFD.
std::string html_escape(std::string_view text);

/// How many characters a text has: its code points.
std::size_t character_count(std::string_view text);

/// The style sheet of a report page.
std::string_view html_style();

/// What the shapes of the two drawings mean.
std::string html_legend();

/// An SVG element with one lane for each invocation: operations as bars, effects, crashes, and how
/// each invocation ends.  At most `lanes_max` lanes are drawn, and the rest is counted in words.
std::string lanes_svg(const std::vector<Lane>& lanes, std::size_t lanes_max);

/// An SVG element with one row for each operation of a history, from its first event to its last.
/// At most `operations_max` rows are drawn, and the rest is counted in words.
std::string history_svg(const std::vector<Event>& events, std::size_t operations_max);

}  // namespace reprise::internal
