// Correct code that looks wrong: whatever is reported of it is a false alarm.  And the canary,
// which must always be reported.

#include <absl/strings/str_cat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <unordered_map>
#include <utility>
#include <vector>

#include "scenarios/zoo/pairs.h"

namespace scenarios::zoo {
namespace {

/// X00: charges without a key.
struct Canary {
  PaymentService payments;

  Scenario scenario() {
    auto order = [this](DurableContext ctx, std::string id) -> Task<> {
      co_await ctx.step("charge", [&] { payments.authorise(id, "4242-4242", 1200); });
    };
    Scenario scenario("order", order, std::string("order-1"));
    scenario.world(payments);
    return scenario;
  }
};

/// X01: clock and host only go into a line of the log.
struct LoggedClock {
  Mailer mailer;

  Scenario scenario() {
    auto ship = [this](DurableContext ctx, std::string order) -> Task<> {
      char host[64] = "";
      gethostname(host, sizeof host - 1);
      ctx.logger().info(absl::StrCat("woken at ", std::time(nullptr), " on ", host));
      co_await ctx.step("label", [&] { mailer.send("depot", "Label", order, "label/" + order); });
      co_await ctx.wait("transport", absl::Hours(48));
      ctx.logger().info(absl::StrCat("arrived at ", std::time(nullptr)));
    };
    Scenario scenario("ship", ship, std::string("order-1"));
    scenario.world(mailer);
    return scenario;
  }
};

/// X02: the hash table is sorted before anything follows from its order.
struct SortedByKey {
  Table stock{"stock"};

  Scenario scenario() {
    auto reserve = [this](DurableContext ctx, std::vector<std::string> articles) -> Task<> {
      std::unordered_map<std::string, int> counted;
      for (const std::string& article : articles) ++counted[article];
      std::vector<std::pair<std::string, int>> sorted(counted.begin(), counted.end());
      std::sort(sorted.begin(), sorted.end());
      for (const auto& line : sorted) {
        co_await ctx.step("reserve-" + line.first, [&] {
          stock.put("reserved/" + line.first, {{"quantity", line.second}});
        });
      }
    };
    Scenario scenario("reserve", reserve,
                      std::vector<std::string>{"lamp", "desk", "chair", "lamp"});
    scenario.world(stock);
    return scenario;
  }
};

/// X03: clock, entropy and environment in the body of a step, whose result is recorded.
struct AmbientInStep {
  Mailer mailer;

  Scenario scenario() {
    auto invite = [this](DurableContext ctx, std::string who) -> Task<> {
      const std::string code = co_await ctx.step("code", [] {
        std::random_device device;
        const char* region = std::getenv("AWS_REGION");
        const auto now = std::chrono::system_clock::now().time_since_epoch().count();
        return absl::StrCat(region != nullptr ? region : "local", "-", now % 1000, "-",
                            device() % 1000);
      });
      co_await ctx.step("invite", [&] { mailer.send(who, "Your code", "", "invite/" + code); });
      co_await ctx.wait("valid", absl::Hours(24));
      co_await ctx.step("expire", [&] { mailer.send(who, "Expired", "", "expire/" + code); });
    };
    Scenario scenario("invite", invite, std::string("ann@example.com"));
    scenario.world(mailer);
    return scenario;
  }
};

/// X04: a static cache of what never changes.
struct ConstantCache {
  Mailer mailer;

  static const std::map<std::string, std::string>& depots() {
    static const std::map<std::string, std::string> table = {{"north", "depot-1"},
                                                             {"south", "depot-2"}};
    return table;
  }

  Scenario scenario() {
    auto ship = [this](DurableContext ctx, std::string region) -> Task<> {
      const std::string depot = depots().at(region);
      co_await ctx.step("label-" + depot,
                        [&] { mailer.send(depot, "Label", "", "label/" + region); });
      co_await ctx.wait("transport", absl::Hours(48));
    };
    Scenario scenario("ship", ship, std::string("south"));
    scenario.world(mailer);
    return scenario;
  }
};

/// X06: the delay of a retry is drawn, by a declared strategy.
struct JitteredRetry {
  PaymentService payments;

  Scenario scenario() {
    payments.busy_next(2);
    auto order = [this](DurableContext ctx, std::string id) -> Task<std::string> {
      StepOptions patient;
      patient.retry(reprise::ExponentialBackoff()
                        .max_attempts(10)
                        .initial_delay(absl::Seconds(2))
                        .jitter(reprise::Jitter::kFull));
      const auto pay = [&] {
        const auto answer = payments.authorise(id, "4242-4242", 1200, "pay/" + id);
        if (!answer.ok()) throw reprise::ApplicationError("Busy", answer.message);
        return answer.payment_id;
      };
      std::string payment = co_await ctx.step("pay", pay, patient);
      co_return payment;
    };
    Scenario scenario("order", order, std::string("order-1"));
    scenario.world(payments);
    return scenario;
  }
};

/// X08: asks twice with one key, and the service recognises the second time.
struct SameKeyTwice {
  PaymentService payments;

