// Callbacks: their ids, answers, deadlines and latecomers (PROTOCOL 6.3).

#include <string>

#include "reprise/service/service_test_support.h"

namespace reprise {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using A = OperationAction;
using S = OperationStatus;

constexpr const char* kClosed = "The callback is either timed out or already completed";

class Callbacks : public ServiceTest {
 protected:
  Callbacks() { start_and_begin(); }
  std::string id(const char* operation = "c") const { return record(operation).callback_id.str(); }
  void open(std::int64_t timeout = 0, std::int64_t heartbeat = 0) {
    accept({callback_start("c", timeout, heartbeat)});
  }
  static CallbackAnswer success(const char* payload) {
    CallbackAnswer answer;
    answer.payload = payload;
    return answer;
  }
};

TEST_F(Callbacks, GetTheirIdInTheSameAnswer) {  // PROTOCOL 6.3.2
  const auto answer = checkpoint({callback_start("c", 5)});
  ASSERT_TRUE(answer.ok());
  ASSERT_THAT(answer->operations, SizeIs(1));
  EXPECT_FALSE(answer->operations[0]->callback_id.view().empty());
  EXPECT_LE(answer->operations[0]->callback_id.size(), 1024);
  EXPECT_THAT(id(), testing::MatchesRegex("[A-Za-z0-9+/]+=?=?"));
  accept({callback_start("d")});
  EXPECT_NE(id("c"), id("d"));
}

TEST_F(Callbacks, SucceedWithWhatWasSent) {
  open();
  end_pending();
  ASSERT_TRUE(service_.send_callback_success(id(), "\"yes\"").ok());
  EXPECT_EQ(status("c"), S::kSucceeded);
  EXPECT_EQ(record("c").result, "\"yes\"");
  EXPECT_TRUE(ready());
}

TEST_F(Callbacks, SucceedWithoutAResultWhenTheBodyIsAbsent) {  // PROTOCOL 6.3.4
  open();
  ASSERT_TRUE(service_.send_callback_success(id(), {}).ok());
  EXPECT_FALSE(record("c").result.has_value());
}

TEST_F(Callbacks, FailWithTheErrorThatWasSent) {  // [conf 4-6]
  open();
  end_pending();
  ASSERT_TRUE(
      service_.send_callback_failure(id(), make_error("RejectedError", "not approved")).ok());
  EXPECT_EQ(status("c"), S::kFailed);
  EXPECT_EQ(record("c").error->message, "not approved");
  EXPECT_TRUE(ready());
}

TEST_F(Callbacks, FailedWithoutABodyWakeTheExecutionToo) {
  open();
  end_pending();
  ASSERT_TRUE(service_.send_callback_failure(id(), nullptr).ok());
  EXPECT_EQ(status("c"), S::kFailed);
  EXPECT_TRUE(ready());
}

TEST_F(Callbacks, TimeOut) {  // [conf 4-3]
  open(5);
  end_pending();
  advance_seconds(5);
  EXPECT_EQ(status("c"), S::kTimedOut);
  EXPECT_EQ(record("c").error->type, "Callback.Timeout");
  EXPECT_EQ(record("c").error->message, "Callback timed out");
  EXPECT_TRUE(ready());
  begin();
  end_failed(record("c").error);
  EXPECT_THAT(events(),
              ElementsAre("ExecutionStarted", "CallbackStarted c", "InvocationCompleted",
                          "CallbackTimedOut c", "InvocationCompleted", "ExecutionFailed"));
}

TEST_F(Callbacks, TimeOutWithoutAHeartbeat) {
  open(100, 5);
  end_pending();
  advance_seconds(4);
  ASSERT_TRUE(service_.send_callback_heartbeat(id()).ok());
  EXPECT_FALSE(ready());             // PROTOCOL 7.5: never by a heartbeat
  EXPECT_THAT(events(), SizeIs(3));  // F-6
  advance_seconds(4);
  EXPECT_EQ(status("c"), S::kStarted);
  advance_seconds(1);
  EXPECT_EQ(status("c"), S::kTimedOut);
  EXPECT_EQ(record("c").error->type, "Callback.Heartbeat");
  EXPECT_EQ(record("c").error->message, "Callback timed out on heartbeat");
  EXPECT_EQ(service_.next_due(), std::nullopt);  // the other deadline is gone with it
}

TEST_F(Callbacks, AreNotKeptAliveByHeartbeatsBeyondTheirTimeout) {
  open(6, 4);
  advance_seconds(3);
  ASSERT_TRUE(service_.send_callback_heartbeat(id()).ok());
  advance_seconds(3);
  EXPECT_EQ(status("c"), S::kTimedOut);
  EXPECT_EQ(record("c").error->type, "Callback.Timeout");
}

TEST_F(Callbacks, WithBothDeadlinesAtOnceReportTheTimeout) {
  open(5, 5);
  advance_seconds(5);
  EXPECT_EQ(record("c").error->type, "Callback.Timeout");
}

TEST_F(Callbacks, WithZeroSecondsNeverTimeOut) {
  open(0, 0);
  EXPECT_EQ(service_.next_due(), std::nullopt);
  ASSERT_TRUE(service_.send_callback_heartbeat(id()).ok());
}

TEST_F(Callbacks, AreAnsweredOnce) {  // the first wins
  open();
  ASSERT_TRUE(service_.send_callback_success(id(), "1").ok());
  EXPECT_THAT(service_.send_callback_success(id(), "2").error(),
              Answers("CallbackTimeoutException", kClosed));
  EXPECT_THAT(service_.send_callback_failure(id(), nullptr).error(),
              Answers("CallbackTimeoutException", kClosed));
  EXPECT_THAT(service_.send_callback_heartbeat(id()).error(),
              Answers("CallbackTimeoutException", kClosed));
  EXPECT_EQ(record("c").result, "1");
  EXPECT_THAT(events(), SizeIs(3));
}

TEST_F(Callbacks, RefuseLatecomers) {
  open(5);
  advance_seconds(5);
  EXPECT_THAT(service_.send_callback_success(id(), "1").error(),
              Answers("CallbackTimeoutException", kClosed));
  EXPECT_EQ(status("c"), S::kTimedOut);
}

TEST_F(Callbacks, OfAClosedExecutionRefuseEveryAnswer) {
  open();
  ASSERT_TRUE(service_.stop(arn_).ok());
  EXPECT_THAT(service_.send_callback_success(id(), "1").error(),
              Answers("CallbackTimeoutException", kClosed));
  EXPECT_EQ(status("c"), S::kStarted);
}

TEST_F(Callbacks, MustBeNamedByTheirId) {
  accept({step_start("a")});
  open();
  for (const std::string& bad : {std::string(), std::string("c"), id() + "x", id().substr(4)}) {
    EXPECT_THAT(service_.send_callback_success(bad, "1").error(),
                RefusedWith("Invalid callback id"));
  }
  EXPECT_EQ(status("c"), S::kStarted);
}

TEST_F(Callbacks, KeepAnswersInTheirLimit) {
  open();
  EXPECT_THAT(service_.send_callback_success(id(), std::string(1048577, 'x')).error(),
              RefusedWith("CALLBACK payload size must be less than or equal to 1048576 bytes."));
  EXPECT_THAT(
      service_.send_callback_failure(id(), make_error("E", std::string(262144, 'x'))).error(),
      RefusedWith("Error object size must be less than or equal to 262144 bytes."));
  ASSERT_TRUE(service_.send_callback_success(id(), std::string(1048576, 'x')).ok());
}

TEST_F(Callbacks, TakeAScheduledAnswerWhenItsTimeHasCome) {
  open(60);
  end_pending();
  service_.schedule_callback_answer(id(), 1500, success("1"));
  EXPECT_EQ(service_.next_due(), service_.now() + 1500);
  service_.advance_to(*service_.next_due());
  EXPECT_EQ(status("c"), S::kSucceeded);
  EXPECT_EQ(service_.next_due(), std::nullopt);
}

TEST_F(Callbacks, DropAnswersThatWouldComeTooLate) {
  open(5);
  end_pending();
  service_.schedule_callback_answer(id(), 9000, success("late"));
  service_.schedule_callback_answer(id(), 1000, success("first"));
  service_.schedule_callback_answer(id(), 1000, success("second"));
  advance_seconds(1);
  EXPECT_EQ(record("c").result, "first");
  EXPECT_EQ(service_.next_due(), std::nullopt);
  service_.schedule_callback_answer(id(), 1000, success("third"));
  EXPECT_EQ(service_.next_due(), std::nullopt);
  EXPECT_THAT(service_.save().answers, IsEmpty());
}

TEST_F(Callbacks, LetADeadlineThatFallsTogetherWinOverALaterAnswer) {
  open(5);
  service_.schedule_callback_answer(id(), 5000, success("1"));
  advance_seconds(5);
  EXPECT_EQ(status("c"), S::kTimedOut);  // its operation was there first
}

TEST_F(Callbacks, TakeAnAnswerWithoutDelayAtOnce) {
  open();
  service_.schedule_callback_answer(id(), 0, success("1"));
  EXPECT_EQ(status("c"), S::kSucceeded);
}

TEST_F(Callbacks, AnsweredByTheHookAreNewsForTheNextCall) {
  service_.set_record_hook([&](std::size_t, const Operation& record) {
    if (record.type != OperationType::kCallback) return;
    service_.schedule_callback_answer(record.callback_id.view(), 0, success("1"));
    EXPECT_EQ(status("c"), S::kStarted);  // not yet
  });
  const auto first = checkpoint({callback_start("c")});
  ASSERT_TRUE(first.ok());
  ASSERT_THAT(first->operations, SizeIs(1));
  EXPECT_EQ(first->operations[0]->status, S::kStarted);
  EXPECT_EQ(status("c"), S::kSucceeded);
  const auto second = checkpoint({});
  ASSERT_TRUE(second.ok());
  ASSERT_THAT(second->operations, SizeIs(1));
  EXPECT_EQ(second->operations[0]->status, S::kSucceeded);
}

TEST_F(Callbacks, WakeAnExecutionThatWaitsForSomethingElse) {  // [conf 4-9]
  open();
  accept({wait_start("w", 5)});
  end_pending();
  advance_seconds(1);
  ASSERT_TRUE(service_.send_callback_success(id(), "\"x\"").ok());
  ASSERT_TRUE(ready());
  begin();
  end_pending();
  EXPECT_FALSE(ready());
  advance_seconds(4);
  begin();
  end_succeeded();
  EXPECT_THAT(events(),
              ElementsAre("ExecutionStarted", "CallbackStarted c", "WaitStarted w",
                          "InvocationCompleted", "CallbackSucceeded c", "InvocationCompleted",
                          "WaitSucceeded w", "InvocationCompleted", "ExecutionSucceeded"));
}

TEST_F(Callbacks, HookSeesEachChangedRecordOnceInItsLastState) {
  std::vector<std::string> seen;
  service_.set_record_hook([&](std::size_t index, const Operation& record) {
    EXPECT_EQ(index, execution_);
    seen.push_back(record.id.str() + " " + std::string(to_string(record.status)));
  });
  accept({step_start("a"), step_succeed("a"), wait_start("w", 5)});
  EXPECT_THAT(seen, ElementsAre("a SUCCEEDED", "w STARTED"));
  (void)refuse({wait_start("w", 5)});
  EXPECT_THAT(seen, SizeIs(2));
}

}  // namespace
}  // namespace reprise
