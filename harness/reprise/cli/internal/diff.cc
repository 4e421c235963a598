#include <algorithm>
#include <cstdint>
#include <utility>

#include "reprise/cli/internal/commands.h"
#include "reprise/record/history_view.h"

namespace reprise::cli::internal {
namespace {

constexpr std::size_t kCellsMax = 16'000'000;  // of the table of common subsequences
constexpr std::size_t kContext = 3;            // equal lines shown around a difference

using Lines = std::vector<std::string>;

void append(std::vector<DiffLine>& out, char sign, const Lines& lines, std::size_t from,
            std::size_t to) {
  for (std::size_t i = from; i < to; ++i) out.push_back({sign, lines[i]});
}

/// The middle of two texts, `a[begin, a_end)` and `b[begin, b_end)`, by their longest common
/// subsequence.
void append_middle(std::vector<DiffLine>& out, const Lines& a, const Lines& b, std::size_t begin,
                   std::size_t a_end, std::size_t b_end) {
  const std::size_t rows = a_end - begin;
  const std::size_t columns = b_end - begin;
  if (rows > 0 && columns > kCellsMax / rows) {
    append(out, '-', a, begin, a_end);
    append(out, '+', b, begin, b_end);
    return;
  }
  // common[i][j]: length of the longest common subsequence of what is behind a[i] and b[j].
  std::vector<std::uint32_t> common((rows + 1) * (columns + 1), 0);
  const auto at = [&](std::size_t i, std::size_t j) -> std::uint32_t& {
    return common[i * (columns + 1) + j];
  };
  for (std::size_t i = rows; i-- > 0;) {
    for (std::size_t j = columns; j-- > 0;) {
      at(i, j) = a[begin + i] == b[begin + j] ? at(i + 1, j + 1) + 1
                                              : std::max(at(i + 1, j), at(i, j + 1));
    }
  }
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < rows || j < columns) {
    if (i < rows && j < columns && a[begin + i] == b[begin + j]) {
      out.push_back({' ', a[begin + i]});
      ++i;
      ++j;
    } else if (i < rows && (j == columns || at(i + 1, j) >= at(i, j + 1))) {
      out.push_back({'-', a[begin + i++]});
    } else {
      out.push_back({'+', b[begin + j++]});
    }
  }
}

/// The lines of a diff with some equal ones around each difference; a head before each piece says
/// which lines of the two files follow, called `unit`.
std::string pieces(const std::vector<DiffLine>& lines, const std::string& unit, std::size_t columns,
                   const Style& style) {
  std::vector<bool> shown(lines.size(), false);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].sign == ' ') continue;
    const std::size_t from = i > kContext ? i - kContext : 0;
    const std::size_t to = std::min(lines.size(), i + kContext + 1);
    std::fill(shown.begin() + static_cast<std::ptrdiff_t>(from),
              shown.begin() + static_cast<std::ptrdiff_t>(to), true);
  }
  std::string out;
  std::size_t in_a = 1;
  std::size_t in_b = 1;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (shown[i] && (i == 0 || !shown[i - 1])) {
      out += style.soft("@@ " + unit + " -" + std::to_string(in_a) + " +" + std::to_string(in_b) +
                        " @@") +
             "\n";
    }
    const DiffLine& line = lines[i];
    if (shown[i]) {
      const std::string text =
          fitted(std::string(1, line.sign) + " " + printable(line.text), columns);
      out += (line.sign == '-'   ? style.removed(text)
              : line.sign == '+' ? style.added(text)
                                 : text) +
             "\n";
    }
    if (line.sign != '+') ++in_a;
    if (line.sign != '-') ++in_b;
  }
  return out;
}

std::string heads(const std::string& first_name, const std::string& second_name,
                  const Style& style) {
  return style.removed("--- " + printable(first_name)) + "\n" +
         style.added("+++ " + printable(second_name)) + "\n";
}

/// The first line that differs, from 0; both texts differ.
std::size_t first_difference(const Lines& a, const Lines& b) {
  std::size_t i = 0;
  while (i < a.size() && i < b.size() && a[i] == b[i]) ++i;
  return i;
}

std::string event_or_end(const Lines& lines, std::size_t index) {
  return index < lines.size() ? lines[index] : "the history ends";
}

Lines lines_of(const Fixture& fixture) {
  Lines lines = {
      "scenario " + fixture.scenario,
      fixture.expect == Fixture::Expect::kMended ? "expect mended" : "expect failing",
      "verdict " + std::string(to_string(fixture.verdict)),
      "operation " + fixture.operation,
      "subject " + fixture.subject,
      "what " + fixture.what,
      "input " + fixture.input.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)};
  for (const ScheduleEvent& event : fixture.schedule.events) {
    lines.push_back("event " + reprise::describe(event));
  }
  return lines;
}

}  // namespace

std::vector<DiffLine> diff_lines(const Lines& a, const Lines& b) {
  const std::size_t shorter = std::min(a.size(), b.size());
  std::size_t begin = 0;
  while (begin < shorter && a[begin] == b[begin]) ++begin;
  std::size_t tail = 0;
  while (tail < shorter - begin && a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) ++tail;
  std::vector<DiffLine> out;
  append(out, ' ', a, 0, begin);
  append_middle(out, a, b, begin, a.size() - tail, b.size() - tail);
  append(out, ' ', a, a.size() - tail, a.size());
  return out;
}

std::string diff_histories(const std::string& first_name, const History& first,
                           const std::string& second_name, const History& second,
                           std::size_t columns, const Style& style) {
  const Lines a = view_history(first.events).lines;
  const Lines b = view_history(second.events).lines;
  if (a == b) return {};
  const std::size_t at = first_difference(a, b);
  std::string out = style.bold("first difference at event " + std::to_string(at + 1)) + "\n";
  out += "  " + fitted(printable(first_name + ": " + event_or_end(a, at)), columns - 2) + "\n";
  out += "  " + fitted(printable(second_name + ": " + event_or_end(b, at)), columns - 2) + "\n\n";
  return out + heads(first_name, second_name, style) +
         pieces(diff_lines(a, b), "events", columns, style);
}

std::string diff_fixtures(const std::string& first_name, const Fixture& first,
                          const std::string& second_name, const Fixture& second,
                          std::size_t columns, const Style& style) {
  if (first == second) return {};
  return heads(first_name, second_name, style) +
         pieces(diff_lines(lines_of(first), lines_of(second)), "lines", columns, style);
}

}  // namespace reprise::cli::internal
