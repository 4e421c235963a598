// Function hosts in runs: what the service and the exploration make of them.

#include "reprise/fakes/function_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "reprise/testing/testing.h"

namespace reprise::fakes {
namespace {

class HostedRuns : public testing::Test {
 protected:
  FunctionHost host_;
  EnvironmentLocal<std::string> note_{host_, "note"};
};

TEST_F(HostedRuns, WhatAStepRecordsAboutItsHostIsOfNoConsequence) {
  Scenario scenario("f", [&](DurableContext ctx) -> Task<std::string> {
    const std::string name = co_await ctx.step("name", [&] { return host_.environment_name(); });
    co_await ctx.wait("pause", absl::Hours(1));
    co_return name;
  });
  scenario.environments(host_);
  EXPECT_DURABLE(scenario);
}

TEST_F(HostedRuns, TheServiceRefusesAnInvocationWithoutATenant) {
  host_.add("f", {.per_tenant = true});
  Scenario scenario("tenants");
  scenario.durable_function(
      "f", [&](DurableContext) -> Task<std::string> { co_return host_.tenant(); },
      host_.config("f"));
  scenario.start("a", "f", 1);
  scenario.environments(host_);
  try {
    run(scenario);
    FAIL() << "the start was accepted";
  } catch (const ProgramError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("InvalidParameterValueException"));
  }
  scenario.tenant("acme");
  EXPECT_EQ(run(scenario).outcomes.front().result, "\"acme\"");
}

TEST_F(HostedRuns, ACallerOfAPlainFunctionIsToldThatItIsThrottled) {
  host_.add("worker", {.reserved_concurrency = 0});
  Scenario scenario("f", [&](DurableContext ctx) -> Task<std::string> {
    const Outcome<int> answer = co_await ctx.try_invoke<int>("work", "worker", 1);
    if (answer.ok()) co_return std::string("worked");
    co_return std::string(answer.error().cause_type());
  });
  scenario.function("worker", [](int number) { return number; });
  scenario.environments(host_);
  EXPECT_EQ(run(scenario).outcomes.front().result, "\"TooManyRequestsException\"");
}

// One environment at a time: a start that comes while another stands still waits for its turn.
TEST_F(HostedRuns, AStartThatOverlapsWaitsWhereThereIsNoRoom) {
  host_.add("f", {.reserved_concurrency = 1});
  Scenario scenario("crowd");
  scenario.durable_function("f", [&](DurableContext ctx, std::string who) -> Task<std::string> {
    const std::string text = co_await ctx.step("work", [&] {
      note_.put(who);
      return note_.get().value_or("");
    });
    co_return text;
  });
  scenario.start("a", "f", std::string("ann")).start("b", "f", std::string("bob"));
  scenario.environments(host_);
  EXPECT_DURABLE(scenario);
}

}  // namespace
}  // namespace reprise::fakes
