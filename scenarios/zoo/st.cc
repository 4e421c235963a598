// ST: what a handler keeps in memory, across suspension, crash and replay.

#include <array>
#include <ctime>
#include <functional>
#include <nlohmann/json.hpp>
#include <utility>

#include "scenarios/zoo/pairs.h"

namespace scenarios::zoo {
namespace {

/// ST01: what is done once in a process is not done once in an execution.
template <Twin twin>
struct InitOnce {
  Table folders{"folders"};

  Scenario scenario() {
    auto import = [this](DurableContext ctx, std::string batch) -> Task<> {
      static bool first = true;
      if (twin == Twin::kFixed || first) {
        first = false;
        co_await ctx.step("make-folder", [&] { folders.put("imports", {{"open", true}}); });
      }
      co_await ctx.step("store", [&] { folders.put("imports/" + batch, {{"rows", 3}}); });
      co_await ctx.wait("settle", absl::Minutes(5));
      co_await ctx.step("close", [&] { folders.put("imports/" + batch, {{"rows", 0}}); });
    };
    Scenario scenario("import", import, std::string("batch-1"));
    scenario.world(folders);
    return scenario;
  }
};

/// ST03: the step gives its result to a variable beside it, where no replay finds it.
template <Twin twin>
struct TotalBeside {
  Table orders{"orders"};

  Scenario scenario() {
    orders.put("order-1", {{"lamps", 2}, {"cents", 1200}});
    auto add_up = [this](DurableContext ctx, std::string id) -> Task<int> {
      int total = 0;
      const auto sum = [&] {
        const nlohmann::json order = orders.get(id);
        total = order.at("lamps").get<int>() * order.at("cents").get<int>();
        return total;
      };
      if constexpr (twin == Twin::kBuggy) {
        co_await ctx.step("sum", sum);
      } else {
        total = co_await ctx.step("sum", sum);
      }
      co_await ctx.step("store", [&] { orders.put(id + "/total", {{"at", "sum"}}); });
      co_return total;
    };
    Scenario scenario("add-up", add_up, std::string("order-1"));
    scenario.world(orders);
    return scenario;
  }
};

/// Runs a function when the scope is left.
class ScopeExit {
 public:
  explicit ScopeExit(std::function<void()> function) : function_(std::move(function)) {}
  ScopeExit(const ScopeExit&) = delete;
  ~ScopeExit() { function_(); }

 private:
  std::function<void()> function_;
};

/// ST05: the guard gives the machine back whenever the frame goes, which is at each suspension.
template <Twin twin>
struct RentedMachine {
  Table machines{"machines"};

  Scenario scenario() {
    auto render = [this](DurableContext ctx, std::string film) -> Task<std::string> {
      co_await ctx.step("rent", [&] { machines.put("vm-1", {{"rented", true}, {"by", film}}); });
      const auto release = [&] { machines.put("vm-1", {{"rented", false}, {"by", film}}); };
      std::string picture;
      if constexpr (twin == Twin::kBuggy) {
        const ScopeExit give_back(release);
        picture = co_await ctx.wait_for_callback("job", [](const std::string&) {});
      } else {
        picture = co_await ctx.wait_for_callback("job", [](const std::string&) {});
        co_await ctx.step("release", release);
      }
      co_return picture;
    };
    Scenario scenario("render", render, std::string("film-1"));
    scenario.answer_callback("job", "picture", absl::Hours(2));
    scenario.world(machines);
    return scenario;
  }
};

/// ST06: the mail is sent again in each replay.
template <Twin twin>
struct WelcomeMail {
  Mailer mailer;
  Table accounts{"accounts"};

