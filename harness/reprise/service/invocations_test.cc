// How invocations begin, end, are refused, retried and coalesced (PROTOCOL 1.3
// to 1.5, 4.7, 4.9, 7.5).

#include <string>

#include "reprise/service/service_test_support.h"

namespace reprise {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using A = OperationAction;

class Invocation : public ServiceTest {
 protected:
  void use(InvocationRetryPolicy policy) {
    FunctionConfig order = a_function("order");
    order.retry = policy;
    service_.register_function(order);
  }
  void fail(InvocationEnd::Kind kind, ErrorPtr error = nullptr) {
    begin();
    InvocationEnd end;
    end.kind = kind;
    end.error = std::move(error);
    service_.end_invocation(execution_, end);
  }
  // How long until the next invocation, in milliseconds.
  std::int64_t delay() const { return ready() ? 0 : *service_.next_due() - service_.now(); }
  void wait_for_retry() {
    if (!ready()) service_.advance_to(*service_.next_due());
    ASSERT_TRUE(ready());
  }
};

TEST_F(Invocation, BeginsWithTheExecutionOperation) {  // PROTOCOL 1.3
  start(a_start("order:$LATEST", "{\"k\":1}"));
  const InvocationInput input = begin();
  EXPECT_EQ(input.durable_execution_arn, arn_);
  EXPECT_FALSE(input.checkpoint_token.empty());
  ASSERT_THAT(input.operations, SizeIs(1));
  const Operation& first = *input.operations[0];
  EXPECT_EQ(first.type, OperationType::kExecution);
  EXPECT_EQ(first.status, OperationStatus::kStarted);
  EXPECT_EQ(first.id, arn_.substr(arn_.rfind('/') + 1));
  EXPECT_EQ(first.name, execution().name.view());
  EXPECT_EQ(first.input_payload, "{\"k\":1}");
  EXPECT_THAT(input.next_marker, IsEmpty());
  EXPECT_THAT(input.updated_operation_ids, IsEmpty());
}

TEST_F(Invocation, HearsWhatChangedSinceTheLastSuccessfulOne) {
  start_and_begin();
  accept({step_start("a"), step_succeed("a"), wait_start("w", 1), wait_start("v", 9)});
  end_pending();
  advance_seconds(1);
  EXPECT_THAT(begin().updated_operation_ids, ElementsAre("w"));
  accept({step_start("b")});
  crash();
  EXPECT_THAT(begin().updated_operation_ids, ElementsAre("w", "b"));
  advance_seconds(8);  // `v` ends and nobody tells the handler
  end_pending();
  EXPECT_THAT(begin().updated_operation_ids, ElementsAre("v"));
}

TEST_F(Invocation, OfNothingPendingIsStruckFourTimes) {  // F-3
  constexpr const char* kMessage = "Cannot return PENDING status with no pending operations.";
  start();
  for (int strike = 1; strike <= 4; ++strike) {
    ASSERT_TRUE(ready());
    begin();
    end_pending();
    const Event completed = service_.history(execution_)[static_cast<std::size_t>(strike)];
    EXPECT_EQ(completed.type, EventType::kInvocationCompleted);
    EXPECT_EQ(*completed.details.error->payload,
              *make_error("InvalidParameterValueException", kMessage));
  }
  EXPECT_EQ(execution().status, ExecutionStatus::kFailed);
  EXPECT_EQ(execution().error->message, kMessage);
  EXPECT_EQ(last_event().type, EventType::kExecutionFailed);
  EXPECT_FALSE(ready());
}

TEST_F(Invocation, ForgetsStrikesOnceAResponseIsGood) {
  start_and_begin();
  for (int strike = 1; strike <= 3; ++strike) {
    end_pending();
    begin();
  }
  accept({wait_start("w", 1)});
  end_pending();
  advance_seconds(1);
  begin();
  end_pending();
  EXPECT_TRUE(ready());
}

TEST_F(Invocation, OfAContradictoryResponseIsRejected) {  // PROTOCOL 1.5
  start();
  InvocationEnd end;
  const auto message_of = [&] {
    begin();
    service_.end_invocation(execution_, end);
    return last_event().details.error->payload->message;
  };
  end.output = {.status = InvocationStatus::kFailed, .result = "1", .error = nullptr};
  EXPECT_EQ(message_of(), "Cannot provide a Result for FAILED status.");
  end.output = {
      .status = InvocationStatus::kSucceeded, .result = {}, .error = make_error("E", "m")};
  EXPECT_EQ(message_of(), "Cannot provide an Error for SUCCEEDED status.");
  end.output = {.status = static_cast<InvocationStatus>(9), .result = {}, .error = nullptr};
  EXPECT_EQ(message_of(), "Invalid Status in invocation output.");
}

TEST_F(Invocation, MayBePendingOnWhatTheProtocolCountsAsPending) {  // F-1
  const std::vector<std::vector<OperationUpdate>> pending = {{step_start("a"), step_retry("a", 1)},
                                                             {wait_start("a", 1)},
                                                             {callback_start("a")},
                                                             {invoke_start("a", "order:$LATEST")}};
  for (const auto& updates : pending) {
    service_.restore(ServiceState{});
    start_and_begin();
    accept(updates);
    end_pending();
    EXPECT_FALSE(ready());
  }
  for (const auto& updates : {std::vector{step_start("a")}, std::vector{context(A::kStart, "a")}}) {
    service_.restore(ServiceState{});
    start_and_begin();
    accept(updates);
    end_pending();
    EXPECT_TRUE(last_event().details.error.has_value());
  }
}

TEST_F(Invocation, WithAnOldViewRunsAgainWithoutAStrike) {  // F-2
  start_and_begin();
  accept({wait_start("w", 1)});
  advance_seconds(1);  // the handler is not told
  end_pending();
  EXPECT_TRUE(ready());
  EXPECT_EQ(last_event().details.error, std::nullopt);
}

TEST_F(Invocation, RunsAgainForAWakeUpThatCameMeanwhile) {  // F-17
  start_and_begin();
  accept({wait_start("w", 1), wait_start("v", 2), callback_start("c")});
  advance_seconds(2);
  end_pending();
  ASSERT_TRUE(ready());
  begin();
  end_pending();
  EXPECT_FALSE(ready());  // two wake-ups, one invocation
}

TEST_F(Invocation, RunsAgainForAWakeUpThatItWasTold) {  // F-17
  start_and_begin();
  accept({wait_start("w", 5), wait_start("long", 50)});
  advance_seconds(5);
  accept({});  // tells that the wait has ended
  end_pending();
  EXPECT_TRUE(ready());
}

TEST_F(Invocation, IsOneForWakeUpsThatComeTogether) {
  start_and_begin();
  accept({wait_start("w", 1), wait_start("v", 1), callback_start("c")});
  end_pending();
  advance_seconds(1);
  ASSERT_TRUE(ready());
  begin();
  EXPECT_FALSE(service_.next_ready().has_value());
}

TEST_F(Invocation, IsTheTurnOfWhoeverWasReadyFirst) {
  start();
  start();
  EXPECT_EQ(service_.next_ready(), 0);
  (void)service_.begin_invocation(0);
  EXPECT_EQ(service_.next_ready(), 1);
}

TEST_F(Invocation, ThatCrashesIsRepeatedAndChangesNoOperation) {  // PROTOCOL 13.2.6, [conf 1-17]
  start_and_begin();
  accept({step_start("a")});
  crash();
  EXPECT_TRUE(ready());
  EXPECT_EQ(status("a"), OperationStatus::kStarted);
  EXPECT_EQ(last_event().details.error->payload->type, "Runtime.ExitError");
  begin();
  accept({step_succeed("a")});
  end_succeeded();
  EXPECT_THAT(events(),
              ElementsAre("ExecutionStarted", "StepStarted a", "InvocationCompleted",
                          "StepSucceeded a", "InvocationCompleted", "ExecutionSucceeded"));
}

TEST_F(Invocation, ThatCrashesIsRepeatedThreeTimesAtOnceThenWithBackoff) {  // F-12
  use({.immediate_retries_runtime = 3,
       .backoff_initial_seconds = 2,
       .backoff_factor = 3.0,
       .backoff_max_seconds = 10,
       .give_up_after = std::nullopt});
  start();
  std::vector<std::int64_t> delays;
  for (int i = 0; i < 6; ++i) {
    fail(InvocationEnd::Kind::kProcessExit);
    delays.push_back(delay());
    wait_for_retry();
  }
  EXPECT_THAT(delays, ElementsAre(0, 0, 0, 2000, 6000, 10000));
}

TEST_F(Invocation, ThatCrashesIsRepeatedAtOnceAgainAfterAnotherFailure) {  // PROTOCOL 4.7: in a row
  use({});
  start();
  std::vector<std::int64_t> delays;
  const auto end_by = [&](InvocationEnd::Kind kind) {
    fail(kind);
    delays.push_back(delay());
    wait_for_retry();
  };
  for (int i = 0; i < 3; ++i) end_by(InvocationEnd::Kind::kProcessExit);
  end_by(InvocationEnd::Kind::kTimeout);
  for (int i = 0; i < 4; ++i) end_by(InvocationEnd::Kind::kProcessExit);
  EXPECT_THAT(delays, ElementsAre(0, 0, 0, 1000, 0, 0, 0, 2000));
}

TEST_F(Invocation, ThatThrowsIsRepeatedWithBackoff) {
  start();
  fail(InvocationEnd::Kind::kError, make_error("OSError", "no"));
  EXPECT_EQ(delay(), 1000);
  wait_for_retry();
  fail(InvocationEnd::Kind::kError, make_error("OSError", "no"));
  EXPECT_EQ(delay(), 2000);
  wait_for_retry();
  fail(InvocationEnd::Kind::kError, make_error("Sandbox.Broken", "no"));
  EXPECT_EQ(delay(), 0);
}

TEST_F(Invocation, ThatTakesTooLongIsRepeatedWithBackoff) {  // PROTOCOL 4.7
  FunctionConfig order = a_function("order");
  order.function_timeout_seconds = 3;
  service_.register_function(order);
  start();
  fail(InvocationEnd::Kind::kTimeout);
  EXPECT_EQ(*last_event().details.error->payload,
            *make_error("Sandbox.Timedout", "Task timed out after 3.00 seconds"));
  EXPECT_EQ(delay(), 1000);
}

TEST_F(Invocation, IsGivenUpAfterTheConfiguredNumber) {  // F-13
  use({.immediate_retries_runtime = std::nullopt,
       .backoff_initial_seconds = 1,
       .backoff_factor = 2.0,
       .backoff_max_seconds = 300,
       .give_up_after = 5});
  start();
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(ready());
    fail(InvocationEnd::Kind::kProcessExit);
  }
  EXPECT_EQ(execution().status, ExecutionStatus::kFailed);
  EXPECT_EQ(execution().error->type, "Runtime.ExitError");
  EXPECT_EQ(last_event().type, EventType::kExecutionFailed);
}

