// The fake service is the one that the documentation describes: whatever is called, it answers as a
// second one does that was written from docs/protocol.md alone.

#include <gtest/gtest.h>

#include "property_tests/property.h"
#include "property_tests/service_commands.h"

namespace reprise::properties {
namespace {

constexpr int kSequences = 15 * kPrograms;

TEST(ServiceModel, AnswersAsTheDocumentationSays) {
  expect_property(
      [] {
        ServiceUnderTest service;
        rc::state::check(ServiceModel{}, service, service_command);
      },
      kSequences);
}

}  // namespace
}  // namespace reprise::properties
