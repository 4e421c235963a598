#include "reprise/report/html_report.h"

#include <absl/strings/str_join.h>
#include <absl/time/time.h>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "reprise/protocol/json.h"
#include "reprise/record/json_file.h"
#include "reprise/report/internal/html.h"

namespace reprise {
namespace {

using internal::html_escape;

constexpr std::size_t kLanesMax = 200;
constexpr std::size_t kOperationsMax = 200;
constexpr std::size_t kRowsMax = 500;

std::string element(const std::string& tag, const std::string& content,
                    const std::string& style = "") {
  return "<" + tag + (style.empty() ? "" : " class=\"" + style + "\"") + ">" + content + "</" +
         tag + ">";
}

std::string mono(std::string_view text) { return element("code", html_escape(text)); }

std::string fact(const std::string& name, const std::string& content) {
  return element("dt", name) + element("dd", content) + "\n";
}

std::string row(const std::vector<std::string>& cells, const std::string& tag = "td") {
  std::string out = "<tr>";
  for (const std::string& cell : cells) out += element(tag, cell);
  return out + "</tr>\n";
}

/// Tells how many rows a table leaves out; nothing when it leaves out none.
std::string rest_note(std::size_t count, const std::string& what) {
  if (count <= kRowsMax) return {};
  return element("p",
                 "... and " + std::to_string(count - kRowsMax) + " more " + what +
                     ", which the JSON report has.",
                 "soft") +
         "\n";
}

std::string schedule_list(const Schedule& schedule) {
  if (schedule.empty()) return html_escape(describe(schedule));
  std::string out = "<ol style=\"margin:0;padding-left:1.2rem\">";
  for (const ScheduleEvent& event : schedule.events) {
    out += element("li", html_escape(describe(event)));
  }
  return out + "</ol>";
}

std::string outcome_text(const ExecutionOutcome& outcome) {
  std::string text(to_string(outcome.status));
  if (outcome.result) text += " " + outcome.result.str();
  if (outcome.error) {
    text += " " + error_to_json(*outcome.error)
                      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
  return text;
}

// --- tables -------------------------------------------------------------------------------------

/// What the log holds beside what the replay did.
std::string divergences(const RunRecord& record) {
  std::string rows;
  for (const Incident& incident : record.incidents) {
    if (incident.recorded.empty() && incident.current.empty()) continue;
    const std::string style = incident.recorded == incident.current ? "mono" : "mono differs";
    const auto cell = [&](const std::string& text) {
      return "<td class=\"" + style + "\">" +
             (text.empty() ? element("span", "nothing", "soft") : html_escape(text)) + "</td>";
    };
    rows += "<tr><td>" + mono(incident.operation) + "<br><span class=\"soft\">inv " +
            std::to_string(incident.invocation) + "</span></td>" + cell(incident.recorded) +
            cell(incident.current) + "</tr>\n";
  }
  if (rows.empty()) return {};
  return element("h3", "Recorded against replayed") + "\n<table class=\"pair\">\n" +
         row({"operation", "the log holds", "the replay does"}, "th") + rows + "</table>\n";
}

std::string effect_text(const LedgerEntry* entry) {
  if (entry == nullptr) return element("span", "none", "soft");
  std::string out = mono(entry->call());
  if (!entry->key.empty()) out += "<br><span class=\"soft\">key</span> " + mono(entry->key);
  out += "<br><span class=\"soft\">inv " + std::to_string(entry->invocation) + ", " +
         html_escape(entry->operation.view());
  if (entry->attempt > 0) out += ", attempt " + std::to_string(entry->attempt);
  if (!entry->changed) out += ", changed nothing";
  if (entry->in_teardown) out += ", refused: frames were being destroyed";
  return out + "</span>";
}

/// For each effect of a run the one of the run without faults that it is: the same call of the
/// same operation, or else the same action with other arguments.  Each is given away once.
std::vector<const LedgerEntry*> partners_of(const Ledger& ledger, const Ledger& benign) {
  std::vector<const LedgerEntry*> partners(ledger.size(), nullptr);
  std::set<const LedgerEntry*> taken;
  for (const bool same_arguments : {true, false}) {
    for (std::size_t i = 0; i < ledger.size(); ++i) {
      if (partners[i] != nullptr) continue;
      for (const LedgerEntry& other : benign) {
        const bool same = other.operation == ledger[i].operation &&
                          other.target == ledger[i].target && other.action == ledger[i].action &&
                          (!same_arguments || other.arguments == ledger[i].arguments);
        if (!same || !taken.insert(&other).second) continue;
        partners[i] = &other;
        break;
      }
    }
  }
  return partners;
}

std::string effects(const RunRecord& benign, const RunRecord& record) {
  std::vector<std::pair<const LedgerEntry*, const LedgerEntry*>> pairs;
  const std::vector<const LedgerEntry*> partners = partners_of(record.ledger, benign.ledger);
  for (std::size_t i = 0; i < partners.size(); ++i) {
    pairs.emplace_back(partners[i], &record.ledger[i]);
  }
  for (const LedgerEntry& entry : benign.ledger) {
    if (std::find(partners.begin(), partners.end(), &entry) == partners.end()) {
      pairs.emplace_back(&entry, nullptr);
    }
  }
  if (pairs.empty()) return {};
  std::string rows;
  for (std::size_t i = 0; i < std::min(pairs.size(), kRowsMax); ++i) {
    const auto& [expected, found] = pairs[i];
    const bool same = expected != nullptr && found != nullptr && expected->call() == found->call();
    rows += "<tr><td>" + effect_text(expected) + "</td><td" + (same ? "" : " class=\"differs\"") +
            ">" + effect_text(found) + "</td></tr>\n";
  }
  return element("h3", "Effects") + "\n<table class=\"pair\">\n" +
         row({"without faults", "this run"}, "th") + rows + "</table>\n" +
         rest_note(pairs.size(), "effects");
}

std::string outcomes(const RunRecord& benign, const RunRecord& record) {
  std::string rows;
  for (std::size_t i = 0; i < record.outcomes.size(); ++i) {
    const ExecutionOutcome& outcome = record.outcomes[i];
    const auto same =
        std::find_if(benign.outcomes.begin(), benign.outcomes.end(),
                     [&](const ExecutionOutcome& other) { return other.name == outcome.name; });
    const std::string expected =
        same == benign.outcomes.end() ? std::string("none") : outcome_text(*same);
    const std::string found = outcome_text(outcome);
    rows += "<tr><td>" + mono(outcome.name) + "</td><td>" + mono(expected) + "</td><td" +
            (expected == found ? "" : " class=\"differs\"") + ">" + mono(found) + "</td></tr>\n";
  }
  if (rows.empty()) return {};
  return element("h3", "Results") + "\n<table class=\"pair\">\n" +
         row({"execution", "without faults", "this run"}, "th") + rows + "</table>\n";
}

std::string histories(const RunRecord& record) {
  std::string out;
  for (const auto& [name, events] : record.histories) {
    if (events.empty()) continue;
    out += "<details><summary>History of " + mono(name) + ": " + std::to_string(events.size()) +
           " events</summary>\n<figure>\n" + internal::history_svg(events, kOperationsMax) +
           "</figure></details>\n";
  }
  return out;
}

std::string drawn_timeline(const RunRecord& record) {
  return "<figure>\n" + internal::lanes_svg(internal::lanes_of(record), kLanesMax) + "</figure>\n";
}

// --- sections -----------------------------------------------------------------------------------

std::string head(const ExplorationReport& report) {
  const std::string title = report.test.empty() ? report.scenario : report.test;
  const std::size_t count = report.findings.size();
  const std::string verdict =
      report.sound()
          ? element("span", "nothing found", "badge good")
          : element("span", std::to_string(count) + (count == 1 ? " finding" : " findings"),
                    "badge bad");
  const Certificate& certificate = report.certificate;
  std::string out = element("h1", html_escape(title)) + "\n" + element("p", verdict) + "\n<dl>\n";
  out += fact("scenario", mono(report.scenario));
  out += fact("coverage", html_escape(report.coverage));
  out += fact("runs", std::to_string(certificate.runs) + " from the start, " +
                          std::to_string(certificate.resumes) + " from a copy of a state");
  if (report.parts.count > 1) {
    out += fact("parts", std::to_string(report.parts.present.size()) + " of " +
                             std::to_string(report.parts.count) + ", closed " +
                             std::to_string(report.parts.closed.size()));
  }
  return out + "</dl>\n";
}

std::string findings_table(const ExplorationReport& report) {
  if (report.sound()) return {};
  std::string rows = row({"verdict", "operation", "events", "what"}, "th");
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    const ReportedFinding& reported = report.findings[i].reported;
    rows += row({"<a href=\"#finding-" + std::to_string(i + 1) + "\">" +
                     std::string(to_string(reported.finding.verdict)) + "</a>",
                 mono(reported.finding.operation), std::to_string(reported.schedule.size()),
                 html_escape(reported.finding.what)});
  }
  return "<nav><table>\n" + rows + "</table></nav>\n";
}

std::string finding_section(const ExplorationReport& report, std::size_t index) {
  const FindingInReport& each = report.findings[index];
  const Finding& finding = each.reported.finding;
  const RunRecord& record = each.reported.record;
  std::string out = "<section id=\"finding-" + std::to_string(index + 1) + "\">\n<h2>" +
                    element("span", std::string(to_string(finding.verdict)), "badge bad") + " " +
                    mono(finding.operation) + "</h2>\n<dl>\n";
  out += fact("what", html_escape(finding.what));
  out += fact("schedule", schedule_list(each.reported.schedule));
  if (!finding.allowed.empty()) out += fact("allowed", html_escape(finding.allowed));
  if (!each.reported.irrelevant.empty()) {
    out += fact("irrelevant", html_escape(absl::StrJoin(each.reported.irrelevant, ", ")) +
                                  " (each varied, same result)");
  }
  if (!finding.where.empty()) out += fact("where", html_escape(absl::StrJoin(finding.where, ", ")));
  if (!each.fixture.empty()) out += fact("fixture", mono(each.fixture));
  if (!each.again.empty()) out += fact("again", mono(each.again));
  out += fact("mend", html_escape(mending(finding.verdict)));
  if (!record.end_reason.empty()) out += fact("end", html_escape(record.end_reason));
  out += "</dl>\n" + element("h3", "Timeline") + "\n" + drawn_timeline(record);
  out += divergences(record) + outcomes(report.benign, record) + effects(report.benign, record) +
         histories(record);
  return out + "</section>\n";
}

std::string benign_section(const ExplorationReport& report) {
  return "<section id=\"without-faults\">\n" + element("h2", "The run without faults") + "\n" +
         drawn_timeline(report.benign) + histories(report.benign) + "</section>\n";
}

}  // namespace

std::string html_report(const ExplorationReport& report) {
  const std::string title = report.test.empty() ? report.scenario : report.test;
  std::string out =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
      html_escape(title) + " - Reprise</title>\n<style>";
  out += internal::html_style();
  out += "</style>\n</head>\n<body>\n" + head(report) + findings_table(report) +
         internal::html_legend();
  for (std::size_t i = 0; i < report.findings.size(); ++i) out += finding_section(report, i);
  out += benign_section(report) + "</body>\n</html>\n";
  return out;
}

absl::Status save_html_report(const std::string& path, const ExplorationReport& report) {
  return write_text_file(path, html_report(report));
}

}  // namespace reprise
