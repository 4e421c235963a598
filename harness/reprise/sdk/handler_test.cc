#include "reprise/sdk/handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "reprise/sdk/invocation_test_support.h"

namespace reprise {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Lossy {
  int kept = 0;
  int lost = 0;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(Lossy, kept, lost)
};

class HandlerTest : public InvocationTest {
 protected:
  std::vector<std::string> events_;
};

TEST_F(HandlerTest, ReturnsWhatTheCoroutineReturns) {
  const auto result = invoke([](DurableContext, int n) -> Task<int> { co_return n + 1; }, "41");
  EXPECT_EQ(result.output.status, InvocationStatus::kSucceeded);
  EXPECT_EQ(result.output.result, "42");
}

TEST_F(HandlerTest, RefusesAnEventThatDoesNotDecode) {
  const auto result = invoke([](DurableContext, int n) -> Task<int> { co_return n; }, "\"seven\"");
  EXPECT_EQ(result.output.status, InvocationStatus::kFailed);
  EXPECT_EQ(result.output.error->type, "SerdesError");
}

TEST_F(HandlerTest, RefusesAnInputWithoutExecution) {  // S-1
  bool ran = false;
  const HandlerFunction handler = make_handler([&](DurableContext) -> Task<> {
    ran = true;
    co_return;
  });
  InvocationInput input;
  const InvocationResult result = handler(input, service_, options_);
  EXPECT_EQ(result.output.status, InvocationStatus::kFailed);
  EXPECT_FALSE(ran);
}

TEST_F(HandlerTest, RunsAStepOnceAndReplaysItsRecord) {
  int runs = 0;
  const auto handler = [&](DurableContext ctx) -> Task<int> {
    const int value = co_await ctx.step("a", [&] { return ++runs; });
    co_return value;
  };
  EXPECT_EQ(invoke(handler).output.result, "1");
  EXPECT_THAT(spell(service_.updates), ElementsAre("START Step a", "SUCCEED Step a"));
  EXPECT_EQ(invoke(handler).output.result, "1");
  EXPECT_THAT(service_.updates, IsEmpty());
  EXPECT_EQ(runs, 1);
}

TEST_F(HandlerTest, SendsNoSecondStartForAnInterruptedAtLeastOnceStep) {  // PROTOCOL 5.2
  int runs = 0;
  const auto handler = [&](DurableContext ctx) -> Task<int> {
    const int value = co_await ctx.step("a", [&] { return ++runs; });
    co_return value;
  };
  (void)invoke(handler);
  service_.change(0, [](Operation& record) {
    record.status = OperationStatus::kStarted;
    record.attempt = 0;
  });
  EXPECT_EQ(invoke(handler).output.result, "2");
  EXPECT_THAT(spell(service_.updates), ElementsAre("SUCCEED Step a"));
}

TEST_F(HandlerTest, DoesNotRunAnInterruptedAtMostOnceStepAgain) {  // PROTOCOL 5.3
  int runs = 0;
  const auto handler = [&](DurableContext ctx) -> Task<int> {
    StepOptions once;
    once.semantics(StepSemantics::kAtMostOncePerRetry).retry(retry::none());
    const int value = co_await ctx.step(
        "a", [&] { return ++runs; }, once);
    co_return value;
  };
  (void)invoke(handler);
  service_.change(0, [](Operation& record) {
    record.status = OperationStatus::kStarted;
    record.attempt = 0;
  });
  const auto result = invoke(handler);
  EXPECT_EQ(result.output.error->type, "StepInterruptedError");
  EXPECT_THAT(spell(service_.updates), ElementsAre("FAIL Step a"));
  EXPECT_EQ(runs, 1);
}

TEST_F(HandlerTest, RetriesWithTheDelayOfTheStrategyAndSuspends) {
  const auto handler = [&](DurableContext ctx) -> Task<int> {
    const StepOptions twice = StepOptions().retry(retry::fixed(absl::Seconds(7), 2));
    const int value = co_await ctx.step(
        "a",
        [](StepContext step) -> int {
          throw std::runtime_error("attempt " + std::to_string(step.attempt()));
        },
        twice);
    co_return value;
  };
  EXPECT_EQ(invoke(handler).output.status, InvocationStatus::kPending);
  ASSERT_THAT(spell(service_.updates), ElementsAre("START Step a", "RETRY Step a"));
  EXPECT_EQ(service_.updates[1].next_attempt_delay_seconds, 7);
  EXPECT_EQ(service_.updates[1].error->message, "attempt 1");
  EXPECT_EQ(service_.updates[1].error->type, "std::runtime_error");

  EXPECT_EQ(invoke(handler).output.status, InvocationStatus::kPending);
  EXPECT_THAT(service_.updates, IsEmpty());

  service_.change(0, [](Operation& record) { record.status = OperationStatus::kReady; });
  const auto result = invoke(handler);
  EXPECT_THAT(spell(service_.updates), ElementsAre("START Step a", "FAIL Step a"));
  EXPECT_EQ(result.output.error->type, "StepError");
  EXPECT_EQ(result.output.error->message, "attempt 2");
}

TEST_F(HandlerTest, SeesTheSameErrorOnReplay) {  // S-7
  const auto handler = [&](DurableContext ctx) -> Task<std::string> {
    std::string seen;
    try {
      co_await ctx.step(
          "a", []() -> int { throw ApplicationError("Declined", "no funds"); },
          StepOptions().retry(retry::none()));
    } catch (const StepError& error) {
      seen = std::string(error.cause_type()) + ": " + error.what();
    }
    co_return seen;
  };
  EXPECT_EQ(invoke(handler).output.result, "\"Declined: no funds\"");
  EXPECT_EQ(invoke(handler).output.result, "\"Declined: no funds\"");
}

TEST_F(HandlerTest, GivesTheErrorAsAValueFromTheTryTwin) {
  const auto handler = [&](DurableContext ctx) -> Task<bool> {
    Outcome<int> outcome = co_await ctx.try_step(
        "a", []() -> int { throw std::logic_error("no"); }, StepOptions().retry(retry::none()));
    EXPECT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().kind(), DurableErrorKind::kStep);
    EXPECT_EQ(outcome.error().operation(), "a#1");
    Outcome<void> fine = co_await ctx.try_step("b", [] {});
    co_return fine.ok();
  };
  EXPECT_EQ(invoke(handler).output.result, "true");
}

