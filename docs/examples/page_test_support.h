#pragma once

#include <gtest/gtest.h>

#include <string>

/// A test that fails, as the page says that shows it: passes when its one failure has the text of
/// the block below `<!-- output: <file>#<Suite>.<Name> -->`.  Pages show it as TEST.
///
/// The command line after "again" is compared with the name of the source file in place of the
/// program.
#define FAILING_TEST(suite, name)                                                                \
  static void suite##_##name##_as_shown();                                                       \
  TEST(suite, name) { ::pages::expect_documented_failure(__FILE__, suite##_##name##_as_shown); } \
  static void suite##_##name##_as_shown()

/// The same for a property; its test includes reprise/testing/rapidcheck.h.  Pages show it as
/// REPRISE_PROP.
#define FAILING_PROP(suite, name, arguments)                                                     \
  static void suite##_##name##_property arguments;                                               \
  static void suite##_##name##_as_shown() {                                                      \
    ::reprise::internal::check_property(&suite##_##name##_property, 0);                          \
  }                                                                                              \
  TEST(suite, name) { ::pages::expect_documented_failure(__FILE__, suite##_##name##_as_shown); } \
  static void suite##_##name##_property arguments

namespace pages {

void expect_documented_failure(const char* file, void (*body)());

/// Passes when `text` is that of the block which belongs to the running test.  With
/// REPRISE_UPDATE_DOCS in the environment it is written there instead.
void expect_documented(const char* file, const std::string& text);

}  // namespace pages
