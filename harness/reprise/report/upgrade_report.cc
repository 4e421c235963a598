#include "reprise/report/upgrade_report.h"

#include <absl/strings/str_join.h>

#include <algorithm>
#include <vector>

#include "reprise/report/internal/screen.h"

namespace reprise {
namespace {

using internal::append_wrapped;

constexpr std::size_t kScreensMax = 10;
constexpr std::size_t kBreaksMax = 3;
constexpr std::size_t kNotesMax = 5;

const char* advice(Verdict verdict) {
  switch (verdict) {
    case Verdict::kDivergentArg:
      return "keep the argument for executions under way, or accept the change "
             "(UpgradeOptions::accept)";
    case Verdict::kUndecodable:
      return "let decode read the old form too";
    default:
      return "keep the old path for executions under way, or let them end with the old handler";
  }
}

void append_break(std::string& out, const HistoryUpgrade& history, const UpgradeBreak& broken) {
  const UpgradeReason& reason = broken.reason;
  append_wrapped(out, "what", reason.what);
  std::string where = reason.operation;
  if (reason.location.line() != 0) {
    where += (where.empty() ? "called " : " called ") + short_location(reason.location);
  }
  if (!where.empty()) append_wrapped(out, "where", where);
  append_wrapped(out, "breaks", describe(history, broken.ranges));
}

std::string screen(const HistoryUpgrade& history, const std::string& test) {
  const Verdict verdict = history.breaks.front().reason.verdict;
  std::string out = internal::headline(test, verdict);
  append_wrapped(out, "history", history.name);
  append_wrapped(out, "safe", history.safe.empty() ? "nowhere" : describe(history, history.safe));
  const std::size_t shown = std::min(history.breaks.size(), kBreaksMax);
  for (std::size_t i = 0; i < shown; ++i) append_break(out, history, history.breaks[i]);
  const std::size_t hidden = history.breaks.size() - shown;
  if (hidden > 0) {
    append_wrapped(out, "more",
                   std::to_string(hidden) + (hidden == 1 ? " other reason" : " other reasons"));
  }
  for (std::size_t i = 0; i < history.notes.size() && i < kNotesMax; ++i) {
    append_wrapped(out, "note", history.notes[i]);
  }
  append_wrapped(out, "mend",
                 std::string(advice(verdict)) + ": " + internal::verdict_page(verdict));
  return out;
}

}  // namespace

std::string text_report(const UpgradeReport& report, const std::string& test) {
  if (report.histories.empty()) return "FAILED  " + test + "\n  there is no history to check\n";
  std::vector<std::string> screens;
  std::vector<std::string> rest;
  for (const HistoryUpgrade& history : report.histories) {
    if (history.ok()) continue;
    if (screens.size() == kScreensMax) {
      rest.push_back(history.name);
    } else if (!history.status.ok()) {
      screens.push_back("FAILED  " + test + "\n  " + history.name + ": " +
                        std::string(history.status.message()) + "\n");
    } else {
      screens.push_back(screen(history, test));
    }
  }
  std::string out = absl::StrJoin(screens, "\n");
  if (!rest.empty()) {
    out += "\n" + std::to_string(rest.size()) + " other histories break:\n";
    append_wrapped(out, "", absl::StrJoin(rest, ", "));
  }
  return out;
}

}  // namespace reprise