TEST_F(HandlerTest, LetsTheLiveRunSeeTheDecodedValue) {  // PROTOCOL 5.6
  class OnlyKept final : public CustomSerdes<Lossy> {
   public:
    SharedText encode(const Lossy& value, const SerdesContext&) const override {
      return SharedText(std::to_string(value.kept));
    }
    Lossy decode(const SharedText& payload, const SerdesContext&) const override {
      return {std::stoi(payload.str()), 0};
    }
  };
  const auto handler = [&](DurableContext ctx) -> Task<int> {
    const StepOptions lossy = StepOptions().serdes(std::make_shared<OnlyKept>());
    const Lossy seen = co_await ctx.step(
        "a",
        [] {
          return Lossy{1, 2};
        },
        lossy);
    co_return 10 * seen.kept + seen.lost;
  };
  EXPECT_EQ(invoke(handler).output.result, "10");
  EXPECT_EQ(invoke(handler).output.result, "10");
}

TEST_F(HandlerTest, FailsAStepWhoseResultCannotBeEncodedWithoutRetry) {
  const auto handler = [&](DurableContext ctx) -> Task<std::string> {
    const std::string text = co_await ctx.step("a", [] { return std::string("\xff"); });
    co_return text;
  };
  EXPECT_EQ(invoke(handler).output.status, InvocationStatus::kFailed);
  EXPECT_THAT(spell(service_.updates), ElementsAre("START Step a", "FAIL Step a"));
  EXPECT_EQ(service_.updates[1].error->type, "SerdesError");
}

TEST_F(HandlerTest, OpensTwoOperationsAtOnce) {
  const auto handler = [&](DurableContext ctx) -> Task<> {
    auto first = ctx.wait("first", absl::Seconds(1));
    auto second = ctx.wait("second", absl::Seconds(5));
    co_await second;
    co_await first;
    co_return;
  };
  EXPECT_EQ(invoke(handler).output.status, InvocationStatus::kPending);
  EXPECT_THAT(spell(service_.updates), ElementsAre("START Wait first", "START Wait second"));
  EXPECT_EQ(service_.updates[1].wait_seconds, 5);
}

TEST_F(HandlerTest, NumbersOperationsInTheOrderOfTheirCalls) {  // PROTOCOL 3.1
  const auto handler = [&](DurableContext ctx) -> Task<> {
    auto one = ctx.step("one", [] {});
    auto two = ctx.step("two", [] {});
    co_await two;
    co_await one;
    co_return;
  };
  (void)invoke(handler);
  EXPECT_EQ(service_.records[0]->id, "c4ca4238a0b92382");
  EXPECT_EQ(service_.records[0]->name, "one");
  EXPECT_EQ(service_.records[1]->id, "c81e728d9d4c2f63");
}

