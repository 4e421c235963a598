// Chained invokes of plain and of durable functions (PROTOCOL 6.4).

#include <string>

#include "reprise/service/service_test_support.h"

namespace reprise {
namespace {

using testing::ElementsAre;
using testing::MatchesRegex;
using testing::SizeIs;
using A = OperationAction;
using S = OperationStatus;

class ChainedInvoke : public ServiceTest {
 protected:
  ChainedInvoke() {
    FunctionConfig plain = a_function("plain");
    plain.durable = false;
    plain.latency_ms = 40;
    service_.register_function(plain);
    plain.name = "instant";
    plain.answers_at_once = true;
    service_.register_function(plain);
    FunctionConfig child = a_function("child");
    child.version = "3";
    child.execution_timeout_seconds = 30;
    service_.register_function(child);
    FunctionConfig isolated = a_function("isolated");
    isolated.per_tenant = true;
    service_.register_function(isolated);
    start_and_begin();
  }

  void end_child(InvocationEnd end) {
    (void)service_.begin_invocation(1);
    service_.end_invocation(1, end);
  }
  static InvocationEnd response(InvocationStatus status, SharedText result, ErrorPtr error) {
    InvocationEnd end;
    end.output = {.status = status, .result = std::move(result), .error = std::move(error)};
    return end;
  }
};

TEST_F(ChainedInvoke, OfAPlainFunctionIsACallThatComesDue) {
  accept({invoke_start("i", "plain")});
  end_pending();
  EXPECT_EQ(service_.take_plain_call(), std::nullopt);
  EXPECT_EQ(service_.next_due(), service_.now() + 40);
  service_.advance_to(*service_.next_due());
  const std::optional<PlainCall> call = service_.take_plain_call();
  ASSERT_TRUE(call.has_value());
  EXPECT_EQ(call->caller, execution_);
  EXPECT_EQ(call->operation_id, "i");
  EXPECT_EQ(call->function_name, "plain");
  EXPECT_EQ(call->payload, "[1]");
  EXPECT_FALSE(ready());
  service_.finish_plain_call(*call, {.result = "2", .error = nullptr});
  EXPECT_EQ(status("i"), S::kSucceeded);
  EXPECT_EQ(record("i").result, "2");
  EXPECT_TRUE(ready());
  service_.finish_plain_call(*call, {.result = "3", .error = nullptr});  // reported twice
  EXPECT_EQ(record("i").result, "2");
}

TEST_F(ChainedInvoke, MayBeAnsweredWhileTheCallerStillRuns) {
  accept({invoke_start("i", "instant")});
  const std::optional<PlainCall> call = service_.take_plain_call();
  ASSERT_TRUE(call.has_value());
  service_.finish_plain_call(*call, {.result = {}, .error = make_error("Broken", "no")});
  const auto answer = checkpoint({});
  ASSERT_TRUE(answer.ok());
  ASSERT_THAT(answer->operations, SizeIs(1));
  EXPECT_EQ(answer->operations[0]->status, S::kFailed);
  EXPECT_EQ(answer->operations[0]->error->type, "Broken");
}

TEST_F(ChainedInvoke, HandsOutCallsInTheOrderInWhichTheyComeDue) {
  accept({invoke_start("a", "plain"), invoke_start("b", "instant"), invoke_start("c", "plain")});
  advance_seconds(1);
  std::vector<std::string> order;
  while (const auto call = service_.take_plain_call()) order.push_back(call->operation_id.str());
  EXPECT_THAT(order, ElementsAre("b", "a", "c"));
}

TEST_F(ChainedInvoke, FailsWhenTheAnswerIsTooLarge) {
  accept({invoke_start("i", "instant")});
  service_.finish_plain_call(*service_.take_plain_call(),
                             {.result = std::string(6291457, 'x'), .error = nullptr});
  EXPECT_EQ(record("i").error->type, "Function.ResponseSizeTooLarge");
}

TEST_F(ChainedInvoke, StillCallsAfterTheCallerHasClosed) {
  accept({invoke_start("i", "plain")});
  ASSERT_TRUE(service_.stop(arn_).ok());
  advance_seconds(1);
  const std::optional<PlainCall> call = service_.take_plain_call();
  ASSERT_TRUE(call.has_value());  // it was on its way
  service_.finish_plain_call(*call, {.result = "2", .error = nullptr});
  EXPECT_EQ(status("i"), S::kStarted);  // F-4
}

TEST_F(ChainedInvoke, OfADurableFunctionIsAnExecutionOfItsOwn) {  // [conf 5-1]
  accept({invoke_start("i", "child:3")});
  end_pending();
  ASSERT_EQ(service_.execution_count(), 2);
  const Execution& child = service_.execution(1);
  EXPECT_EQ(child.input_payload, "[1]");
  EXPECT_THAT(child.name.str(), MatchesRegex("[0-9a-f-]{36}"));
  ASSERT_TRUE(child.parent.has_value());
  EXPECT_EQ(child.parent->execution, execution_);
  EXPECT_EQ(child.parent->operation_id, "i");
  EXPECT_EQ(service_.next_ready(), 1);
  end_child(response(InvocationStatus::kSucceeded, "2", nullptr));
  EXPECT_EQ(status("i"), S::kSucceeded);
  EXPECT_EQ(record("i").result, "2");
  EXPECT_TRUE(ready());

  const Event started = service_.history(execution_)[1];
  EXPECT_EQ(started.type, EventType::kChainedInvokeStarted);
  EXPECT_EQ(started.details.function_name, "child:3");
  EXPECT_EQ(started.details.input->payload, "[1]");
  EXPECT_EQ(started.details.executed_version, "3");
  EXPECT_EQ(started.details.durable_execution_arn, child.arn.str());
}

TEST_F(ChainedInvoke, FailsWithTheErrorOfTheChild) {
  accept({invoke_start("i", "child:3")});
  end_child(response(InvocationStatus::kFailed, {}, make_error("Broken", "no")));
  EXPECT_EQ(status("i"), S::kFailed);
  EXPECT_EQ(record("i").error->type, "Broken");
  EXPECT_EQ(last_event().type, EventType::kChainedInvokeFailed);
}

TEST_F(ChainedInvoke, TimesOutWithTheChild) {
  accept({invoke_start("i", "child:3")});
  advance_seconds(30);
  EXPECT_EQ(status("i"), S::kTimedOut);
  EXPECT_EQ(record("i").error->type, "ChainedInvoke.Timeout");
  EXPECT_EQ(record("i").error->message, "CHAINED_INVOKE timed out after 30 seconds.");
  EXPECT_EQ(last_event().type, EventType::kChainedInvokeTimedOut);
}

TEST_F(ChainedInvoke, IsStoppedWithTheChild) {
  accept({invoke_start("i", "child:3")});
  ASSERT_TRUE(service_.stop(service_.execution(1).arn.view(), make_error("Stop", "now")).ok());
  EXPECT_EQ(status("i"), S::kStopped);
  EXPECT_EQ(record("i").error->type, "Stop");
  EXPECT_EQ(last_event().type, EventType::kChainedInvokeStopped);
}

TEST_F(ChainedInvoke, DoesNotEndTheChildWithTheCaller) {
  accept({invoke_start("i", "child:3")});
  ASSERT_TRUE(service_.stop(arn_).ok());
  EXPECT_EQ(service_.execution(1).status, ExecutionStatus::kRunning);
  end_child(response(InvocationStatus::kSucceeded, "2", nullptr));
  EXPECT_EQ(status("i"), S::kStarted);
}

TEST_F(ChainedInvoke, NeedsAQualifierForADurableTarget) {
  const auto answer = checkpoint({invoke_start("i", "child")});
  ASSERT_TRUE(answer.ok());
  ASSERT_THAT(answer->operations, SizeIs(1));
  EXPECT_EQ(answer->operations[0]->status, S::kFailed);  // in the same answer
  EXPECT_EQ(*record("i").error,
            *make_error("InvalidParameterValueException",
                        "You cannot invoke a durable function using an unqualified ARN."));
  EXPECT_THAT(events(),
              ElementsAre("ExecutionStarted", "ChainedInvokeStarted i", "ChainedInvokeFailed i"));
  EXPECT_THAT(checkpoint({})->operations, SizeIs(0));
}

TEST_F(ChainedInvoke, NeedsATargetThatExists) {
  accept({invoke_start("i", "nobody"), invoke_start("j", "child:8")});
  EXPECT_EQ(*record("i").error,
            *make_error("ResourceNotFoundException",
                        "Function not found: "
                        "arn:aws:lambda:us-east-1:123456789012:function:nobody:$LATEST"));
  EXPECT_EQ(record("j").error->message,
            "Function not found: arn:aws:lambda:us-east-1:123456789012:function:child:8");
}

TEST_F(ChainedInvoke, PassesTheTenantOn) {  // [conf 5-8]
  OperationUpdate update = invoke_start("i", "isolated:$LATEST");
  update.chained_invoke_options->tenant_id = "blue";
  accept({update});
  EXPECT_EQ(service_.execution(1).tenant_id, "blue");
  EXPECT_EQ(service_.history(execution_)[1].details.tenant_id, "blue");
}

TEST_F(ChainedInvoke, OfAnIsolatedFunctionNeedsATenant) {  // PROTOCOL 10.7
  accept({invoke_start("i", "isolated:$LATEST")});
  EXPECT_EQ(status("i"), S::kFailed);
  EXPECT_EQ(record("i").error->type, "InvalidParameterValueException");
}

TEST_F(ChainedInvoke, DoesNotWakeItsCallerForATargetThatIsRefusedAtOnce) {
  accept({invoke_start("i", "nobody"), wait_start("w", 5)});
  end_pending();
  EXPECT_FALSE(ready());
}

TEST_F(ChainedInvoke, NamesChildrenAfterTheirCallerAndOperation) {
  accept({invoke_start("i", "child:3"), invoke_start("j", "child:3")});
  const std::string name = service_.execution(1).name.str();
  EXPECT_NE(name, service_.execution(2).name.str());
  const StateDigest digest = service_.digest();
  service_.restore(ServiceState{});
  start_and_begin();
  accept({invoke_start("i", "child:3"), invoke_start("j", "child:3")});
  EXPECT_EQ(service_.execution(1).name.str(), name);
  EXPECT_EQ(service_.digest(), digest);
}

TEST_F(ChainedInvoke, RunsACallAgainThatThePowerCutOffInterrupted) {
  accept({invoke_start("i", "instant")});
  end_pending();
  ASSERT_TRUE(service_.take_plain_call().has_value());
  service_.restore(service_.save());
  const std::optional<PlainCall> again = service_.take_plain_call();
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->operation_id, "i");
}

}  // namespace
}  // namespace reprise
