#include "reprise/cli/cli.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "reprise/cli/internal/commands.h"
#include "reprise/report/html_report.h"
#include "reprise/report/merge.h"

namespace reprise::cli {
namespace {

using internal::Document;
using internal::Style;

constexpr std::size_t kColumnsMin = 40;
constexpr std::size_t kColumnsMax = 1000;

constexpr const char* kHelp = R"(reprise COMMAND [ARGUMENT...]

  show FILE              the timeline of a history, a fixture or a report
  diff A B               where two histories or two fixtures differ
  check FILE...          whether files are what the tool can read
  html REPORT            a report as a page
  merge OUT REPORT...    the parts of an exploration as one report

reprise COMMAND --help says more.  Exit status: 0; 1 when diff finds a difference or check a file
that is wrong; 2 for a wrong argument or a file that cannot be read or written.
)";

constexpr const char* kShowHelp = R"(reprise show [--width N] FILE

Shows a history, a fixture or a JSON report as text.  A history: each operation with its start in
virtual time, its kind, how it ended, its events and a bar from the first to the last of them (`=` a
step, `-` anything else, `>` it goes on, `|` an invocation ends).  A report: one screen a finding.

  --width N   fits lines to N columns, 40 to 1000; default: those of the terminal, otherwise 100

Colours are used on a terminal, unless the environment variable NO_COLOR is set.
Exit status: 0; 2 for a wrong argument or a file that cannot be read.
)";

constexpr const char* kDiffHelp = R"(reprise diff [--width N] A B

Shows where two histories differ, in the handler's terms, and the first event that does; times, ids
and tokens are not compared.  Two fixtures: where their schedules and findings differ.

  --width N   fits lines to N columns, 40 to 1000; default: those of the terminal, otherwise 100

Exit status: 0 when there is no difference; 1 when there is one; 2 for a wrong argument, a file that
cannot be read, or files of different kinds.
)";

constexpr const char* kCheckHelp = R"(reprise check FILE...

Reads histories, fixtures and JSON reports strictly and says for each what it is or what is wrong
with it, with file and place.

Exit status: 0 when all are right; 1 when one is not, or cannot be read; 2 for a wrong argument.
)";

constexpr const char* kHtmlHelp = R"(reprise html REPORT [-o OUT]

Writes a JSON report as one HTML page that needs nothing else.

  -o, --out OUT   the file to write; default: that of the report, .html in the place of .json

Exit status: 0; 2 for a wrong argument or a file that cannot be read or written.
)";

constexpr const char* kMergeHelp = R"(reprise merge OUT REPORT...

Joins the JSON reports of the parts of one exploration and writes the result to OUT.  A finding that
several parts report is kept once, with the shortest schedule; counts are summed; the result is
closed only if every part is there and closed.

Exit status: 0; 2 for a wrong argument, a file that cannot be read or written, or reports that do
not belong together.
)";

/// A command line, taken apart.
struct Arguments {
  std::vector<std::string> files;
  std::string out;  ///< -o
  std::size_t columns = 0;
  bool help = false;
  std::string error;
};

/// Which switches a command has.
struct Switches {
  bool width = false;
  bool out = false;
};

void set_width(Arguments& arguments, const std::string& value) {
  int columns = 0;
  const bool fits = absl::SimpleAtoi(value, &columns) && columns >= static_cast<int>(kColumnsMin) &&
                    columns <= static_cast<int>(kColumnsMax);
  if (!fits) {
    arguments.error = absl::StrCat("--width: expected a number from ", kColumnsMin, " to ",
                                   kColumnsMax, ", found \"", value, "\"");
    return;
  }
  arguments.columns = static_cast<std::size_t>(columns);
}

Arguments parse(const std::vector<std::string>& words, const Switches& switches) {
  Arguments arguments;
  for (std::size_t i = 1; i < words.size() && arguments.error.empty(); ++i) {
    const std::string& word = words[i];
    const std::string flag = word.substr(0, word.find('='));
    const bool is_width = switches.width && flag == "--width";
    const bool is_out = switches.out && (word == "-o" || flag == "--out");
    if (word == "--help") {
      arguments.help = true;
    } else if (is_width || is_out) {
      const bool inside = flag.size() < word.size();
      if (!inside && i + 1 == words.size()) {
        arguments.error = flag + " needs a value";
        break;
      }
      const std::string value = inside ? word.substr(flag.size() + 1) : words[++i];
      if (is_width) {
        set_width(arguments, value);
      } else if (value.empty()) {
        arguments.error = flag + " needs a value";
      } else {
        arguments.out = value;
      }
    } else if (word.size() > 1 && word.front() == '-') {
      arguments.error = "unknown argument " + word;
    } else {
      arguments.files.push_back(word);
    }
  }
  return arguments;
}

CommandResult failure(const std::string& message) {
  return {kUsage, "", internal::printable("reprise: " + message) + "\n"};
}

CommandResult failure(const absl::Status& status) { return failure(std::string(status.message())); }

// --- commands -----------------------------------------------------------------------------------

CommandResult show(const Arguments& arguments, std::size_t columns, const Style& style) {
  const std::string& path = arguments.files.front();
  const absl::StatusOr<Document> document = internal::load_document(path);
  if (!document.ok()) return failure(document.status());
  if (const auto* history = std::get_if<History>(&*document)) {
    return {kOk, internal::show_history(path, *history, columns, style), ""};
  }
  if (const auto* fixture = std::get_if<Fixture>(&*document)) {
    return {kOk, internal::show_fixture(*fixture, columns, style), ""};
  }
  return {kOk, internal::show_report(std::get<ExplorationReport>(*document), columns, style), ""};
}

