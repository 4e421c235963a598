#include "conformance/report.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include <algorithm>

namespace reprise::corpus {
namespace {

using Verdict = RequirementResult::Verdict;
using UnderCrashes = RequirementResult::UnderCrashes;

const char* word(const RequirementResult& result) {
  switch (result.verdict) {
    case Verdict::kPassed:
      return "PASSED";
    case Verdict::kFailed:
      return "FAILED";
    case Verdict::kUncovered:
      return "UNCOVERED";
  }
  return "";
}

std::string name_of(const RequirementResult& result) {
  return absl::StrCat(result.suite, "/", result.id, result.optional ? " (optional)" : "");
}

std::string line(const std::string& verdict, const RequirementResult& result,
                 const std::string& text) {
  return absl::StrCat("  ", verdict, " ", name_of(result), text.empty() ? "" : ": ", text, "\n");
}

bool blocks(const RequirementResult& result, const ReportOptions& options) {
  if (result.optional) return false;
  return result.verdict == Verdict::kFailed || result.under_crashes == UnderCrashes::kBroken ||
         (result.verdict == Verdict::kUncovered && options.require_all);
}

/// What XML 1.0 cannot hold becomes a question mark.
std::string escape(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '&') {
      escaped += "&amp;";
    } else if (c == '<') {
      escaped += "&lt;";
    } else if (c == '>') {
      escaped += "&gt;";
    } else if (c == '"') {
      escaped += "&quot;";
    } else if (c == '\n') {
      escaped += "&#10;";
    } else {
      escaped += static_cast<unsigned char>(c) < ' ' ? '?' : c;
    }
  }
  return escaped;
}

/// A test case, and what is said of it: nothing, "failure" or "skipped".
struct TestCase {
  const RequirementResult* result = nullptr;
  std::string outcome;
  std::string message;
};

TestCase plain_case(const RequirementResult& result, const ReportOptions& options) {
  TestCase made{&result, "", absl::StrJoin(result.reasons, "\n")};
  if (result.verdict == Verdict::kFailed) made.outcome = "failure";
  if (result.verdict == Verdict::kUncovered) {
    made.outcome = options.require_all ? "failure" : "skipped";
  }
  return made;
}

TestCase crash_case(const RequirementResult& result) {
  TestCase made{&result, "", result.crash_text};
  if (result.under_crashes == UnderCrashes::kBroken) made.outcome = "failure";
  if (result.under_crashes == UnderCrashes::kExcluded) made.outcome = "skipped";
  return made;
}

void append_suite(std::string& xml, const std::string& name, const std::vector<TestCase>& cases) {
  const auto count = [&](const char* outcome) {
    return std::count_if(cases.begin(), cases.end(),
                         [&](const TestCase& each) { return each.outcome == outcome; });
  };
  absl::StrAppend(&xml, "  <testsuite name=\"", escape(name), "\" tests=\"", cases.size(),
                  "\" failures=\"", count("failure"), "\" skipped=\"", count("skipped"), "\">\n");
  for (const TestCase& each : cases) {
    const RequirementResult& result = *each.result;
    absl::StrAppend(&xml, "    <testcase classname=\"", escape(name), "\" name=\"",
                    escape(absl::StrCat(result.id, " ", result.description)), "\"");
    if (each.outcome.empty()) {
      xml += "/>\n";
      continue;
    }
    absl::StrAppend(&xml, "><", each.outcome, " message=\"", escape(each.message),
                    "\"/></testcase>\n");
  }
  xml += "  </testsuite>\n";
}

}  // namespace

std::string requirement_lines(const std::vector<RequirementResult>& results,
                              const ReportOptions& options) {
  std::string text;
  for (const RequirementResult& result : results) {
    if (result.passed() && options.verbose) text += line("PASSED", result, result.description);
  }
  for (const Verdict verdict : {Verdict::kFailed, Verdict::kUncovered}) {
    for (const RequirementResult& result : results) {
      if (result.verdict != verdict) continue;
      text += line(word(result), result, absl::StrJoin(result.reasons, "\n      "));
    }
  }
  for (const RequirementResult& result : results) {
    if (!result.passed()) continue;
    if (result.under_crashes == UnderCrashes::kBroken) {
      text += line("FAILED under crashes", result, result.crash_text);
    } else if (result.under_crashes == UnderCrashes::kExcluded) {
      text += line("not under crashes", result, result.crash_text);
    } else if (options.verbose) {
      text += line("PASSED under crashes", result, result.crash_text);
    }
  }
  return text;
}

std::string conformance_total(const std::vector<RequirementResult>& results) {
  const auto passed = std::count_if(results.begin(), results.end(),
                                    [](const RequirementResult& each) { return each.passed(); });
  return absl::StrCat("conformance: ", passed, "/", results.size(), " passed");
}

std::string crash_total(const std::vector<RequirementResult>& results) {
  const auto count = [&](UnderCrashes what) {
    return std::count_if(results.begin(), results.end(),
                         [&](const RequirementResult& each) { return each.under_crashes == what; });
  };
  const auto held = count(UnderCrashes::kHeld);
  return absl::StrCat("conformance under crashes: ", held, "/",
                      held + count(UnderCrashes::kBroken));
}

bool acceptable(const std::vector<RequirementResult>& results, const ReportOptions& options) {
  return std::none_of(results.begin(), results.end(),
                      [&](const RequirementResult& each) { return blocks(each, options); });
}

std::string junit_xml(const std::vector<RequirementResult>& results, const ReportOptions& options) {
  std::vector<std::string> suites;
  for (const RequirementResult& result : results) {
    if (std::find(suites.begin(), suites.end(), result.suite) == suites.end()) {
      suites.push_back(result.suite);
    }
  }
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (const std::string& suite : suites) {
    std::vector<TestCase> plain;
    std::vector<TestCase> crashed;
    for (const RequirementResult& result : results) {
      if (result.suite != suite) continue;
      plain.push_back(plain_case(result, options));
      crashed.push_back(crash_case(result));
    }
    append_suite(xml, absl::StrCat("conformance.", suite), plain);
    append_suite(xml, absl::StrCat("conformance-under-crashes.", suite), crashed);
  }
  return xml + "</testsuites>\n";
}

}  // namespace reprise::corpus
