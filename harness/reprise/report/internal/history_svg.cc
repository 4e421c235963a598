#include <absl/time/time.h>

#include <algorithm>
#include <map>

#include "reprise/record/history_view.h"
#include "reprise/report/internal/html.h"

namespace reprise::internal {
namespace {

constexpr int kCharacter = 8;
constexpr int kRow = 22;
constexpr int kBar = 14;
constexpr int kHead = 20;
constexpr int kColumnMin = 14;
constexpr int kColumnMax = 44;
constexpr int kChart = 720;  // what the columns of events take, if they fit
constexpr int kIndent = 14;

struct Layout {
  int gutter = 0;
  int column = 0;
  int x(std::int64_t event) const { return gutter + static_cast<int>(event - 1) * column; }
};

std::string number(int value) { return std::to_string(value); }

std::string span_style(const OperationSpan& span) {
  if (!span.end) return "operation open";
  if (*span.end == "Failed" || *span.end == "TimedOut") return "failed";
  return span.attempts > 0 ? "fresh" : "operation";
}

std::string span_words(const OperationSpan& span) {
  std::string words = span.path + ": " + span.kind + ", events " +
                      std::to_string(span.first_event) + " to " + std::to_string(span.last_event) +
                      ", " + absl::FormatDuration(absl::Milliseconds(span.end_ms - span.start_ms)) +
                      " of virtual time, " + span.end.value_or("goes on");
  if (span.attempts > 1) words += ", " + std::to_string(span.attempts) + " attempts";
  return words;
}

void draw_span(std::string& out, const OperationSpan& span, const Layout& layout, int top) {
  const int left = layout.x(span.first_event);
  const int width = std::max(layout.x(span.last_event + 1) - left - 3, 4);
  out += "<g><title>" + html_escape(span_words(span)) + "</title>";
  out += "<text x=\"" + number(static_cast<int>(span.depth) * kIndent) + "\" y=\"" +
         number(top + 12) + "\">" + html_escape(span.name) + "</text>";
  out += "<rect class=\"bar " + span_style(span) + "\" x=\"" + number(left) + "\" y=\"" +
         number(top) + "\" width=\"" + number(width) + "\" height=\"" + number(kBar) +
         "\" rx=\"3\"/></g>\n";
}

/// The virtual time at which the events move on, above the first event that has it.
void draw_times(std::string& out, const std::vector<Event>& events, const Layout& layout) {
  std::int64_t shown_ms = events.front().timestamp.ms;
  int free_from = layout.gutter;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const std::int64_t ms = events[i].timestamp.ms;
    if (i > 0 && ms == shown_ms) continue;
    shown_ms = ms;
    const int x = layout.x(static_cast<std::int64_t>(i) + 1);
    if (x < free_from) continue;  // the label before takes the room; the bars have it as a tip
    const std::string text =
        "+" + absl::FormatDuration(absl::Milliseconds(ms - events.front().timestamp.ms));
    out +=
        "<text class=\"soft\" x=\"" + number(x) + "\" y=\"12\">" + html_escape(text) + "</text>\n";
    free_from = x + (static_cast<int>(text.size()) + 1) * kCharacter;
  }
}

}  // namespace

std::string history_svg(const std::vector<Event>& events, std::size_t operations_max) {
  if (events.empty()) return {};
  const HistoryView view = view_history(events);
  const std::size_t shown = std::min(view.operations.size(), operations_max);
  Layout layout;
  for (std::size_t i = 0; i < shown; ++i) {
    const OperationSpan& span = view.operations[i];
    layout.gutter = std::max(
        layout.gutter, static_cast<int>(span.depth) * kIndent +
                           static_cast<int>(character_count(span.name)) * kCharacter + kIndent);
  }
  const int count = static_cast<int>(events.size());
  layout.column = std::clamp(kChart / count, kColumnMin, kColumnMax);
  const int bottom = kHead + static_cast<int>(shown) * kRow;
  std::string body;
  for (const std::int64_t event : view.invocation_ends) {
    const std::string x = number(layout.x(event) + layout.column / 2);
    body += "<path class=\"rule\" d=\"M" + x + " " + number(kHead - 4) + "V" + number(bottom) +
            "\"><title>an invocation ends</title></path>\n";
  }
  draw_times(body, events, layout);
  for (std::size_t i = 0; i < shown; ++i) {
    draw_span(body, view.operations[i], layout, kHead + static_cast<int>(i) * kRow);
  }
  int height = bottom;
  if (shown < view.operations.size()) {
    body += "<text class=\"soft\" x=\"0\" y=\"" + number(bottom + 12) + "\">... and " +
            std::to_string(view.operations.size() - shown) +
            " more operations, which the JSON report has</text>\n";
    height += kRow;
  }
  const std::string width = number(layout.x(count + 1) + 6 * kCharacter);
  return "<svg role=\"img\" aria-label=\"history of " + number(count) + " events\" width=\"" +
         width + "\" height=\"" + number(height) + "\" viewBox=\"0 0 " + width + " " +
         number(height) + "\">\n" + body + "</svg>\n";
}

}  // namespace reprise::internal
