#include "scenarios/invoke_statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reprise/testing/testing.h"

namespace scenarios::invoke_statistics {
namespace {
using reprise::Scenario;
class All5 : public testing::TestWithParam<Situation> {};
TEST_P(All5, Sound) {
  InvokeStatistics chain(GetParam());
  Scenario scenario = chain.scenario();
  auto e = reprise::explore(scenario);
  for (auto& o : e.benign.outcomes) std::cout << o.name << " " << to_string(o.status) << " " << o.result.view() << (o.error ? *o.error->type + *o.error->message : "") << "\n";
  std::cout << e.certificate.text() << " resumes " << e.certificate.resumes << " runs " << e.certificate.runs << "\n";
  EXPECT_DURABLE(scenario);
}
INSTANTIATE_TEST_SUITE_P(S, All5, testing::Values(Situation::kAnswers, Situation::kEmptyInput, Situation::kFails, Situation::kThrottled, Situation::kTimesOut, Situation::kAnswersTooMuch));
template <class T> void show() {
  T chain;
  Scenario scenario = chain.scenario();
  EXPECT_DURABLE(scenario);
}
TEST(Twins5, A) { show<CalledInHandler>(); }
TEST(Twins5, B) { show<CalledInStep>(); }
TEST(Twins5, C) { show<UnorderedPayload>(); }
TEST(Twins5, D) { show<EnvironmentOutsideStep>(); }
}  // namespace
}  // namespace scenarios::invoke_statistics
