#include "scenarios/zoo/census.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <absl/strings/str_join.h>

#include <algorithm>
#include <functional>

namespace scenarios::zoo {
namespace {

template <class T>
std::pair<T, T> median_and_worst(std::vector<T> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  return {values[values.size() / 2], values.back()};
}

int count(const std::vector<Row>& rows, const std::function<bool(const Row&)>& holds) {
  return static_cast<int>(std::count_if(rows.begin(), rows.end(), holds));
}

bool is_handler_entry(const ZooEntry& entry) { return entry.family() != "X"; }

std::string expected_of(const ZooEntry& entry) {
  return entry.expected ? std::string(to_string(*entry.expected)) : "silent";
}

std::string events_of(const Row& row) {
  const Sighting::Report* report = row.report();
  return report == nullptr ? "" : absl::StrCat(report->events);
}

std::string cause_of(const Row& row) {
  if (row.entry->cause.empty() || row.report() == nullptr) return "";
  return row.cause_named() ? "named" : "not named";
}

std::string twin_of(const Row& row) {
  if (row.entry->fixed == nullptr) return "";
  if (row.fixed.silent()) return "silent";
  return row.fixed.died.empty() ? row.fixed.reports.front().verdict : row.fixed.died;
}

}  // namespace

const Sighting::Report* Row::report() const {
  if (!entry->expected) return nullptr;
  for (const Sighting::Report& each : buggy.reports) {
    if (each.verdict == to_string(*entry->expected)) return &each;
  }
  return buggy.reports.empty() ? nullptr : &buggy.reports.front();
}

bool Row::found() const {
  const Sighting::Report* best = report();
  return best != nullptr && best->verdict == to_string(*entry->expected);
}

bool Row::found_as_other() const { return report() != nullptr && !found(); }

bool Row::cause_named() const {
  const Sighting::Report* best = report();
  if (best == nullptr) return false;
  // A report is broken into lines anywhere.
  std::string text = best->text;
  std::replace(text.begin(), text.end(), '\n', ' ');
  text.erase(
      std::unique(text.begin(), text.end(), [](char a, char b) { return a == ' ' && b == ' '; }),
      text.end());
  return text.find(entry->cause) != std::string::npos;
}

std::string Row::got() const {
  const Sighting& seen = entry->is_decoy() ? fixed : buggy;
  if (!seen.died.empty()) return seen.died;
  if (seen.reports.empty()) return "silent";
  return entry->is_decoy() ? seen.reports.front().verdict : report()->verdict;
}

int Census::entries() const {
  return count(rows, [](const Row& row) { return is_handler_entry(*row.entry); });
}
int Census::found() const {
  return count(rows, [](const Row& row) { return is_handler_entry(*row.entry) && row.found(); });
}
int Census::found_as_other() const {
  return count(rows,
               [](const Row& row) { return is_handler_entry(*row.entry) && row.found_as_other(); });
}
int Census::false_alarms() const {
  return count(rows, [](const Row& row) { return row.false_alarm(); });
}

std::pair<int, int> Census::causes() const {
  return {
      count(rows, [](const Row& row) { return !row.entry->cause.empty() && row.cause_named(); }),
      count(rows, [](const Row& row) { return !row.entry->cause.empty(); })};
}

std::pair<std::size_t, std::size_t> Census::events() const {
  std::vector<std::size_t> all;
  for (const Row& row : rows) {
    if (is_handler_entry(*row.entry) && row.found()) all.push_back(row.report()->events);
  }
  return median_and_worst(std::move(all));
}

std::pair<double, double> Census::ms() const {
  std::vector<double> all;
  for (const Row& row : rows) {
    if (is_handler_entry(*row.entry) && row.found()) all.push_back(row.buggy.ms);
  }
  return median_and_worst(std::move(all));
}

bool Census::canary_seen() const {
  return std::all_of(rows.begin(), rows.end(), [](const Row& row) {
    return is_handler_entry(*row.entry) || row.entry->is_decoy() || row.found();
  });
}

std::string line(const Row& row) {
  std::string text = absl::StrFormat(
      "%-5s%-46s%-17s%-17s%8.0f ms", std::string(row.entry->id), std::string(row.entry->name),
      expected_of(*row.entry), row.got(), row.entry->is_decoy() ? row.fixed.ms : row.buggy.ms);
  const Sighting::Report* report = row.report();
  if (report != nullptr) {
    absl::StrAppendFormat(&text, "  %d event%s", report->events, report->events == 1 ? "" : "s");
  }
  const std::string cause = cause_of(row);
  if (!cause.empty()) absl::StrAppend(&text, "  cause ", cause);
  if (row.false_alarm()) absl::StrAppend(&text, "  FALSE ALARM ", twin_of(row));
  return text;
}

std::string line(const Ablation& ablation) {
  return absl::StrFormat(
      "without %-4s loses %s", std::string(to_string(ablation.mechanism)),
      ablation.lost.empty()
          ? "nothing"
          : absl::StrJoin(ablation.lost, ", ", [](std::string* out, auto id) { out->append(id); }));
}

std::string summary(const Census& census) {
  const auto [named, causes] = census.causes();
  const auto [events, events_worst] = census.events();
  const auto [ms, ms_worst] = census.ms();
  std::string text;
  absl::StrAppend(&text, "found         ", census.found(), "/", census.entries(),
                  " with the expected verdict, ", census.found_as_other(), " with another\n");
  absl::StrAppend(&text, "false alarms  ", census.false_alarms(), "\n");
  absl::StrAppend(&text, "canary        ", census.canary_seen() ? "seen" : "SILENT", "\n");
  absl::StrAppendFormat(&text, "time          median %.0f ms, worst %.0f ms\n", ms, ms_worst);
  absl::StrAppend(&text, "schedule      median ", events, ", worst ", events_worst, " events\n");
  absl::StrAppend(&text, "cause named   ", named, "/", causes, " of ND, CF and ST\n");
  return text;
}

std::string page(const Census& census) {
  std::string text =
      "# The zoo\n\n"
      "Known mistakes in durable handlers, each as a pair of small handlers: one that is wrong, "
      "and\n"
      "one that differs by the smallest edit and is right. Reprise must report the first, with "
      "the\n"
      "verdict expected, and be silent about the second. Decoys are correct code that looks "
      "wrong.\n"
      "The sources are in `scenarios/zoo`, one file a family. This page is written by\n\n"
      "```sh\n./dev zoo --write-docs docs/zoo.md\n```\n\n"
      "*Official today* is what a vendor's own tool finds before production, in any language:\n"
      "**dev-time** (a lint, sandbox or test mode reports it), **partial** (only some shapes),\n"
      "**stored histories only**, **run time only** (when it has already happened), **none**.\n\n"
      "## Figures\n\n";
  const auto [named, causes] = census.causes();
  const auto [events, events_worst] = census.events();
  const auto [ms, ms_worst] = census.ms();
  absl::StrAppend(&text, "| figure | value |\n|---|---|\n");
  absl::StrAppend(&text, "| budget | ", census.budget, " |\n");
  absl::StrAppend(&text, "| found with the expected verdict | ", census.found(), " of ",
                  census.entries(), " |\n");
  absl::StrAppend(&text, "| found with another verdict | ", census.found_as_other(), " |\n");
  absl::StrAppend(&text, "| false alarms on fixed twins and decoys | ", census.false_alarms(),
                  " |\n");
  absl::StrAppendFormat(&text, "| time of an exploration | median %.0f ms, worst %.0f ms |\n", ms,
                        ms_worst);
  absl::StrAppend(&text, "| events in the minimal schedule | median ", events, ", worst ",
                  events_worst, " |\n");
  absl::StrAppend(&text, "| cause named, of ND, CF and ST | ", named, " of ", causes, " |\n");
  absl::StrAppend(
      &text, "\n## Entries\n\n",
      "| id | name | expected | got | ms | events | cause | fixed twin | official today "
      "|\n|---|---|---|---|---|---|---|---|---|\n");
  for (const Row& row : census.rows) {
    absl::StrAppendFormat(&text, "| %s | %s | %s | %s | %.0f | %s | %s | %s | %s |\n",
                          std::string(row.entry->id), std::string(row.entry->name),
                          expected_of(*row.entry), row.got(),
                          row.entry->is_decoy() ? row.fixed.ms : row.buggy.ms, events_of(row),
                          cause_of(row), twin_of(row), std::string(row.entry->official));
  }
  if (census.ablations.empty()) return text;
  absl::StrAppend(&text, "\n## Without a mechanism\n\n",
                  "Which of the entries found are lost when a [mechanism](mechanisms.md) is "
                  "switched off.\n\n| without | lost |\n|---|---|\n");
  for (const Ablation& ablation : census.ablations) {
    std::vector<std::string> lost(ablation.lost.begin(), ablation.lost.end());
    absl::StrAppend(&text, "| ", std::string(to_string(ablation.mechanism)), " | ",
                    lost.empty() ? "nothing" : absl::StrJoin(lost, ", "), " |\n");
  }
  return text;
}

}  // namespace scenarios::zoo
