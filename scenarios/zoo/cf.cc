// CF: control flow, and which operation is which.

#include <absl/strings/str_cat.h>

#include <source_location>

#include "scenarios/zoo/pairs.h"

namespace scenarios::zoo {
namespace {

/// CF01: an audit line is written once, the author thinks.
template <Twin twin>
struct AuditOnce {
  Mailer mailer;

  Scenario scenario() {
    auto approve = [this](DurableContext ctx, std::string claim) -> Task<> {
      if (twin == Twin::kFixed || !ctx.is_replaying()) {
        co_await ctx.step("audit", [&] { mailer.send("audit", "Opened", claim, "a/" + claim); });
      }
      co_await ctx.step("assess", [&] { mailer.send("clerk", "Assess", claim, "c/" + claim); });
      co_await ctx.wait("objections", absl::Hours(24 * 7));
      co_await ctx.step("pay", [&] { mailer.send("bank", "Pay", claim, "p/" + claim); });
    };
    Scenario scenario("approve", approve, std::string("claim-1"));
    scenario.world(mailer);
    return scenario;
  }
};

/// CF03: the name of an operation is the line on which it stands, and a comment moves it.
template <Twin twin, Version version>
struct NamedByLine {
  Mailer mailer;

  static std::string named(const std::string& name,
                           std::source_location place = std::source_location::current()) {
    return twin == Twin::kBuggy ? absl::StrCat("line-", place.line()) : name;
  }

  Task<> notify(DurableContext ctx, std::string order) {
    co_await ctx.step(named("pack"), [&] { mailer.send("depot", "Pack", order, "p/" + order); });
    co_await ctx.wait(named("packed"), absl::Hours(4));
    co_await ctx.step(named("tell"), [&] { mailer.send("ann", "Packed", order, "t/" + order); });
  }
  Task<> notify_commented(DurableContext ctx, std::string order) {
    // The depot packs what it is told to pack.
    co_await ctx.step(named("pack"), [&] { mailer.send("depot", "Pack", order, "p/" + order); });
    co_await ctx.wait(named("packed"), absl::Hours(4));
    co_await ctx.step(named("tell"), [&] { mailer.send("ann", "Packed", order, "t/" + order); });
  }

  Scenario scenario() {
    const auto run = [this](DurableContext ctx, std::string order) {
      return version == Version::kBefore ? notify(ctx, std::move(order))
                                         : notify_commented(ctx, std::move(order));
    };
    Scenario scenario("notify", run, std::string("order-1"));
    scenario.world(mailer);
    return scenario;
  }
};

/// CF04: a deploy inserts a step before the point that executions under way have reached.
template <Version version>
struct InsertedStep {
  PaymentService payments;
  Mailer mailer;

  Scenario scenario() {
    auto order = [this](DurableContext ctx, std::string id) -> Task<> {
      std::string payment = co_await ctx.step("authorise", [&] {
        return payments.authorise(id, "4242-4242", 1200, "authorise/" + id).payment_id;
      });
      if (version == Version::kBuggy) {
        co_await ctx.step("screen", [&] { mailer.send("fraud", "Screen", id, "screen/" + id); });
      }
      co_await ctx.wait("cool-down", absl::Hours(1));
      co_await ctx.step("capture", [&] { payments.capture(payment, 1200, "capture/" + id); });
      if (version == Version::kFixed) {
        co_await ctx.step("screen", [&] { mailer.send("fraud", "Screen", id, "screen/" + id); });
      }
    };
    Scenario scenario("order", order, std::string("order-1"));
    scenario.world(payments, mailer);
    return scenario;
  }
};

/// CF05: the configuration is read again in each replay, and somebody changes it meanwhile.
template <Twin twin>
struct CoolDown {
  Table config{"config"};
  Mailer mailer;

  int seconds() const { return config.get("cool-down").value("seconds", 60); }

  Scenario scenario() {
    config.put("cool-down", {{"seconds", 300}});
    auto cancel = [this](DurableContext ctx, std::string contract) -> Task<> {
      int pause = 0;
      if constexpr (twin == Twin::kBuggy) {
        pause = seconds();
      } else {
        pause = co_await ctx.step("pause", [&] { return seconds(); });
      }
      co_await ctx.wait("cool-down", absl::Seconds(pause));
      co_await ctx.step("cancel",
                        [&] { mailer.send("ann", "Cancelled", contract, "c/" + contract); });
    };
    Scenario scenario("cancel", cancel, std::string("contract-1"));
    scenario.external_event(
        "the pause is made longer", [] { return true; },
        [this] {
          config.put("cool-down", {{"seconds", 600}});
        });
    scenario.world(config, mailer);
    return scenario;
  }
};

/// CF06: an operation in the body of another.
template <Twin twin>
struct StepInStep {
  PaymentService payments;
  Mailer mailer;

  Scenario scenario() {
    auto order = [this](DurableContext ctx, std::string id) -> Task<> {
      const auto mail = [&] { mailer.send("ann@example.com", "Paid", id, "mail/" + id); };
      co_await ctx.step("pay", [&] {
        payments.authorise(id, "4242-4242", 1200, "pay/" + id);
        if constexpr (twin == Twin::kBuggy) {
          [[maybe_unused]] auto inner = ctx.step("mail", mail);
        }
      });
      if constexpr (twin == Twin::kFixed) co_await ctx.step("mail", mail);
    };
    Scenario scenario("order", order, std::string("order-1"));
    scenario.world(payments, mailer);
    return scenario;
  }
};

}  // namespace

std::span<const ZooEntry> cf_entries() {
  static const ZooEntry entries[] = {
      pair<AuditOnce>({"CF01", "branch-on-replaying-flag", Verdict::kDivergentOp,
                       Mechanism::kOperations, "run time only", "cf.cc:"}),
      {"CF03", "name-from-line-or-closure-type", Verdict::kDivergentOp, Mechanism::kVersions,
       "stored histories only", "cf.cc:", make_specimen<NamedByLine<Twin::kBuggy, Version::kBuggy>>,
       make_specimen<NamedByLine<Twin::kFixed, Version::kFixed>>,
       make_specimen<NamedByLine<Twin::kBuggy, Version::kBefore>>,
       make_specimen<NamedByLine<Twin::kFixed, Version::kBefore>>},
      versions<InsertedStep>({"CF04", "op-sequence-edited-while-in-flight", Verdict::kDivergentOp,
                              Mechanism::kVersions, "stored histories only", "step \"screen\""}),
      pair<CoolDown>({"CF05", "argument-drift-under-same-identity", Verdict::kDivergentArg,
                      Mechanism::kArguments, "partial", "cool-down#1 called cf.cc:"}),
      pair<StepInStep>({"CF06", "durable-op-inside-step-body", Verdict::kBoundary,
                        Mechanism::kBoundary, "dev-time", "called inside the body of step pay#1"}),
  };
  return entries;
}

}  // namespace scenarios::zoo
