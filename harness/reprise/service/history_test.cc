// Histories as the conformance examples show them (PROTOCOL 9).

#include <string>

#include "reprise/service/service_test_support.h"

namespace reprise {
namespace {

using testing::ElementsAre;
using testing::SizeIs;
using A = OperationAction;

class History : public ServiceTest {
 protected:
  History() { start_and_begin(a_start("order:$LATEST", "[7]")); }
  Event event(std::size_t number) const { return service_.history(execution_)[number - 1]; }
};

TEST_F(History, OfASingleStep) {  // [conf 1-1], H-1, H-5
  OperationUpdate start = step_start("A");
  start.name = "charge";
  start.sub_type = "Step";
  accept({start});
  advance_seconds(1);
  accept({step_succeed("A")});
  end_succeeded("\"ok\"");
  EXPECT_THAT(events(), ElementsAre("ExecutionStarted", "StepStarted A", "StepSucceeded A",
                                    "InvocationCompleted", "ExecutionSucceeded"));
  for (std::size_t i = 1; i <= 5; ++i) EXPECT_EQ(event(i).event_id, i);

  EXPECT_EQ(event(1).details.input, (EventPayload{.payload = "[7]", .truncated = false}));
  EXPECT_EQ(event(1).id, std::nullopt);
  EXPECT_EQ(event(2).id, "A");
  EXPECT_EQ(event(2).name, "charge");
  EXPECT_EQ(event(2).sub_type, "Step");
  EXPECT_EQ(event(2).parent_id, std::nullopt);
  EXPECT_EQ(event(2).details, EventDetails{});
  EXPECT_EQ(event(3).name, "charge");
  EXPECT_EQ(event(3).timestamp.ms, event(2).timestamp.ms + 1000);
  EXPECT_EQ(event(3).timestamp.form, EventTime::Form::kEpochSeconds);
  EXPECT_EQ(event(3).details.result, (EventPayload{.payload = "1", .truncated = false}));
  EXPECT_EQ(event(3).details.retry_details->current_attempt, 1);
  EXPECT_EQ(event(3).details.retry_details->next_attempt_delay_seconds, std::nullopt);
  EXPECT_EQ(event(4).details.start->ms, event(1).timestamp.ms);
  EXPECT_EQ(event(4).details.end->ms, event(3).timestamp.ms);
  EXPECT_THAT(*event(4).details.request_id, testing::MatchesRegex("[0-9a-f-]{36}"));
  EXPECT_EQ(event(4).details.error, std::nullopt);
  EXPECT_EQ(event(5).details.result, (EventPayload{.payload = "\"ok\"", .truncated = false}));
}

TEST_F(History, OfAStepRetriedUntilItIsExhausted) {  // [conf 1-12], H-8
  for (int attempt = 1; attempt <= 4; ++attempt) {
    accept({step_start("A"), attempt < 4 ? step_retry("A", 1) : step_fail("A")});
    if (attempt == 4) break;
    end_pending();
    advance_seconds(1);
    begin();
  }
  end_failed(make_error("StepError", "no"));
  ASSERT_THAT(events(), SizeIs(14));
  std::vector<std::int64_t> attempts;
  for (const std::size_t number : {3U, 6U, 9U, 12U}) {
    EXPECT_EQ(event(number).type, EventType::kStepFailed);
    EXPECT_EQ(event(number).details.error->payload->type, "Broken");
    attempts.push_back(*event(number).details.retry_details->current_attempt);
    EXPECT_EQ(event(number).details.retry_details->next_attempt_delay_seconds,
              number < 12 ? std::optional<std::int64_t>(1) : std::nullopt);
  }
  EXPECT_THAT(attempts, ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(event(14).type, EventType::kExecutionFailed);
  EXPECT_EQ(event(14).details.error->payload->message, "no");
  EXPECT_EQ(event(14).details.error->truncated, false);
}

TEST_F(History, OfAnInterruptedAtMostOnceStep) {  // [conf 1-18]
  accept({step_start("A")});
  crash();
  begin();
  accept({step_retry("A", 1)});
  end_pending();
  advance_seconds(1);
  begin();
  accept({step_start("A"), step_succeed("A")});
  end_succeeded();
  EXPECT_THAT(events(),
              ElementsAre("ExecutionStarted", "StepStarted A", "InvocationCompleted",
                          "StepFailed A", "InvocationCompleted", "StepStarted A", "StepSucceeded A",
                          "InvocationCompleted", "ExecutionSucceeded"));
  EXPECT_EQ(event(3).details.error->payload->type, "Runtime.ExitError");
  EXPECT_EQ(event(7).details.retry_details->current_attempt, 2);
}

TEST_F(History, OfAPoll) {  // [conf 6-5]
  for (int poll = 1; poll <= 3; ++poll) {
    OperationUpdate update = step(poll < 3 ? A::kRetry : A::kSucceed, "A");
    update.error = nullptr;
    update.payload = std::to_string(poll);
    update.next_attempt_delay_seconds = 2;
    accept({step_start("A"), update});
    if (poll == 3) break;
    end_pending();
    advance_seconds(2);
    begin();
  }
  end_succeeded("3");
  ASSERT_THAT(events(), SizeIs(11));
  EXPECT_EQ(event(3).type, EventType::kStepSucceeded);
  EXPECT_EQ(event(3).details.result->payload, "1");
  EXPECT_EQ(event(3).details.retry_details->next_attempt_delay_seconds, 2);
  EXPECT_EQ(event(9).details.result->payload, "3");
  EXPECT_EQ(event(9).details.retry_details,
            (RetryDetails{.current_attempt = 3, .next_attempt_delay_seconds = std::nullopt}));
}

TEST_F(History, OfAWait) {  // [conf 2-1]
  accept({wait_start("A", 2)});
  end_pending();
  advance_seconds(2);
  EXPECT_EQ(event(2).details.duration, 2);
  EXPECT_EQ(event(2).details.scheduled_end->ms, event(2).timestamp.ms + 2000);
  EXPECT_EQ(event(4).type, EventType::kWaitSucceeded);
  EXPECT_EQ(event(4).details.duration, 2);
}

TEST_F(History, OfNestedContexts) {  // [conf 3-6]
  OperationUpdate inner_done = inside("OUTER", context(A::kSucceed, "INNER"));
  inner_done.payload = "2";
  accept({context(A::kStart, "OUTER"), inside("OUTER", step_start("S1")),
          inside("OUTER", step_succeed("S1")), inside("OUTER", context(A::kStart, "INNER")),
          inside("INNER", step_start("S2")), inside("INNER", step_succeed("S2")), inner_done});
  OperationUpdate outer_failed = context(A::kFail, "OUTER");
  outer_failed.error = make_error("E", "m");
  accept({outer_failed});
  EXPECT_THAT(events(),
              ElementsAre("ExecutionStarted", "ContextStarted OUTER", "StepStarted S1",
                          "StepSucceeded S1", "ContextStarted INNER", "StepStarted S2",
                          "StepSucceeded S2", "ContextSucceeded INNER", "ContextFailed OUTER"));
  EXPECT_EQ(event(7).parent_id, "INNER");
  EXPECT_EQ(event(8).parent_id, "OUTER");
  EXPECT_EQ(event(8).details.result->payload, "2");
  EXPECT_EQ(event(9).details.error->payload->type, "E");
}

TEST_F(History, OfCallbacks) {  // [conf 4-3], [conf 4-6]
  accept({callback_start("A", 5, 3), callback_start("B")});
  EXPECT_EQ(event(2).details.callback_id, record("A").callback_id.str());
  EXPECT_EQ(event(2).details.timeout, 5);
  EXPECT_EQ(event(2).details.heartbeat_timeout, 3);
  EXPECT_EQ(event(3).details.timeout, std::nullopt);
  EXPECT_EQ(event(3).details.heartbeat_timeout, std::nullopt);
  ASSERT_TRUE(service_
                  .send_callback_failure(record("B").callback_id.view(),
                                         make_error("RejectedError", "not approved"))
                  .ok());
  EXPECT_EQ(event(4).type, EventType::kCallbackFailed);
  EXPECT_EQ(*event(4).details.error->payload, *make_error("RejectedError", "not approved"));
  advance_seconds(3);
  EXPECT_EQ(event(5).type, EventType::kCallbackTimedOut);
  EXPECT_EQ(event(5).details.error->payload->type, "Callback.Heartbeat");
}

TEST_F(History, KeepsEachRecordAsItWasThen) {
  accept({step_start("A")});
  accept({step_retry("A", 1)});
  advance_seconds(1);
  accept({step_succeed("A")});
  EXPECT_EQ(event(3).details.retry_details->current_attempt, 1);
  EXPECT_EQ(event(4).details.retry_details->current_attempt, 2);
}

TEST_F(History, ComesInPagesInBothOrders) {  // PROTOCOL 4.1
  accept({step_start("A"), step_succeed("A")});
  end_succeeded();
  const auto read = [&](bool newest_first) {
    std::vector<std::int64_t> ids;
    std::string marker;
    do {
      const auto page = service_.get_history(arn_, marker, 2, newest_first);
      EXPECT_TRUE(page.ok());
      for (const Event& event : page->events) ids.push_back(event.event_id);
      marker = page->next_marker;
    } while (!marker.empty());
    return ids;
  };
  EXPECT_THAT(read(false), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(read(true), ElementsAre(5, 4, 3, 2, 1));
  EXPECT_THAT(service_.get_history(arn_)->events, SizeIs(5));
  EXPECT_EQ(service_.get_history(arn_, "", 1001).error().code, "ValidationException");
  EXPECT_EQ(service_.get_history(arn_, "nonsense!").error().message, "Invalid marker");
  EXPECT_EQ(service_.get_history("nobody").error().code, "ResourceNotFoundException");
}

TEST_F(History, LeavesPayloadsOutWhenAskedTo) {
  accept({step_start("A"), step_succeed("A"), step_fail("B")});
  const auto page = service_.get_history(arn_, "", 0, false, false);
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->events[0].details.input->payload, std::nullopt);
  EXPECT_EQ(page->events[2].details.result->payload, std::nullopt);
  EXPECT_EQ(page->events[2].details.retry_details->current_attempt, 1);
  EXPECT_EQ(page->events[3].details.error->payload, std::nullopt);
}

TEST_F(History, IsTheSameInEachRun) {
  const auto run = [&] {
    service_.restore(ServiceState{});
    start_and_begin();
    accept({step_start("A"), callback_start("C"), invoke_start("I", "order:$LATEST")});
    crash();
    begin();
    end_succeeded();
    return service_.history(execution_);
  };
  EXPECT_EQ(run(), run());
}

}  // namespace
}  // namespace reprise
