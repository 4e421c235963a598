// One demonstration per mechanism: a wrong handler that is found with it, and not without it.  With
// --reprise_without=M8 the demonstration of M8 fails; check_mechanisms.py holds the table of
// docs/mechanisms.md to that.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "reprise/testing/explore_test_support.h"
#include "reprise/testing/testing.h"
#include "reprise/world/effect.h"
#include "reprise/world/host.h"

namespace reprise {
namespace {

using testing::Not;

/// Accounts that know idempotency keys, and a list of things that were done.
struct Bank {
  std::map<std::string, int> balances = {{"a", 100}};
  std::multiset<std::string> done;
  std::set<std::string> keys;

  int read(const std::string& account) const {
    observed("bank", account);
    const auto found = balances.find(account);
    return found == balances.end() ? 0 : found->second;
  }
  void write(const std::string& account, int balance) {
    effect({.target = "bank",
            .action = "write",
            .arguments = account + ", " + std::to_string(balance),
            .repeatable = true,
            .object = account},
           [&](EffectOutcome&) { balances[account] = balance; });
  }
  void act(const std::string& what, const std::string& key = "") {
    effect({.target = "bank", .action = what, .key = key, .object = what},
           [&](EffectOutcome& outcome) {
             if (!key.empty() && !keys.insert(key).second) {
               outcome.unchanged();
             } else {
               done.insert(what);
             }
           });
  }
  friend bool operator==(const Bank&, const Bank&) = default;
};

MATCHER_P(Shows, verdict, "shows " + std::string(to_string(verdict))) {
  bool shown = false;
  for (const ReportedFinding& reported : arg.findings) {
    *result_listener << to_string(reported.finding.verdict) << ": " << reported.finding.what << " ("
                     << describe(reported.schedule) << "); ";
    shown = shown || reported.finding.verdict == verdict;
  }
  return shown;
}

class Mechanisms : public testing::Test {
 protected:
  template <class H>
  Scenario scenario(H handler) {
    Scenario scenario("order", std::move(handler));
    scenario.world(bank_, host_);
    return scenario;
  }
  static void demonstrate(Mechanism mechanism, Scenario& scenario, Verdict verdict) {
    EXPECT_THAT(explore(scenario), Shows(verdict));
    scenario.without(mechanism);
    EXPECT_THAT(explore(scenario), Not(Shows(verdict))) << "another mechanism finds it too";
  }

