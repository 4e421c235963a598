#pragma once

#include <map>
#include <optional>
#include <string>

#include "conformance/json_values.h"
#include "conformance/requirement.h"

namespace reprise::corpus {

/// The names that a requirement has bound to values: its variables, and the placeholders that
/// matching has filled in.
class Bindings {
 public:
  Bindings() = default;
  /// Binds the variables.  `${GEN_STR:n}` is n characters that depend on the requirement and the
  /// name alone.
  explicit Bindings(const Requirement& requirement);

  const Json* find(const std::string& name) const;
  void bind(const std::string& name, const Json& value) { values_[name] = value; }

  /// `text` with each bound `${NAME}` replaced; unbound ones stay.
  std::string replace(const std::string& text) const;
  /// The same in every text of `value`; a text that is one bound name as a whole becomes its value.
  Json substitute(const Json& value) const;

 private:
  std::map<std::string, Json> values_;
};

/// NAME when `text` is `${NAME}` as a whole.
std::optional<std::string> placeholder_name(const std::string& text);

/// The expression when `text` is `${/expression/}` as a whole.
std::optional<std::string> placeholder_pattern(const std::string& text);

/// True when `pattern` is found somewhere in `text`.  An error text when the pattern is none, or
/// the text too long to be searched.
struct SearchResult {
  bool found = false;
  std::string error;
};
SearchResult search(const std::string& pattern, const std::string& text);

}  // namespace reprise::corpus
