#pragma once

#include <absl/status/status.h>
#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "conformance/json_values.h"

namespace reprise::corpus {

/// Reads a YAML file as a safe loader of YAML 1.1 does: `yes` and `off` are truth values, a bare
/// `y` is a text; an unquoted number is a number, a quoted one a text.  Forms of 1.1 that have no
/// JSON (dates, numbers to base 60, infinity, tags) and keys that occur twice are errors.
///
/// The first error sticks: later calls return something harmless and change nothing.  Its message
/// is "<file>:<line>:<column>: expected ..., found ...".
class YamlReader {
 public:
  /// `file` is what messages call the text.
  explicit YamlReader(std::string file) : file_(std::move(file)) {}

  /// The one document in `text`.
  YAML::Node document(const std::string& text);

  /// Any value.
  Json value(const YAML::Node& node);
  /// Values of one kind; `what` names the value in messages: "EventId".
  std::string text(const YAML::Node& node, const std::string& what);
  bool boolean(const YAML::Node& node, const std::string& what);
  std::int64_t integer(const YAML::Node& node, const std::string& what, std::int64_t min);
  double number(const YAML::Node& node, const std::string& what, double min);

  /// False, and an error, when `node` is no mapping, or no list.
  bool is_mapping(const YAML::Node& node, const std::string& what);
  bool is_list(const YAML::Node& node, const std::string& what);
  /// Refuses keys of a mapping that are not among `known`.
  void check_keys(const YAML::Node& mapping, const std::string& what,
                  std::initializer_list<const char*> known);
  /// The value of a key; an error when it is missing.
  YAML::Node required(const YAML::Node& mapping, const std::string& what, const char* key);

  void fail(const YAML::Node& at, const std::string& expected, const std::string& found);
  bool failed() const { return !status_.ok(); }
  const absl::Status& status() const { return status_; }

 private:
  Json scalar(const YAML::Node& node);
  Json plain_scalar(const YAML::Node& node);
  std::string key_text(const YAML::Node& key);
  void fail_at(const YAML::Mark& mark, const std::string& message);

  std::string file_;
  absl::Status status_;
  int nodes_read_ = 0;
};

}  // namespace reprise::corpus