TEST_F(Invocation, StartsCountingAnewAfterASuccess) {
  start();
  fail(InvocationEnd::Kind::kError, make_error("OSError", "no"));
  wait_for_retry();
  begin();
  accept({wait_start("w", 1)});
  end_pending();
  advance_seconds(1);
  fail(InvocationEnd::Kind::kError, make_error("OSError", "no"));
  EXPECT_EQ(delay(), 1000);
}

TEST_F(Invocation, ThatWaitsForItsRetryIsNotWokenEarlier) {
  start_and_begin();
  accept({callback_start("c"), step_start("a")});
  InvocationEnd end;
  end.kind = InvocationEnd::Kind::kError;
  service_.end_invocation(execution_, end);
  ASSERT_TRUE(service_.send_callback_success(record("c").callback_id.view(), "1").ok());
  EXPECT_FALSE(ready());
  wait_for_retry();
  EXPECT_THAT(begin().operations, SizeIs(3));
}

TEST_F(Invocation, MayBeginWithoutAWakeUp) {  // a wake-up delivered twice
  start();
  fail(InvocationEnd::Kind::kError);
  begin();  // before its retry is due
  EXPECT_EQ(service_.next_due(), std::nullopt);
  accept({wait_start("w", 5)});
  end_pending();
  begin();
  accept({step_start("a")});
  end_pending();
  EXPECT_FALSE(ready());
}

