#include "reprise/report/report_files.h"

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>

#include <cctype>
#include <filesystem>
#include <system_error>

#include "reprise/report/html_report.h"

namespace reprise {
namespace {

std::string file_name(const ExplorationReport& report) {
  std::string name = report.test.empty() ? report.scenario : report.test + "." + report.scenario;
  for (char& c : name) {
    const bool kept =
        std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_';
    if (!kept) c = '_';
  }
  return name;
}

}  // namespace

absl::StatusOr<ReportFiles> save_report_files(const std::string& directory,
                                              const ExplorationReport& report,
                                              std::set<std::string>& taken) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return absl::UnavailableError(absl::StrCat(directory, ": ", error.message()));
  const std::string first = file_name(report);
  std::string name = first;
  for (int number = 2; !taken.insert(name).second; ++number) {
    name = absl::StrCat(first, ".", number);
  }
  const std::string path = (std::filesystem::path(directory) / name).string();
  const ReportFiles files{path + ".json", path + ".html"};
  absl::Status status = save_report(files.json, report);
  if (status.ok()) status = save_html_report(files.html, report);
  if (!status.ok()) return status;
  return files;
}

}  // namespace reprise