TEST_F(HandlerTest, PutsTheOperationsOfAChildContextBelowIt) {  // PROTOCOL 6.5
  const auto handler = [&](DurableContext ctx) -> Task<int> {
    const int value =
        co_await ctx.run_in_child_context("outer", [&](DurableContext child) -> Task<int> {
          const int inner = co_await child.step("inner", [] { return 5; });
          co_return inner;
        });
    co_return value;
  };
  EXPECT_EQ(invoke(handler).output.result, "5");
  EXPECT_THAT(spell(service_.updates),
              ElementsAre("START RunInChildContext outer", "START Step inner", "SUCCEED Step inner",
                          "SUCCEED RunInChildContext outer"));
  EXPECT_EQ(service_.records[1]->id, "ea66c06c1e1c05fa");
  EXPECT_EQ(service_.records[1]->parent_id, "c4ca4238a0b92382");
}

TEST_F(HandlerTest, WritesNoRecordForAVirtualContext) {  // PROTOCOL 6.5.4
  const auto handler = [&](DurableContext ctx) -> Task<int> {
    const auto body = [&](DurableContext child) -> Task<int> {
      const int inner = co_await child.step("inner", [] { return 5; });
      co_return inner;
    };
    const int value =
        co_await ctx.run_in_child_context("outer", body, ChildContextOptions().is_virtual(true));
    co_return value;
  };
  EXPECT_EQ(invoke(handler).output.result, "5");
  EXPECT_THAT(spell(service_.updates), ElementsAre("START Step inner", "SUCCEED Step inner"));
  EXPECT_EQ(service_.records[0]->id, "ea66c06c1e1c05fa");
  EXPECT_FALSE(service_.records[0]->parent_id.has_value());
}

