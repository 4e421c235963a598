#include "conformance/requirement.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "conformance/yaml_reader.h"

namespace reprise::corpus {
namespace {

namespace fs = std::filesystem;

/// Longer than any execution may last.
constexpr double kSecondsMax = 366.0 * 24 * 3600;

class RequirementReader {
 public:
  explicit RequirementReader(const std::string& file) : yaml_(file) {}

  absl::StatusOr<Requirement> read(const std::string& text) {
    const YAML::Node root = yaml_.document(text);
    if (yaml_.is_mapping(root, "a requirement")) read_requirement(root);
    if (yaml_.failed()) return yaml_.status();
    return std::move(requirement_);
  }

 private:
  void read_requirement(const YAML::Node& root);
  void read_prose(const YAML::Node& root);
  void read_variables(const YAML::Node& node);
  void read_async_config(const YAML::Node& node);
  void read_action(const YAML::Node& node);
  void read_event(const YAML::Node& node);
  void read_result(const YAML::Node& node);
  void read_log(const YAML::Node& node);
  Json read_matcher(const YAML::Node& node);
  std::vector<Json> read_matchers(const YAML::Node& node, const char* what);
  std::int64_t read_seconds(const YAML::Node& node, const char* what);
  /// Reads each element of the list under `key`, if there is one.
  template <class F>
  void each(const YAML::Node& root, const char* key, F read) {
    const YAML::Node list = root[key];
    if (!list.IsDefined() || !yaml_.is_list(list, key)) return;
    for (const YAML::Node& element : list) {
      if (yaml_.is_mapping(element, absl::StrCat("an element of ", key))) read(element);
    }
  }