CommandResult diff(const Arguments& arguments, std::size_t columns, const Style& style) {
  const std::string& first_path = arguments.files[0];
  const std::string& second_path = arguments.files[1];
  const absl::StatusOr<Document> first = internal::load_document(first_path);
  if (!first.ok()) return failure(first.status());
  const absl::StatusOr<Document> second = internal::load_document(second_path);
  if (!second.ok()) return failure(second.status());
  const History* const histories[] = {std::get_if<History>(&*first),
                                      std::get_if<History>(&*second)};
  const Fixture* const fixtures[] = {std::get_if<Fixture>(&*first), std::get_if<Fixture>(&*second)};
  std::string text;
  if (histories[0] != nullptr && histories[1] != nullptr) {
    text = internal::diff_histories(first_path, *histories[0], second_path, *histories[1], columns,
                                    style);
  } else if (fixtures[0] != nullptr && fixtures[1] != nullptr) {
    text = internal::diff_fixtures(first_path, *fixtures[0], second_path, *fixtures[1], columns,
                                   style);
  } else {
    return failure("diff: expected two histories or two fixtures, found " + first_path + ", a " +
                   internal::describe(*first) + ", and " + second_path + ", a " +
                   internal::describe(*second));
  }
  return {text.empty() ? kOk : kDiffers, text, ""};
}

CommandResult check(const Arguments& arguments, std::size_t /*columns*/, const Style& style) {
  CommandResult result;
  for (const std::string& path : arguments.files) {
    const absl::StatusOr<Document> document = internal::load_document(path);
    if (document.ok()) {
      result.out += internal::printable(path + ": ") + style.good("ok") +
                    internal::printable(", " + internal::describe(*document)) + "\n";
    } else {
      result.status = kDiffers;
      result.err += internal::printable(std::string(document.status().message())) + "\n";
    }
  }
  return result;
}

CommandResult html(const Arguments& arguments, std::size_t /*columns*/, const Style& /*style*/) {
  const std::string& path = arguments.files.front();
  const absl::StatusOr<ExplorationReport> report = load_report(path);
  if (!report.ok()) return failure(report.status());
  std::string out = arguments.out;
  if (out.empty()) {
    const bool named = path.size() > 5 && path.substr(path.size() - 5) == ".json";
    out = (named ? path.substr(0, path.size() - 5) : path) + ".html";
  }
  const absl::Status saved = save_html_report(out, *report);
  if (!saved.ok()) return failure(saved);
  return {kOk, internal::printable(out) + "\n", ""};
}

CommandResult merge(const Arguments& arguments, std::size_t /*columns*/, const Style& style) {
  const std::string& out = arguments.files.front();
  std::vector<NamedReport> parts;
  for (std::size_t i = 1; i < arguments.files.size(); ++i) {
    const std::string& path = arguments.files[i];
    absl::StatusOr<ExplorationReport> report = load_report(path);
    if (!report.ok()) return failure(report.status());
    parts.push_back({path, *std::move(report)});
  }
  const absl::StatusOr<ExplorationReport> merged = merge_reports(std::move(parts));
  if (!merged.ok()) return failure(merged.status());
  const absl::Status saved = save_report(out, *merged);
  if (!saved.ok()) return failure(saved);
  const std::size_t count = merged->findings.size();
  const std::string findings = absl::StrCat(count, count == 1 ? " finding" : " findings");
  return {kOk,
          internal::printable(out + ": ") +
              (count == 0 ? style.good(findings) : style.bad(findings)) +
              internal::printable(", " + merged->coverage) + "\n",
          ""};
}

struct Command {
  const char* name;
  const char* help;
  Switches switches;
  std::size_t files_min;
  std::size_t files_max;
  CommandResult (*run)(const Arguments&, std::size_t columns, const Style&);
};

constexpr std::size_t kAny = 100000;
constexpr Command kCommands[] = {
    {"show", kShowHelp, {true, false}, 1, 1, show},
    {"diff", kDiffHelp, {true, false}, 2, 2, diff},
    {"check", kCheckHelp, {false, false}, 1, kAny, check},
    {"html", kHtmlHelp, {false, true}, 1, 1, html},
    {"merge", kMergeHelp, {false, false}, 2, kAny, merge},
};

CommandResult run_known(const Command& command, const std::vector<std::string>& words,
                        const Terminal& terminal) {
  const Arguments arguments = parse(words, command.switches);
  const std::string usage = std::string("\n\n") + command.help;
  if (arguments.help) return {kOk, command.help, ""};
  if (!arguments.error.empty()) return failure(words.front() + ": " + arguments.error + usage);
  if (arguments.files.size() < command.files_min || arguments.files.size() > command.files_max) {
    return failure(absl::StrCat(words.front(), ": expected ",
                                command.files_max == kAny ? "at least " : "", command.files_min,
                                command.files_min == 1 ? " file" : " files", ", found ",
                                arguments.files.size(), usage));
  }
  const std::size_t columns = arguments.columns != 0
                                  ? arguments.columns
                                  : std::clamp(terminal.columns, kColumnsMin, kColumnsMax);
  return command.run(arguments, columns, Style(terminal.colours));
}

}  // namespace

CommandResult run_command(const std::vector<std::string>& words, const Terminal& terminal) {
  if (words.empty()) return failure(std::string("expected a command\n\n") + kHelp);
  if (words.front() == "--help") return {kOk, kHelp, ""};
  for (const Command& command : kCommands) {
    if (words.front() == command.name) return run_known(command, words, terminal);
  }
  return failure("unknown command " + words.front() + "\n\n" + kHelp);
}

}  // namespace reprise::cli
