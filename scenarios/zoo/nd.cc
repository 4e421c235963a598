// ND: something outside the log decides.  These handlers call the clock, entropy and environment
// directly, as handlers do; the program that runs them is linked with reprise::guard.

#include <absl/strings/str_cat.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "scenarios/zoo/pairs.h"

namespace scenarios::zoo {
namespace {

std::int64_t unix_seconds() {
  using std::chrono::system_clock;
  return system_clock::to_time_t(system_clock::now());
}

std::string uuid4() {
  std::random_device device;
  const std::string first = absl::StrCat(absl::Hex(device(), absl::kZeroPad8), "-");
  return first + absl::StrCat(absl::Hex(device(), absl::kZeroPad8));
}

/// ND01: whoever pays after the term owes a fee; when that is, the process decides.
template <Twin twin>
struct LateFee {
  Mailer mailer;

  Scenario scenario() {
    auto dun = [this](DurableContext ctx, std::string invoice) -> Task<bool> {
      const std::int64_t due = co_await ctx.step("bill", [&] {
        mailer.send("ann@example.com", "Invoice", invoice, "bill/" + invoice);
        return unix_seconds() + 7 * 24 * 3600;
      });
      co_await ctx.wait("term", absl::Hours(7 * 24));
      bool late = false;
      if constexpr (twin == Twin::kBuggy) {
        late = unix_seconds() >= due;
      } else {
        late = co_await ctx.step("is-late", [&] { return unix_seconds() >= due; });
      }
      if (late) {
        co_await ctx.step("late-fee", [&] {
          mailer.send("ann@example.com", "Late fee", invoice, "fee/" + invoice);
        });
      }
      co_await ctx.wait("grace", absl::Hours(24));
      co_return late;
    };
    Scenario scenario("dun", dun, std::string("inv-7"));
    scenario.world(mailer);
    return scenario;
  }
};

/// ND02: a coin is thrown for the offer.
template <Twin twin>
struct CoinToss {
  Mailer mailer;

  static bool toss() {
    std::mt19937 generator{std::random_device{}()};
    return (generator() & 1U) != 0;
  }

  Scenario scenario() {
    auto offer = [this](DurableContext ctx, std::string customer) -> Task<> {
      bool heads = false;
      if constexpr (twin == Twin::kBuggy) {
        heads = toss();
      } else {
        heads = co_await ctx.step("toss", [&] { return toss(); });
      }
      if (heads) {
        co_await ctx.step("discount",
                          [&] { mailer.send(customer, "10 % off", "", "offer/" + customer); });
      } else {
        co_await ctx.step("gift",
                          [&] { mailer.send(customer, "A gift", "", "offer/" + customer); });
      }
      co_await ctx.wait("valid", absl::Hours(48));
    };
    Scenario scenario("offer", offer, std::string("ann@example.com"));
    scenario.world(mailer);
    return scenario;
  }
};

struct Charge {
  std::string key;
  std::string order;
  std::int64_t cents = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Charge, key, order, cents)

/// ND03: the same operation with a new key on every replay.
template <Twin twin>
struct FreshKey {
  PaymentService payments;

  Scenario scenario() {
    auto order = [](DurableContext ctx, std::string id) -> Task<std::string> {
      Charge charge;
      charge.order = id;
      charge.cents = 1200;
      if constexpr (twin == Twin::kBuggy) {
        charge.key = uuid4();
      } else {
        charge.key = co_await ctx.step("key", [] { return uuid4(); });
      }
      std::string payment = co_await ctx.invoke<std::string>("pay", "payments", charge);
      co_return payment;
    };
    Scenario scenario("order", order, std::string("order-1"));
    scenario.function("payments", [this](const Charge& charge) {
      return payments.authorise(charge.order, "4242-4242", charge.cents, charge.key).payment_id;
    });
    scenario.world(payments);
    return scenario;
  }
};

/// ND04: a flag in the environment chooses the path.
template <Twin twin>
struct FeatureFlag {
  Mailer mailer;

  Scenario scenario() {
    auto ship = [this](DurableContext ctx, std::string order) -> Task<> {
      bool new_flow = false;
      if constexpr (twin == Twin::kBuggy) {
        new_flow = std::getenv("NEW_FLOW") != nullptr;
      } else {
        new_flow = co_await ctx.step("flow", [] { return std::getenv("NEW_FLOW") != nullptr; });
      }
      if (new_flow) {
        co_await ctx.step("label-v2",
                          [&] { mailer.send("depot", "Label 2", order, "l/" + order); });
      } else {
        co_await ctx.step("label", [&] { mailer.send("depot", "Label", order, "l/" + order); });
      }
      co_await ctx.wait("transport", absl::Hours(48));
    };
    Scenario scenario("ship", ship, std::string("order-1"));
    scenario.world(mailer);
    return scenario;
  }
};

struct Line {
  std::string sku;
  int quantity = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Line, sku, quantity)

/// ND06: reserves in the order in which a hash table happens to list the articles.
template <Twin twin>
struct ReserveAll {
  template <class K, class V>
  using Quantities =
      std::conditional_t<twin == Twin::kBuggy, std::unordered_map<K, V>, std::map<K, V>>;
  Table stock{"stock"};

