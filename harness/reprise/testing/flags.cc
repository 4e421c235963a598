#include "reprise/testing/flags.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_split.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace reprise::internal {
namespace {

constexpr int kJobsMax = 256;
constexpr int kReplaysMax = 1000;
constexpr int kCasesMax = 1000000;
constexpr int kRunsMax = 1000000000;

}  // namespace

TestFlags TestFlags::parse(const std::vector<std::string>& arguments) {
  TestFlags flags;
  if (!arguments.empty()) flags.program = arguments.front();
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument.rfind("--reprise", 0) != 0) continue;
    const std::size_t equals = argument.find('=');
    const std::string name = argument.substr(0, equals);
    const std::optional<std::string> value =
        equals == std::string::npos ? std::nullopt : std::optional(argument.substr(equals + 1));
    std::string* text = name == "--reprise_fixture"       ? &flags.fixture
                        : name == "--reprise_fixture_dir" ? &flags.fixture_dir
                        : name == "--reprise_report_dir"  ? &flags.report_dir
                        : name == "--reprise_seed"        ? &flags.seed
                                                          : nullptr;
    if (text != nullptr) {
      if (value && !value->empty()) {
        *text = *value;
      } else {
        flags.errors.push_back(name + " needs a value: " + name +
                               (text == &flags.seed ? "=NUMBER_OR_TEXT" : "=PATH"));
      }
    } else if (name == "--reprise_without") {
      flags.parse_without(value.value_or(""));
    } else if (name == "--reprise_verbose" && !value) {
      flags.verbose = true;
    } else if (name == "--reprise_progress" && !value) {
      flags.progress = true;
    } else if (name == "--reprise_split" && !value) {
      flags.split = true;
    } else if (name == "--reprise_jobs") {
      flags.parse_number(name, value, kJobsMax, flags.jobs);
    } else if (name == "--reprise_replays") {
      flags.parse_number(name, value, kReplaysMax, flags.replays);
    } else if (name == "--reprise_cases") {
      flags.parse_number(name, value, kCasesMax, flags.cases);
    } else if (name == "--reprise_runs") {
      flags.parse_number(name, value, kRunsMax, flags.runs);
    } else if (name == "--reprise_coverage_min") {
      flags.parse_number(name, value, 100, flags.coverage_min);
    } else {
      flags.errors.push_back(
          "unknown flag " + argument +
          "; known are --reprise_fixture=FILE, --reprise_fixture_dir=DIR, "
          "--reprise_report_dir=DIR, --reprise_jobs=N, --reprise_split, "
          "--reprise_replays=N, --reprise_coverage_min=PERCENT, --reprise_progress, "
          "--reprise_seed=NUMBER_OR_TEXT, --reprise_cases=N, --reprise_runs=N, "
          "--reprise_verbose, --reprise_without=MECHANISM,...");
    }
  }
  return flags;
}

void TestFlags::parse_number(const std::string& name, const std::optional<std::string>& value,
                             int max, int& number) {
  int read = -1;
  if (!value || !absl::SimpleAtoi(*value, &read) || read < 0 || read > max) {
    errors.push_back(name + " needs a number from 0 to " + std::to_string(max) + ", found \"" +
                     value.value_or("") + "\"");
    return;
  }
  number = read;
}

void TestFlags::parse_without(const std::string& names) {
  for (const std::string& name : std::vector<std::string>(absl::StrSplit(names, ','))) {
    const std::optional<Mechanism> mechanism = mechanism_from(name);
    if (mechanism) {
      without.push_back(*mechanism);
    } else {
      errors.push_back("--reprise_without=" + names +
                       ": expected M1, M2, ... (docs/mechanisms.md), found \"" + name + "\"");
    }
  }
}

std::uint64_t TestFlags::seed_number() const {
  std::uint64_t number = 1;
  if (seed.empty() || absl::SimpleAtoi(seed, &number)) return number;
  number = 0xcbf29ce484222325U;  // FNV-1a
  for (const char c : seed) number = (number ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return number;
}

const TestFlags& TestFlags::of_process() {
  static const TestFlags flags = [] {
    // The user's main (or gtest_main) owns argv; the kernel has a copy.
    std::ifstream file("/proc/self/cmdline", std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    std::vector<std::string> arguments;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\0', at);
      arguments.push_back(text.substr(at, end - at));
      if (end == std::string::npos) break;
      at = end + 1;
    }
    TestFlags parsed = parse(arguments);
    if (parsed.split) parsed.take_shard();
    return parsed;
  }();
  return flags;
}

namespace {

// Before main: GoogleTest must not see the variables when every shard runs every test.
[[maybe_unused]] const bool kFlagsAreRead = (TestFlags::of_process(), true);

}  // namespace

void TestFlags::take_shard() {
  const char* const total = std::getenv("GTEST_TOTAL_SHARDS");
  const char* const index = std::getenv("GTEST_SHARD_INDEX");
  int parts = 0;
  int mine = 0;
  if (total == nullptr || index == nullptr || !absl::SimpleAtoi(total, &parts) ||
      !absl::SimpleAtoi(index, &mine) || parts < 1 || mine < 0 || mine >= parts) {
    errors.emplace_back(
        "--reprise_split needs GTEST_TOTAL_SHARDS and GTEST_SHARD_INDEX: numbers, the index from 0 "
        "and below the total");
    return;
  }
  part_count = parts;
  part = mine + 1;
  ::unsetenv("GTEST_TOTAL_SHARDS");
  ::unsetenv("GTEST_SHARD_INDEX");
}

}  // namespace reprise::internal
