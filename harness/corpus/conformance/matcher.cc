#include "conformance/matcher.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>

namespace reprise::corpus {
namespace {

constexpr std::size_t kShownMax = 200;

std::string shown(const Json& value) {
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > kShownMax) text = text.substr(0, kShownMax) + "...";
  return text;
}

std::string difference(const std::string& path, const Json& expected, const Json& actual) {
  return absl::StrCat(path, ": expected ", shown(expected), ", found ", shown(actual));
}

void append(std::vector<std::string>& to, std::vector<std::string> more) {
  std::move(more.begin(), more.end(), std::back_inserter(to));
}

std::vector<std::string> match_text(const std::string& expected, const Json& actual,
                                    const std::string& path, Bindings& bindings) {
  if (expected == "*") return {};
  if (const std::optional<std::string> name = placeholder_name(expected)) {
    const Json* bound = bindings.find(*name);
    if (bound == nullptr) {
      bindings.bind(*name, actual);
      return {};
    }
    if (equal_values(*bound, actual)) return {};
    return {absl::StrCat(difference(path, *bound, actual), " (", expected, ")")};
  }
  if (const std::optional<std::string> pattern = placeholder_pattern(expected)) {
    const SearchResult result = search(*pattern, text_form(actual));
    if (result.found) return {};
    if (!result.error.empty()) return {absl::StrCat(path, ": ", result.error)};
    return {difference(path, Json(expected), actual)};
  }
  const Json replaced = bindings.replace(expected);
  if (equal_values(replaced, actual)) return {};
  return {difference(path, replaced, actual)};
}

}  // namespace

std::vector<std::string> match_value(const Json& expected, const Json& actual,
                                     const std::string& path, Bindings& bindings) {
  if (expected.is_object() && expected.empty()) return {};
  if (expected.is_string()) {
    return match_text(expected.get<std::string>(), actual, path, bindings);
  }
  std::vector<std::string> problems;
  if (expected.is_object() && actual.is_object()) {
    for (const auto& [key, value] : expected.items()) {
      if (!actual.contains(key)) {
        problems.push_back(absl::StrCat(path, ": expected the member ", key, ", found none"));
      } else {
        append(problems,
               match_value(value, actual.at(key), absl::StrCat(path, "/", key), bindings));
      }
    }
    return problems;
  }
  if (expected.is_array() && actual.is_array()) {
    if (expected.size() != actual.size()) {
      return {
          absl::StrCat(path, ": expected ", expected.size(), " elements, found ", actual.size())};
    }
    for (std::size_t i = 0; i < expected.size(); ++i) {
      append(problems, match_value(expected[i], actual[i], absl::StrCat(path, "/", i), bindings));
    }
    return problems;
  }
  if (equal_values(expected, actual)) return {};
  return {difference(path, expected, actual)};
}

std::vector<std::string> match_history(const std::vector<ExpectedEvent>& expected,
                                       const std::vector<Json>& events, Bindings& bindings) {
  std::map<std::int64_t, const Json*> by_id;
  for (const Json& event : events) by_id[event.at("EventId").get<std::int64_t>()] = &event;
  std::vector<std::string> problems;
  for (const ExpectedEvent& each : expected) {
    const std::string path = absl::StrCat("event ", each.event_id);
    const auto found = by_id.find(each.event_id);
    if (found == by_id.end()) {
      problems.push_back(absl::StrCat(path, ": expected ", text_form(each.fields.at("EventType")),
                                      ", found no such event"));
    } else {
      append(problems, match_value(each.fields, *found->second, path, bindings));
    }
  }
  return problems;
}

std::vector<std::string> match_result(const ExpectedResult& expected, const std::string& status,
                                      const std::optional<std::string>& result,
                                      const Bindings& bindings) {
  if (status != expected.status) return {difference("status", expected.status, status)};
  if (status != "SUCCEEDED" || !expected.result) return {};
  Json actual;
  if (result) {
    actual = Json::parse(*result, nullptr, /*allow_exceptions=*/false);
    if (actual.is_discarded()) actual = *result;
  }
  const Json wanted = bindings.substitute(*expected.result);
  if (equal_values(wanted, actual)) return {};
  return {difference("result", wanted, actual)};
}

