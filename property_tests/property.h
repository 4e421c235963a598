#pragma once

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <utility>

#include "rapidcheck/detail/Configuration.h"
#include "rapidcheck/detail/TestListenerAdapter.h"
#include "reprise/testing/flags.h"

namespace reprise::properties {

#if defined(__SANITIZE_ADDRESS__)
#define REPRISE_PROPERTIES_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define REPRISE_PROPERTIES_SANITIZED 1
#endif
#endif

/// Programs a law is tried on.  Fewer where each run takes twenty times as long.
#if defined(REPRISE_PROPERTIES_SANITIZED)
inline constexpr int kPrograms = 40;
#else
inline constexpr int kPrograms = 200;
#endif
inline constexpr std::uint64_t kSeed = 20260101;

/// How properties are tested unless RC_PARAMS says otherwise: always the same programs, so that
/// what fails here fails everywhere.  RC_PARAMS="seed=7 max_success=5000" looks elsewhere,
/// "reproduce=..." looks again.
inline rc::detail::Configuration property_configuration(int programs) {
  rc::detail::Configuration defaults;
  defaults.testParams.seed = kSeed;
  defaults.testParams.maxSuccess = programs;
  const char* given = std::getenv("RC_PARAMS");
  return rc::detail::configFromString(given == nullptr ? "" : given, defaults);
}

/// What RapidCheck says about a property; `passed` tells which way.
struct PropertyResult {
  bool passed = false;
  std::string message;
  std::string counterexample;  ///< the program, and what else was drawn, as they print
  std::string drawn;           ///< RC_PARAMS that draw it again
};

/// A law that was broken, as a file in the directory that --reprise_fixture_dir names; without that
/// flag nothing is written.  The same counterexample of the same law has the same name.
inline void file_counterexample(const std::string& law, const PropertyResult& result) {
  const std::string& directory = internal::TestFlags::of_process().fixture_dir;
  if (directory == internal::TestFlags().fixture_dir) return;
  std::uint64_t digest = 0xcbf29ce484222325U;  // FNV-1a
  for (const char c : result.counterexample) {
    digest = (digest ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  }
  char suffix[20];
  std::snprintf(suffix, sizeof suffix, "_%08llx", static_cast<unsigned long long>(digest >> 32U));
  std::string name = law + suffix;
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  const nlohmann::json file = {{"format", "reprise-law"},
                               {"version", 1},
                               {"law", law},
                               {"drawn", result.drawn},
                               {"counterexample", result.counterexample},
                               {"message", result.message}};
  std::filesystem::create_directories(directory);
  std::ofstream(std::filesystem::path(directory) / (name + ".json"))
      << file.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
}

template <class Testable>
PropertyResult test_property(const std::string& name,
                             const rc::detail::Configuration& configuration, Testable&& property) {
  rc::detail::TestMetadata metadata;
  metadata.id = name;
  metadata.description = name;
  rc::detail::TestListenerAdapter silent;
  const rc::detail::TestResult result =
      rc::detail::checkTestable(std::forward<Testable>(property), metadata,
                                configuration.testParams, silent, configuration.reproduce);
  std::ostringstream message;
  rc::detail::printResultMessage(result, message);
  message << "\nRC_PARAMS=\"seed=" << configuration.testParams.seed << "\"";
  PropertyResult said{result.template is<rc::detail::SuccessResult>(), message.str(), "", ""};
  if (result.template is<rc::detail::FailureResult>()) {
    const auto& failure = result.template get<rc::detail::FailureResult>();
    for (const auto& [type, value] : failure.counterExample) said.counterexample += value + "\n";
    rc::detail::Configuration drawn;
    drawn.reproduce[name] = failure.reproduce;
    said.drawn = rc::detail::configToMinimalString(drawn);
  }
  return said;
}

/// Fails the GoogleTest around it when the property does not hold for `programs` drawn programs.
template <class Testable>
void expect_property(Testable&& property, int programs = kPrograms) {
  const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
  const std::string law = std::string(test->test_suite_name()) + "." + test->name();
  const PropertyResult result =
      test_property(law, property_configuration(programs), std::forward<Testable>(property));
  EXPECT_TRUE(result.passed) << result.message;
  if (!result.passed) file_counterexample(law, result);
}

}  // namespace reprise::properties
