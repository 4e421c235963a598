// Where a limit or a unit begins: exactly there, and not one before or behind.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "reprise/sdk/invocation_test_support.h"

namespace reprise {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

class Boundaries : public InvocationTest {};

TEST_F(Boundaries, AContextResultOfExactlyTheLimitIsStored) {  // PROTOCOL 6.5.3
  const auto handler = [](DurableContext ctx) -> Task<> {
    co_await ctx.run_in_child_context(
        "c", [](DurableContext) -> Task<std::string> { co_return "12345678"; });
  };
  const std::string stored = "\"12345678\"";
  options_.inline_context_limit = static_cast<std::int64_t>(stored.size());
  invoke(handler);
  ASSERT_THAT(service_.updates, SizeIs(2));
  EXPECT_EQ(service_.updates.back().payload, stored);
  EXPECT_FALSE(service_.updates.back().replay_children.value_or(false));
}

TEST_F(Boundaries, AContextResultOfOneByteMoreIsNot) {
  const auto handler = [](DurableContext ctx) -> Task<> {
    co_await ctx.run_in_child_context(
        "c", [](DurableContext) -> Task<std::string> { co_return "12345678"; });
  };
  options_.inline_context_limit = 9;
  invoke(handler);
  ASSERT_THAT(service_.updates, SizeIs(2));
  EXPECT_EQ(service_.updates.back().payload, "");
  EXPECT_EQ(service_.updates.back().replay_children, true);
}

TEST_F(Boundaries, MoreUpdatesThanACallTakesGoOnInTheNextCall) {  // PROTOCOL 4.4.3
  const auto handler = [](DurableContext ctx) -> Task<int> {
    auto a = ctx.step("a", [] { return 1; });
    auto b = ctx.step("b", [] { return 2; });
    auto c = ctx.step("c", [] { return 3; });
    const int first = co_await a;
    const int second = co_await b;
    const int third = co_await c;
    co_return first + second + third;
  };
  options_.max_checkpoint_updates = 2;
  EXPECT_EQ(invoke(handler).output.result, "6");
  EXPECT_THAT(spell(service_.updates),
              ElementsAre("START Step a", "START Step b", "START Step c", "SUCCEED Step a",
                          "SUCCEED Step b", "SUCCEED Step c"));
  EXPECT_EQ(service_.calls, 5);
}

TEST_F(Boundaries, APartOfASecondIsAWholeOneToWait) {  // PROTOCOL 12
  const auto handler = [](DurableContext ctx) -> Task<> {
    co_await ctx.wait("w", absl::Milliseconds(1001));
  };
  invoke(handler);
  ASSERT_THAT(service_.updates, SizeIs(1));
  EXPECT_EQ(service_.updates[0].wait_seconds, 2);
}

TEST_F(Boundaries, ACallbackThatTimedOutIsTold) {  // PROTOCOL 6.3.3
  const auto handler = [](DurableContext ctx) -> Task<std::string> {
    const Callback<> callback = co_await ctx.create_callback("c");
    auto answer = co_await callback.try_result();
    const DurableErrorKind kind = answer.error().kind();
    co_return kind == DurableErrorKind::kCallbackTimeout ? "timed out" : "failed";
  };
  invoke(handler);
  for (const OperationStatus status : {OperationStatus::kTimedOut, OperationStatus::kFailed}) {
    service_.change(0, [&](Operation& record) { record.status = status; });
    EXPECT_EQ(invoke(handler).output.result,
              status == OperationStatus::kTimedOut ? "\"timed out\"" : "\"failed\"");
  }
}

}  // namespace
}  // namespace reprise
