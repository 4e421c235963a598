// The closure against brute force on handlers with awkward shapes, written by hand: what it joins
// and prunes must not cost a finding, and must not make one.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "property_tests/exploration_support.h"
#include "reprise/sdk/task.h"
#include "reprise/testing/scenario.h"
#include "reprise/world/effect.h"
#include "reprise/world/host.h"

namespace reprise::properties {
namespace {

/// A world with one effect of each kind.
struct Bank {
  int balance = 0;
  int limit = 0;
  std::set<std::string> keys;

  void debit(int amount) {
    effect({.target = "bank", .action = "debit", .arguments = std::to_string(amount)},
           [&](EffectOutcome&) { balance -= amount; });
  }
  void debit_once(int amount, const std::string& key) {
    effect({.target = "bank", .action = "debit", .arguments = std::to_string(amount), .key = key},
           [&](EffectOutcome& outcome) {
             if (!keys.insert(key).second) return outcome.unchanged();
             balance -= amount;
           });
  }
  void set_limit(int value) {
    effect({.target = "bank",
            .action = "set_limit",
            .arguments = std::to_string(value),
            .repeatable = true},
           [&](EffectOutcome&) { limit = value; });
  }
  friend bool operator==(const Bank&, const Bank&) = default;
};

class Shapes : public testing::Test {
 protected:
  template <class H>
  Scenario scenario(H handler) {
    Scenario made("order", std::move(handler));
    made.world(bank);
    return made;
  }

  /// Both ways find exactly `expected`.
  void expect(Scenario& scenario, const FindingKeys& expected) {
    const Exploration closure = closure_of(scenario.program());
    const Exploration force = brute_force(scenario.program(), 2);
    EXPECT_EQ(keys_of(closure.findings), expected) << "closure: " << show(closure);
    EXPECT_EQ(keys_of(force.findings), expected) << "brute force: " << show(force);
    EXPECT_EQ(closure.certificate.closed, expected.empty()) << show(closure);
    EXPECT_EQ(internal::live_frames(), 0);
    EXPECT_EQ(bank, Bank()) << "an exploration leaves the world as it was";
  }

  static FindingKeys duplicate(const std::string& operation) {
    return {{"DUPLICATE_EFFECT", operation, "bank.debit"}};
  }

  static FindingKeys swallowed(const std::string& operation) {
    return {{"BOUNDARY", operation, "crash swallowed by a step body"}};
  }

