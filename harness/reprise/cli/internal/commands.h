#pragma once

#include <absl/status/statusor.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "reprise/cli/cli.h"
#include "reprise/record/fixture.h"
#include "reprise/record/history_file.h"
#include "reprise/report/json_report.h"

namespace reprise::cli::internal {

/// What a file that the commands know holds.
using Document = std::variant<History, Fixture, ExplorationReport>;

/// Reads a file of any of the three kinds, as strictly as the reader of its kind.  What says its
/// kind is its member `format`; without one it is a history.
absl::StatusOr<Document> load_document(const std::string& path);

/// "history of 12 events", "fixture of order", "report of order".
std::string describe(const Document& document);

/// Marks words for a terminal, or does not.
class Style {
 public:
  explicit Style(bool colours) : colours_(colours) {}
  std::string bold(std::string_view text) const { return mark("1", text); }
  std::string soft(std::string_view text) const { return mark("2", text); }
  std::string bad(std::string_view text) const { return mark("1;31", text); }
  std::string good(std::string_view text) const { return mark("32", text); }
  std::string removed(std::string_view text) const { return mark("31", text); }
  std::string added(std::string_view text) const { return mark("32", text); }

 private:
  std::string mark(const char* code, std::string_view text) const;
  bool colours_;
};

/// The text with `?` for each control character but the newline: what files hold must not steer the
/// terminal.
std::string printable(std::string_view text);
/// How many characters it has.
std::size_t width_of(std::string_view text);
/// The text cut to `columns` characters, its last ones "..." then.
std::string fitted(std::string_view text, std::size_t columns);
/// The text filled with spaces to `columns` characters.
std::string padded(std::string text, std::size_t columns);

std::string show_history(const std::string& name, const History& history, std::size_t columns,
                         const Style& style);
std::string show_fixture(const Fixture& fixture, std::size_t columns, const Style& style);
std::string show_report(const ExplorationReport& report, std::size_t columns, const Style& style);

/// One line of a unified diff.
struct DiffLine {
  char sign = ' ';  ///< ' ' both, '-' the first only, '+' the second only
  std::string text;
};

/// The shortest list of lines that makes `b` of `a`.  Bounded: where the two differ by too much to
/// search, the lines between their common beginning and end are all replaced.
std::vector<DiffLine> diff_lines(const std::vector<std::string>& a,
                                 const std::vector<std::string>& b);

/// The difference of two files as text; empty when there is none.
std::string diff_histories(const std::string& first_name, const History& first,
                           const std::string& second_name, const History& second,
                           std::size_t columns, const Style& style);
std::string diff_fixtures(const std::string& first_name, const Fixture& first,
                          const std::string& second_name, const Fixture& second,
                          std::size_t columns, const Style& style);

}  // namespace reprise::cli::internal