  YamlReader yaml_;
  Requirement requirement_;
};

void RequirementReader::read_requirement(const YAML::Node& root) {
  yaml_.check_keys(root, "a requirement",
                   {"description", "handler", "invocations", "async", "DefaultRetryParameters",
                    "Input", "Variables", "AsyncInvoke", "AsyncConfig", "CallbackActions",
                    "ExpectedExecutionHistory", "ExpectedResult", "ExpectedLogs", "optional"});
  const YAML::Node input = yaml_.required(root, "a requirement", "Input");
  const YAML::Node history = yaml_.required(root, "a requirement", "ExpectedExecutionHistory");
  if (yaml_.failed()) return;
  requirement_.input = yaml_.value(input);
  read_prose(root);
  if (const YAML::Node node = root["Variables"]) read_variables(node);
  if (const YAML::Node node = root["AsyncInvoke"]) {
    requirement_.async = yaml_.boolean(node, "AsyncInvoke");
  }
  if (const YAML::Node node = root["AsyncConfig"]) read_async_config(node);
  each(root, "CallbackActions", [this](const YAML::Node& node) { read_action(node); });
  each(root, "ExpectedExecutionHistory", [this](const YAML::Node& node) { read_event(node); });
  if (const YAML::Node node = root["ExpectedResult"]) read_result(node);
  each(root, "ExpectedLogs", [this](const YAML::Node& node) { read_log(node); });
  if (const YAML::Node node = root["optional"]) {
    requirement_.optional = yaml_.boolean(node, "optional");
  }
  if (requirement_.events.empty()) yaml_.fail(history, "events", "an empty list");
}

// For humans, but of the right type nevertheless.
void RequirementReader::read_prose(const YAML::Node& root) {
  for (const char* key : {"description", "handler", "invocations"}) {
    if (const YAML::Node node = root[key]) {
      const std::string text = yaml_.text(node, key);
      if (std::string_view(key) == "description") requirement_.description = text;
    }
  }
  if (const YAML::Node node = root["async"]) yaml_.boolean(node, "async");
  if (const YAML::Node node = root["DefaultRetryParameters"]) {
    yaml_.is_mapping(node, "DefaultRetryParameters");
  }
}

void RequirementReader::read_variables(const YAML::Node& node) {
  if (!yaml_.is_mapping(node, "Variables")) return;
  const Json variables = yaml_.value(node);
  for (const auto& [name, value] : variables.items()) {
    if (value.is_structured()) yaml_.fail(node, "a plain value for " + name, "more");
    requirement_.variables.emplace_back(name, value);
  }
}

std::int64_t RequirementReader::read_seconds(const YAML::Node& node, const char* what) {
  const double seconds = yaml_.number(node, what, 0);
  if (seconds > kSecondsMax) yaml_.fail(node, "at most 366 days", absl::StrCat(seconds, " s"));
  return yaml_.failed() ? 0 : std::llround(seconds * 1000);
}

void RequirementReader::read_async_config(const YAML::Node& node) {
  if (!yaml_.is_mapping(node, "AsyncConfig")) return;
  yaml_.check_keys(node, "AsyncConfig", {"PollIntervalSeconds", "NoProgressTimeoutSeconds"});
  if (const YAML::Node poll = node["PollIntervalSeconds"]) {
    requirement_.poll_interval_ms = read_seconds(poll, "PollIntervalSeconds");
  }
  if (const YAML::Node timeout = node["NoProgressTimeoutSeconds"]) {
    requirement_.no_progress_timeout_ms = read_seconds(timeout, "NoProgressTimeoutSeconds");
  }
}

void RequirementReader::read_action(const YAML::Node& node) {
  yaml_.check_keys(node, "a callback action", {"CallbackName", "Operation", "Payload", "Delay"});
  CallbackAction action;
  const YAML::Node name = yaml_.required(node, "a callback action", "CallbackName");
  const YAML::Node operation = yaml_.required(node, "a callback action", "Operation");
  if (yaml_.failed()) return;
  action.callback_name = yaml_.text(name, "CallbackName");
  const std::string word = yaml_.text(operation, "Operation");
  if (word == "failure") {
    action.operation = CallbackAction::Operation::kFailure;
  } else if (word == "heartbeat") {
    action.operation = CallbackAction::Operation::kHeartbeat;
  } else if (word != "success") {
    yaml_.fail(operation, "success, failure or heartbeat", word);
  }
  if (const YAML::Node payload = node["Payload"]) {
    action.payload = yaml_.value(payload);
    const bool is_error = action.payload.is_object() || action.payload.is_null();
    if (action.operation == CallbackAction::Operation::kFailure && !is_error) {
      yaml_.fail(payload, "an error object for Payload", text_form(action.payload));
    }
  }
  if (const YAML::Node delay = node["Delay"]) action.delay_ms = read_seconds(delay, "Delay");
  requirement_.actions.push_back(std::move(action));
}

void RequirementReader::read_event(const YAML::Node& node) {
  const YAML::Node id = yaml_.required(node, "an expected event", "EventId");
  const YAML::Node type = yaml_.required(node, "an expected event", "EventType");
  if (yaml_.failed()) return;
  ExpectedEvent event;
  event.event_id = yaml_.integer(id, "EventId", 1);
  yaml_.text(type, "EventType");
  event.fields = yaml_.value(node);
  requirement_.events.push_back(std::move(event));
}

void RequirementReader::read_result(const YAML::Node& node) {
  if (!yaml_.is_mapping(node, "ExpectedResult")) return;
  yaml_.check_keys(node, "ExpectedResult", {"ExecutionStatus", "Result"});
  const YAML::Node status = yaml_.required(node, "ExpectedResult", "ExecutionStatus");
  if (yaml_.failed()) return;
  ExpectedResult& result = requirement_.result.emplace();
  result.status = yaml_.text(status, "ExecutionStatus");
  static constexpr const char* kStatuses[] = {"SUCCEEDED", "FAILED", "TIMED_OUT", "CANCELLED",
                                              "STOPPED"};
  if (std::find(std::begin(kStatuses), std::end(kStatuses), result.status) == std::end(kStatuses)) {
    yaml_.fail(status, "how an execution ends, such as SUCCEEDED", result.status);
  }
  if (const YAML::Node value = node["Result"]; value.IsDefined()) {
    result.result = yaml_.value(value);
  }
}

void RequirementReader::read_log(const YAML::Node& node) {
  yaml_.check_keys(node, "an expected log record",
                   {"match", "count", "min_count", "max_count", "before", "after"});
  const YAML::Node match = yaml_.required(node, "an expected log record", "match");
  if (yaml_.failed()) return;
  LogExpectation expectation;
  expectation.match = read_matcher(match);
  const auto bound = [&](const char* key, std::optional<std::int64_t>& out) {
    if (const YAML::Node value = node[key]) out = yaml_.integer(value, key, 0);
  };
  bound("count", expectation.count);
  bound("min_count", expectation.min_count);
  bound("max_count", expectation.max_count);
  expectation.before = read_matchers(node, "before");
  expectation.after = read_matchers(node, "after");
  requirement_.logs.push_back(std::move(expectation));
}

Json RequirementReader::read_matcher(const YAML::Node& node) {
  if (!yaml_.is_mapping(node, "the fields of a log record")) return Json::object();
  Json fields = yaml_.value(node);
  if (fields.empty()) yaml_.fail(node, "fields of a log record", "an empty mapping");
  return fields;
}

std::vector<Json> RequirementReader::read_matchers(const YAML::Node& node, const char* key) {
  std::vector<Json> matchers;
  const YAML::Node given = node[key];
  if (!given.IsDefined()) return matchers;
  // Written as the entry itself, {match: {...}}, or as the fields alone.
  const auto add = [&](const YAML::Node& matcher) {
    Json fields = read_matcher(matcher);
    const bool wrapped = fields.size() == 1 && fields.contains("match");
    matchers.push_back(wrapped && fields["match"].is_object() ? fields["match"] : fields);
  };
  if (!given.IsSequence()) {
    add(given);
    return matchers;
  }
  for (const YAML::Node& each : given) add(each);
  return matchers;
}

/// "1-17" as numbers; nullopt: this is no name of a requirement.
std::optional<std::pair<int, int>> numbers_of(const std::string& stem) {
  const std::vector<std::string> parts = absl::StrSplit(stem, '-');
  std::pair<int, int> numbers;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &numbers.first) ||
      !absl::SimpleAtoi(parts[1], &numbers.second)) {
    return std::nullopt;
  }
  return numbers;
}

