// Checks Reprise against a corpus of recorded histories and of requirements; see kHelp below.

#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/report.h"
#include "corpus_check.h"

namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;
constexpr int kSkipped = 77;  // SKIP_RETURN_CODE of the test

constexpr const char* kHelp = R"(reprise_corpus [--corpus DIR] [--requirements DIR] [OPTION...]

Reads every recording DIR/histories/*.json of the corpus, writes it again, runs the handler behind
it over the fake service and compares the two histories, replays the recording against the handler,
and checks that executions could go on with it wherever the recording is cut.  Runs the handler of
every requirement DIR/conformance/<suite>/<n>-<m>.yaml and holds its history, result and log against
what the requirement expects; then runs it under any number of crashes.

  --corpus DIR         default: the environment variable REPRISE_CORPUS
  --requirements DIR   where the requirements are, for instance a clone of the conformance suite;
                       without a corpus nothing else is checked
  --only WHAT          histories or conformance
  --require-all        a requirement without a handler is a failure
  --junit FILE         writes the results of the requirements as JUnit XML
  --verbose            shows the first difference of each recording, and what has passed
  --from-environment   for ctest: without REPRISE_CORPUS exit 77, in CI (variable CI) exit 2

Exit status: 0; 1 when a recording is not read, or has a handler and is not reproduced, replayed
and safe at every cut, or when a requirement has a handler and fails; 2 when there is no corpus.
)";

struct Arguments {
  std::string corpus;
  std::string requirements;
  std::string only;
  std::string junit;
  bool require_all = false;
  bool verbose = false;
  bool from_environment = false;
  bool help = false;
};

// The environment comes in through main, like the arguments: it is an input of this program and of
// no library.
std::optional<std::string> variable(char** environment, std::string_view name) {
  for (char** entry = environment; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (text.size() > name.size() && text.substr(0, name.size()) == name &&
        text[name.size()] == '=') {
      return std::string(text.substr(name.size() + 1));
    }
  }
  return std::nullopt;
}

std::optional<Arguments> parse(const std::vector<std::string_view>& words) {
  Arguments arguments;
  struct Text {
    std::string_view name;
    std::string* value;
  };
  struct Switch {
    std::string_view name;
    bool* value;
  };
  const Text texts[] = {{"--corpus", &arguments.corpus},
                        {"--requirements", &arguments.requirements},
                        {"--only", &arguments.only},
                        {"--junit", &arguments.junit}};
  const Switch switches[] = {{"--require-all", &arguments.require_all},
                             {"--verbose", &arguments.verbose},
                             {"--from-environment", &arguments.from_environment},
                             {"--help", &arguments.help}};
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::size_t equals = words[i].find('=');
    const std::string_view name = words[i].substr(0, equals);
    bool known = false;
    for (const Text& text : texts) {
      if (name != text.name) continue;
      known = equals != std::string_view::npos || i + 1 < words.size();
      if (known) *text.value = equals == name.npos ? words[++i] : words[i].substr(equals + 1);
    }
    for (const Switch& each : switches) {
      if (words[i] != each.name) continue;
      known = *each.value = true;
    }
    if (!known) return std::nullopt;
  }
  const bool only_known =
      arguments.only.empty() || arguments.only == "histories" || arguments.only == "conformance";
  return only_known ? std::optional(arguments) : std::nullopt;
}

int fail(std::string_view message) {
  std::cerr << "reprise_corpus: " << message << "\n";
  return kUsage;
}

int check_histories(const Arguments& arguments) {
  const auto results = reprise::corpus::check_corpus(arguments.corpus);
  if (!results.ok()) return fail(std::string(results.status().message()));
  std::cout << reprise::corpus::summary(*results) << "\n"
            << reprise::corpus::prefix_summary(*results) << "\n"
            << reprise::corpus::remainder(*results, arguments.verbose);
  for (const reprise::corpus::RecordingResult& result : *results) {
    if (!result.acceptable()) return kFailed;
  }
  return 0;
}

int check_requirements(const Arguments& arguments) {
  const auto results = reprise::corpus::run_requirements(arguments.requirements);
  if (!results.ok()) return fail(std::string(results.status().message()));
  reprise::corpus::ReportOptions options;
  options.require_all = arguments.require_all;
  options.verbose = arguments.verbose;
  std::cout << reprise::corpus::conformance_total(*results) << "\n"
            << reprise::corpus::crash_total(*results) << "\n"
            << reprise::corpus::requirement_lines(*results, options);
  if (!arguments.junit.empty()) {
    std::ofstream file(arguments.junit, std::ios::binary);
    file << reprise::corpus::junit_xml(*results, options) << std::flush;
    if (!file) return fail(arguments.junit + ": it cannot be written");
  }
  return reprise::corpus::acceptable(*results, options) ? 0 : kFailed;
}

int check(Arguments arguments) {
  const bool histories = !arguments.corpus.empty() && arguments.only != "conformance";
  const bool requirements = arguments.only != "histories";
  if (arguments.requirements.empty()) arguments.requirements = arguments.corpus + "/conformance";
  const int first = histories ? check_histories(arguments) : 0;
  if (first == kUsage) return first;
  const int second = requirements ? check_requirements(arguments) : 0;
  return second != 0 ? second : first;
}

}  // namespace

int main(int count, char** words, char** environment) {
  std::optional<Arguments> arguments = parse({words + 1, words + count});
  if (!arguments) {
    std::cerr << kHelp;
    return kUsage;
  }
  if (arguments->help) {
    std::cout << kHelp;
    return 0;
  }
  if (arguments->corpus.empty() && arguments->requirements.empty()) {
    arguments->corpus = variable(environment, "REPRISE_CORPUS").value_or("");
  }
  if (!arguments->corpus.empty() || !arguments->requirements.empty()) return check(*arguments);
  const bool in_ci = !variable(environment, "CI").value_or("").empty();
  fail(
      "no corpus given; name its directory with --corpus DIR or with the environment variable "
      "REPRISE_CORPUS");
  return arguments->from_environment && !in_ci ? kSkipped : kUsage;
}
