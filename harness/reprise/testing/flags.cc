#include "reprise/testing/flags.h"

#include <absl/strings/str_split.h>

#include <fstream>
#include <iterator>

namespace reprise::internal {

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
                                                          : nullptr;
    if (text != nullptr) {
      if (value && !value->empty()) {
        *text = *value;
      } else {
        flags.errors.push_back(name + " needs a value: " + name + "=PATH");
      }
    } else if (name == "--reprise_without") {
      flags.parse_without(value.value_or(""));
    } else if (name == "--reprise_verbose" && !value) {
      flags.verbose = true;
    } else {
      flags.errors.push_back("unknown flag " + argument +
                             "; known are --reprise_fixture=FILE, --reprise_fixture_dir=DIR, "
                             "--reprise_report_dir=DIR, --reprise_verbose, "
                             "--reprise_without=MECHANISM,...");
    }
  }
  return flags;
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
    return parse(arguments);
  }();
  return flags;
}

}  // namespace reprise::internal
