#include "property_tests/fuzz/hostile_file.h"

#include <absl/status/statusor.h>

#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "reprise/cli/internal/commands.h"
#include "reprise/record/fixture.h"
#include "reprise/record/history_file.h"
#include "reprise/record/json_file.h"
#include "reprise/report/html_report.h"
#include "reprise/report/json_report.h"
#include "reprise/report/merge.h"

namespace reprise::fuzz {
namespace {

constexpr const char* kName = "input";
constexpr std::size_t kColumns = 80;

// A message begins with the name of what it speaks of, and has a place or a reason behind it.
std::string complaint_about(const absl::Status& refusal) {
  const std::string message(refusal.message());
  if (message.starts_with(kName) && message.size() > std::string_view(kName).size() + 2) return "";
  return "a refusal without name or reason: " + refusal.ToString();
}

// What a file holds must not steer the terminal.
std::string complaint_about_screen(std::string_view screen) {
  for (const char c : screen) {
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7F) {
      return "a control character is shown";
    }
  }
  return "";
}

std::string about_history(std::string_view text) {
  const absl::StatusOr<History> history = parse_history(text, kName);
  if (!history.ok()) return complaint_about(history.status());
  const std::string written = write_history(*history);
  const absl::StatusOr<History> again = parse_history(written, kName);
  if (!again.ok()) return "a written history is refused: " + again.status().ToString();
  if (!(*again == *history)) return "a written history is another one";
  // Nothing is lost: also of what this version does not know.
  const absl::StatusOr<nlohmann::json> source = parse_json(text, kName);
  const absl::StatusOr<nlohmann::json> target = parse_json(written, kName);
  if (!source.ok() || !target.ok() || *source != *target) return "a written history lost something";
  return complaint_about_screen(
      cli::internal::show_history(kName, *history, kColumns, cli::internal::Style(false)));
}

std::string about_fixture(std::string_view text) {
  const absl::StatusOr<Fixture> fixture = parse_fixture(text, kName);
  if (!fixture.ok()) return complaint_about(fixture.status());
  const absl::StatusOr<Fixture> again = parse_fixture(write_fixture(*fixture), kName);
  if (!again.ok()) return "a written fixture is refused: " + again.status().ToString();
  if (!(*again == *fixture)) return "a written fixture is another one";
  (void)fixture_file_name(*fixture);
  return complaint_about_screen(
      cli::internal::show_fixture(*fixture, kColumns, cli::internal::Style(false)));
}

std::string about_schedule(std::string_view text) {
  const absl::StatusOr<nlohmann::json> json = parse_json(text, kName);
  if (!json.ok()) return complaint_about(json.status());
  const absl::StatusOr<Schedule> schedule = schedule_from_json(*json, kName);
  if (!schedule.ok()) return complaint_about(schedule.status());
  const absl::StatusOr<Schedule> again = schedule_from_json(schedule_to_json(*schedule), kName);
  if (!again.ok()) return "a written schedule is refused: " + again.status().ToString();
  if (!(*again == *schedule)) return "a written schedule is another one";
  (void)describe(*schedule);
  return "";
}

std::string about_written(const ExplorationReport& report) {
  const std::string written = write_report(report);
  const absl::StatusOr<ExplorationReport> again = parse_report(written, kName);
  if (!again.ok()) return "a written report is refused: " + again.status().ToString();
  if (write_report(*again) != written) return "a written report is another one";
  if (html_report(report).find("<script") != std::string::npos) return "a page runs a script";
  return complaint_about_screen(
      cli::internal::show_report(report, kColumns, cli::internal::Style(false)));
}

std::string about_report(std::string_view text) {
  const absl::StatusOr<ExplorationReport> report = parse_report(text, kName);
  if (!report.ok()) return complaint_about(report.status());
  return about_written(*report);
}

std::string about_merge(std::string_view text) {
  constexpr std::string_view kBetween = "\n+\n";
  const std::size_t between = text.find(kBetween);
  if (between == std::string_view::npos) return "";
  std::vector<NamedReport> reports;
  for (const std::string_view part :
       {text.substr(0, between), text.substr(between + kBetween.size())}) {
    absl::StatusOr<ExplorationReport> report = parse_report(part, kName);
    if (!report.ok()) return complaint_about(report.status());
    reports.push_back({kName, *std::move(report)});
  }
  const absl::StatusOr<ExplorationReport> merged = merge_reports(std::move(reports));
  if (!merged.ok()) return complaint_about(merged.status());
  return about_written(*merged);
}

[[noreturn]] void end_program(const std::string& complaint) {
  std::fprintf(stderr, "%s\n", complaint.c_str());
  std::abort();
}

}  // namespace

std::string complaint_about(std::string_view input) {
  if (input.empty()) return "";
  const std::string_view text = input.substr(1);
  switch (input.front()) {
    case kHistory:
      return about_history(text);
    case kFixture:
      return about_fixture(text);
    case kSchedule:
      return about_schedule(text);
    case kReport:
      return about_report(text);
    case kMerge:
      return about_merge(text);
    default:
      return "";
  }
}

void (*on_complaint)(const std::string& complaint) = end_program;

}  // namespace reprise::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input =
      size == 0 ? std::string_view() : std::string_view(reinterpret_cast<const char*>(data), size);
  const std::string complaint = reprise::fuzz::complaint_about(input);
  if (!complaint.empty()) reprise::fuzz::on_complaint(complaint);
  return 0;
}