  Bank bank_;
  Host host_;
};

TEST_F(Mechanisms, M1ComparesOperations) {
  Scenario audit = scenario([&](DurableContext ctx) -> Task<> {
    if (!ctx.is_replaying()) co_await ctx.step("audit", [&] { bank_.act("audit", "k"); });
    co_await ctx.step("ship", [&] { bank_.act("ship", "s"); });
  });
  demonstrate(Mechanism::kOperations, audit, Verdict::kDivergentOp);
}

TEST_F(Mechanisms, M2ComparesArguments) {
  host_.set_env("COOL_DOWN", "60", "90");
  Scenario wait = scenario([&](DurableContext ctx) -> Task<> {
    const int seconds = std::stoi(host_.env("COOL_DOWN"));
    co_await ctx.wait("cool-down", absl::Seconds(seconds));
  });
  demonstrate(Mechanism::kArguments, wait, Verdict::kDivergentArg);
}

TEST_F(Mechanisms, M3VariesWhatNoHistoryRecords) {
  Scenario fee = scenario([&](DurableContext ctx) -> Task<> {
    co_await ctx.step("bill", [&] { bank_.act("bill", "b"); });
    if (absl::ToUnixMillis(host_.now()) % 2 == 1) {
      co_await ctx.step("late-fee", [&] { bank_.act("fee", "f"); });
    }
  });
  demonstrate(Mechanism::kPerturbation, fee, Verdict::kDivergentOp);
}

// The guard itself has tests of its own, in a program that is linked with it.
TEST_F(Mechanisms, M4NamesCallsPastTheWorld) {
  Scenario nap = scenario([&](DurableContext ctx) -> Task<> {
    EffectSink::current()->ambient_call({AmbientKind::kSleep, "sleep", "order.cpp:1", ""});
    co_await ctx.step("bill", [&] { bank_.act("bill", "b"); });
  });
  demonstrate(Mechanism::kAmbientCalls, nap, Verdict::kAmbientCall);
}

TEST_F(Mechanisms, M5CrashesEverywhere) {
  Scenario debit = scenario([&](DurableContext ctx) -> Task<> {
    co_await ctx.step("debit", [&] { bank_.act("debit"); });
  });
  debit.without(Mechanism::kFaults).without(Mechanism::kOverlap);
  demonstrate(Mechanism::kCrashes, debit, Verdict::kDuplicateEffect);
}

TEST_F(Mechanisms, M6LetsCallsFail) {
  // A crash repeats the attempt and its random number; a retry draws another one.
  Scenario debit = scenario([&](DurableContext ctx) -> Task<> {
    co_await ctx.step("debit", [&] { bank_.act("debit", std::to_string(host_.entropy())); });
  });
  demonstrate(Mechanism::kFaults, debit, Verdict::kDuplicateEffect);
}

TEST_F(Mechanisms, M7ReplaysInOtherProcesses) {
  Scenario order = scenario([&](DurableContext ctx) -> Task<> {
    static bool first = true;
    if (first) {
      first = false;
      co_await ctx.step("set-up", [] {});
    }
    co_await ctx.step("ship", [&] { bank_.act("ship", "s"); });
  });
  demonstrate(Mechanism::kEnvironments, order, Verdict::kDivergentOp);
}

TEST_F(Mechanisms, M8OrdersBranches) {
  Scenario transfers = scenario([&](DurableContext ctx) -> Task<> {
    const auto take = [&](DurableContext branch) -> Task<int> {
      const int before = co_await branch.step("read", [&] { return bank_.read("a"); });
      co_await branch.step("write", [&, before] { bank_.write("a", before - 10); });
      co_return before;
    };
    Branches<int> branches;
    branches.add("rent", take).add("food", take);
    co_await ctx.parallel("bills", branches);
  });
  transfers.without(Mechanism::kCrashes).without(Mechanism::kFaults).without(Mechanism::kLimits);
  demonstrate(Mechanism::kBranches, transfers, Verdict::kUnstableOutcome);
}

/// A partner who answers a request as soon as he has it, through a table of those who wait.
struct Partner {
  bool asked = false;
  bool registered = false;
  bool answered = false;