namespace {

/// One field of a log record.  Problems with a pattern are told through `error`.
bool field_fits(const Json& expected, const Json& actual, std::string& error) {
  if (expected.is_boolean() || actual.is_boolean()) return expected == actual;
  if (!expected.is_string() || !actual.is_string()) return equal_values(expected, actual);
  const std::string text = expected.get<std::string>();
  if (text.size() < 2 || text.front() != '/' || text.back() != '/') {
    return absl::StripAsciiWhitespace(text) ==
           absl::StripAsciiWhitespace(actual.get_ref<const std::string&>());
  }
  const SearchResult result = search(text.substr(1, text.size() - 2), actual.get<std::string>());
  if (!result.error.empty()) error = result.error;
  return result.found;
}

struct Matches {
  std::vector<std::int64_t> times;
  std::string error;

  std::int64_t first() const { return *std::min_element(times.begin(), times.end()); }
  std::int64_t last() const { return *std::max_element(times.begin(), times.end()); }
};

Matches find_records(const Json& matcher, const std::vector<LogRecord>& records,
                     const Bindings& bindings) {
  const Json fields = bindings.substitute(matcher);
  Matches matches;
  for (const LogRecord& record : records) {
    bool fits = true;
    for (const auto& [name, value] : fields.items()) {
      fits = fits && record.fields.contains(name) &&
             field_fits(value, record.fields.at(name), matches.error);
    }
    if (fits) matches.times.push_back(record.time);
  }
  return matches;
}

std::vector<std::string> check_count(const LogExpectation& expected, std::size_t found,
                                     const std::string& path) {
  const auto count = static_cast<std::int64_t>(found);
  std::vector<std::string> problems;
  const auto wrong = [&](const std::string& wanted) {
    problems.push_back(absl::StrCat(path, ": expected ", wanted, " records, found ", count));
  };
  if (expected.count && count != *expected.count) wrong(absl::StrCat(*expected.count));
  if (expected.min_count && count < *expected.min_count) {
    wrong(absl::StrCat("at least ", *expected.min_count));
  }
  if (expected.max_count && count > *expected.max_count) {
    wrong(absl::StrCat("at most ", *expected.max_count));
  }
  const bool unbounded = !expected.count && !expected.min_count && !expected.max_count;
  if (unbounded && count == 0) wrong("at least 1");
  return problems;
}

std::vector<std::string> match_log(const LogExpectation& expected,
                                   const std::vector<LogRecord>& records, const Bindings& bindings,
                                   const std::string& path) {
  const Matches own = find_records(expected.match, records, bindings);
  if (!own.error.empty()) return {absl::StrCat(path, ": ", own.error)};
  std::vector<std::string> problems = check_count(expected, own.times.size(), path);
  const auto check_order = [&](const std::vector<Json>& others, const char* word, auto in_order) {
    for (const Json& matcher : others) {
      const Matches other = find_records(matcher, records, bindings);
      const std::string which = absl::StrCat(path, ", ", word, " ", shown(matcher), ": ");
      if (!other.error.empty()) {
        problems.push_back(absl::StrCat(which, other.error));
      } else if (other.times.empty()) {
        problems.push_back(absl::StrCat(which, "expected a record, found none"));
      } else if (!own.times.empty() && !in_order(other)) {
        problems.push_back(absl::StrCat(which, "found in another order"));
      }
    }
  };
  check_order(expected.before, "before",
              [&](const Matches& other) { return own.last() <= other.first(); });
  check_order(expected.after, "after",
              [&](const Matches& other) { return own.first() >= other.last(); });
  return problems;
}

}  // namespace

bool belongs_to(const LogRecord& record, const std::string& execution_arn) {
  for (const char* field : {"durableExecutionArn", "executionArn"}) {
    if (record.fields.contains(field) && record.fields.at(field) == execution_arn) return true;
  }
  return false;
}

std::vector<std::string> match_logs(const std::vector<LogExpectation>& expected,
                                    const std::vector<LogRecord>& records,
                                    const Bindings& bindings) {
  std::vector<std::string> problems;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const std::string path = absl::StrCat("log ", i + 1, " ", shown(expected[i].match));
    append(problems, match_log(expected[i], records, bindings, path));
  }
  return problems;
}

}  // namespace reprise::corpus
