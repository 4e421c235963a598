#pragma once

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdlib>
#include <sstream>
#include <string>
#include <utility>

#include "rapidcheck/detail/Configuration.h"
#include "rapidcheck/detail/TestListenerAdapter.h"

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
};

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
  return {result.template is<rc::detail::SuccessResult>(), message.str()};
}

/// Fails the GoogleTest around it when the property does not hold for `programs` drawn programs.
template <class Testable>
void expect_property(Testable&& property, int programs = kPrograms) {
  const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
  const PropertyResult result =
      test_property(std::string(test->test_suite_name()) + "/" + test->name(),
                    property_configuration(programs), std::forward<Testable>(property));
  EXPECT_TRUE(result.passed) << result.message;
}

}  // namespace reprise::properties
