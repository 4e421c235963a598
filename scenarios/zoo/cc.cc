// CC: concurrency inside one execution.

#include <nlohmann/json.hpp>
#include <thread>
#include <utility>
#include <vector>

#include "scenarios/zoo/pairs.h"

namespace scenarios::zoo {
namespace {

using reprise::fakes::item_not_exists;
using reprise::fakes::TableWrite;

/// CC01: an operation from a thread of the handler's own.
template <Twin twin>
struct OwnThread {
  Mailer mailer;

  Scenario scenario() {
    auto ship = [this](DurableContext ctx, std::string order) -> Task<> {
      const auto label = [&] { mailer.send("depot", "Label", order, "label/" + order); };
      if constexpr (twin == Twin::kBuggy) {
        std::thread printer([&] { [[maybe_unused]] auto started = ctx.step("label", label); });
        printer.join();
      } else {
        co_await ctx.step("label", label);
      }
      co_await ctx.wait("transport", absl::Hours(48));
    };
    Scenario scenario("ship", ship, std::string("order-1"));
    scenario.world(mailer);
    return scenario;
  }
};

/// CC02: the branches call operations of the context around them, so that the numbers of these
/// depend on who runs first.
template <Twin twin>
struct SharedContext {
  Mailer mailer;

  Scenario scenario() {
    auto travel = [this](DurableContext ctx, std::string who) -> Task<> {
      const auto book = [&](DurableContext branch, std::string what) -> Task<int> {
        DurableContext used = twin == Twin::kBuggy ? ctx : branch;
        co_await used.step("ask-" + what, [&] { mailer.send(what, "Free?", who, "ask/" + what); });
        co_await used.step("book-" + what, [&] { mailer.send(what, "Book", who, "b/" + what); });
        co_return 1;
      };
      Branches<int> branches;
      branches.add("flight", [&](DurableContext branch) { return book(branch, "flight"); });
      branches.add("hotel", [&](DurableContext branch) { return book(branch, "hotel"); });
      BatchResult<int> booked = co_await ctx.parallel("trip", branches);
      booked.throw_if_error();
    };
    Scenario scenario("travel", travel, std::string("ann"));
    scenario.world(mailer);
    return scenario;
  }
};

/// CC03: what comes after the branches follows the order in which they ended.
template <Twin twin>
struct CompletionOrder {
  Mailer mailer;

  Scenario scenario() {
    auto tender = [this](DurableContext ctx, std::vector<std::string> carriers) -> Task<> {
      std::vector<std::string> answered;
      const auto ask = [&](DurableContext branch, std::string carrier) -> Task<std::string> {
        co_await branch.step("ask", [&] { mailer.send(carrier, "Offer?", "", "ask/" + carrier); });
        answered.push_back(carrier);
        co_return carrier;
      };
      BatchResult<std::string> offers = co_await ctx.map("offers", carriers, ask);
      if constexpr (twin == Twin::kFixed) answered = offers.results();
      for (const std::string& carrier : answered) {
        co_await ctx.step("thank-" + carrier,
                          [&] { mailer.send(carrier, "Thanks", "", "thank/" + carrier); });
      }
    };
    Scenario scenario("tender", tender, std::vector<std::string>{"north", "south"});
    scenario.world(mailer);
    return scenario;
  }
};

/// CC05: two branches read and write one balance.
template <Twin twin>
struct SharedBalance {
  Table accounts{"accounts"};

  Scenario scenario() {
    accounts.put("ann", {{"cents", 10000}});
    auto pay_bills = [this](DurableContext ctx, std::string who) -> Task<> {
      const auto pay = [&](DurableContext branch, std::string bill) -> Task<int> {
        if constexpr (twin == Twin::kBuggy) {
          const int before = co_await branch.step(
              "read", [&] { return accounts.get(who).at("cents").template get<int>(); });
          co_await branch.step("write", [&] { accounts.put(who, {{"cents", before - 1000}}); });
        } else {
          co_await branch.step("pay", [&] {
            accounts.transact({TableWrite::update(who, Update().add("cents", -1000)),
                               TableWrite::put("paid/" + bill, {{"by", who}}, item_not_exists())});
          });
        }
        co_return 1;
      };
      Branches<int> branches;
      branches.add("rent", [&](DurableContext branch) { return pay(branch, "rent"); });
      branches.add("power", [&](DurableContext branch) { return pay(branch, "power"); });
      BatchResult<int> paid = co_await ctx.parallel("bills", branches);
      paid.throw_if_error();
    };
    Scenario scenario("pay-bills", pay_bills, std::string("ann"));
    scenario.world(accounts);
    return scenario;
  }
};

}  // namespace

std::span<const ZooEntry> cc_entries() {
  static const ZooEntry entries[] = {
      pair<OwnThread>({"CC01", "raw-thread-or-detached-task", Verdict::kBoundary,
                       Mechanism::kBoundary, "dev-time"}),
      pair<SharedContext>({"CC02", "concurrent-ops-share-one-context", Verdict::kDivergentOp,
                           Mechanism::kBranches, "partial"}),
      pair<CompletionOrder>({"CC03", "completion-order-leaks-into-ops", Verdict::kDivergentOp,
                             Mechanism::kOperations, "none"}),
      pair<SharedBalance>({"CC05", "shared-object-across-branches-or-suspension",
                           Verdict::kUnstableOutcome, Mechanism::kBranches, "none"}),
  };
  return entries;
}

}  // namespace scenarios::zoo