TEST_F(HandlerTest, RebuildsALargeChildResultAndSendsNothing) {  // PROTOCOL 6.5.3
  int bodies = 0;
  const auto handler = [&](DurableContext ctx) -> Task<std::size_t> {
    const std::string large =
        co_await ctx.run_in_child_context("large", [&](DurableContext child) -> Task<std::string> {
          ++bodies;
          const int n = co_await child.step("n", [] { return 300'000; });
          co_return std::string(static_cast<std::size_t>(n), 'x');
        });
    co_return large.size();
  };
  EXPECT_EQ(invoke(handler).output.result, "300000");
  EXPECT_EQ(service_.updates.back().payload, "");
  EXPECT_EQ(service_.updates.back().replay_children, true);
  EXPECT_EQ(invoke(handler).output.result, "300000");
  EXPECT_THAT(service_.updates, IsEmpty());
  EXPECT_EQ(bodies, 2);
}

TEST_F(HandlerTest, HandsOutTheCallbackIdAndFailsOnlyWhenTheResultIsAwaited) {  // PROTOCOL 6.3.1
  const auto handler = [&](DurableContext ctx) -> Task<std::string> {
    Callback<std::string> callback = co_await ctx.create_callback("approve");
    const std::string id = co_await ctx.step("submit", [&] { return callback.id(); });
    EXPECT_EQ(id, callback.id());
    auto wait = callback.try_result();
    Outcome<std::string> answer = co_await wait;
    co_return answer.ok() ? *answer : answer.error().what();
  };
  EXPECT_EQ(invoke(handler).output.status, InvocationStatus::kPending);
  service_.change(0, [](Operation& record) {
    record.status = OperationStatus::kTimedOut;
    record.error = make_error("Callback.Timeout", "Callback timed out");
  });
  EXPECT_EQ(invoke(handler).output.result, "\"Callback timed out\"");
}

TEST_F(HandlerTest, MapsTheFailuresOfWaitForCallback) {  // PROTOCOL 6.3.5
  const auto handler = [&](DurableContext ctx) -> Task<std::string> {
    std::string seen = "answered";
    try {
      co_await ctx.wait_for_callback(
          "approve", [](const std::string&) { throw std::runtime_error("mail is down"); },
          CallbackOptions().retry(retry::none()));
    } catch (const CallbackSubmitterError& error) {
      seen = error.what();
    }
    co_return seen;
  };
  EXPECT_EQ(invoke(handler).output.result, "\"mail is down\"");
  EXPECT_THAT(spell(service_.updates),
              ElementsAre("START WaitForCallback approve", "START Callback", "START Step",
                          "FAIL Step", "FAIL WaitForCallback approve"));
  EXPECT_EQ(service_.updates.back().error->type, "StepError");
  EXPECT_EQ(invoke(handler).output.result, "\"mail is down\"");
}

TEST_F(HandlerTest, CarriesTheErrorOfAnInvokedFunction) {  // PROTOCOL 6.4
  const auto handler = [&](DurableContext ctx) -> Task<std::string> {
    Outcome<int> outcome = co_await ctx.try_invoke<int>("call", "worker", 7);
    co_return std::string(outcome.error().cause_type());
  };
  EXPECT_EQ(invoke(handler).output.status, InvocationStatus::kPending);
  EXPECT_EQ(service_.updates[0].payload, "7");
  EXPECT_EQ(service_.updates[0].chained_invoke_options->function_name, "worker");
  service_.change(0, [](Operation& record) {
    record.status = OperationStatus::kFailed;
    record.error = make_error("OutOfPaper", "no paper");
  });
  EXPECT_EQ(invoke(handler).output.result, "\"OutOfPaper\"");
}

TEST_F(HandlerTest, ReadsEveryPageBeforeItRuns) {  // S-2
  int runs = 0;
  bool replaying = false;
  const auto handler = [&](DurableContext ctx) -> Task<> {
    replaying = ctx.is_replaying();
    co_await ctx.step("a", [&] { ++runs; });
    co_await ctx.step("b", [&] { ++runs; });
    co_return;
  };
  (void)invoke(handler);
  (void)invoke(handler, "null", true);
  EXPECT_THAT(service_.pages_read, ElementsAre("0", "1"));
  EXPECT_TRUE(replaying);
  EXPECT_EQ(runs, 2);
}

struct Mismatch {
  const char* field;
  void (*edit)(Operation&);
};

class ReplayCheck : public HandlerTest, public testing::WithParamInterface<Mismatch> {};

TEST_P(ReplayCheck, FailsTheExecutionWhateverTheHandlerCatches) {  // S-10
  int runs = 0;
  const auto handler = [&](DurableContext ctx) -> Task<int> {
    int value = 0;
    try {
      value = co_await ctx.step("a", [&] { return ++runs; });
    } catch (...) {
      value = -1;
    }
    co_return value;
  };
  (void)invoke(handler);
  service_.change(0, GetParam().edit);
  const auto result = invoke(handler);
  EXPECT_EQ(result.output.status, InvocationStatus::kFailed);
  EXPECT_EQ(result.output.error->type, "NonDeterministicExecutionError");
  EXPECT_THAT(*result.output.error->message, HasSubstr(GetParam().field));
  EXPECT_EQ(runs, 1);
}

INSTANTIATE_TEST_SUITE_P(
    AllFields, ReplayCheck,
    testing::Values(Mismatch{"type", [](Operation& o) { o.type = OperationType::kWait; }},
                    Mismatch{"sub type", [](Operation& o) { o.sub_type = "WaitForCondition"; }},
                    Mismatch{"name", [](Operation& o) { o.name = "b"; }},
                    Mismatch{"name", [](Operation& o) { o.name = {}; }},
                    Mismatch{"parent", [](Operation& o) { o.parent_id = "x"; }}));

struct ApiFailure {
  ApiError error;
  bool retried;  // the invocation throws; otherwise the execution fails
};

class ApiErrors : public HandlerTest, public testing::WithParamInterface<ApiFailure> {};

TEST_P(ApiErrors, EndTheInvocationAsTheirClassDemands) {  // PROTOCOL 4.6
  bool went_on = false;
  const auto handler = [&](DurableContext ctx) -> Task<> {
    try {
      co_await ctx.step("a", [] {});
    } catch (...) {
    }
    went_on = true;
    co_return;
  };
  service_.fail_call = 1;
  service_.error = GetParam().error;
  const auto result = invoke(handler);
  EXPECT_EQ(result.responded, !GetParam().retried);
  if (!GetParam().retried) {
    EXPECT_EQ(result.output.status, InvocationStatus::kFailed);
  }
  EXPECT_FALSE(went_on);
}

INSTANTIATE_TEST_SUITE_P(
    Classes, ApiErrors,
    testing::Values(
        ApiFailure{{"InvalidParameterValueException", 400, "Invalid checkpoint token"}, true},
        ApiFailure{{"InvalidParameterValueException", 400, "Invalid Checkpoint Token"}, false},
        ApiFailure{{"TooManyRequestsException", 429, "slow down"}, true},
        ApiFailure{{"ServiceException", 500, "internal"}, true},
        ApiFailure{{ApiError::kConnectionLost, 0, "lost"}, true},
        ApiFailure{{"KMSDisabledException", 502, "key"}, false},
        ApiFailure{{"ValidationException", 400, "bad"}, false}));

TEST_F(HandlerTest, AnswersPendingWhenTheServiceTakesNoMoreCheckpoints) {  // PROTOCOL 4.3.4
  const auto handler = [&](DurableContext ctx) -> Task<> {
    co_await ctx.step("a", [] {});
    co_return;
  };
  service_.omit_token_at_call = 1;
  const auto result = invoke(handler);
  EXPECT_TRUE(result.responded);
  EXPECT_EQ(result.output.status, InvocationStatus::kPending);
}

TEST_F(HandlerTest, CheckpointsAResultThatIsTooLargeForTheResponse) {  // PROTOCOL 1.4
  options_.response_limit = 10;
  const auto handler = [&](DurableContext) -> Task<std::string> { co_return "a long result"; };
  service_.omit_token_at_call = 1;
  const auto result = invoke(handler);
  EXPECT_EQ(result.output.result, "");
  ASSERT_EQ(service_.updates.size(), 1U);
  EXPECT_EQ(service_.updates[0].type, OperationType::kExecution);
  EXPECT_EQ(service_.updates[0].payload, "\"a long result\"");
}

TEST_F(HandlerTest, AwaitsAHelperTask) {
  struct Helper {
    static Task<int> twice(DurableContext ctx, int n) {
      const int once = co_await ctx.step("twice", [&] { return 2 * n; });
      co_return once;
    }
    static Task<int> deep(DurableContext ctx, int n) {
      if (n == 0) co_return 0;
      const int below = co_await deep(ctx, n - 1);
      co_return below + 1;
    }
  };
  const auto handler = [&](DurableContext ctx) -> Task<int> {
    const int a = co_await Helper::twice(ctx, 4);
    const int b = co_await Helper::deep(ctx, 10'000);
    co_return a + b;
  };
  EXPECT_EQ(invoke(handler).output.result, "10008");
}

TEST_F(HandlerTest, LetsForeignExceptionsThroughAndDestroysTheFrames) {
  struct Assertion {};
  const HandlerFunction in_body = make_handler([](DurableContext ctx) -> Task<> {
    co_await ctx.step("a", [] { throw Assertion(); });
    co_return;
  });
  EXPECT_THROW((void)in_body(service_.input(), service_, options_), Assertion);
  const HandlerFunction in_handler = make_handler([](DurableContext ctx) -> Task<> {
    co_await ctx.step("b", [] {});
    throw Assertion();
  });
  LogService fresh;
  EXPECT_THROW((void)in_handler(fresh.input(), fresh, options_), Assertion);
  EXPECT_EQ(internal::live_frames(), 0);
}

class Shouting final : public CustomSerdes<std::string> {
 public:
  SharedText encode(const std::string& value, const SerdesContext&) const override {
    return SharedText(value + "!");
  }
  std::string decode(const SharedText& payload, const SerdesContext& context) const override {
    return payload.str() + "@" + std::string(context.operation_id);
  }
};

TEST_F(HandlerTest, EncodesThePayloadOfAnInvokeByItsSerdes) {
  (void)invoke([](DurableContext ctx) -> Task<> {
    InvokeOptions options;
    options.payload_serdes(std::make_shared<Shouting>());
    const std::string payload = "hello";
    co_await ctx.invoke("call", "target", payload, options);
    co_return;
  });
  ASSERT_EQ(service_.updates.size(), 1U);
  EXPECT_EQ(service_.updates[0].payload, "hello!");
}

TEST_F(HandlerTest, DecodesTheAnswerOfACallbackByItsSerdes) {
  const auto handler = [](DurableContext ctx) -> Task<std::string> {
    CallbackOptions options;
    options.serdes(std::make_shared<Shouting>());
    auto callback = co_await ctx.create_callback("approval", options);
    std::string answer = co_await callback.result();
    co_return answer;
  };
  (void)invoke(handler);
  service_.change(0, [](Operation& record) {
    record.status = OperationStatus::kSucceeded;
    record.result = "yes";
  });
  const std::string id = service_.records.front()->id.str();
  EXPECT_EQ(invoke(handler).output.result, "\"yes@" + id + "\"");
}

}  // namespace
}  // namespace reprise
