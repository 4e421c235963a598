// ID: idempotency and external effects.

#include <absl/strings/str_cat.h>

#include <nlohmann/json.hpp>
#include <random>

#include "scenarios/zoo/pairs.h"

namespace scenarios::zoo {
namespace {

using reprise::fakes::attribute_not_exists;
using reprise::fakes::PaymentState;

/// ID01: a crash between the effect and its record makes the effect again.
template <Twin twin>
struct Debit {
  PaymentService payments;

  Scenario scenario() {
    auto order = [this](DurableContext ctx, std::string id) -> Task<std::string> {
      const std::string key = twin == Twin::kBuggy ? "" : "debit/" + id;
      std::string payment = co_await ctx.step(
          "debit", [&] { return payments.authorise(id, "4242-4242", 1000, key).payment_id; });
      co_return payment;
    };
    Scenario scenario("order", order, std::string("order-1"));
    scenario.world(payments);
    return scenario;
  }
};

/// ID02: each attempt has a key of its own.
template <Twin twin>
struct KeyPerAttempt {
  PaymentService payments;

  static std::string uuid4() {
    std::random_device device;
    return absl::StrCat(absl::Hex(device(), absl::kZeroPad8), "-",
                        absl::Hex(device(), absl::kZeroPad8));
  }

  Scenario scenario() {
    auto order = [this](DurableContext ctx, std::string id) -> Task<std::string> {
      std::string key;
      if constexpr (twin == Twin::kFixed) {
        key = co_await ctx.step("key", [] { return uuid4(); });
      }
      std::string payment = co_await ctx.step("debit", [&] {
        return payments.authorise(id, "4242-4242", 1000, key.empty() ? uuid4() : key).payment_id;
      });
      co_return payment;
    };
    Scenario scenario("order", order, std::string("order-1"));
    scenario.world(payments);
    return scenario;
  }
};

/// ID04: looks whether it was done, does it, and notes that it was.
template <Twin twin>
struct LookThenSend {
  Table sent{"sent"};
  Mailer mailer;

  Scenario scenario() {
    auto remind = [this](DurableContext ctx, std::string invoice) -> Task<> {
      const std::string key = twin == Twin::kBuggy ? "" : "remind/" + invoice;
      co_await ctx.step("remind", [&] {
        if (sent.contains(invoice)) return;
        mailer.send("ann@example.com", "Reminder", invoice, key);
        sent.put(invoice, {{"reminded", true}});
      });
    };
    Scenario scenario("remind", remind, std::string("inv-7"));
    scenario.world(sent, mailer);
    return scenario;
  }
};

/// ID05: three effects and one record.
template <Twin twin>
struct ThreeInOne {
  PaymentService payments;
  Mailer mailer;
  Table orders{"orders"};

  Scenario scenario() {
    auto order = [this](DurableContext ctx, std::string id) -> Task<> {
      const auto charge = [&](const std::string& key) {
        payments.authorise(id, "4242-4242", 1200, key);
      };
      const auto mail = [&] { mailer.send("ann@example.com", "Thanks", id, "thanks/" + id); };
      const auto write = [&] { orders.put(id, {{"status", "paid"}}); };
      if constexpr (twin == Twin::kBuggy) {
        co_await ctx.step("complete", [&] {
          charge("");
          mail();
          write();
        });
      } else {
        co_await ctx.step("charge", [&] { charge("charge/" + id); });
        co_await ctx.step("mail", mail);
        co_await ctx.step("write", write);
      }
    };
    Scenario scenario("order", order, std::string("order-1"));
    scenario.world(payments, mailer, orders);
    return scenario;
  }
};

/// ID06: an at-most-once charge that was interrupted counts as made.
template <Twin twin>
struct InterruptedCharge {
  PaymentService payments;
  Mailer mailer;

  bool paid(const std::string& id) const { return !payments.payments_of(id).empty(); }
  bool shipped() const { return !mailer.outbox().empty(); }

  Scenario scenario() {
    auto order = [this](DurableContext ctx, std::string id) -> Task<std::string> {
      StepOptions once;
      once.semantics(reprise::StepSemantics::kAtMostOncePerRetry).retry(reprise::retry::none());
      const auto charge = [&] { return payments.authorise(id, "4242-4242", 1200).payment_id; };
      Outcome<std::string> payment = co_await ctx.try_step("charge", charge, once);
      bool is_paid =
          payment.ok() || payment.error().kind() == reprise::DurableErrorKind::kStepInterrupted;
      if constexpr (twin == Twin::kFixed) {
        is_paid = co_await ctx.step("ask-the-bank", [&] { return paid(id); });
      }
      if (!is_paid) co_return std::string("not paid");
      co_await ctx.step("ship", [&] { mailer.send("depot", "Ship", id, "ship/" + id); });
      co_return std::string("shipped");
    };
    Scenario scenario("order", order, std::string("order-1"));
    scenario.world(payments, mailer);
    scenario.at_end(
        "what is shipped is paid", [this] { return !shipped() || paid("order-1"); }, "LOST_EFFECT");
    return scenario;
  }
};

/// ID07: what gives the goods back gives them back twice.
template <Twin twin>
struct RestoreStock {
  Table stock{"stock"};
  PaymentService payments;

  Scenario scenario() {
    stock.put("lamp", {{"left", 5}});
    payments.decline_card("4000-0002", "insufficient funds");
    auto order = [this](DurableContext ctx, std::string id) -> Task<std::string> {
      co_await ctx.step("take", [&] {
        const std::string mark = "taken:" + id;
        stock.update("lamp", Update().add("left", -1).set(mark, 1), attribute_not_exists(mark));
      });
      const bool paid = co_await ctx.step(
          "pay", [&] { return payments.authorise(id, "4000-0002", 1200, "pay/" + id).ok(); });
      if (paid) co_return std::string("paid");
      co_await ctx.step("give-back", [&] {
        const std::string mark = "returned:" + id;
        if constexpr (twin == Twin::kBuggy) {
          stock.update("lamp", Update().add("left", 1).set(mark, 1));
        } else {
          stock.update("lamp", Update().add("left", 1).set(mark, 1), attribute_not_exists(mark));
        }
      });
      co_return std::string("declined");
    };
    Scenario scenario("order", order, std::string("order-1"));
    scenario.world(stock, payments);
    return scenario;
  }
};

}  // namespace

std::span<const ZooEntry> id_entries() {
  static const ZooEntry entries[] = {
      pair<Debit>(
          {"ID01", "non-idempotent-step", Verdict::kDuplicateEffect, Mechanism::kCrashes, "none"}),
      pair<KeyPerAttempt>({"ID02", "key-minted-per-attempt", Verdict::kDuplicateEffect,
                           Mechanism::kFaults, "none"}),
      pair<LookThenSend>(
          {"ID04", "check-then-act", Verdict::kDuplicateEffect, Mechanism::kCrashes, "none"}),
      pair<ThreeInOne>({"ID05", "several-effects-in-one-step", Verdict::kDuplicateEffect,
                        Mechanism::kCrashes, "none"}),
      pair<InterruptedCharge>(
          {"ID06", "at-most-once-misread", Verdict::kLostEffect, Mechanism::kCrashes, "none"}),
      pair<RestoreStock>({"ID07", "compensation-runs-twice", Verdict::kDuplicateEffect,
                          Mechanism::kCrashes, "none"}),
  };
  return entries;
}

}  // namespace scenarios::zoo