TEST_F(Invocation, ThatClosedItsExecutionMayStillAnswer) {  // large result, PROTOCOL 1.4
  start_and_begin();
  accept({execution_update(A::kSucceed, "\"big\"")});
  EXPECT_EQ(execution().status, ExecutionStatus::kSucceeded);
  end_succeeded("");
  EXPECT_EQ(execution().result, "\"big\"");
  EXPECT_THAT(events(),
              ElementsAre("ExecutionStarted", "InvocationCompleted", "ExecutionSucceeded"));
}

TEST_F(Invocation, MayCloseItsExecutionWithAnError) {
  start_and_begin();
  OperationUpdate failed = execution_update(A::kFail);
  failed.error = make_error("Broken", "big");
  accept({failed});
  end_failed(make_error("Broken", "small"));
  EXPECT_EQ(execution().status, ExecutionStatus::kFailed);
  EXPECT_EQ(execution().error->message, "big");
  EXPECT_EQ(last_event().details.error->payload->message, "big");
}

TEST_F(Invocation, ThatFailsClosesTheExecutionWithItsError) {
  start_and_begin();
  end_failed(make_error("Broken", "no"));
  const std::vector<Event> history = service_.history(execution_);
  ASSERT_THAT(history, SizeIs(3));
  EXPECT_EQ(history[1].details.error->payload->type, "Broken");
  EXPECT_EQ(history[2].details.error->payload->type, "Broken");
  EXPECT_TRUE(service_.all_closed());
}

TEST_F(Invocation, EndsOnce) {
  start_and_begin();
  end_succeeded("1");
  end_succeeded("2");
  crash();
  EXPECT_EQ(execution().result, "1");
  EXPECT_THAT(events(), SizeIs(3));
}

}  // namespace
}  // namespace reprise
