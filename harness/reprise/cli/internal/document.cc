#include <absl/status/status.h>

#include <utility>

#include "reprise/cli/internal/commands.h"
#include "reprise/record/json_file.h"

namespace reprise::cli::internal {
namespace {

constexpr std::string_view kFixtureFormat = "reprise-fixture";

template <class T>
absl::StatusOr<Document> document_of(absl::StatusOr<T> value) {
  if (!value.ok()) return value.status();
  return Document(*std::move(value));
}

}  // namespace

absl::StatusOr<Document> load_document(const std::string& path) {
  const absl::StatusOr<nlohmann::json> value = read_json_file(path);
  if (!value.ok()) return value.status();
  if (!value->is_object() || !value->contains("format")) {
    return document_of(history_from_json(*value, path));
  }
  const nlohmann::json& format = (*value)["format"];
  if (format == kReportFormat) return document_of(report_from_json(*value, path));
  if (format == kFixtureFormat) return document_of(fixture_from_json(*value, path));
  return absl::InvalidArgumentError(path + ": /format: expected \"" + std::string(kFixtureFormat) +
                                    "\" or \"" + std::string(kReportFormat) + "\", found " +
                                    format.dump(-1, ' ', true));
}

std::string describe(const Document& document) {
  struct Words {
    std::string operator()(const History& history) const {
      const std::size_t count = history.events.size();
      return "history of " + std::to_string(count) + (count == 1 ? " event" : " events");
    }
    std::string operator()(const Fixture& fixture) const {
      return "fixture of " + fixture.scenario;
    }
    std::string operator()(const ExplorationReport& report) const {
      return "report of " + report.scenario;
    }
  };
  return std::visit(Words(), document);
}

}  // namespace reprise::cli::internal
