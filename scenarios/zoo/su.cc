// SU: suspension and errors.

#include <chrono>
#include <thread>

#include "scenarios/zoo/pairs.h"

namespace scenarios::zoo {
namespace {

/// SU01: catches everything, and with it what is not the author's.  A suspension is no exception in
/// this API, so no `catch` around an await sees it; what a `catch (...)` can take is what travels
/// through a step body.
template <Twin twin>
struct CatchAll {
  PaymentService payments;

  Scenario scenario() {
    auto order = [this](DurableContext ctx, std::string id) -> Task<std::string> {
      const auto pay = [&] {
        const auto authorise = [&] {
          return payments.authorise(id, "4242-4242", 1200, "pay/" + id).payment_id;
        };
        if constexpr (twin == Twin::kBuggy) {
          try {
            return authorise();
          } catch (...) {
            return std::string("cash on delivery");
          }
        } else {
          try {
            return authorise();
          } catch (const std::exception&) {
            return std::string("cash on delivery");
          }
        }
      };
      std::string payment = co_await ctx.step("pay", pay);
      co_await ctx.wait("cool-down", absl::Hours(1));
      co_return payment;
    };
    Scenario scenario("order", order, std::string("order-1"));
    scenario.world(payments);
    return scenario;
  }
};

/// SU02: a helper promises not to throw, and what it calls does.
template <Twin twin>
struct NoexceptHelper {
  Mailer mailer;

  void tell(const std::string& order) noexcept(twin == Twin::kBuggy) {
    mailer.send("ann@example.com", "Shipped", order, "shipped/" + order);
  }

  Scenario scenario() {
    auto ship = [this](DurableContext ctx, std::string order) -> Task<> {
      co_await ctx.step("tell", [&] { tell(order); });
      co_await ctx.wait("transport", absl::Hours(48));
    };
    Scenario scenario("ship", ship, std::string("order-1"));
    scenario.world(mailer);
    return scenario;
  }
};

/// SU04: waits by blocking the process.
template <Twin twin>
struct BlockingSleep {
  Mailer mailer;

  Scenario scenario() {
    auto remind = [this](DurableContext ctx, std::string who) -> Task<> {
      co_await ctx.step("ask", [&] { mailer.send(who, "Please confirm", "", "ask/" + who); });
      if constexpr (twin == Twin::kBuggy) {
        std::this_thread::sleep_for(std::chrono::minutes(10));
      } else {
        co_await ctx.wait("pause", absl::Minutes(10));
      }
      co_await ctx.step("remind", [&] { mailer.send(who, "Reminder", "", "remind/" + who); });
    };
    Scenario scenario("remind", remind, std::string("ann@example.com"));
    scenario.world(mailer);
    return scenario;
  }
};

/// SU05: starts an operation and never awaits it.
template <Twin twin>
struct NeverAwaited {
  PaymentService payments;
  Mailer mailer;

  Scenario scenario() {
    auto order = [this](DurableContext ctx, std::string id) -> Task<std::string> {
      std::string payment = co_await ctx.step(
          "pay", [&] { return payments.authorise(id, "4242-4242", 1200, "pay/" + id).payment_id; });
      auto audit = ctx.step("audit", [&] { mailer.send("audit", "Paid", id, "audit/" + id); });
      if constexpr (twin == Twin::kFixed) co_await audit;
      co_return payment;
    };
    Scenario scenario("order", order, std::string("order-1"));
    scenario.world(payments, mailer);
    return scenario;
  }
};

}  // namespace

std::span<const ZooEntry> su_entries() {
  static const ZooEntry entries[] = {
      pair<CatchAll>({"SU01", "catch-all-swallows-suspension", Verdict::kBoundary,
                      Mechanism::kBoundary, "none"}),
      pair<NoexceptHelper>({"SU02", "suspension-crosses-noexcept", Verdict::kBoundary,
                            Mechanism::kBoundary, "none"}),
      pair<BlockingSleep>({"SU04", "blocking-sleep-instead-of-wait", Verdict::kAmbientCall,
                           Mechanism::kAmbientCalls, "dev-time"}),
      pair<NeverAwaited>(
          {"SU05", "op-never-awaited", Verdict::kBoundary, Mechanism::kBoundary, "none"}),
  };
  return entries;
}

}  // namespace scenarios::zoo
