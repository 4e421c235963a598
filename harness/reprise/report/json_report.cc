#include "reprise/report/json_report.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "reprise/protocol/internal/json_reader.h"
#include "reprise/record/fixture.h"
#include "reprise/record/internal/finding_json.h"
#include "reprise/record/internal/prefixed_status.h"
#include "reprise/record/json_file.h"
#include "reprise/record/run_record_json.h"

namespace reprise {
namespace {

using internal::JsonReader;
using internal::ObjectReader;
using nlohmann::json;

constexpr int kPartsMax = 100000;

json parts_to_json(const ReportParts& parts) {
  return {{"count", parts.count}, {"present", parts.present}, {"closed", parts.closed}};
}

json certificate_to_json(const Certificate& certificate) {
  json tried = json::array();
  for (const Certificate::Tried& each : certificate.tried) {
    tried.push_back({{"what", each.what}, {"count", each.count}, {"total", each.total}});
  }
  json out = {{"tried", std::move(tried)},
              {"states_of_variants", certificate.states_of_variants},
              {"variants_not_closed", certificate.variants_not_closed},
              {"closed", certificate.closed},
              {"states", certificate.states},
              {"resumes", certificate.resumes},
              {"runs", certificate.runs},
              {"places", certificate.places},
              {"places_hit", certificate.places_hit},
              {"crashes", certificate.crashes},
              {"bound", certificate.bound}};
  if (!certificate.with_crashes) out["with_crashes"] = false;
  if (certificate.with_environments) out["with_environments"] = true;
  return out;
}

json finding_to_json(const FindingInReport& each) {
  json out = {{"irrelevant", each.reported.irrelevant},
              {"schedule", schedule_to_json(each.reported.schedule)},
              {"run", run_record_to_json(each.reported.record)},
              {"fixture", each.fixture},
              {"again", each.again}};
  internal::write_finding(each.reported.finding, out);
  return out;
}

// --- reading ------------------------------------------------------------------------------------

int read_int(const JsonReader& at, int low, int high) {
  return static_cast<int>(at.integer(low, high));
}

/// Part numbers: ascending, each once, from 1 to `count`.
std::vector<int> read_part_numbers(const JsonReader& at, int count) {
  std::vector<int> numbers;
  const std::size_t size = at.array_size();
  for (std::size_t i = 0; i < size; ++i) {
    const int low = numbers.empty() ? 1 : numbers.back() + 1;
    if (low > count) at.fail_saying("expected at most " + std::to_string(count) + " parts");
    numbers.push_back(read_int(at.element(i), low, count));
  }
  return numbers;
}

ReportParts read_parts(const JsonReader& at) {
  ObjectReader reader(at);
  ReportParts parts;
  parts.count = read_int(reader.require("count"), 1, kPartsMax);
  parts.present = read_part_numbers(reader.require("present"), parts.count);
  if (parts.present.empty()) at.fail_saying("expected a part under \"present\", found none");
  const JsonReader closed = reader.require("closed");
  parts.closed = read_part_numbers(closed, parts.count);
  if (!std::includes(parts.present.begin(), parts.present.end(), parts.closed.begin(),
                     parts.closed.end())) {
    closed.fail_saying("expected only parts that are under \"present\"");
  }
  reader.refuse_unknown();
  return parts;
}

Certificate::Tried read_tried(const JsonReader& at) {
  ObjectReader reader(at);
  Certificate::Tried tried;
  tried.what = reader.require("what").text();
  tried.count = reader.require("count").integer(0);
  tried.total = reader.require("total").integer(0);
  reader.refuse_unknown();
  return tried;
}

Certificate read_certificate(const JsonReader& at) {
  ObjectReader reader(at);
  Certificate certificate;
  certificate.closed = reader.require("closed").boolean();
  certificate.states = reader.require("states").integer(0);
  certificate.resumes = reader.require("resumes").integer(0);
  certificate.runs = reader.require("runs").integer(0);
  certificate.places = reader.require("places").integer(0);
  certificate.places_hit = reader.require("places_hit").integer(0);
  certificate.crashes = read_int(reader.require("crashes"), 0, std::numeric_limits<int>::max());
  certificate.bound = reader.require("bound").text();
  certificate.with_crashes = reader.find_boolean("with_crashes").value_or(true);
  certificate.with_environments = reader.find_boolean("with_environments").value_or(false);
  const JsonReader tried = reader.require("tried");
  const std::size_t count = tried.array_size();
  for (std::size_t i = 0; i < count; ++i) {
    certificate.tried.push_back(read_tried(tried.element(i)));
  }
  certificate.states_of_variants = reader.require("states_of_variants").integer(0);
  certificate.variants_not_closed = reader.require("variants_not_closed").integer(0);
  reader.refuse_unknown();
  return certificate;
}

RunRecord read_run(const JsonReader& at) {
  return internal::value_or_fail(run_record_from_json(at.value(), at.pointer()));
}

FindingInReport read_finding(const JsonReader& at) {
  ObjectReader reader(at);
  FindingInReport each;
  each.reported.finding = internal::read_finding(reader);
  each.reported.irrelevant = reader.require("irrelevant").texts();
  const JsonReader schedule = reader.require("schedule");
  each.reported.schedule =
      internal::value_or_fail(schedule_from_json(schedule.value(), schedule.pointer()));
  each.reported.record = read_run(reader.require("run"));
  each.fixture = reader.require("fixture").text();
  each.again = reader.require("again").text();
  reader.refuse_unknown();
  return each;
}

ExplorationReport read_report(const JsonReader& at) {
  ObjectReader reader(at);
  const JsonReader format = reader.require("format");
  if (format.text() != kReportFormat) format.fail("\"" + std::string(kReportFormat) + "\"");
  const JsonReader version = reader.require("version");
  if (version.value() != ExplorationReport::kVersion) {
    version.fail("version " + std::to_string(ExplorationReport::kVersion) +
                 ", which this build reads");
  }
  ExplorationReport report;
  report.test = reader.require("test").text();
  report.scenario = reader.require("scenario").text();
  report.parts = read_parts(reader.require("parts"));
  const JsonReader certificate = reader.require("certificate");
  report.certificate = read_certificate(certificate);
  const bool closed = static_cast<int>(report.parts.closed.size()) == report.parts.count;
  if (report.certificate.closed != closed) {
    certificate.fail_saying(std::string("expected \"closed\" to be ") +
                            (closed ? "true: every part is" : "false: not every part is"));
  }
  report.coverage = reader.require("coverage").text();
  const JsonReader findings = reader.require("findings");
  const std::size_t count = findings.array_size();
  for (std::size_t i = 0; i < count; ++i) {
    report.findings.push_back(read_finding(findings.element(i)));
  }
  report.benign = read_run(reader.require("benign"));
  reader.refuse_unknown();
  return report;
}

absl::StatusOr<ExplorationReport> report_of_file(const absl::StatusOr<json>& value,
                                                 std::string_view name) {
  if (!value.ok()) return value.status();
  return report_from_json(*value, name);
}

}  // namespace

ExplorationReport make_report(std::string test, std::string scenario,
                              const Exploration& exploration, int part, int part_count) {
  ExplorationReport report;
  report.test = std::move(test);
  report.scenario = std::move(scenario);
  report.certificate = exploration.certificate;
  report.parts.count = part_count;
  report.parts.present = {part};
  if (exploration.certificate.closed) report.parts.closed = {part};
  report.certificate.closed = exploration.certificate.closed && part_count == 1;
  report.coverage = coverage_text(report);
  for (const ReportedFinding& reported : exploration.findings) {
    report.findings.push_back({reported, "", ""});
  }
  report.benign = exploration.benign;
  return report;
}

std::string coverage_text(const ExplorationReport& report) {
  const ReportParts& parts = report.parts;
  Certificate shown = report.certificate;
  for (int part = 1; part <= parts.count; ++part) {
    if (std::binary_search(parts.present.begin(), parts.present.end(), part)) continue;
    absl::StrAppend(&shown.bound, shown.bound.empty() ? "" : "; ", "part ", part, " of ",
                    parts.count, " is missing");
  }
  return shown.text();
}

ReportContext report_context(const ExplorationReport& report, const FindingInReport& finding) {
  ReportContext context;
  context.test = report.test.empty() ? report.scenario : report.test;
  context.fixture = finding.fixture;
  context.again = finding.again;
  return context;
}

std::string write_report(const ExplorationReport& report) {
  json findings = json::array();
  for (const FindingInReport& each : report.findings) findings.push_back(finding_to_json(each));
  const json out = {{"format", kReportFormat},
                    {"version", ExplorationReport::kVersion},
                    {"test", report.test},
                    {"scenario", report.scenario},
                    {"parts", parts_to_json(report.parts)},
                    {"certificate", certificate_to_json(report.certificate)},
                    {"coverage", report.coverage},
                    {"findings", std::move(findings)},
                    {"benign", run_record_to_json(report.benign)}};
  return out.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

absl::Status save_report(const std::string& path, const ExplorationReport& report) {
  return write_text_file(path, write_report(report));
}

absl::StatusOr<ExplorationReport> report_from_json(const json& value, std::string_view name) {
  absl::StatusOr<ExplorationReport> report = internal::status_or(value, "", read_report);
  if (!report.ok()) return internal::prefixed(name, report.status());
  return report;
}

absl::StatusOr<ExplorationReport> parse_report(std::string_view text, std::string_view name) {
  return report_of_file(parse_json(text, name), name);
}

absl::StatusOr<ExplorationReport> load_report(const std::string& path) {
  return report_of_file(read_json_file(path), path);
}

}  // namespace reprise
