#include "reprise/sdk/condition.h"

#include <gmock/gmock.h>

#include <optional>
#include <stdexcept>
#include <string>

#include "reprise/sdk/invocation_test_support.h"

namespace reprise {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using ConditionTest = InvocationTest;

ConditionOptions<int> until_three() {
  PollUntil<int> poll([](const int& state) { return state >= 3; });
  poll.initial_delay(absl::Seconds(2)).rate(1.0).jitter(Jitter::kNone);
  return ConditionOptions<int>(poll);
}

void wake(LogService& service) {
  service.change(0, [](Operation& record) { record.status = OperationStatus::kReady; });
}

TEST_F(ConditionTest, ChecksOncePerInvocationAndCarriesTheState) {
  const auto handler = [](DurableContext ctx) -> Task<int> {
    const auto check = [](int state) { return state + 1; };
    const ConditionOptions<int> options = until_three();
    const int state = co_await ctx.wait_for_condition("poll", 0, check, options);
    co_return state;
  };
  EXPECT_EQ(invoke(handler).output.status, InvocationStatus::kPending);
  EXPECT_THAT(spell(service_.updates),
              ElementsAre("START WaitForCondition poll", "RETRY WaitForCondition poll"));
  EXPECT_EQ(service_.updates[1].payload, "1");
  EXPECT_EQ(service_.updates[1].next_attempt_delay_seconds, 2);
  wake(service_);
  EXPECT_EQ(invoke(handler).output.status, InvocationStatus::kPending);
  wake(service_);
  EXPECT_EQ(invoke(handler).output.result, "3");
  EXPECT_EQ(invoke(handler).output.result, "3");
  EXPECT_THAT(service_.updates, IsEmpty());
}

TEST_F(ConditionTest, AnInterruptedCheckIsRepeatedWithTheStateBefore) {
  int checks = 0;
  const auto handler = [&](DurableContext ctx) -> Task<int> {
    const auto check = [&](int state) {
      ++checks;
      return state + 1;
    };
    const ConditionOptions<int> options = until_three();
    const int state = co_await ctx.wait_for_condition("poll", 1, check, options);
    co_return state;
  };
  EXPECT_EQ(invoke(handler).output.status, InvocationStatus::kPending);
  wake(service_);
  service_.fail_call = 2;  // the second check has run, its answer is lost
  service_.error = ApiError{ApiError::kConnectionLost, 0, "gone"};
  EXPECT_FALSE(invoke(handler).responded);
  service_.fail_call = 0;
  EXPECT_EQ(invoke(handler).output.result, "3");
  EXPECT_THAT(spell(service_.updates), ElementsAre("SUCCEED WaitForCondition poll"));
  EXPECT_EQ(checks, 3);
}

TEST_F(ConditionTest, WhatTheCheckThrowsFailsItAtOnce) {  // PROTOCOL 6.2
  const auto handler = [](DurableContext ctx) -> Task<std::string> {
    const auto check = [](int) -> int { throw std::runtime_error("no such job"); };
    const ConditionOptions<int> options = until_three();
    const Outcome<int> outcome = co_await ctx.try_wait_for_condition("poll", 0, check, options);
    co_return std::string(to_string(outcome.error().kind())) + ": " + outcome.error().what();
  };
  EXPECT_EQ(invoke(handler).output.result, "\"WaitForConditionError: no such job\"");
  EXPECT_EQ(invoke(handler).output.result, "\"WaitForConditionError: no such job\"");
}

TEST_F(ConditionTest, GivesUpAfterTheLastAttempt) {
  const auto handler = [](DurableContext ctx) -> Task<int> {
    PollUntil<int> poll([](const int&) { return false; });
    poll.max_attempts(1);
    const ConditionOptions<int> options(poll);
    const auto check = [](int state) { return state; };
    const int state = co_await ctx.wait_for_condition("poll", 0, check, options);
    co_return state;
  };
  const auto result = invoke(handler);
  EXPECT_EQ(result.output.error->type, "WaitForConditionError");
  EXPECT_EQ(result.output.error->message, "waitForCondition exceeded maximum attempts (1)");
}

TEST_F(ConditionTest, TheConditionComesBeforeTheBound) {
  PollUntil<int> poll([](const int& state) { return state == 5; });
  poll.max_attempts(2);
  EXPECT_EQ(poll(5, 2).kind(), WaitDecision::Kind::kDone);
  EXPECT_EQ(poll(4, 2).kind(), WaitDecision::Kind::kExhausted);
  EXPECT_EQ(poll(4, 1).kind(), WaitDecision::Kind::kContinue);
}

TEST_F(ConditionTest, DelaysGrowToTheMaximum) {
  PollUntil<int> poll([](const int&) { return false; });
  EXPECT_EQ(poll(0, 1).next().base(), absl::Seconds(5));
  EXPECT_EQ(poll(0, 2).next().base(), absl::Seconds(7.5));
  EXPECT_EQ(poll(0, 59).next().base(), absl::Seconds(300));
}

TEST_F(ConditionTest, AStateMayBeNull) {
  const auto handler = [](DurableContext ctx) -> Task<std::optional<int>> {
    const auto check = [](const std::optional<int>& state) { return state; };
    const auto done = [](const std::optional<int>&, int) { return WaitDecision::done(); };
    const ConditionOptions<std::optional<int>> options(done);
    const std::optional<int> initial;
    const auto state = co_await ctx.wait_for_condition("poll", initial, check, options);
    co_return state;
  };
  EXPECT_EQ(invoke(handler).output.status, InvocationStatus::kSucceeded);
  EXPECT_FALSE(service_.records[0]->result);
}

}  // namespace
}  // namespace reprise
