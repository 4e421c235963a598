// Checks Reprise against a corpus of recorded histories; see usage() below.

#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "corpus_check.h"

namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;
constexpr int kSkipped = 77;  // SKIP_RETURN_CODE of the test

constexpr const char* kHelp = R"(reprise_corpus [--corpus DIR] [--verbose] [--from-environment]

Reads every recording DIR/histories/*.json, writes it again, runs the handler behind it over the
fake service and compares the two histories, and replays the recording against the handler.

  --corpus DIR         default: the environment variable REPRISE_CORPUS
  --verbose            shows the first difference of each recording
  --from-environment   for ctest: without REPRISE_CORPUS exit 77, in CI (variable CI) exit 2

Exit status: 0; 1 when a recording is not read, or has a handler and is not reproduced and replayed;
2 when there is no corpus.
)";

struct Arguments {
  std::string corpus;
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
  for (std::size_t i = 0; i < words.size(); ++i) {
    constexpr std::string_view kCorpus = "--corpus=";
    if (words[i] == "--corpus" && i + 1 < words.size()) {
      arguments.corpus = words[++i];
    } else if (words[i].substr(0, kCorpus.size()) == kCorpus) {
      arguments.corpus = words[i].substr(kCorpus.size());
    } else if (words[i] == "--verbose") {
      arguments.verbose = true;
    } else if (words[i] == "--from-environment") {
      arguments.from_environment = true;
    } else if (words[i] == "--help") {
      arguments.help = true;
    } else {
      return std::nullopt;
    }
  }
  return arguments;
}

int check(const Arguments& arguments) {
  const auto results = reprise::corpus::check_corpus(arguments.corpus);
  if (!results.ok()) {
    std::cerr << "reprise_corpus: " << results.status().message() << "\n";
    return kUsage;
  }
  std::cout << reprise::corpus::summary(*results) << "\n"
            << reprise::corpus::remainder(*results, arguments.verbose);
  for (const reprise::corpus::RecordingResult& result : *results) {
    if (!result.acceptable()) return kFailed;
  }
  return 0;
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
  if (arguments->corpus.empty()) {
    arguments->corpus = variable(environment, "REPRISE_CORPUS").value_or("");
  }
  if (!arguments->corpus.empty()) return check(*arguments);
  const bool in_ci = !variable(environment, "CI").value_or("").empty();
  std::cerr << "reprise_corpus: no corpus given; name its directory with --corpus DIR or with the "
               "environment variable REPRISE_CORPUS\n";
  return arguments->from_environment && !in_ci ? kSkipped : kUsage;
}
