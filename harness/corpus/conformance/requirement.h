#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "conformance/json_values.h"

namespace reprise::corpus {

/// An event that the history of a requirement's execution must have.
struct ExpectedEvent {
  std::int64_t event_id = 0;
  Json fields;
};

/// What the outside world does with one callback.
struct CallbackAction {
  enum class Operation : std::uint8_t { kSuccess, kFailure, kHeartbeat };
  std::string callback_name;  ///< "*", a name, or "${/re/}"
  Operation operation = Operation::kSuccess;
  Json payload;
  std::int64_t delay_ms = 0;
};

struct ExpectedResult {
  std::string status;
  std::optional<Json> result;  ///< absent: any
};

struct LogExpectation {
  Json match;  ///< field to value
  std::optional<std::int64_t> count;
  std::optional<std::int64_t> min_count;
  std::optional<std::int64_t> max_count;
  std::vector<Json> before;
  std::vector<Json> after;
};

/// A requirement of the conformance suite: a handler in prose, and what its execution must look
/// like.
struct Requirement {
  std::string suite;
  std::string id;  ///< "1-17"
  std::string description;
  Json input;
  std::vector<std::pair<std::string, Json>> variables;  ///< in the order of the file
  bool async = false;
  std::int64_t poll_interval_ms = 2000;
  std::int64_t no_progress_timeout_ms = 30000;
  std::vector<CallbackAction> actions;
  std::vector<ExpectedEvent> events;
  std::optional<ExpectedResult> result;
  std::vector<LogExpectation> logs;
  bool optional = false;  ///< a failure is reported and does not block

  /// Only the history counts, and the execution need not end.
  bool history_only() const { return async && !result; }
};

/// Reads one requirement.  `file` is what messages call the text.  An error names file, line and
/// column and says what was expected and found.
absl::StatusOr<Requirement> parse_requirement(const std::string& text, const std::string& file);

/// A file of a suite, read or not.
struct RequirementFile {
  std::string suite;
  std::string id;
  absl::StatusOr<Requirement> requirement;
};

/// Reads every `<suite>/<n>-<m>.yaml` below `directory`, at any depth, sorted by number.  Other
/// files are none of a suite's.  An error when there is no such directory or no requirement in it.
absl::StatusOr<std::vector<RequirementFile>> load_requirements(const std::string& directory);

}  // namespace reprise::corpus