  Scenario scenario() {
    auto order = [this](DurableContext ctx, std::string id) -> Task<> {
      const auto pay = [&] { payments.authorise(id, "4242-4242", 1200, "pay/" + id); };
      co_await ctx.step("pay", pay);
      co_await ctx.wait("settle", absl::Hours(1));
      co_await ctx.step("pay-again", pay);
    };
    Scenario scenario("order", order, std::string("order-1"));
    scenario.world(payments);
    return scenario;
  }
};

/// Speaks up when a scope is left by an exception; a suspension is none.
class FailureNote {
 public:
  explicit FailureNote(reprise::Logger logger)
      : logger_(std::move(logger)), exceptions_(std::uncaught_exceptions()) {}
  FailureNote(const FailureNote&) = delete;
  ~FailureNote() {
    if (done_ || std::uncaught_exceptions() == exceptions_) return;
    logger_.error("the order failed");
  }
  void done() { done_ = true; }

 private:
  reprise::Logger logger_;
  int exceptions_;
  bool done_ = false;
};

/// X10: a guard that acts only where the scope is really left.
struct CarefulGuard {
  Mailer mailer;

  Scenario scenario() {
    auto order = [this](DurableContext ctx, std::string id) -> Task<> {
      FailureNote note(ctx.logger());
      co_await ctx.step("accept", [&] { mailer.send("ann", "Accepted", id, "accept/" + id); });
      co_await ctx.wait("packing", absl::Hours(4));
      co_await ctx.step("ship", [&] { mailer.send("ann", "Shipped", id, "ship/" + id); });
      note.done();
    };
    Scenario scenario("order", order, std::string("order-1"));
    scenario.world(mailer);
    return scenario;
  }
};

/// X11: a read is repeated after a crash, and changes nothing.
struct RepeatedRead {
  Table orders{"orders"};
  Mailer mailer;

  Scenario scenario() {
    orders.put("order-1", {{"status", "paid"}});
    auto report = [this](DurableContext ctx, std::string id) -> Task<> {
      const std::string status =
          co_await ctx.step("read", [&] { return orders.get(id).at("status").get<std::string>(); });
      co_await ctx.wait("evening", absl::Hours(6));
      co_await ctx.step("report", [&] { mailer.send("boss", status, id, "report/" + id); });
    };
    Scenario scenario("report", report, std::string("order-1"));
    scenario.world(orders, mailer);
    return scenario;
  }
};

/// X13: what loses a race may stay open.
struct LoserLeftOpen {
  Mailer mailer;

  Scenario scenario() {
    auto decide = [this](DurableContext ctx, std::string order) -> Task<std::string> {
      const auto ask = [&](const std::string& id) { mailer.send("boss", "?", id, "ask/" + order); };
      const auto silence = [](DurableContext child) -> Task<std::string> {
        co_await child.wait("one-day", absl::Hours(24));
        co_return std::string("nobody said no");
      };
      auto answer = ctx.wait_for_callback("answer", ask);
      auto nothing = ctx.run_in_child_context("silence", silence);
      std::string decision = co_await ctx.race("decision", answer, nothing);
      co_return decision;
    };
    Scenario scenario("decide", decide, std::string("order-1"));
    scenario.answer_callback("answer", "no", absl::Hours(72));
    scenario.world(mailer);
    return scenario;
  }
};

/// X15: a new step behind everything that executions under way have reached.
template <Version version>
struct AppendedStep {
  PaymentService payments;
  Mailer mailer;

  Scenario scenario() {
    auto order = [this](DurableContext ctx, std::string id) -> Task<> {
      co_await ctx.step("pay", [&] { payments.authorise(id, "4242-4242", 1200, "pay/" + id); });
      co_await ctx.wait("transport", absl::Hours(48));
      if (version == Version::kFixed) {
        co_await ctx.step("survey", [&] { mailer.send("ann", "Well?", id, "survey/" + id); });
      }
    };
    Scenario scenario("order", order, std::string("order-1"));
    scenario.world(payments, mailer);
    return scenario;
  }
};

template <class Definition>
ZooEntry decoy(std::string_view id, std::string_view name, Mechanism mechanism) {
  return {id, name, std::nullopt, mechanism, "", "", nullptr, make_specimen<Definition>};
}

}  // namespace

std::span<const ZooEntry> decoys() {
  static const ZooEntry entries[] = {
      {"X00", "canary", Verdict::kDuplicateEffect, Mechanism::kCrashes, "", "",
       make_specimen<Canary>},
      decoy<LoggedClock>("X01", "clock-only-logged", Mechanism::kAmbientCalls),
      decoy<SortedByKey>("X02", "hash-table-sorted", Mechanism::kPerturbation),
      decoy<AmbientInStep>("X03", "ambient-calls-in-step", Mechanism::kAmbientCalls),
      decoy<ConstantCache>("X04", "constant-static-cache", Mechanism::kEnvironments),
      decoy<JitteredRetry>("X06", "declared-jitter", Mechanism::kArguments),
      decoy<SameKeyTwice>("X08", "same-key-twice", Mechanism::kCrashes),
      decoy<CarefulGuard>("X10", "careful-guard", Mechanism::kBoundary),
      decoy<RepeatedRead>("X11", "repeated-read", Mechanism::kCrashes),
      decoy<LoserLeftOpen>("X13", "loser-left-open", Mechanism::kBoundary),
      {"X15", "op-appended", std::nullopt, Mechanism::kVersions, "", "", nullptr,
       make_specimen<AppendedStep<Version::kFixed>>, make_specimen<AppendedStep<Version::kBefore>>},
  };
  return entries;
}

}  // namespace scenarios::zoo