  Scenario scenario() {
    auto reserve = [this](DurableContext ctx, std::vector<Line> lines) -> Task<> {
      Quantities<std::string, int> quantities;
      for (const Line& line : lines) quantities[line.sku] += line.quantity;
      for (const auto& entry : quantities) {
        co_await ctx.step("reserve-" + entry.first, [&] {
          stock.put("reserved/" + entry.first, {{"quantity", entry.second}});
        });
      }
    };
    const std::vector<Line> lines = {{"lamp", 1}, {"desk", 2}, {"chair", 4}, {"lamp", 1}};
    Scenario scenario("reserve", reserve, lines);
    scenario.world(stock);
    return scenario;
  }
};

/// ND09: the last bit of a sum decides.
template <Twin twin>
struct FreeShipping {
  Mailer mailer;

  static bool reaches(const std::vector<double>& prices, double limit) {
    if constexpr (twin == Twin::kBuggy) {
      double total = 0;
      for (const double price : prices) total += price;
      return total >= limit;
    } else {
      std::int64_t total = 0;
      for (const double price : prices) total += std::llround(price * 100);
      return total >= std::llround(limit * 100);
    }
  }

  Scenario scenario() {
    auto checkout = [this](DurableContext ctx, std::vector<double> prices) -> Task<> {
      co_await ctx.step("confirm", [&] { mailer.send("ann@example.com", "Thanks", "", "c/1"); });
      if (reaches(prices, 1.0)) {
        co_await ctx.step("waive", [&] { mailer.send("ann@example.com", "No fee", "", "w/1"); });
      }
      co_await ctx.wait("return-period", absl::Hours(24 * 14));
    };
    Scenario scenario("checkout", checkout, std::vector<double>(10, 0.1));
    scenario.world(mailer);
    return scenario;
  }
};

/// What a form leaves out stays as the memory was.
struct LabelForm {
  int grams;
  int express;
};

[[gnu::noinline]] bool is_express(const LabelForm& form) { return form.express != 0; }

/// ND10: branches on a member that nobody has set.
template <Twin twin>
struct ShippingLabel {
  Mailer mailer;

  static std::unique_ptr<LabelForm> new_form() {
    if constexpr (twin == Twin::kBuggy) {
      return std::make_unique_for_overwrite<LabelForm>();
    } else {
      return std::make_unique<LabelForm>();
    }
  }

  Scenario scenario() {
    auto label = [this](DurableContext ctx, std::string order) -> Task<> {
      const int grams = co_await ctx.step("weigh", [] { return 1200; });
      const std::unique_ptr<LabelForm> form = new_form();
      form->grams = grams;
      if (is_express(*form)) {
        co_await ctx.step("courier", [&] { mailer.send("courier", "Come", order, "c/" + order); });
      }
      co_await ctx.step("print", [&] { mailer.send("depot", "Print", order, "p/" + order); });
    };
    Scenario scenario("label", label, std::string("order-1"));
    scenario.world(mailer);
    return scenario;
  }
};

}  // namespace

std::span<const ZooEntry> nd_entries() {
  static const ZooEntry entries[] = {
      pair<LateFee>({"ND01", "clock-in-control-flow", Verdict::kDivergentOp,
                     Mechanism::kPerturbation, "dev-time", "reads the clock: clock_gettime"}),
      pair<CoinToss>({"ND02", "ambient-random-in-control-flow", Verdict::kDivergentOp,
                      Mechanism::kPerturbation, "dev-time", "std::random_device called at nd.cc"}),
      pair<FreshKey>({"ND03", "fresh-id-in-handler-body", Verdict::kDivergentArg,
                      Mechanism::kArguments, "partial", "std::random_device called at nd.cc"}),
      pair<FeatureFlag>({"ND04", "env-var-branch", Verdict::kDivergentOp, Mechanism::kPerturbation,
                         "dev-time", "getenv called at nd.cc"}),
      pair<ReserveAll>({"ND06", "unspecified-order-drives-ops", Verdict::kDivergentOp,
                        Mechanism::kPerturbation, "partial", "unordered order differs"}),
      pair<FreeShipping>({"ND09", "floating-point-threshold", Verdict::kDivergentOp,
                          Mechanism::kPerturbation, "none", "rounding differs"}),
      pair<ShippingLabel>({"ND10", "uninitialised-or-padding-bytes", Verdict::kDivergentOp,
                           Mechanism::kPerturbation, "none", "memory fill differs"}),
  };
  return entries;
}

}  // namespace scenarios::zoo
