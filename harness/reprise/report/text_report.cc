#include "reprise/report/text_report.h"

#include <absl/strings/str_join.h>

#include <algorithm>
#include <utility>

#include "reprise/report/internal/screen.h"

namespace reprise {
namespace {

using internal::headline;
using internal::verdict_page;

constexpr std::size_t kLabelWidth = 11;
constexpr std::size_t kTimelineLinesMax = 10;

const char* advice(Verdict verdict) {
  switch (verdict) {
    case Verdict::kDivergentOp:
      return "decide from the event and from results of operations only";
    case Verdict::kDivergentArg:
      return "make the argument in a step, or from the event and results of operations only";
    case Verdict::kDuplicateEffect:
      return "make the effect in a step, with a key that is the same on every attempt";
    case Verdict::kLostEffect:
      return "record that it is done only after it is done, in the same atomic write if possible";
    case Verdict::kOrphanEffect:
      return "let an operation own the effect, and undo it on every path that does not keep it";
    case Verdict::kUnstableOutcome:
      return "read clock, environment and random numbers in steps; keep state in results";
    case Verdict::kStuck:
      return "give every wait a timeout and every loop an end";
    case Verdict::kBoundary:
      return "keep to the contract of the handler API";
    case Verdict::kLimit:
      return "stay under the quota, or store the data elsewhere";
    case Verdict::kInvariant:
      return "the handler breaks what its author promises";
    case Verdict::kAmbientCall:
      return "make such calls in steps, and wait with ctx.wait";
    case Verdict::kLeak:
    case Verdict::kUndecodable:
      break;
  }
  return "see the page";
}

/// The ambient calls of the run that the finding does not name itself.
std::vector<std::string> ambient_notes(const ReportedFinding& reported) {
  const auto names = [&](const std::string& call) {
    const std::vector<std::string>& where = reported.finding.where;
    return reported.finding.what.find(call) != std::string::npos ||
           std::any_of(where.begin(), where.end(), [&](const std::string& each) {
             return each.find(call) != std::string::npos;
           });
  };
  std::vector<std::string> notes;
  for (const AmbientNote& note : reported.record.ambient) {
    const std::string call = describe(note);
    if (!names(call)) notes.push_back("the handler " + call);
  }
  return notes;
}

std::string token(const TimelineMark& mark, bool in_body) {
  switch (mark.kind) {
    case TimelineMark::Kind::kInvocation:
      return {};
    case TimelineMark::Kind::kCall:
      return mark.label + "(";
    case TimelineMark::Kind::kReplayed:
      return mark.label + "~";
    case TimelineMark::Kind::kStarted:
      return mark.label + "..";
    case TimelineMark::Kind::kEffect:
      return mark.label + "!";
    case TimelineMark::Kind::kRecorded:
      return in_body ? ")=" : mark.label + "=";
    case TimelineMark::Kind::kFailed:
      return in_body ? ")x" : mark.label + "x";
    case TimelineMark::Kind::kCrash:
      return "X crash";
    case TimelineMark::Kind::kSuspended:
      return "suspend";
    case TimelineMark::Kind::kReturned:
      return mark.label;
    case TimelineMark::Kind::kThrew:
      return "throw";
    case TimelineMark::Kind::kPlain:
      return "[" + mark.label + "]";
    case TimelineMark::Kind::kFault:
      return "{" + mark.label + "}";
    case TimelineMark::Kind::kArrived:
      return "<" + mark.label + ">";
  }
  return {};
}

}  // namespace

void append_wrapped(std::string& out, std::size_t columns, const std::string& label,
                    const std::string& text) {
  std::string line = "  " + label;
  line.resize(std::max(line.size() + 1, kLabelWidth + 2), ' ');
  const std::size_t indent = line.size();
  const auto end_line = [&] {
    while (line.size() > indent && line.back() == ' ') line.pop_back();
    out += line + "\n";
  };
  std::size_t at = 0;
  while (at < text.size()) {
    while (at < text.size() && text[at] == ' ' && line.size() == indent) ++at;
    std::size_t end = text.find(' ', at + 1);
    if (end == std::string::npos) end = text.size();
    const std::string word = text.substr(at, end - at);
    if (line.size() + word.size() > columns && line.size() > indent) {
      end_line();
      line.assign(indent, ' ');
      continue;
    }
    line += word;
    at = end;
  }
  end_line();
}

std::vector<std::string> timeline(const RunRecord& record) {
  std::vector<std::string> lines;
  std::string open_body;
  int invocation = 0;
  for (const TimelineMark& mark : record.timeline) {
    if (mark.kind == TimelineMark::Kind::kInvocation) {
      invocation = mark.invocation;
      lines.push_back("inv " + std::to_string(invocation));
      if (record.outcomes.size() > 1) lines.back() += " " + mark.label;
      open_body.clear();
      continue;
    }
    if (lines.empty()) lines.emplace_back("start");
    if (mark.invocation != invocation) {  // an overlap has ended, and who stood still goes on
      invocation = mark.invocation;
      lines.push_back("inv " + std::to_string(invocation) + " goes on");
      open_body.clear();
    }
    const bool ends =
        mark.kind == TimelineMark::Kind::kRecorded || mark.kind == TimelineMark::Kind::kFailed;
    const bool in_body = ends && !open_body.empty() && open_body == mark.label;
    lines.back() += "  " + token(mark, in_body);
    if (mark.kind == TimelineMark::Kind::kCall) open_body = mark.label;
    if (in_body) open_body.clear();
  }
  return lines;
}

std::string mending(Verdict verdict) {
  return std::string(advice(verdict)) + ": " + verdict_page(verdict);
}

std::string text_report(const ReportedFinding& reported, const Certificate& certificate,
                        const ReportContext& context) {
  return text_report(reported, certificate.text(), context);
}

std::string text_report(const ReportedFinding& reported, const std::string& coverage,
                        const ReportContext& context) {
  const Finding& finding = reported.finding;
  const std::size_t columns = context.columns;
  std::string out = headline(context.test, finding.verdict);
  append_wrapped(out, columns, "what", finding.what);
  append_wrapped(out, columns, "schedule", describe(reported.schedule));
  if (!finding.allowed.empty()) append_wrapped(out, columns, "allowed", finding.allowed);
  if (!reported.irrelevant.empty()) {
    append_wrapped(out, columns, "irrelevant",
                   absl::StrJoin(reported.irrelevant, ", ") + " (each varied, same result)");
  }
  if (!finding.where.empty())
    append_wrapped(out, columns, "where", absl::StrJoin(finding.where, ", "));
  for (const std::string& note : ambient_notes(reported))
    append_wrapped(out, columns, "note", note);
  std::vector<std::string> lines = timeline(reported.record);
  if (lines.size() > kTimelineLinesMax) {
    const std::size_t hidden = lines.size() - kTimelineLinesMax + 1;
    const auto from = lines.begin() + static_cast<std::ptrdiff_t>(kTimelineLinesMax / 2);
    lines.erase(from, from + static_cast<std::ptrdiff_t>(hidden));
    lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(kTimelineLinesMax / 2),
                 "... " + std::to_string(hidden) + " invocations");
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    append_wrapped(out, columns, i == 0 ? "timeline" : "", lines[i]);
  }
  append_wrapped(out, columns, "coverage", coverage);
  if (!context.fixture.empty()) append_wrapped(out, columns, "fixture", context.fixture);
  if (!context.again.empty()) append_wrapped(out, columns, "again", context.again);
  append_wrapped(out, columns, "mend", mending(finding.verdict));
  return out;
}

std::string text_report(const ReplayedFixture& replayed, const ReportContext& context) {
  if (replayed.outcome == FixtureOutcome::kStale) {
    std::string out;
    if (!replayed.input.empty()) {
      out = "  STALE: nothing is wrong, but the input is not that of the fixture; it is\n    " +
            replayed.input + "\n";
    } else {
      out = "  STALE: this handler never reaches\n";
    }
    for (const ScheduleEvent& event : replayed.unreached) out += "    " + describe(event) + "\n";
    return out + "  Record the failure again, or retire the fixture (docs/fixtures.md).\n";
  }
  if (!replayed.reported) return "  the schedule was replayed and nothing is wrong\n";
  return text_report(*replayed.reported, replayed.certificate, context);
}

}  // namespace reprise
