// Starting, naming, stopping, finding and forgetting executions (PROTOCOL 10).

#include <string>

#include "reprise/service/service_test_support.h"

namespace reprise {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::SizeIs;

constexpr std::int64_t kDay = 24 * 3600;

class Executions : public ServiceTest {
 protected:
  static StartRequest named(const char* name, SharedText payload = "{}") {
    StartRequest request = a_start("order:$LATEST", std::move(payload));
    request.execution_name = name;
    return request;
  }
  std::string arn_of(const StartRequest& request) {
    const auto started = service_.start(request);
    EXPECT_TRUE(started.ok()) << started.error().message;
    return started.ok() ? started->durable_execution_arn : "";
  }
  void run_to_success() {
    begin();
    end_succeeded("\"done\"");
  }
};

TEST_F(Executions, HaveAnArnOfNameAndId) {  // PROTOCOL 10.1
  start(named("order-7"));
  EXPECT_EQ(arn_,
            "arn:aws:lambda:us-east-1:123456789012:function:order:$LATEST/durable-execution/"
            "order-7/" +
                execution().id.str());
  EXPECT_THAT(execution().id.str(), MatchesRegex("[0-9a-f-]{36}"));
  EXPECT_EQ(execution().status, ExecutionStatus::kRunning);
  EXPECT_TRUE(ready());
}

TEST_F(Executions, WithoutANameGetOne) {  // PROTOCOL 10.2 row 1
  const std::string first = arn_of(a_start("order:$LATEST"));
  const std::string second = arn_of(a_start("order:$LATEST"));
  EXPECT_NE(first, second);
  EXPECT_THAT(service_.execution(0).name.str(), MatchesRegex("[0-9a-f-]{36}"));
  FakeService other;
  other.register_function(a_function("order"));
  EXPECT_EQ(other.start(a_start("order:$LATEST"))->durable_execution_arn, first);
  EXPECT_EQ(other.start(a_start("order:$LATEST"))->durable_execution_arn, second);
}

TEST_F(Executions, WithTheSameNameAndPayloadAreTheSame) {  // rows 2 and 3
  start(named("n"));
  const auto again = service_.start(named("n"));
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->existing);
  EXPECT_EQ(again->durable_execution_arn, arn_);
  EXPECT_EQ(service_.execution_count(), 1);
}

TEST_F(Executions, WithTheSameNameAndAnotherPayloadAreRefused) {  // row 4
  start(named("n"));
  const auto again = service_.start(named("n", "{ }"));
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().http_status, 409);
  EXPECT_THAT(again.error(), Answers("DurableExecutionAlreadyStartedException",
                                     "Execution already started: " + arn_));
}

TEST_F(Executions, ThatAreClosedKeepTheirName) {  // rows 5 and 6, F-20
  start(named("n"));
  run_to_success();
  const auto again = service_.start(named("n"));
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->existing);
  EXPECT_EQ(service_.get_execution(again->durable_execution_arn)->result, "\"done\"");
  EXPECT_FALSE(ready());  // not run again
  EXPECT_FALSE(service_.start(named("n", "[]")).ok());
}

TEST_F(Executions, ThatFailedAreNotStartedAgain) {
  start(named("n"));
  begin();
  end_failed(make_error("Broken", "no"));
  EXPECT_TRUE(service_.start(named("n"))->existing);
  EXPECT_EQ(service_.get_execution(arn_)->error->type, "Broken");
}

TEST_F(Executions, GiveTheirNameBackAfterTheirRetention) {  // row 2, PROTOCOL 10.6
  start(named("n"));
  run_to_success();
  advance_seconds(14 * kDay - 1);
  EXPECT_TRUE(service_.start(named("n"))->existing);
  advance_seconds(1);
  const auto again = service_.start(named("n", "[]"));
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(again->existing);
  EXPECT_NE(again->durable_execution_arn, arn_);
  EXPECT_EQ(service_.get_execution(arn_).error().code, "ResourceNotFoundException");
}

TEST_F(Executions, AreForgottenByTheSweep) {
  start(named("n"));
  run_to_success();
  const std::string first = arn_;
  start(named("m"));
  advance_seconds(14 * kDay);
  service_.sweep_retention();
  EXPECT_TRUE(service_.execution(0).forgotten);
  EXPECT_THAT(service_.execution(0).history, IsEmpty());
  EXPECT_EQ(service_.find_execution(first), std::nullopt);
  EXPECT_EQ(service_.get_history(first).error().code, "ResourceNotFoundException");
  EXPECT_EQ(service_.find_execution(arn_), 1);  // a running one never is
  service_.restore(service_.save());
  const auto again = service_.start(named("n"));
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(again->existing);
  EXPECT_NE(again->durable_execution_arn, first);
}