  Bank bank;
};

TEST_F(Shapes, TwoOperationsOpenAtOnce) {
  const auto handler = [this](DurableContext ctx) -> Task<int> {
    const auto first_body = [this] { return bank.debit_once(1, "first"), 1; };
    const auto second_body = [this] { return bank.debit_once(2, "second"), 2; };
    auto first = ctx.step("first", first_body);
    auto second = ctx.step("second", second_body);
    auto pause = ctx.wait("pause", absl::Seconds(5));
    const int b = co_await second;
    co_await pause;
    const int a = co_await first;
    co_return a + b;
  };
  Scenario sound = scenario(handler);
  expect(sound, {});
}

TEST_F(Shapes, TwoOperationsOpenAtOnceOneOfThemFlawed) {
  const auto handler = [this](DurableContext ctx) -> Task<int> {
    const auto first_body = [this] { return bank.debit_once(1, "first"), 1; };
    const auto second_body = [this] { return bank.debit(2), 2; };
    auto first = ctx.step("first", first_body);
    auto second = ctx.step("second", second_body);
    auto pause = ctx.wait("pause", absl::Seconds(5));
    co_await pause;
    const int a = co_await first;
    const int b = co_await second;
    co_return a + b;
  };
  Scenario flawed = scenario(handler);
  expect(flawed, duplicate("order/second#1"));
}

TEST_F(Shapes, AStepBesideAnInvokeAndACallback) {
  const auto handler = [this](DurableContext ctx) -> Task<int> {
    const auto body = [this] { return bank.debit_once(1, "k"), 1; };
    auto quote = ctx.try_invoke<int>("quote", "carrier", 3);
    auto approval = ctx.create_callback("approve");
    auto step = ctx.step("charge", body);
    Callback<std::string> callback = co_await approval;
    auto answer = callback.result();
    const int charged = co_await step;
    const std::string approved = co_await answer;
    const Outcome<int> quoted = co_await quote;
    co_return charged + static_cast<int>(approved.size()) + (quoted.ok() ? *quoted : 0);
  };
  Scenario sound = scenario(handler);
  sound.function("carrier", [this](int n) { return bank.debit(10), n; });
  sound.answer_callback("approve", "yes", absl::Seconds(2));
  expect(sound, {});
}

TEST_F(Shapes, AnEffectOutsideEveryStep) {
  const auto handler = [this](DurableContext ctx) -> Task<int> {
    bank.debit(1);
    const int one = co_await ctx.step("one", [] { return 1; });
    co_return one;
  };
  Scenario flawed = scenario(handler);
  expect(flawed, duplicate("order"));
}

TEST_F(Shapes, AnAbsoluteEffectOutsideEveryStep) {
  const auto handler = [this](DurableContext ctx) -> Task<int> {
    bank.set_limit(1);
    const int one = co_await ctx.step("one", [] { return 1; });
    bank.set_limit(2);
    co_return one;
  };
  Scenario made = scenario(handler);
  expect(made, {});
}

TEST_F(Shapes, AtMostOnceWithoutRetryMayActBare) {
  const auto handler = [this](DurableContext ctx) -> Task<int> {
    const auto body = [this] { return bank.debit(1), bank.debit(2), 1; };
    StepOptions options;
    options.semantics(StepSemantics::kAtMostOncePerRetry).retry(retry::none());
    const Outcome<int> debited = co_await ctx.try_step("debit", body, options);
    const bool known = debited.ok();
    if (!known) co_await ctx.step("report", [&] { bank.debit_once(100, "report"); });
    co_return known ? 1 : 0;
  };
  Scenario sound = scenario(handler);
  expect(sound, {});
}

TEST_F(Shapes, AtMostOncePerAttemptWithRetryIsNotOnce) {
  const auto handler = [this](DurableContext ctx) -> Task<int> {
    const auto body = [this] { return bank.debit(1), 1; };
    StepOptions options;
    options.semantics(StepSemantics::kAtMostOncePerRetry).retry(retry::fixed(absl::Seconds(1), 3));
    const Outcome<int> debited = co_await ctx.try_step("debit", body, options);
    co_return debited.ok() ? 1 : 0;
  };
  Scenario flawed = scenario(handler);
  expect(flawed, duplicate("order/debit#1"));
}

// Where only an interruption leads, a step may do the same thing twice.
TEST_F(Shapes, ABranchThatOnlyAnInterruptionTakes) {
  const auto handler = [this](DurableContext ctx) -> Task<int> {
    const auto body = [this] { return bank.debit(1), 1; };
    StepOptions options;
    options.semantics(StepSemantics::kAtMostOncePerRetry).retry(retry::none());
    const Outcome<int> debited = co_await ctx.try_step("debit", body, options);
    const bool known = debited.ok();
    if (!known) {
      const auto remind = [this] { bank.debit_once(3, "first"), bank.debit_once(3, "second"); };
      co_await ctx.step("remind", remind);
    }
    co_return known ? 1 : 0;
  };
  Scenario sound = scenario(handler);
  expect(sound, {});
}

TEST_F(Shapes, AStepThatDoesMoreAfterAnInterruption) {
  const auto handler = [this](DurableContext ctx) -> Task<int> {
    const auto body = [this] { return bank.debit(1), 1; };
    StepOptions options;
    options.semantics(StepSemantics::kAtMostOncePerRetry).retry(retry::none());
    const Outcome<int> debited = co_await ctx.try_step("debit", body, options);
    const bool known = debited.ok();
    const auto notify = [&] {
      bank.debit_once(10, "customer");
      if (!known) bank.debit_once(10, "clerk");
    };
    co_await ctx.step("notify", notify);
    co_return known ? 1 : 0;
  };
  Scenario sound = scenario(handler);
  expect(sound, {});
}

// The second interruption falls where only the first one leads.
TEST_F(Shapes, AnInterruptionBehindAnInterruption) {
  const auto handler = [this](DurableContext ctx) -> Task<int> {
    const auto body = [this] { return bank.debit(1), 1; };
    StepOptions once;
    once.semantics(StepSemantics::kAtMostOncePerRetry).retry(retry::none());
    const Outcome<int> debited = co_await ctx.try_step("debit", body, once);
    const bool known = debited.ok();
    if (!known) {
      const auto remind = [this] { bank.debit_once(3, "first"), bank.debit_once(3, "second"); };
      StepOptions again;
      again.semantics(StepSemantics::kAtMostOncePerRetry).retry(retry::fixed(absl::Seconds(1), 3));
      const Outcome<void> reminded = co_await ctx.try_step("remind", remind, again);
      co_return reminded.ok() ? 2 : 3;
    }
    co_return 1;
  };
  Scenario sound = scenario(handler);
  expect(sound, {});
}

TEST_F(Shapes, AFlawBehindTwoInterruptions) {
  const auto handler = [this](DurableContext ctx) -> Task<int> {
    const auto body = [this] { return bank.debit_once(1, "k"), 1; };
    StepOptions once;
    once.semantics(StepSemantics::kAtMostOncePerRetry).retry(retry::none());
    const Outcome<int> debited = co_await ctx.try_step("debit", body, once);
    const bool known = debited.ok();
    if (!known) {
      const auto remind = [this] { bank.debit(3); };
      StepOptions again;
      again.semantics(StepSemantics::kAtMostOncePerRetry).retry(retry::fixed(absl::Seconds(1), 3));
      const Outcome<void> reminded = co_await ctx.try_step("remind", remind, again);
      co_return reminded.ok() ? 2 : 3;
    }
    co_return 1;
  };
  Scenario flawed = scenario(handler);
  expect(flawed, duplicate("order/remind#1"));
}

// Found by a generated program.  The first interruption leaves the world of the second, but has
// acted less often than a run without faults.
TEST_F(Shapes, ThereAndBackAtMostOncePerAttempt) {
  const auto handler = [this](DurableContext ctx) -> Task<int> {
    const auto body = [this](StepContext step) {
      bank.debit(2);
      bank.debit(-2);
      if (step.attempt() == 1) throw std::runtime_error("busy");
      return 1;
    };
    StepOptions options;
    options.semantics(StepSemantics::kAtMostOncePerRetry).retry(retry::fixed(absl::Seconds(1), 3));
    const Outcome<int> debited = co_await ctx.try_step("debit", body, options);
    co_return debited.ok() ? 1 : 0;
  };
  Scenario flawed = scenario(handler);
  expect(flawed, duplicate("order/debit#1"));
}

TEST_F(Shapes, ACallbackThatTimesOut) {
  const auto handler = [this](DurableContext ctx) -> Task<std::string> {
    CallbackOptions options;
    options.timeout(absl::Minutes(1));
    const auto submit = [this](const std::string&) { bank.debit_once(1, "submit"); };
    const Outcome<std::string> answer =
        co_await ctx.try_wait_for_callback("approve", submit, options);
    const bool answered = answer.ok();
    if (!answered) co_await ctx.step("undo", [&] { bank.debit_once(-1, "undo"); });
    co_return answered ? "answered" : "timed out";
  };
  Scenario late = scenario(handler);
  late.answer_callback("approve", "yes", absl::Hours(1));
  expect(late, {});
  Scenario in_time = scenario(handler);
  in_time.answer_callback("approve", "yes", absl::Seconds(30));
  expect(in_time, {});
}

TEST_F(Shapes, ASubmitterThatIsNotIdempotent) {
  const auto handler = [this](DurableContext ctx) -> Task<std::string> {
    const auto submit = [this](const std::string&) { bank.debit(1); };
    const std::string answer = co_await ctx.wait_for_callback("approve", submit);
    co_return answer;
  };
  Scenario flawed = scenario(handler);
  flawed.answer_callback("approve", "yes");
  expect(flawed, duplicate("order/approve#1/Step#1"));
}

Task<int> failing_branch(DurableContext ctx, Bank* bank) {
  const auto body = [bank] { return bank->debit_once(1, "in"), 1; };
  co_await ctx.step("in", body);
  co_await ctx.wait("pause", absl::Seconds(1));
  throw std::runtime_error("out of stock");
}

TEST_F(Shapes, AChildContextThatFails) {
  const auto handler = [this](DurableContext ctx) -> Task<int> {
    const auto branch = [this](DurableContext child) { return failing_branch(child, &bank); };
    const Outcome<int> done = co_await ctx.try_run_in_child_context("branch", branch);
    const bool failed = !done.ok();
    if (failed) co_await ctx.step("undo", [&] { bank.debit_once(-1, "undo"); });
    co_return failed ? 0 : 1;
  };
  Scenario sound = scenario(handler);
  expect(sound, {});
}

TEST_F(Shapes, ACompensationThatIsNotIdempotent) {
  const auto handler = [this](DurableContext ctx) -> Task<int> {
    const auto branch = [this](DurableContext child) { return failing_branch(child, &bank); };
    const Outcome<int> done = co_await ctx.try_run_in_child_context("branch", branch);
    const bool failed = !done.ok();
    if (failed) co_await ctx.step("undo", [&] { bank.debit(-1); });
    co_return failed ? 0 : 1;
  };
  Scenario flawed = scenario(handler);
  expect(flawed, duplicate("order/undo#1"));
}

TEST_F(Shapes, ABodyThatSwallowsEverything) {
  const auto handler = [this](DurableContext ctx) -> Task<int> {
    const auto body = [this] {
      try {
        bank.debit_once(1, "first");
      } catch (...) {
      }
      try {
        bank.debit_once(2, "second");
      } catch (...) {
      }
      return 1;
    };
    const int one = co_await ctx.step("stubborn", body);
    co_return one;
  };
  Scenario flawed = scenario(handler);
  expect(flawed, swallowed("order/stubborn#1"));
}

TEST_F(Shapes, ABodyThatSwallowsEverythingAndIsNotIdempotent) {
  const auto handler = [this](DurableContext ctx) -> Task<int> {
    const auto body = [this] {
      try {
        bank.debit_once(1, "first");
        bank.debit(1);
      } catch (...) {
        bank.debit(100);
      }
      return 1;
    };
    const int one = co_await ctx.step("stubborn", body);
    co_return one;
  };
  Scenario flawed = scenario(handler);
  expect(flawed, duplicate("order/stubborn#1"));
}

struct DebitAtExit {
  Bank* bank;
  explicit DebitAtExit(Bank* b) : bank(b) {}
  DebitAtExit(const DebitAtExit&) = delete;
  ~DebitAtExit() { bank->debit(1); }
};

TEST_F(Shapes, AnEffectInADestructor) {
  const auto handler = [this](DurableContext ctx) -> Task<int> {
    const DebitAtExit guard(&bank);
    const int one = co_await ctx.step("one", [] { return 1; });
    co_await ctx.wait("pause", absl::Seconds(1));
    co_return one;
  };
  Scenario flawed = scenario(handler);
  // A suspension destroys the frame too.
  expect(flawed, {{"ORPHAN_EFFECT", "order", "bank.debit"}});
}

TEST_F(Shapes, RetriesThatAreUsedUp) {
  const auto handler = [this](DurableContext ctx) -> Task<int> {
    const auto body = [this](StepContext step) -> int {
      bank.debit_once(1, "attempt" + std::to_string(step.attempt()));
      throw std::runtime_error("declined");
    };
    StepOptions options;
    options.retry(retry::fixed(absl::Seconds(1), 3));
    const int never = co_await ctx.step("charge", body, options);
    co_return never;
  };
  Scenario sound = scenario(handler);
  expect(sound, {});
}

TEST_F(Shapes, RetriesThatAreUsedUpWithBareEffects) {
  const auto handler = [this](DurableContext ctx) -> Task<int> {
    const auto body = [this]() -> int {
      bank.debit(1);
      throw std::runtime_error("declined");
    };
    StepOptions options;
    options.retry(retry::fixed(absl::Seconds(1), 2));
    const int never = co_await ctx.step("charge", body, options);
    co_return never;
  };
  Scenario flawed = scenario(handler);
  expect(flawed, duplicate("order/charge#1"));
}

TEST_F(Shapes, AChildWhoseResultIsTooLargeToRecord) {
  const auto handler = [this](DurableContext ctx) -> Task<int> {
    const auto branch = [this](DurableContext child) -> Task<std::string> {
      const auto body = [this] { return bank.debit_once(1, "in"), 1; };
      const int one = co_await child.step("in", body);
      co_return std::string(100, static_cast<char>('a' + one));
    };
    const std::string text = co_await ctx.run_in_child_context("large", branch);
    const int size = co_await ctx.step("use", [&] { return bank.debit_once(2, "use"), 1; });
    co_return size + static_cast<int>(text.size());
  };
  Scenario sound = scenario(handler);
  Limits limits;
  limits.inline_context_limit = 50;
  sound.limits(limits);
  expect(sound, {});
}

TEST_F(Shapes, AHandlerThatBranchesOnReplaying) {
  const auto handler = [this](DurableContext ctx) -> Task<int> {
    const int one = co_await ctx.step("one", [&] { return bank.debit_once(1, "k"), 1; });
    const bool first_time = !ctx.is_replaying();
    if (first_time) {
      co_await ctx.step("two", [&] { bank.debit_once(2, "l"); });
    } else {
      co_await ctx.step("three", [&] { bank.debit_once(3, "m"); });
    }
    co_await ctx.wait("pause", absl::Seconds(1));
    co_return one;
  };
  Scenario flawed = scenario(handler);
  const Exploration closure = closure_of(flawed.program());
  const Exploration force = brute_force(flawed.program(), 2);
  EXPECT_EQ(keys_of(closure.findings), keys_of(force.findings)) << show(closure) << show(force);
  EXPECT_FALSE(closure.sound());
}

// Two executions over one world: what the one leaves open while the other runs must not be joined
// away.
TEST_F(Shapes, TwoExecutionsThatShareTheirWorld) {
  const auto handler = [this](DurableContext ctx, int order) -> Task<int> {
    const std::string key = "order" + std::to_string(order);
    const auto body = [&] { return bank.debit_once(order, key), order; };
    const int charged = co_await ctx.step("charge", body);
    co_await ctx.wait("pause", absl::Seconds(order));
    co_await ctx.step("ship", [&] { bank.debit_once(10 * order, "ship-" + key); });
    co_return charged;
  };
  Scenario sound("orders");
  sound.durable_function("order", handler);
  sound.start("one", "order", 1).start("two", "order", 2);
  sound.world(bank);
  expect(sound, {});
}

TEST_F(Shapes, TwoExecutionsOneOfThemFlawed) {
  const auto handler = [this](DurableContext ctx, int order) -> Task<int> {
    const auto body = [&] {
      if (order == 2) bank.debit(2);
      return order;
    };
    const int charged = co_await ctx.step("charge", body);
    co_return charged;
  };
  Scenario flawed("orders");
  flawed.durable_function("order", handler);
  flawed.start("one", "order", 1).start("two", "order", 2);
  flawed.world(bank);
  expect(flawed, duplicate("two/charge#1"));
}

// The handler is another process's caller: the durable child crashes and replays by itself.
TEST_F(Shapes, ADurableChildExecution) {
  const auto parent = [](DurableContext ctx) -> Task<int> {
    const int paid = co_await ctx.invoke<int>("pay", "pay:$LATEST", 5);
    co_return paid;
  };
  const auto child = [this](DurableContext ctx, int amount) -> Task<int> {
    const auto body = [&] { return bank.debit(amount), amount; };
    const int paid = co_await ctx.step("debit", body);
    co_return paid;
  };
  Scenario flawed("order", parent);
  flawed.durable_function("pay", child);
  flawed.world(bank);
  const Exploration closure = closure_of(flawed.program());
  const Exploration force = brute_force(flawed.program(), 2);
  EXPECT_EQ(keys_of(closure.findings), keys_of(force.findings)) << show(closure) << show(force);
  ASSERT_EQ(closure.findings.size(), 1U) << show(closure);
  EXPECT_EQ(closure.findings[0].finding.verdict, Verdict::kDuplicateEffect);
}

// A repeated body would draw another key.  Not found yet: the host's entropy depends on operation
// and attempt alone, so that the runs after a crash can be compared with those without, and a crash
// uses up no attempt.
TEST_F(Shapes, DISABLED_AKeyDrawnInTheBody) {
  Host host;
  const auto handler = [&](DurableContext ctx) -> Task<int> {
    const auto body = [&] { return bank.debit_once(1, std::to_string(host.entropy())), 1; };
    const int one = co_await ctx.step("debit", body);
    co_return one;
  };
  Scenario flawed = scenario(handler);
  flawed.world(host);
  expect(flawed, duplicate("order/debit#1"));
}

// A key that was drawn in a step of its own is recorded, and the same ever after.
TEST_F(Shapes, AKeyDrawnInAStepOfItsOwn) {
  Host host;
  const auto handler = [&](DurableContext ctx) -> Task<int> {
    const std::string key =
        co_await ctx.step("key", [&] { return std::to_string(host.entropy()); });
    const int one = co_await ctx.step("debit", [&] { return bank.debit_once(1, key), 1; });
    co_return one;
  };
  Scenario sound = scenario(handler);
  sound.world(host);
  expect(sound, {});
}

}  // namespace
}  // namespace reprise::properties