RequirementFile load_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  RequirementFile file;
  file.suite = path.parent_path().filename().string();
  file.id = path.stem().string();
  file.requirement = stream ? parse_requirement(text.str(), path.string())
                            : absl::NotFoundError(path.string() + ": it cannot be read");
  if (file.requirement.ok()) {
    file.requirement->suite = file.suite;
    file.requirement->id = file.id;
  }
  return file;
}

}  // namespace

absl::StatusOr<Requirement> parse_requirement(const std::string& text, const std::string& file) {
  return RequirementReader(file).read(text);
}

absl::StatusOr<std::vector<RequirementFile>> load_requirements(const std::string& directory) {
  std::error_code error;
  std::map<std::pair<int, int>, fs::path> paths;
  for (fs::recursive_directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    const fs::path& path = entry->path();
    if (path.filename().string().front() == '.') {
      if (entry->is_directory()) entry.disable_recursion_pending();
      continue;
    }
    const auto numbers = numbers_of(path.stem().string());
    if (path.extension() != ".yaml" || !numbers) continue;
    const auto [other, is_new] = paths.emplace(*numbers, path);
    if (is_new) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        path.string(), ": expected each requirement once, found ", other->second.string(), " too"));
  }
  if (error) {
    return absl::NotFoundError(absl::StrCat(directory, ": ", error.message(),
                                            "; requirements are in <suite>/<n>-<m>.yaml"));
  }
  if (paths.empty()) {
    return absl::NotFoundError(
        absl::StrCat(directory, ": no requirement (<suite>/<n>-<m>.yaml) in it"));
  }
  std::vector<RequirementFile> files;
  files.reserve(paths.size());
  for (const auto& [numbers, path] : paths) files.push_back(load_file(path));
  return files;
}

}  // namespace reprise::corpus
