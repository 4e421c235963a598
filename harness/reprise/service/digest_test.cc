// The durable state as a value: copies, digests, and what must not matter.

#include <functional>
#include <set>
#include <string>

#include "reprise/service/service_test_support.h"

namespace reprise {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using A = OperationAction;

class Digest : public ServiceTest {
 protected:
  Digest() {
    FunctionConfig plain = a_function("plain");
    plain.durable = false;
    service_.register_function(plain);
    start_and_begin();
  }
  // Everything at once: records of all types, timers, a call and an answer on their way.
  void fill() {
    accept({step_start("a"), step_succeed("a"), context(A::kStart, "p"),
            inside("p", step_retry("b", 5)), wait_start("w", 7), callback_start("c", 60, 20),
            invoke_start("i", "plain"), invoke_start("j", "order:$LATEST")});
    service_.schedule_callback_answer(record("c").callback_id.view(), 3000, {});
  }
  // The digest after a fresh start and `acts`.
  StateDigest digest_after(const std::function<void()>& acts) {
    service_.restore(ServiceState{});
    start_and_begin();
    acts();
    return service_.digest();
  }
};

TEST_F(Digest, IsEqualAfterARestore) {
  fill();
  const StateDigest before = service_.digest();
  const ServiceState saved = service_.save();
  service_.restore(saved);
  EXPECT_EQ(service_.digest(), before);
  EXPECT_TRUE(ready());  // the power went off while it ran
}

TEST_F(Digest, IsEqualAfterARestoreInAnotherService) {
  fill();
  const ServiceState saved = service_.save();
  FakeService other;
  other.register_function(a_function("order"));
  other.restore(saved);
  EXPECT_EQ(other.digest(), service_.digest());
}

TEST_F(Digest, IsEqualWhenTheInterruptedInvocationBeginsAgain) {
  fill();
  const StateDigest before = service_.digest();
  service_.restore(service_.save());
  begin();
  EXPECT_EQ(service_.digest(), before);
  service_.restore(service_.save());
  EXPECT_EQ(service_.digest(), before);
}

TEST_F(Digest, IsTheSameWhenComputedStepByStep) {
  const StateDigest at_once = digest_after([&] { fill(); });
  const StateDigest asked_often = digest_after([&] {
    (void)service_.digest();
    accept({step_start("a")});
    (void)service_.digest();
    accept({step_succeed("a"), context(A::kStart, "p"), inside("p", step_retry("b", 5)),
            wait_start("w", 7)});
    (void)service_.digest();
    (void)service_.digest();
    accept({callback_start("c", 60, 20), invoke_start("i", "plain"),
            invoke_start("j", "order:$LATEST")});
    service_.schedule_callback_answer(record("c").callback_id.view(), 3000, {});
  });
  EXPECT_EQ(at_once, asked_often);
}

TEST_F(Digest, NoticesHowTheExecutionWasClosed) {
  const auto digest_of_result = [&](const char* result) {
    return digest_after([&] {
      (void)service_.digest();
      end_succeeded(result);
    });
  };
  EXPECT_NE(digest_of_result("1"), digest_of_result("2"));
}

TEST_F(Digest, LeavesOutWhenItHappened) {
  const StateDigest now = digest_after([&] { accept({step_start("a"), wait_start("w", 7)}); });
  const StateDigest later = digest_after([&] {
    advance_seconds(1000);
    accept({step_start("a"), wait_start("w", 7)});
  });
  EXPECT_EQ(now, later);
}

TEST_F(Digest, CountsTimersByTheTimeTheyHaveLeft) {
  const StateDigest seven = digest_after([&] { accept({wait_start("w", 7)}); });
  const StateDigest six_left = digest_after([&] {
    accept({wait_start("w", 7)});
    advance_seconds(1);
  });
  const StateDigest six = digest_after([&] { accept({wait_start("w", 6)}); });
  EXPECT_NE(seven, six_left);
  EXPECT_EQ(six, six_left);
}

TEST_F(Digest, CountsWhatAHeartbeatGrants) {
  const StateDigest five = digest_after([&] {
    accept({callback_start("c", 0, 5)});
    advance_seconds(2);
  });
  const StateDigest three = digest_after([&] { accept({callback_start("c", 0, 3)}); });
  EXPECT_NE(five, three);
}

TEST_F(Digest, LeavesOutHowOftenAnInvocationRan) {
  const StateDigest calm = digest_after([&] { accept({step_start("a")}); });
  const StateDigest crashed = digest_after([&] {
    crash();
    begin();
    accept({});
    accept({step_start("a")});
    crash();
    begin();
  });
  EXPECT_EQ(calm, crashed);
}

TEST_F(Digest, LeavesOutStrikes) {
  const StateDigest calm = service_.digest();
  end_pending();
  begin();
  EXPECT_EQ(service_.digest(), calm);
}

TEST_F(Digest, TellsStatesApart) {
  using Acts = std::function<void()>;
  const auto retry_payload = [](const char* payload) {
    OperationUpdate update = step_retry("a", 5);
    update.error = nullptr;
    update.payload = payload;
    return update;
  };
  OperationUpdate empty_payload = step_succeed("a");
  empty_payload.payload = "";
  OperationUpdate no_payload = step_succeed("a");
  no_payload.payload = {};
  OperationUpdate named = step_start("a");
  named.name = "n";
  OperationUpdate sub_typed = step_start("a");
  sub_typed.sub_type = "n";
  OperationUpdate other_error = step_fail("a");
  other_error.error = make_error("Broken", "yes");
  OperationUpdate replayed = context(A::kSucceed, "p");
  replayed.replay_children = true;
  const std::vector<Acts> acts = {
      [] {},
      [&] { accept({step_start("a")}); },
      [&] { accept({step_start("b")}); },
      [&] { accept({named}); },
      [&] { accept({sub_typed}); },
      [&] { accept({step_succeed("a")}); },
      [&] { accept({empty_payload}); },
      [&] { accept({no_payload}); },
      [&] { accept({step_fail("a")}); },
      [&] { accept({other_error}); },
      [&] { accept({retry_payload("1")}); },
      [&] { accept({retry_payload("2")}); },
      [&] {
        accept({retry_payload("1")});
        advance_seconds(5);
      },
      [&] {
        accept({retry_payload("1")});
        advance_seconds(5);
        accept({retry_payload("1")});
      },
      [&] { accept({context(A::kStart, "p")}); },
      [&] { accept({context(A::kSucceed, "p")}); },
      [&] { accept({replayed}); },
      [&] {
        accept({context(A::kStart, "p"), inside("p", step_start("a"))});
      },
      [&] {
        accept({context(A::kStart, "p"), step_start("a")});
      },
      [&] { accept({wait_start("w", 1)}); },
      [&] { accept({wait_start("w", 2)}); },
      [&] { accept({callback_start("c")}); },
      [&] { accept({callback_start("c", 9)}); },
      [&] { accept({callback_start("c", 9, 3)}); },
      [&] {
        accept({callback_start("c")});
        service_.schedule_callback_answer(record("c").callback_id.view(), 5, {});
      },
      [&] { accept({invoke_start("i", "plain")}); },
      [&] {
        accept({invoke_start("i", "plain")});
        advance_seconds(1);
      },
      [&] { end_succeeded("1"); },
      [&] { end_succeeded("2"); },
      [&] { end_failed(make_error("E", "m")); },
      [&] { ASSERT_TRUE(service_.stop(arn_, make_error("E", "m")).ok()); },
      [&] { start(); },
      [&] { start(a_start("order:$LATEST", "[]")); },
  };
  std::set<StateDigest> digests;
  for (const Acts& each : acts) digests.insert(digest_after(each));
  EXPECT_THAT(digests, SizeIs(acts.size()));
}

TEST_F(Digest, CountsRecordsAndNotTheirOrder) {
  const StateDigest one = digest_after([&] { accept({step_start("a"), step_start("b")}); });
  const StateDigest other = digest_after([&] { accept({step_start("b"), step_start("a")}); });
  EXPECT_EQ(one, other);
}

TEST_F(Digest, OfAReadyExecutionIsThatOfAWokenOne) {
  const StateDigest woken = digest_after([&] {
    accept({wait_start("w", 1)});
    end_pending();
    advance_seconds(1);
  });
  const StateDigest told_while_running = digest_after([&] {
    accept({wait_start("w", 1)});
    advance_seconds(1);
  });
  EXPECT_EQ(woken, told_while_running);
}

class Saving : public Digest {};

TEST_F(Saving, KeepsTheStateAsItWas) {
  accept({step_start("a"), wait_start("w", 7), callback_start("c", 60)});
  const ServiceState saved = service_.save();
  const StateDigest before = service_.digest();
  accept({step_succeed("a")});
  advance_seconds(7);
  ASSERT_TRUE(service_.send_callback_success(record("c").callback_id.view(), "1").ok());
  end_succeeded();
  for (int i = 0; i < 2; ++i) {  // a saved state may be used more than once
    service_.restore(saved);
    EXPECT_EQ(service_.digest(), before);
    EXPECT_EQ(status("a"), OperationStatus::kStarted);
    EXPECT_EQ(service_.next_due(), service_.now() + 7000);
    begin();
    accept({step_succeed("a")});
    advance_seconds(60);
    EXPECT_EQ(status("c"), OperationStatus::kTimedOut);
  }
}

TEST_F(Saving, LeavesTheRunningServiceAlone) {
  accept({step_start("a")});
  const std::vector<std::string> events_before = events();
  (void)service_.save();
  EXPECT_EQ(events(), events_before);
  accept({step_succeed("a")});
}

TEST_F(Saving, LeavesHistoriesOut) {
  accept({step_start("a")});
  service_.restore(service_.save());
  EXPECT_THAT(execution().history, IsEmpty());
  begin();
  accept({step_succeed("a")});
  EXPECT_THAT(events(), ElementsAre("StepSucceeded a"));
}

TEST_F(Saving, EndsEveryInvocation) {
  const std::string old_token = token_;
  accept({step_start("a")});
  service_.restore(service_.save());
  EXPECT_THAT(refuse({step_succeed("a")}), RefusedWith("Invalid checkpoint token"));
  begin();
  EXPECT_NE(token_, old_token);
  accept({step_succeed("a")});
}

TEST_F(Saving, LeavesTheAnswersToRepeatedCallsOut) {
  const std::string before = token_;
  ASSERT_TRUE(checkpoint({step_start("a")}, "once").ok());
  service_.restore(service_.save());
  token_ = before;
  EXPECT_FALSE(checkpoint({step_start("a")}, "once").ok());
}

TEST_F(Saving, PutsInterruptedInvocationsBeforeThoseThatWait) {
  start();                            // 1 waits
  service_.restore(service_.save());  // 0 was running
  EXPECT_EQ(service_.next_ready(), 0);
  (void)service_.begin_invocation(0);
  EXPECT_EQ(service_.next_ready(), 1);
}

TEST_F(Saving, DoesNotRunAClosedExecutionAgain) {
  accept({execution_update(A::kSucceed, "1")});  // closed while its invocation runs
  service_.restore(service_.save());
  EXPECT_FALSE(service_.next_ready().has_value());
  EXPECT_TRUE(service_.all_closed());
}

TEST_F(Saving, RemembersNames) {
  StartRequest request = a_start("order:$LATEST");
  request.execution_name = "n";
  ASSERT_TRUE(service_.start(request).ok());
  service_.restore(service_.save());
  EXPECT_TRUE(service_.start(request)->existing);
  service_.restore(ServiceState{});
  EXPECT_FALSE(service_.start(request)->existing);
}

TEST_F(Saving, GoesOnWithTheSameNamesAndTokens) {
  const ServiceState saved = service_.save();
  const auto go_on = [&] {
    service_.restore(saved);
    start_and_begin();
    return arn_ + token_;
  };
  EXPECT_EQ(go_on(), go_on());
}

class Quiet : public Digest {};

TEST_F(Quiet, MeansThatNothingButContextsIsOpen) {
  EXPECT_TRUE(service_.quiet());
  accept({context(A::kStart, "p"), step_succeed("done")});
  EXPECT_TRUE(service_.quiet());
  accept({step_start("a")});
  EXPECT_FALSE(service_.quiet());
  accept({step_retry("a", 1)});
  EXPECT_FALSE(service_.quiet());
  advance_seconds(1);
  EXPECT_FALSE(service_.quiet());
  accept({step_succeed("a")});
  EXPECT_TRUE(service_.quiet());
  accept({wait_start("w", 1)});
  EXPECT_FALSE(service_.quiet());
  service_.restore(service_.save());
  EXPECT_FALSE(service_.quiet());
  advance_seconds(1);
  EXPECT_TRUE(service_.quiet());
}

TEST_F(Quiet, LooksAtRunningExecutionsOnly) {
  accept({wait_start("w", 1)});
  ASSERT_TRUE(service_.stop(arn_).ok());
  EXPECT_TRUE(service_.quiet());
}

}  // namespace
}  // namespace reprise