  void ask() {
    effect({.target = "partner", .action = "ask", .repeatable = true},
           [&](EffectOutcome&) { asked = true; });
  }
  void expect() {
    effect({.target = "partner", .action = "register", .repeatable = true},
           [&](EffectOutcome&) { registered = true; });
  }
  friend bool operator==(const Partner&, const Partner&) = default;
};

TEST_F(Mechanisms, M9PlacesWhatArrives) {
  Partner partner;
  Scenario scan = scenario([&](DurableContext ctx) -> Task<> {
    co_await ctx.step("ask", [&] { partner.ask(); });
    co_await ctx.step("register", [&] { partner.expect(); });
    const auto check = [&](const bool&) { return partner.answered; };
    const auto strategy = [](const bool& answered, int attempt) {
      return answered || attempt > 3 ? WaitDecision::done()
                                     : WaitDecision::check_again_after(absl::Hours(1));
    };
    const bool answered =
        co_await ctx.wait_for_condition("answer", false, check, ConditionOptions<bool>(strategy));
    if (!answered) throw std::runtime_error("no answer");
  });
  scan.world(partner);
  // An answer that nobody waits for yet is lost.
  scan.external_event(
      "the answer", [&] { return partner.asked; }, [&] { partner.answered = partner.registered; });
  scan.at_end(
      "the answer is heard", [&] { return partner.answered; }, "LOST_EFFECT");
  // A fault takes time, in which the answer arrives.
  scan.without(Mechanism::kFaults).without(Mechanism::kOverlap);
  demonstrate(Mechanism::kArrivals, scan, Verdict::kLostEffect);
}

TEST_F(Mechanisms, M10LetsAnOldInvocationLiveOn) {
  // Nothing happens between the look and the act, except somebody else.
  Scenario insert = scenario([&](DurableContext ctx) -> Task<> {
    co_await ctx.step("insert", [&] {
      if (bank_.done.count("insert") == 0) bank_.act("insert");
    });
  });
  demonstrate(Mechanism::kOverlap, insert, Verdict::kDuplicateEffect);
}

TEST_F(Mechanisms, M11ReplaysOldHistories) {
  const auto version = [&](const char* name) {
    return scenario([this, name](DurableContext ctx) -> Task<> {
      co_await ctx.step(name, [&] { bank_.act("pay", "p"); });
      co_await ctx.wait("pause", absl::Hours(1));
    });
  };
  Scenario before = version("charge");
  Scenario after = version("pay");
  EXPECT_FALSE(internal::check_upgradable("before", "after", before, after));
}

TEST_F(Mechanisms, M12HoldsTheHandlerToTheContract) {
  Scenario nested = scenario([&](DurableContext ctx) -> Task<> {
    co_await ctx.step("outer", [&] { (void)ctx.wait("inner", absl::Seconds(1)); });
  });
  demonstrate(Mechanism::kBoundary, nested, Verdict::kBoundary);
}

TEST_F(Mechanisms, M13MovesQuotasToTheData) {
  // A small result of a context is stored; a large one is made again in each replay.
  Scenario invoked = scenario([&](DurableContext ctx) -> Task<> {
    const auto body = [&](DurableContext child) -> Task<std::string> {
      const std::string rows = co_await child.step("rows", [] { return std::string("rows"); });
      co_return rows + absl::FormatTime(host_.now());
    };
    const std::string made = co_await ctx.run_in_child_context("report", body);
    co_await ctx.invoke<int>("send", "send", made);
  });
  invoked.function("send", [](const std::string&) { return 1; });
  demonstrate(Mechanism::kLimits, invoked, Verdict::kLimit);
}

TEST_F(Mechanisms, M16WantsEveryExecutionToEnd) {
  Scenario waits = scenario([&](DurableContext ctx) -> Task<> {
    co_await ctx.wait_for_callback("approve", [](const std::string&) {});
  });
  demonstrate(Mechanism::kProgress, waits, Verdict::kStuck);
}

TEST_F(Mechanisms, M17FollowsCanaries) {
  std::unique_ptr<std::string> cache;
  Scenario tenants("order");
  tenants.durable_function("order", [&](DurableContext ctx, std::string tenant) -> Task<> {
    if (!cache) cache = std::make_unique<std::string>(tenant);
    const std::string session = *cache;
    co_await ctx.step("greet", [&] { bank_.act("greet " + session, "greet"); });
  });
  tenants.start("a", "order", std::string("tenant-a")).start("b", "order", std::string("tenant-b"));
  tenants.world(bank_).canary("a", "tenant-a").canary("b", "tenant-b");
  EXPECT_THAT(explore(tenants), Shows(Verdict::kLeak));
  cache.reset();
  tenants.without(Mechanism::kCanaries);
  EXPECT_THAT(explore(tenants), Not(Shows(Verdict::kLeak)));
}

TEST_F(Mechanisms, M18ComparesWithRunsWithoutFaults) {
  Scenario sum = scenario([&](DurableContext ctx) -> Task<int> {
    int total = 0;
    co_await ctx.step("sum", [&] { total = 42; });
    co_return total;
  });
  demonstrate(Mechanism::kRefinement, sum, Verdict::kUnstableOutcome);
}

/// Written in cents and read as if it were euros.
struct Price {
  double euros = 0;
};
void to_json(nlohmann::json& json, const Price& price) { json = price.euros * 100; }
void from_json(const nlohmann::json& json, Price& price) { price.euros = json.get<double>(); }

TEST_F(Mechanisms, M19EncodesAndDecodesWhatIsLive) {
  Scenario quote = scenario([&](DurableContext ctx) -> Task<> {
    (void)co_await ctx.step("quote", [] { return Price{3}; });
  });
  demonstrate(Mechanism::kRoundTrip, quote, Verdict::kUnstableOutcome);
}

}  // namespace
}  // namespace reprise
