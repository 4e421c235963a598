// The failures that were found in the flawed twins, kept as files.
#include <gtest/gtest.h>

#include "reprise/testing/testing.h"
#include "scenarios/twins.h"

namespace scenarios {
namespace {

const bool kTwinsAreKnown = [] {
  for_each_twin([]<class Twin> { REPRISE_REGISTER_SCENARIO(Twin::name(), Twin); });
  return true;
}();

REPRISE_FIXTURE_TESTS(Fixtures, REPRISE_SOURCE_DIR "/fixtures/scenarios");

}  // namespace
}  // namespace scenarios
