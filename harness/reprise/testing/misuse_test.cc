// Each way to break the contract of the handler API, as docs/handlers.md lists them: it ends in a
// documented error or in a verdict with the handler's line.

#include <absl/time/time.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "reprise/testing/explore_test_support.h"
#include "reprise/testing/testing.h"
#include "reprise/world/host.h"

namespace reprise {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Takes each receipt once.
struct Till {
  std::set<std::string> receipts;

  void put(const std::string& receipt) {
    effect({.target = "till", .action = "put", .key = receipt, .object = receipt},
           [&](EffectOutcome& outcome) {
             if (!receipts.insert(receipt).second) outcome.unchanged();
           });
  }
  friend bool operator==(const Till&, const Till&) = default;
};

class MisuseTest : public testing::Test {
 protected:
  /// Explores `handler` and expects one BOUNDARY finding with a line of this file.
  template <class H>
  void expect_boundary(H handler, const std::string& what, Verdict verdict = Verdict::kBoundary) {
    Scenario scenario("probe", std::move(handler));
    const Exploration exploration = explore(scenario);
    ASSERT_FALSE(exploration.findings.empty());
    const Finding& finding = exploration.findings[0].finding;
    EXPECT_EQ(finding.verdict, verdict) << finding.what;
    EXPECT_THAT(finding.what, HasSubstr(what));
    ASSERT_FALSE(finding.where.empty()) << finding.what;
    EXPECT_THAT(finding.where[0], HasSubstr("misuse_test.cc:")) << finding.what;
  }
  /// What is wrong in the run without faults.
  static std::vector<Incident::Kind> incidents_of(Scenario& scenario) {
    std::vector<Incident::Kind> kinds;
    for (const Incident& incident : run(scenario).incidents) kinds.push_back(incident.kind);
    return kinds;
  }
  template <class H>
  static ExecutionOutcome outcome_of(H handler) {
    Scenario scenario("probe", std::move(handler));
    return run(scenario).outcomes.front();
  }
  template <class H>
  static std::string error_of(H handler) {
    const ExecutionOutcome outcome = outcome_of(std::move(handler));
    return outcome.error ? outcome.error->type.value_or("?") : "none";
  }
};

TEST_F(MisuseTest, AnOperationInAStepBody) {
  expect_boundary(
      [](DurableContext ctx) -> Task<> {
        co_await ctx.step("outer", [&] { auto inner = ctx.step("inner", [] {}); });
      },
      "operations do not nest");
}

TEST_F(MisuseTest, TheContextOfAnotherScope) {
  expect_boundary(
      [](DurableContext ctx) -> Task<> {
        auto body = [ctx](DurableContext) mutable -> Task<> { co_await ctx.step("stolen", [] {}); };
        co_await ctx.run_in_child_context("child", body);
      },
      "parent or sibling context");
}

TEST_F(MisuseTest, TwoBranchesOnOneContext) {
  expect_boundary(
      [](DurableContext ctx) -> Task<> {
        Branches<int> branches;
        for (int i = 0; i < 2; ++i) {
          branches.add([ctx](DurableContext) mutable -> Task<int> {
            const int value = co_await ctx.step("shared", [] { return 1; });
            co_return value;
          });
        }
        co_await ctx.parallel("both", branches);
      },
      "depends on which branch comes first", Verdict::kDivergentOp);
}

TEST_F(MisuseTest, AContextAfterItsScope) {
  expect_boundary(
      [](DurableContext ctx) -> Task<> {
        std::optional<DurableContext> kept;
        const auto body = [&](DurableContext child) -> Task<> {
          kept = child;
          co_return;
        };
        co_await ctx.run_in_child_context("child", body);
        co_await kept->step("late", [] {});
      },
      "whose body has ended");
}

TEST_F(MisuseTest, AnOperationThatIsNeverAwaited) {
  expect_boundary(
      [](DurableContext ctx) -> Task<> {
        auto lost = ctx.step("lost", [] {});
        co_return;
      },
      "never awaited");
}

TEST_F(MisuseTest, ABodyThatSwallowsTheEndOfItsProcess) {
  Till till;
  const auto swallow = [&till] {
    try {
      till.put("order-1");
    } catch (...) {
      return 0;
    }
    return 1;
  };
  const auto handler = [&](DurableContext ctx) -> Task<> { co_await ctx.step("pay", swallow); };
  Scenario scenario("probe", handler);
  scenario.world(till);
  const Exploration exploration = explore(scenario);
  ASSERT_EQ(exploration.findings.size(), 1);
  const ReportedFinding& failure = exploration.findings[0];
  EXPECT_EQ(failure.finding.verdict, Verdict::kBoundary);
  EXPECT_THAT(failure.finding.what, HasSubstr("caught the end of its process"));
  EXPECT_EQ(failure.schedule.events.size(), 1);
}

TEST_F(MisuseTest, ABodyMayCatchWhatItPassesOnAndWhatIsItsOwn) {
  Till till;
  const auto careful = [&till] {
    try {
      till.put("order-1");
    } catch (const std::exception&) {
      return 0;
    } catch (...) {
      throw;
    }
    return 1;
  };
  const auto handler = [&](DurableContext ctx) -> Task<> { co_await ctx.step("pay", careful); };
  Scenario scenario("probe", handler);
  scenario.world(till);
  EXPECT_TRUE(explore(scenario).findings.empty());
}

TEST_F(MisuseTest, ABodyThatThrowsNothingMayEndWithItsProcess) {
  Till till;
  const auto quiet = [&till]() noexcept {
    try {
      till.put("order-1");
    } catch (const std::exception&) {
      return 0;
    }
    return 1;
  };
  const auto handler = [&](DurableContext ctx) -> Task<> { co_await ctx.step("pay", quiet); };
  Scenario scenario("probe", handler);
  scenario.world(till);
  EXPECT_TRUE(explore(scenario).findings.empty());
}

TEST_F(MisuseTest, AnEffectInADestructorOfAFailingBodySwallowsNothing) {
  Till till;
  struct Undo {
    Till& till;
    ~Undo() { till.put("undo"); }
  };
  const auto failing = [&till] {
    try {
      const Undo undo{till};
      throw std::runtime_error("no money");
    } catch (const std::exception&) {
      return 0;
    }
    return 1;
  };
  const auto handler = [&](DurableContext ctx) -> Task<> { co_await ctx.step("pay", failing); };
  Scenario scenario("probe", handler);
  scenario.world(till);
  EXPECT_TRUE(explore(scenario).findings.empty());
}

TEST_F(MisuseTest, ANameThatIsTooLong) {
  expect_boundary(
      [](DurableContext ctx) -> Task<> {
        const std::string name(257, 'n');
        co_await ctx.step(name, [] {});
      },
      "1 to 256 printable ASCII characters");
}

TEST_F(MisuseTest, ADurationThatIsNone) {
  for (const absl::Duration duration :
       {absl::Seconds(-1), absl::ZeroDuration(), absl::Milliseconds(999), absl::Hours(24 * 367)}) {
    expect_boundary([duration](DurableContext ctx) -> Task<> { co_await ctx.wait("w", duration); },
                    "a wait must last");
  }
}

TEST_F(MisuseTest, ANegativeTimeout) {
  expect_boundary(
      [](DurableContext ctx) -> Task<> {
        CallbackOptions options;
        options.timeout(absl::Seconds(-5));
        auto create = ctx.create_callback("c", options);
        co_await create;
      },
      "must not be negative");
}

TEST_F(MisuseTest, ADurationThatIsNoneOnlyInAReplayIsADivergence) {
  Host host;
  const absl::Time midnight = absl::FromUnixSeconds(1767225600) + absl::Hours(24);
  Scenario scenario("probe", [&](DurableContext ctx) -> Task<> {
    co_await ctx.wait("until-midnight", midnight - host.now());
  });
  scenario.world(host);
  const Exploration exploration = explore(scenario);
  ASSERT_THAT(verdicts(exploration), ElementsAre("DIVERGENT_ARG probe/until-midnight#1 0"));
  EXPECT_EQ(exploration.findings[0].finding.what,
            "called with seconds=0, recorded with seconds=86400");
}

TEST_F(MisuseTest, ATimeoutThatIsNegativeOnlyInAReplayIsADivergence) {
  bool invoked = false;
  Scenario scenario("probe", [&invoked](DurableContext ctx) -> Task<> {
    CallbackOptions options;
    options.timeout(std::exchange(invoked, true) ? absl::Seconds(-5) : absl::Seconds(5));
    auto create = ctx.create_callback("c", options);
    const Callback<> callback = co_await create;
    auto answer = callback.try_result();
    (void)co_await answer;
  });
  EXPECT_THAT(incidents_of(scenario), ElementsAre(Incident::Kind::kArguments));
}

TEST_F(MisuseTest, ABoundThatMeansNothingOnlyInAReplayIsADivergence) {
  bool invoked = false;
  Scenario scenario("probe", [&invoked](DurableContext ctx) -> Task<> {
    BatchOptions options;
    options.max_concurrency(std::exchange(invoked, true) ? 0 : 1);
    const auto body = [](DurableContext item, int) -> Task<> {
      co_await item.wait("pause", absl::Hours(1));
    };
    const std::vector<int> items = {1, 2};
    co_await ctx.map("m", items, body, options);
  });
  EXPECT_THAT(incidents_of(scenario), ElementsAre(Incident::Kind::kArguments));
}

TEST_F(MisuseTest, ANameThatIsNoneOnlyInAReplayIsADivergence) {
  bool invoked = false;
  Scenario scenario("probe", [&invoked](DurableContext ctx) -> Task<> {
    const std::string name = std::exchange(invoked, true) ? "" : "pause";
    co_await ctx.wait(name, absl::Hours(1));
  });
  EXPECT_THAT(incidents_of(scenario), ElementsAre(Incident::Kind::kDivergence));
}

TEST_F(MisuseTest, NoConcurrencyAtAll) {
  expect_boundary(
      [](DurableContext ctx) -> Task<> {
        const std::vector<int> items = {1};
        const auto body = [](DurableContext, int item) -> Task<int> { co_return item; };
        BatchOptions options;
        options.max_concurrency(0);
        co_await ctx.map("m", items, body, options);
      },
      "max_concurrency must be 1 or more");
}

TEST_F(MisuseTest, FractionsOfASecondAreRoundedUp) {
  Scenario scenario("probe", [](DurableContext ctx) -> Task<> {
    co_await ctx.wait("w", absl::Milliseconds(1001));
  });
  EXPECT_EQ(run(scenario).virtual_ms, 2000);
}

TEST_F(MisuseTest, NothingToDoIsAnEmptyResult) {
  const ExecutionOutcome outcome = outcome_of([](DurableContext ctx) -> Task<std::size_t> {
    const Branches<int> none;
    const BatchResult<int> batch = co_await ctx.parallel("p", none);
    co_return batch.total_count();
  });
  EXPECT_EQ(outcome.result, "0");
}

TEST_F(MisuseTest, AResultOverTheLimit) {
  EXPECT_EQ(error_of([](DurableContext ctx) -> Task<std::size_t> {
              const std::string text =
                  co_await ctx.step("large", [] { return std::string(256 * 1024, 'x'); });
              co_return text.size();
            }),
            "CheckpointError");
}

TEST_F(MisuseTest, MoreOperationsThanAnExecutionMayHave) {
  EXPECT_EQ(error_of([](DurableContext ctx) -> Task<> {
              for (int i = 0; i < 3001; ++i) co_await ctx.step("s", [] {});
            }),
            "CheckpointError");
}

}  // namespace
}  // namespace reprise