TEST_F(Executions, OfTwoFunctionsMayShareAName) {
  service_.register_function(a_function("refund"));
  StartRequest request = named("n");
  start(request);
  request.function_name = "refund:$LATEST";
  request.payload = "[]";
  EXPECT_FALSE(service_.start(request)->existing);
}

TEST_F(Executions, NeedAQualifiedFunction) {
  EXPECT_THAT(service_.start(a_start("order")).error(),
              RefusedWith("You cannot invoke a durable function using an unqualified ARN."));
  EXPECT_TRUE(
      service_.start(a_start("arn:aws:lambda:us-east-1:123456789012:function:order:live")).ok());
}

TEST_F(Executions, NeedADurableFunctionThatExists) {
  EXPECT_EQ(service_.start(a_start("nobody:1")).error().http_status, 404);
  FunctionConfig plain = a_function("plain");
  plain.durable = false;
  service_.register_function(plain);
  EXPECT_EQ(service_.start(a_start("plain")).error().code, "InvalidParameterValueException");
}

TEST_F(Executions, NeedAProperName) {
  EXPECT_EQ(service_.start(named("")).error().code, "ValidationException");
  EXPECT_EQ(service_.start(named("a/b")).error().code, "ValidationException");
  EXPECT_EQ(service_.start(named(std::string(65, 'n').c_str())).error().code,
            "ValidationException");
}

TEST_F(Executions, KeepInputsInTheirLimits) {  // PROTOCOL 4.5
  StartRequest request = a_start("order:$LATEST", std::string(1048577, 'x'));
  EXPECT_EQ(service_.start(request).error().code, "RequestTooLargeException");
  request.type = InvocationType::kRequestResponse;
  EXPECT_TRUE(service_.start(request).ok());
  request.payload = std::string(6291457, 'x');
  EXPECT_EQ(service_.start(request).error().http_status, 413);
}

TEST_F(Executions, StartedSynchronouslyMustFitAQuarterOfAnHour) {  // PROTOCOL 10.3
  FunctionConfig order = a_function("order");
  order.execution_timeout_seconds = 901;
  service_.register_function(order);
  StartRequest request = a_start("order:$LATEST");
  EXPECT_TRUE(service_.start(request).ok());
  request.type = InvocationType::kRequestResponse;
  EXPECT_THAT(service_.start(request).error(),
              RefusedWith("You cannot synchronously invoke a durable function with an "
                          "executionTimeout greater than 15 minutes."));
  order.execution_timeout_seconds = 900;
  service_.register_function(order);
  EXPECT_TRUE(service_.start(request).ok());
}

TEST_F(Executions, OfAnIsolatedFunctionNeedATenant) {  // PROTOCOL 10.7
  FunctionConfig isolated = a_function("isolated");
  isolated.per_tenant = true;
  service_.register_function(isolated);
  StartRequest request = a_start("isolated:$LATEST");
  EXPECT_EQ(service_.start(request).error().code, "InvalidParameterValueException");
  request.tenant_id = "blue";
  start(request);
  EXPECT_EQ(execution().tenant_id, "blue");
}

TEST_F(Executions, TimeOut) {  // PROTOCOL 10.4
  FunctionConfig order = a_function("order");
  order.execution_timeout_seconds = 60;
  service_.register_function(order);
  start_and_begin();
  accept({wait_start("w", 100)});
  end_pending();
  advance_seconds(60);
  EXPECT_EQ(execution().status, ExecutionStatus::kTimedOut);
  EXPECT_EQ(execution().error->message, "Execution timed out after 60 seconds.");
  EXPECT_EQ(execution().end_ms, execution().start_ms + 60000);
  EXPECT_EQ(status("w"), OperationStatus::kStarted);
  EXPECT_EQ(last_event().type, EventType::kExecutionTimedOut);
  EXPECT_EQ(service_.history(execution_)[0].details.execution_timeout, 60);
  EXPECT_FALSE(ready());
  EXPECT_EQ(service_.next_due(), std::nullopt);
}

TEST_F(Executions, ThatTimeOutWhileRunningRefuseTheNextCheckpoint) {
  FunctionConfig order = a_function("order");
  order.execution_timeout_seconds = 60;
  service_.register_function(order);
  start_and_begin();
  accept({step_start("a")});
  advance_seconds(60);
  EXPECT_THAT(refuse({step_succeed("a")}), RefusedWith("Invalid checkpoint token"));
  crash();
  EXPECT_FALSE(ready());
  EXPECT_THAT(events(), ElementsAre("ExecutionStarted", "StepStarted a", "InvocationCompleted",
                                    "ExecutionTimedOut"));  // H-5
}

