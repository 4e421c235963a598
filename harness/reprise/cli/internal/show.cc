#include <absl/time/time.h>

#include <algorithm>
#include <sstream>

#include "reprise/cli/internal/commands.h"
#include "reprise/record/history_view.h"
#include "reprise/report/text_report.h"

namespace reprise::cli::internal {
namespace {

constexpr std::size_t kBarMin = 10;
constexpr std::size_t kBarPerEvent = 3;  // columns of an event, if there is room
constexpr std::size_t kNameMax = 40;
constexpr std::size_t kLabelColumns = 13;  // of append_wrapped

std::string elapsed(std::int64_t ms) { return absl::FormatDuration(absl::Milliseconds(ms)); }

std::string counted(std::size_t count, const std::string& one) {
  return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

/// Where events lie on a line of so many columns.
struct Axis {
  std::size_t events = 1;
  std::size_t columns = 1;

  std::size_t column_of(std::int64_t event) const {
    return static_cast<std::size_t>(event - 1) * columns / events;
  }
};

/// The cells of one operation, without its bar.
std::vector<std::string> cells_of(const OperationSpan& span, TimestampMs start_ms) {
  return {"+" + elapsed(span.start_ms - start_ms),
          std::string(2 * span.depth, ' ') + fitted(printable(span.name), kNameMax),
          printable(span.kind),
          span.end.value_or("open") +
              (span.attempts > 1 ? ", " + std::to_string(span.attempts) + " attempts" : ""),
          std::to_string(span.first_event) + "-" + std::to_string(span.last_event)};
}

/// `=` a step, `-` anything else; `>` at the end of what goes on.
std::string bar_of(const OperationSpan& span, const Axis& axis) {
  std::string bar(axis.columns, ' ');
  const std::size_t first = axis.column_of(span.first_event);
  const std::size_t last = std::max(first + 1, axis.column_of(span.last_event + 1)) - 1;
  for (std::size_t i = first; i <= last; ++i) bar[i] = span.attempts > 0 ? '=' : '-';
  if (!span.end) bar[last] = '>';
  bar.erase(bar.find_last_not_of(' ') + 1);
  return bar;
}

std::string coloured(const OperationSpan& span, const std::string& text, const Style& style) {
  if (!span.end) return style.soft(text);
  if (*span.end == "Succeeded") return text;
  return style.bad(text);
}

std::string invocation_rule(const HistoryView& view, const Axis& axis) {
  std::string rule(axis.columns, ' ');
  for (const std::int64_t event : view.invocation_ends) rule[axis.column_of(event)] = '|';
  rule.erase(rule.find_last_not_of(' ') + 1);
  return rule;
}

/// Lines of the one screen, made printable, with their labels less loud than what they say.
std::string labels_softened(const std::string& screen, const Style& style) {
  std::istringstream lines(printable(screen));
  std::string out;
  for (std::string line; std::getline(lines, line);) {
    out += style.soft(line.substr(0, kLabelColumns)) +
           (line.size() > kLabelColumns ? line.substr(kLabelColumns) : "") + "\n";
  }
  return out;
}

}  // namespace

std::string show_history(const std::string& name, const History& history, std::size_t columns,
                         const Style& style) {
  const HistoryView view = view_history(history.events);
  const std::string head = name + ": " + (view.end.empty() ? "goes on" : view.end) + ", " +
                           counted(history.events.size(), "event") + ", " +
                           counted(view.invocation_ends.size(), "invocation") + ", " +
                           elapsed(view.end_ms - view.start_ms) + " of virtual time";
  std::string out = style.bold(fitted(printable(head), columns)) + "\n";
  std::vector<std::vector<std::string>> table = {{"start", "operation", "kind", "end", "events"}};
  for (const OperationSpan& span : view.operations) table.push_back(cells_of(span, view.start_ms));
  std::vector<std::size_t> widths(table.front().size(), 0);
  for (const auto& row : table) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::size_t left = 2;
  for (const std::size_t width : widths) left += width + 2;
  Axis axis;
  axis.events = history.events.size();
  const std::size_t room = columns > left + kBarMin ? columns - left : kBarMin;
  axis.columns = std::min(room, axis.events * kBarPerEvent);
  for (std::size_t i = 0; i < table.size(); ++i) {
    std::string line = "  ";
    for (std::size_t j = 0; j < widths.size(); ++j) line += padded(table[i][j], widths[j]) + "  ";
    line += i == 0 ? invocation_rule(view, axis) : bar_of(view.operations[i - 1], axis);
    line = fitted(line, columns);
    line.erase(line.find_last_not_of(' ') + 1);
    out += (i == 0 ? style.soft(line) : coloured(view.operations[i - 1], line, style)) + "\n";
  }
  if (!view.lines.empty()) {
    out += "  " + style.soft(fitted(printable(view.lines.back()), columns - 2)) + "\n";
  }
  return out;
}

std::string show_fixture(const Fixture& fixture, std::size_t columns, const Style& style) {
  std::string out = style.bold(fitted(printable(fixture.scenario), columns)) + "  " +
                    style.bad(to_string(fixture.verdict)) + "\n";
  std::string facts;
  append_wrapped(facts, columns, "operation", fixture.operation);
  if (!fixture.subject.empty()) append_wrapped(facts, columns, "subject", fixture.subject);
  if (!fixture.what.empty()) append_wrapped(facts, columns, "what", fixture.what);
  append_wrapped(facts, columns, "expect",
                 fixture.expect == Fixture::Expect::kMended ? "mended: it must not fail any more"
                                                            : "failing: it must fail as recorded");
  if (fixture.schedule.empty()) {
    append_wrapped(facts, columns, "schedule", reprise::describe(fixture.schedule));
  }
  for (std::size_t i = 0; i < fixture.schedule.size(); ++i) {
    append_wrapped(facts, columns, i == 0 ? "schedule" : "",
                   std::to_string(i + 1) + ". " + reprise::describe(fixture.schedule.events[i]));
  }
  return out + labels_softened(facts, style);
}

std::string show_report(const ExplorationReport& report, std::size_t columns, const Style& style) {
  const std::string name = report.test.empty() ? report.scenario : report.test;
  if (report.sound()) {
    std::string facts;
    append_wrapped(facts, columns, "coverage", report.coverage);
    const std::vector<std::string> lines = timeline(report.benign);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      append_wrapped(facts, columns, i == 0 ? "timeline" : "", lines[i]);
    }
    return style.good("SOUND") + "   " + style.bold(fitted(printable(name), columns - 8)) + "\n" +
           labels_softened(facts, style);
  }
  std::string out;
  for (const FindingInReport& each : report.findings) {
    if (!out.empty()) out += "\n";
    ReportContext context = report_context(report, each);
    context.columns = columns;
    const std::string screen = text_report(each.reported, report.coverage, context);
    const std::size_t head_end = screen.find('\n');
    const std::string head = printable(screen.substr(0, head_end));
    out += style.bad(head.substr(0, 6)) + head.substr(6) + "\n" +
           labels_softened(screen.substr(head_end + 1), style);
  }
  return out;
}

}  // namespace reprise::cli::internal