  Scenario scenario() {
    auto sign_up = [this](DurableContext ctx, std::string who) -> Task<> {
      const auto welcome = [&] { mailer.send(who, "Welcome", "", "welcome/" + who); };
      const auto welcome_again = [&] { mailer.send(who, "Welcome", ""); };
      if constexpr (twin == Twin::kBuggy) {
        welcome_again();
      } else {
        co_await ctx.step("welcome", welcome);
      }
      co_await ctx.step("provision", [&] { accounts.put(who, {{"plan", "free"}}); });
    };
    Scenario scenario("sign-up", sign_up, std::string("ann@example.com"));
    scenario.world(mailer, accounts);
    return scenario;
  }
};

enum class Handling : std::uint8_t { kStandard, kFragile, kFrozen };

/// ST07: nobody has added the new handling to the names, so it is read back as another one.
template <Twin twin>
struct Freight {
  Handling handling = Handling::kStandard;

  static constexpr std::array<const char*, 3> kNames = {"standard", "fragile", "frozen"};
  static constexpr std::size_t kKnown = twin == Twin::kBuggy ? 2 : 3;

  friend void to_json(nlohmann::json& json, const Freight& freight) {
    json = kNames[static_cast<std::size_t>(freight.handling)];
  }
  friend void from_json(const nlohmann::json& json, Freight& freight) {
    const std::string name = json.get<std::string>();
    freight.handling = Handling::kStandard;
    for (std::size_t i = 0; i < kKnown; ++i) {
      if (name == kNames[i]) freight.handling = static_cast<Handling>(i);
    }
  }
};

template <Twin twin>
struct FrozenGoods {
  Mailer mailer;

  Scenario scenario() {
    auto ship = [this](DurableContext ctx, std::string order) -> Task<> {
      Freight<twin> freight = co_await ctx.step("classify", [] {
        Freight<twin> found;
        found.handling = Handling::kFrozen;
        return found;
      });
      const std::string truck = freight.handling == Handling::kFrozen ? "cold" : "plain";
      co_await ctx.step("load", [&] { mailer.send("depot", "Load", truck, "load/" + order); });
    };
    Scenario scenario("ship", ship, std::string("order-1"));
    scenario.world(mailer);
    return scenario;
  }
};

/// ST09: a report that is too large for a record is made again in each replay.
template <Twin twin>
struct LargeReport {
  Scenario scenario() {
    auto monthly = [](DurableContext ctx, std::string month) -> Task<int> {
      const auto body = [&](DurableContext child) -> Task<std::string> {
        std::string rows = co_await child.step("rows", [&] { return "rows of " + month; });
        std::int64_t now = 0;
        if constexpr (twin == Twin::kBuggy) {
          now = std::time(nullptr);
        } else {
          now = co_await child.step("now", [] { return std::int64_t{std::time(nullptr)}; });
        }
        co_return rows + ", printed at " + std::to_string(now);
      };
      std::string report = co_await ctx.run_in_child_context("report", body);
      int pages = co_await ctx.invoke<int>("print", "printer", report);
      co_return pages;
    };
    Scenario scenario("monthly", monthly, std::string("May"));
    scenario.function("printer", [](const std::string&) { return 12; });
    return scenario;
  }
};

}  // namespace

std::span<const ZooEntry> st_entries() {
  static const ZooEntry entries[] = {
      pair<InitOnce>({"ST01", "mutable-global-drives-ops", Verdict::kDivergentOp,
                      Mechanism::kEnvironments, "partial", "make-folder"}),
      pair<TotalBeside>({"ST03", "closure-write-lost-on-replay", Verdict::kUnstableOutcome,
                         Mechanism::kRefinement, "partial", "st.cc:"}),
      pair<RentedMachine>({"ST05", "raii-or-finally-runs-on-suspend", Verdict::kOrphanEffect,
                           Mechanism::kBoundary, "none", "effect st.cc:"}),
      pair<WelcomeMail>({"ST06", "side-effect-outside-any-step", Verdict::kDuplicateEffect,
                         Mechanism::kCrashes, "partial", "effect st.cc:"}),
      pair<FrozenGoods>({"ST07", "result-does-not-survive-encoding", Verdict::kUnstableOutcome,
                         Mechanism::kRoundTrip, "none", "classify#1 called st.cc:"}),
      pair<LargeReport>({"ST09", "size-and-count-cliff", Verdict::kLimit, Mechanism::kLimits,
                         "partial", "st.cc:"}),
  };
  return entries;
}

}  // namespace scenarios::zoo