TEST_F(Executions, Stop) {  // PROTOCOL 10.5
  start_and_begin();
  accept({wait_start("w", 100)});
  end_pending();
  advance_seconds(1);
  const auto stopped = service_.stop(arn_);
  ASSERT_TRUE(stopped.ok());
  EXPECT_EQ(*stopped, service_.now());
  EXPECT_EQ(execution().status, ExecutionStatus::kStopped);
  EXPECT_EQ(execution().error->message, "Execution stopped by user request");
  EXPECT_EQ(last_event().type, EventType::kExecutionStopped);
  advance_seconds(1);
  EXPECT_EQ(*service_.stop(arn_, make_error("Again", "")), *stopped);
  EXPECT_EQ(service_.stop("nobody").error().code, "ResourceNotFoundException");
}

TEST_F(Executions, StopWithTheGivenErrorWhileReady) {
  start();
  ASSERT_TRUE(service_.stop(arn_, make_error("Enough", "now")).ok());
  EXPECT_EQ(execution().error->type, "Enough");
  EXPECT_FALSE(service_.next_ready().has_value());
  EXPECT_TRUE(service_.all_closed());
  EXPECT_THAT(events(), ElementsAre("ExecutionStarted", "ExecutionStopped"));
}

TEST_F(Executions, CanBeLookedUp) {  // PROTOCOL 10.8
  start(named("n", "[7]"));
  run_to_success();
  const auto found = service_.get_execution(arn_);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->durable_execution_arn, arn_);
  EXPECT_EQ(found->durable_execution_name, "n");
  EXPECT_EQ(found->function_arn, "arn:aws:lambda:us-east-1:123456789012:function:order:$LATEST");
  EXPECT_EQ(found->status, ExecutionStatus::kSucceeded);
  EXPECT_EQ(found->input_payload, "[7]");
  EXPECT_EQ(found->result, "\"done\"");
  EXPECT_EQ(found->version, "$LATEST");
  EXPECT_EQ(found->end_ms, service_.now());
  EXPECT_EQ(service_.get_execution("nobody").error().http_status, 404);
}

class Listing : public Executions {
 protected:
  Listing() {
    for (const char* name : {"a", "b", "c"}) {
      start(named(name));
      if (std::string(name) == "b") run_to_success();
      advance_seconds(1);
    }
  }
  std::vector<std::string> names(ListRequest request) {
    request.function_name = "order";
    std::vector<std::string> all;
    do {
      const auto page = service_.list_executions(request);
      EXPECT_TRUE(page.ok());
      for (const auto& each : page->executions) all.push_back(each.durable_execution_name);
      request.marker = page->next_marker;
    } while (!request.marker.empty());
    return all;
  }
};

TEST_F(Listing, IsNewestFirst) {  // PROTOCOL 4.1
  EXPECT_THAT(names({}), ElementsAre("c", "b", "a"));
  ListRequest request;
  request.oldest_first = true;
  EXPECT_THAT(names(request), ElementsAre("a", "b", "c"));
}

TEST_F(Listing, ComesInPages) {
  ListRequest request;
  request.max_items = 1;
  EXPECT_THAT(names(request), ElementsAre("c", "b", "a"));
  request.function_name = "order";
  request.marker = "nonsense!";
  EXPECT_FALSE(service_.list_executions(request).ok());
}

TEST_F(Listing, CanBeNarrowed) {
  ListRequest request;
  request.statuses = {ExecutionStatus::kSucceeded};
  EXPECT_THAT(names(request), ElementsAre("b"));
  request = {};
  request.execution_name = "c";
  EXPECT_THAT(names(request), ElementsAre("c"));
  request = {};
  request.started_after_ms = service_.now() - 2000;
  EXPECT_THAT(names(request), ElementsAre("c", "b"));
  request.started_before_ms = service_.now() - 2000;
  EXPECT_THAT(names(request), ElementsAre("b"));
}

TEST_F(Listing, IsOfOneVersion) {
  ListRequest request;
  request.function_name = "order:3";
  EXPECT_THAT(service_.list_executions(request)->executions, IsEmpty());
  request.function_name = "nobody";
  EXPECT_EQ(service_.list_executions(request).error().code, "ResourceNotFoundException");
}

}  // namespace
}  // namespace reprise
