// InvocationOptions::replay_only, and what observers learn about payloads.

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

#include "reprise/sdk/handler_observer.h"
#include "reprise/sdk/invocation_test_support.h"

namespace reprise {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class PayloadNotes final : public InvocationObserver {
 public:
  void payload_refused(std::string_view operation_id, const SharedText& payload,
                       const std::string& message) override {
    lines.push_back("refused " + std::string(operation_id) + " " + payload.str() + ": " + message);
  }
  void payload_read(std::string_view operation_id, const SharedText& payload,
                    const SharedText& again) override {
    lines.push_back("read " + std::string(operation_id) + " " + payload.str() + " as " +
                    again.str());
  }
  std::vector<std::string> lines;
};

class ReplayOnly : public InvocationTest {
 protected:
  ReplayOnly() {
    options_.replay_only = true;
    options_.observer = &notes_;
  }
  PayloadNotes notes_;
  int bodies_ = 0;
};

TEST_F(ReplayOnly, NoBodyRunsAndOtherBranchesGoOn) {
  const auto handler = [this](DurableContext ctx) -> Task<int> {
    auto first = ctx.step("first", [&] { return ++bodies_; });
    auto second = ctx.wait("second", absl::Seconds(5));
    int value = co_await first;
    co_await second;
    co_return value;
  };
  const InvocationResult result = invoke(handler);
  EXPECT_EQ(result.output.status, InvocationStatus::kPending);
  EXPECT_EQ(bodies_, 0);
  EXPECT_THAT(spell(service_.updates), ElementsAre("START Wait second"));
}

TEST_F(ReplayOnly, AnInterruptedAttemptAtMostOnceIsLeftAlone) {
  const auto handler = [this](DurableContext ctx) -> Task<int> {
    StepOptions once;
    once.semantics(StepSemantics::kAtMostOncePerRetry);
    int value = co_await ctx.step(
        "charge", [&] { return ++bodies_; }, once);
    co_return value;
  };
  options_.replay_only = false;
  service_.fail_call = 2;
  service_.error = ApiError{ApiError::kConnectionLost, 0, "gone"};
  invoke(handler);
  ASSERT_EQ(bodies_, 1);
  service_.fail_call = 0;
  options_.replay_only = true;
  EXPECT_EQ(invoke(handler).output.status, InvocationStatus::kPending);
  EXPECT_THAT(service_.updates, IsEmpty());
}

TEST_F(ReplayOnly, TellsHowPayloadsAreRead) {
  const auto writer = [](DurableContext ctx) -> Task<> {
    co_await ctx.step("measure", [&] { return std::string("1.50"); });
  };
  options_.replay_only = false;
  invoke(writer, "7");
  EXPECT_THAT(notes_.lines, IsEmpty());
  service_.change(0, [](Operation& record) { record.result = "1.50"; });
  options_.replay_only = true;
  invoke(
      [](DurableContext ctx, int) -> Task<> {
        double value = co_await ctx.step("measure", [&] { return 0.5; });
        static_cast<void>(value);
      },
      "7");
  EXPECT_THAT(notes_.lines, ElementsAre("read  7 as 7", "read c4ca4238a0b92382 1.50 as 1.5"));
}

TEST_F(ReplayOnly, ARefusedPayloadIsToldInEveryInvocation) {
  options_.replay_only = false;
  const auto handler = [](DurableContext, int) -> Task<> { co_return; };
  invoke(handler, "\"seven\"");
  EXPECT_THAT(notes_.lines,
              ElementsAre("refused  \"seven\": expected an integer of 4 bytes, found \"seven\""));
}

TEST_F(ReplayOnly, AHandlerWithObserversTellsItToo) {
  HandlerOptions observed;
  observed.observer(std::make_shared<HandlerObserver>());
  const auto handler = [](DurableContext, std::string) -> Task<> { co_return; };
  const HandlerFunction function = make_handler(handler, observed);
  static_cast<void>(function(service_.input("7"), service_, options_));
  static_cast<void>(function(service_.input("\"a\""), service_, options_));
  ASSERT_EQ(notes_.lines.size(), 2U);
  EXPECT_THAT(notes_.lines[0], testing::StartsWith("refused  7: "));
  EXPECT_EQ(notes_.lines[1], "read  \"a\" as \"a\"");
}

}  // namespace
}  // namespace reprise
