// Virtual time: waits, retries, deadlines, and the order of what falls together
// (PROTOCOL 7.5, 13.2.7).

#include <string>

#include "reprise/service/internal/timer_queue.h"
#include "reprise/service/service_test_support.h"

namespace reprise {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using A = OperationAction;
using S = OperationStatus;

class Timers : public ServiceTest {
 protected:
  Timers() { start_and_begin(); }
};

TEST_F(Timers, EndAWait) {  // [conf 2-1]
  accept({wait_start("w", 2)});
  end_pending();
  EXPECT_FALSE(ready());
  EXPECT_EQ(service_.next_due(), service_.now() + 2000);
  service_.advance_to(service_.now() + 1999);
  EXPECT_EQ(status("w"), S::kStarted);
  advance_seconds(1);
  EXPECT_EQ(status("w"), S::kSucceeded);
  EXPECT_EQ(record("w").end_ms, record("w").start_ms + 2000);
  EXPECT_TRUE(ready());
  begin();
  end_succeeded();
  EXPECT_THAT(events(),
              ElementsAre("ExecutionStarted", "WaitStarted w", "InvocationCompleted",
                          "WaitSucceeded w", "InvocationCompleted", "ExecutionSucceeded"));
}

TEST_F(Timers, StampAWaitWithItsEndWhenTimeMovesFar) {
  accept({wait_start("w", 2)});
  end_pending();
  advance_seconds(365LL * 24 * 3600);
  EXPECT_EQ(record("w").end_ms, record("w").start_ms + 2000);
  EXPECT_EQ(service_.next_due(), std::nullopt);
}

TEST_F(Timers, MakeALongWaitOneEvent) {
  accept({wait_start("w", 31622400)});
  end_pending();
  service_.advance_to(*service_.next_due());
  EXPECT_TRUE(ready());
  EXPECT_THAT(events(), SizeIs(4));
}

TEST_F(Timers, NeverMoveTheClockBack) {
  advance_seconds(5);
  const TimestampMs now = service_.now();
  service_.advance_to(now - 1000);
  EXPECT_EQ(service_.now(), now);
}

TEST_F(Timers, MakeARetriedStepReadyWithoutAnEvent) {  // F-7
  accept({step_start("a"), step_retry("a", 3)});
  EXPECT_EQ(record("a").next_attempt_ms, service_.now() + 3000);
  end_pending();
  const std::size_t events_before = events().size();
  advance_seconds(3);
  EXPECT_EQ(status("a"), S::kReady);
  EXPECT_EQ(record("a").next_attempt_ms, std::nullopt);
  EXPECT_EQ(record("a").attempt, 1);
  EXPECT_TRUE(ready());
  EXPECT_THAT(events(), SizeIs(events_before));
}

TEST_F(Timers, KeepTheStateOfAPollingStep) {  // PROTOCOL 6.2
  OperationUpdate poll = step_retry("a", 3);
  poll.error = nullptr;
  poll.payload = "17";
  accept({step_start("a"), poll});
  EXPECT_EQ(record("a").result, "17");
  end_pending();
  advance_seconds(3);
  begin();
  accept({step_start("a")});
  EXPECT_EQ(record("a").result, "17");
  EXPECT_EQ(record("a").attempt, 1);
}

TEST_F(Timers, AreTakenAwayByACancel) {
  accept({wait_start("w", 2), wait_start("v", 1)});
  accept({an_update(OperationType::kWait, A::kCancel, "w")});
  EXPECT_EQ(status("w"), S::kCancelled);
  advance_seconds(1);
  EXPECT_EQ(service_.next_due(), std::nullopt);
  EXPECT_THAT(events(), ElementsAre("ExecutionStarted", "WaitStarted w", "WaitStarted v",
                                    "WaitCancelled w", "WaitSucceeded v"));
}

TEST_F(Timers, FireByTimeThenByCreation) {
  accept({step_start("a"), wait_start("late", 9), wait_start("w1", 5), wait_start("w2", 5)});
  service_.advance_to(service_.now() + 1000);
  accept({wait_start("w3", 4)});
  accept({step_retry("a", 4)});
  service_.advance_to(service_.now() + 4000);
  EXPECT_EQ(status("late"), S::kStarted);
  const auto answer = checkpoint({});
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(status("a"), S::kReady);
  const std::vector<std::string> all = events();
  EXPECT_THAT(std::vector<std::string>(all.end() - 3, all.end()),
              ElementsAre("WaitSucceeded w1", "WaitSucceeded w2", "WaitSucceeded w3"));
}

TEST_F(Timers, ThatFallTogetherFireInTheOrderOfTheirOperations) {
  accept({step_start("a")});
  const std::size_t first = execution_;
  const std::string first_token = token_;
  const std::string first_arn = arn_;
  start_and_begin();
  accept({wait_start("w", 5)});
  end_pending();
  token_ = first_token;
  arn_ = first_arn;
  accept({step_retry("a", 5)});  // armed last, but its operation is the older one
  service_.end_invocation(first, {});
  advance_seconds(5);
  EXPECT_EQ(service_.next_ready(), first);
}

TEST_F(Timers, AreNewsForARunningInvocation) {  // F-15
  accept({wait_start("w", 2), step_start("a")});
  advance_seconds(2);
  const auto answer = checkpoint({});
  ASSERT_TRUE(answer.ok());
  ASSERT_THAT(answer->operations, SizeIs(1));
  EXPECT_EQ(answer->operations[0]->id, "w");
  EXPECT_EQ(answer->operations[0]->status, S::kSucceeded);
  EXPECT_THAT(checkpoint({})->operations, IsEmpty());  // told once
}

TEST_F(Timers, OfAClosedExecutionAreDropped) {
  accept({wait_start("w", 2), callback_start("c", 3, 4), step_retry("a", 5)});
  ASSERT_TRUE(service_.stop(arn_).ok());
  EXPECT_EQ(service_.next_due(), std::nullopt);
  advance_seconds(10);
  EXPECT_EQ(status("w"), S::kStarted);  // PROTOCOL 10.4: open operations keep their status
}

TEST(TimerQueue, OrdersByDueTimeThenSequenceThenKind) {
  internal::TimerQueue queue;
  const auto arm = [&](TimestampMs due, std::uint64_t sequence, internal::TimerKind kind,
                       std::uint32_t execution) {
    internal::Timer timer;
    timer.due_ms = due;
    timer.sequence = sequence;
    timer.kind = kind;
    timer.execution = execution;
    timer.operation = execution;
    queue.arm(timer);
  };
  using internal::TimerKind;
  arm(5, 1, TimerKind::kWait, 3);
  arm(4, 9, TimerKind::kWait, 2);
  arm(4, 7, TimerKind::kHeartbeatTimeout, 1);
  arm(4, 7, TimerKind::kCallbackTimeout, 0);
  arm(4, 8, TimerKind::kPlainCall, 7);
  queue.cancel(7, 7, TimerKind::kWait);  // another kind
  queue.cancel_execution(7);             // a call on its way stays
  EXPECT_EQ(queue.size(), 5);
  EXPECT_NE(queue.find(7, 7, TimerKind::kPlainCall), nullptr);
  queue.cancel_operation(7, 7);
  EXPECT_EQ(queue.find(7, 7, TimerKind::kPlainCall), nullptr);
  std::vector<std::uint32_t> order;
  while (!queue.empty()) order.push_back(queue.pop_front().execution);
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 3));
}

}  // namespace
}  // namespace reprise
