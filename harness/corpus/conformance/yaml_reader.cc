#include "conformance/yaml_reader.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <regex>
#include <set>
#include <vector>

namespace reprise::corpus {
namespace {

/// Aliases make a small file a large value; no requirement comes near this.
constexpr int kNodesMax = 100000;

bool one_of(const std::string& text, std::initializer_list<const char*> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool fits(const std::string& text, const char* pattern) {
  return std::regex_match(text, std::regex(pattern));
}

/// Digits of YAML 1.1 with underscores and a sign; `prefix` is the length of "0x" or "0b".
std::optional<std::int64_t> parse_integer(const std::string& text, std::size_t prefix, int base) {
  std::string digits = absl::StrReplaceAll(text, {{"_", ""}});
  const std::size_t sign = digits[0] == '-' || digits[0] == '+' ? 1 : 0;
  digits.erase(sign, prefix);
  errno = 0;
  char* end = nullptr;
  const std::int64_t value = std::strtoll(digits.c_str(), &end, base);
  if (errno != 0 || *end != '\0') return std::nullopt;
  return value;
}

std::string kind_of(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Map:
      return "a mapping";
    case YAML::NodeType::Sequence:
      return "a list";
    case YAML::NodeType::Scalar:
      return absl::StrCat("\"", node.Scalar().substr(0, 40), "\"");
    default:
      return "nothing";
  }
}

}  // namespace

void YamlReader::fail_at(const YAML::Mark& mark, const std::string& message) {
  if (failed()) return;
  status_ = absl::InvalidArgumentError(
      absl::StrCat(file_, ":", mark.line + 1, ":", mark.column + 1, ": ", message));
}

void YamlReader::fail(const YAML::Node& at, const std::string& expected, const std::string& found) {
  fail_at(at.Mark(), absl::StrCat("expected ", expected, ", found ", found));
}

YAML::Node YamlReader::document(const std::string& text) {
  std::vector<YAML::Node> documents;
  try {
    // A document that has an end: otherwise a quote that is never closed is not noticed.
    documents = YAML::LoadAll(text + "\n...\n");
  } catch (const YAML::Exception& error) {
    fail_at(error.mark, absl::StrCat("expected YAML: ", error.msg));
    return {};
  }
  if (documents.size() == 1) return documents.front();
  const YAML::Mark mark = documents.size() > 1 ? documents[1].Mark() : YAML::Mark();
  fail_at(mark, absl::StrCat("expected one document, found ", documents.size()));
  return {};
}

Json YamlReader::value(const YAML::Node& node) {
  if (failed()) return nullptr;
  if (++nodes_read_ > kNodesMax) {
    fail(node, absl::StrCat("at most ", kNodesMax, " values"), "more");
    return nullptr;
  }
  if (node.IsMap()) {
    Json object = Json::object();
    for (const auto& entry : node) {
      const std::string key = key_text(entry.first);
      if (object.contains(key)) fail(entry.first, "each key once", "\"" + key + "\" again");
      object[key] = value(entry.second);
    }
    return object;
  }
  if (node.IsSequence()) {
    Json list = Json::array();
    for (const YAML::Node& element : node) list.push_back(value(element));
    return list;
  }
  return scalar(node);
}

Json YamlReader::scalar(const YAML::Node& node) {
  if (!node.IsScalar()) return nullptr;
  const std::string& tag = node.Tag();
  if (tag == "!" || tag == "tag:yaml.org,2002:str") return node.Scalar();
  if (tag.empty() || tag == "?") return plain_scalar(node);
  fail(node, "a value without a tag", tag);
  return nullptr;
}

Json YamlReader::plain_scalar(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (one_of(text, {"", "~", "null", "Null", "NULL"})) return nullptr;
  if (one_of(text, {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})) return true;
  if (one_of(text, {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"})) {
    return false;
  }
  if (text.find_first_of("0123456789") == std::string::npos &&
      !fits(text, R"([-+]?\.(inf|Inf|INF|nan|NaN|NAN))")) {
    return text;
  }
  std::optional<std::int64_t> integer;
  if (fits(text, "[-+]?0b[01_]+")) {
    integer = parse_integer(text, 2, 2);
  } else if (fits(text, "[-+]?0x[0-9a-fA-F_]+")) {
    integer = parse_integer(text, 2, 16);
  } else if (fits(text, "[-+]?0[0-7_]+")) {
    integer = parse_integer(text, 0, 8);
  } else if (fits(text, "[-+]?(0|[1-9][0-9_]*)")) {
    integer = parse_integer(text, 0, 10);
  } else if (fits(text, R"([-+]?[0-9][0-9_]*\.[0-9_]*([eE][-+][0-9]+)?)") ||
             fits(text, R"(\.[0-9][0-9_]*([eE][-+][0-9]+)?)")) {
    double number = 0;
    if (absl::SimpleAtod(absl::StrReplaceAll(text, {{"_", ""}}), &number)) return number;
  } else if (fits(text, R"([0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?)") ||
             fits(text, R"([-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?)") ||
             fits(text, R"([-+]?\.(inf|Inf|INF|nan|NaN|NAN))")) {
    fail(node, "a text in quotes", absl::StrCat(text, ", which YAML 1.1 reads as something else"));
    return nullptr;
  } else {
    return text;
  }
  if (integer) return *integer;
  fail(node, "a number of 64 bits", text);
  return nullptr;
}

std::string YamlReader::key_text(const YAML::Node& key) {
  const Json read = value(key);
  if (read == "<<") fail(key, "keys written out", "a merge");
  if (read.is_string()) return read.get<std::string>();
  if (!failed()) fail(key, "a text as key", kind_of(key));
  return "";
}

std::string YamlReader::text(const YAML::Node& node, const std::string& what) {
  const Json read = value(node);
  if (read.is_string()) return read.get<std::string>();
  if (!failed()) fail(node, absl::StrCat("a text for ", what), kind_of(node));
  return "";
}

bool YamlReader::boolean(const YAML::Node& node, const std::string& what) {
  const Json read = value(node);
  if (read.is_boolean()) return read.get<bool>();
  if (!failed()) fail(node, absl::StrCat("true or false for ", what), kind_of(node));
  return false;
}

std::int64_t YamlReader::integer(const YAML::Node& node, const std::string& what,
                                 std::int64_t min) {
  const Json read = value(node);
  if (read.is_number_integer() && read.get<std::int64_t>() >= min) return read.get<std::int64_t>();
  if (!failed()) {
    fail(node, absl::StrCat("a whole number from ", min, " for ", what), kind_of(node));
  }
  return min;
}

double YamlReader::number(const YAML::Node& node, const std::string& what, double min) {
  const Json read = value(node);
  if (read.is_number() && read.get<double>() >= min) return read.get<double>();
  if (!failed()) fail(node, absl::StrCat("a number from ", min, " for ", what), kind_of(node));
  return min;
}

bool YamlReader::is_mapping(const YAML::Node& node, const std::string& what) {
  if (failed()) return false;
  if (!node.IsMap()) fail(node, absl::StrCat("a mapping for ", what), kind_of(node));
  return !failed();
}

bool YamlReader::is_list(const YAML::Node& node, const std::string& what) {
  if (failed()) return false;
  if (!node.IsSequence()) fail(node, absl::StrCat("a list for ", what), kind_of(node));
  return !failed();
}

void YamlReader::check_keys(const YAML::Node& mapping, const std::string& what,
                            std::initializer_list<const char*> known) {
  std::set<std::string> seen;
  for (const auto& entry : mapping) {
    const std::string key = key_text(entry.first);
    if (!one_of(key, known)) {
      std::string expected;
      for (const char* each : known) {
        absl::StrAppend(&expected, expected.empty() ? "" : ", ", each);
      }
      fail(entry.first, absl::StrCat("a key of ", what, " (", expected, ")"), "\"" + key + "\"");
    }
    if (!seen.insert(key).second) fail(entry.first, "each key once", "\"" + key + "\" again");
  }
}

YAML::Node YamlReader::required(const YAML::Node& mapping, const std::string& what,
                                const char* key) {
  if (failed()) return {};
  YAML::Node found = mapping[key];
  if (!found.IsDefined()) {
    fail(mapping, absl::StrCat("the key ", key, " in ", what), "none");
    return {};
  }
  return found;
}

}  // namespace reprise::corpus
