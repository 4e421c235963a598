#include "reprise/report/merge.h"

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "reprise/record/fixture.h"
#include "reprise/record/run_record_json.h"

namespace reprise {
namespace {

absl::Status mismatch(const NamedReport& report, const std::string& pointer,
                      const std::string& message) {
  return absl::InvalidArgumentError(absl::StrCat(report.name, ": ", pointer, ": ", message));
}

absl::Status expect_same(const NamedReport& first, const NamedReport& other,
                         const std::string& pointer, const std::string& expected,
                         const std::string& found) {
  if (expected == found) return absl::OkStatus();
  return mismatch(other, pointer,
                  absl::StrCat("expected ", expected, " as in ", first.name, ", found ", found));
}

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

/// OK when both are parts of the same exploration.
absl::Status check_together(const NamedReport& first, const NamedReport& other) {
  const ExplorationReport& a = first.report;
  const ExplorationReport& b = other.report;
  absl::Status status =
      expect_same(first, other, "/scenario", quoted(a.scenario), quoted(b.scenario));
  if (status.ok()) status = expect_same(first, other, "/test", quoted(a.test), quoted(b.test));
  if (status.ok()) {
    status = expect_same(first, other, "/parts/count", std::to_string(a.parts.count),
                         std::to_string(b.parts.count));
  }
  if (status.ok() && run_record_to_json(a.benign) != run_record_to_json(b.benign)) {
    status = mismatch(other, "/benign",
                      absl::StrCat("expected the run without faults of ", first.name,
                                   ", found another one: the parts come from different builds"));
  }
  if (status.ok()) {
    status = expect_same(first, other, "/certificate/places", std::to_string(a.certificate.places),
                         std::to_string(b.certificate.places));
  }
  return status;
}

std::vector<int> joined(const std::vector<int>& a, const std::vector<int>& b) {
  std::vector<int> out;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

absl::Status add_parts(ReportParts& parts, const NamedReport& more) {
  const ReportParts& other = more.report.parts;
  for (const int part : other.present) {
    if (std::binary_search(parts.present.begin(), parts.present.end(), part)) {
      return mismatch(more, "/parts/present",
                      absl::StrCat("expected each part once, found part ", part, " of ",
                                   other.count, " again"));
    }
  }
  parts.present = joined(parts.present, other.present);
  parts.closed = joined(parts.closed, other.closed);
  return absl::OkStatus();
}

/// Shorter first; equal lengths by their text, so that the choice does not hang on the order of the
/// files.
bool is_simpler(const Schedule& a, const Schedule& b) {
  if (a.size() != b.size()) return a.size() < b.size();
  return schedule_to_json(a).dump() < schedule_to_json(b).dump();
}

void add_finding(std::vector<FindingInReport>& findings, const FindingInReport& more) {
  for (FindingInReport& known : findings) {
    if (!known.reported.finding.same_as(more.reported.finding)) continue;
    if (is_simpler(more.reported.schedule, known.reported.schedule)) known = more;
    return;
  }
  findings.push_back(more);
}

/// Sums `more` into `sum`; `bounds` collects why parts did not close.
void add_certificate(Certificate& sum, const Certificate& more, std::vector<std::string>& bounds) {
  sum.add_counts(more);
  if (more.closed) return;
  if (more.crashes > 0) {
    sum.crashes = sum.crashes == 0 ? more.crashes : std::min(sum.crashes, more.crashes);
  }
  if (more.bound.empty()) return;
  // What was merged before has the reasons of its parts joined.
  for (const std::string& bound : std::vector<std::string>(absl::StrSplit(more.bound, "; "))) {
    if (std::find(bounds.begin(), bounds.end(), bound) == bounds.end()) bounds.push_back(bound);
  }
}

}  // namespace

absl::StatusOr<ExplorationReport> merge_reports(std::vector<NamedReport> reports) {
  if (reports.empty()) return absl::InvalidArgumentError("expected at least one report to merge");
  std::stable_sort(reports.begin(), reports.end(), [](const NamedReport& a, const NamedReport& b) {
    return a.report.parts.present < b.report.parts.present;
  });
  const NamedReport& first = reports.front();
  ExplorationReport merged = first.report;
  std::vector<std::string> bounds;
  merged.certificate = Certificate();
  merged.certificate.places = first.report.certificate.places;
  merged.certificate.with_crashes = first.report.certificate.with_crashes;
  merged.certificate.with_environments = first.report.certificate.with_environments;
  add_certificate(merged.certificate, first.report.certificate, bounds);
  for (std::size_t i = 1; i < reports.size(); ++i) {
    const NamedReport& more = reports[i];
    absl::Status status = check_together(first, more);
    if (status.ok()) status = add_parts(merged.parts, more);
    if (!status.ok()) return status;
    add_certificate(merged.certificate, more.report.certificate, bounds);
    for (const FindingInReport& finding : more.report.findings) {
      add_finding(merged.findings, finding);
    }
  }
  Certificate& certificate = merged.certificate;
  if (certificate.places_hit > certificate.places) {
    return absl::InvalidArgumentError(absl::StrCat(
        first.name, ": /certificate/places_hit: the parts crash at ", certificate.places_hit,
        " of ", certificate.places, " fault points: a part counts only what it did itself"));
  }
  certificate.bound = absl::StrJoin(bounds, "; ");
  certificate.closed = static_cast<int>(merged.parts.closed.size()) == merged.parts.count;
  merged.coverage = coverage_text(merged);
  return merged;
}

}  // namespace reprise
