#include <string>
#include <tuple>
#include <vector>

#include "handler_lists.h"
#include "handler_support.h"

namespace reprise::corpus {
namespace {

using When = CallbackResponder::When;

std::string result_of(int number) { return "result " + std::to_string(number); }

Task<std::vector<std::string>> promise_all(DurableContext ctx) {
  auto first = ctx.step(unnamed, [] { return result_of(1); });
  auto second = ctx.step(unnamed, [] { return result_of(2); });
  auto third = ctx.step(unnamed, [] { return result_of(3); });
  auto all = ctx.all(unnamed, first, second, third);
  auto results = co_await all;
  co_return std::vector<std::string>{std::get<0>(results), std::get<1>(results),
                                     std::get<2>(results)};
}

void be_busy_for_three_seconds() { sleep_in_body(absl::Seconds(3)); }

Task<Json> promise_all_wait(DurableContext ctx) {
  auto one = ctx.wait("wait-1", absl::Seconds(1));
  auto two = ctx.wait("wait-2", absl::Seconds(2));
  auto three = ctx.step("wait-3", be_busy_for_three_seconds);
  auto all = ctx.all(unnamed, one, two, three);
  co_await all;
  co_return Json{nullptr, nullptr, nullptr};
}

class Runner {
 public:
  Runner(std::string result, absl::Duration busy) : result_(std::move(result)), busy_(busy) {}
  std::string operator()() const {
    sleep_in_body(busy_);
    return result_;
  }

 private:
  std::string result_;
  absl::Duration busy_;
};

Task<std::string> promise_race(DurableContext ctx) {
  const Runner slow("slow result", absl::Milliseconds(200));
  const Runner fast("fast result", absl::ZeroDuration());
  const Runner slower("slower result", absl::Milliseconds(300));
  auto first = ctx.step(unnamed, slow);
  auto second = ctx.step(unnamed, fast);
  auto third = ctx.step(unnamed, slower);
  auto race = ctx.race("promise-race", first, second, third);
  std::string winner = co_await race;
  co_return winner;
}

Task<std::string> promise_race_callback(DurableContext ctx) {
  Callback<> one = co_await ctx.create_callback("callback-1");
  Callback<> two = co_await ctx.create_callback("callback-2");
  Callback<> three = co_await ctx.create_callback("callback-3");
  auto first = one.result();
  auto second = two.result();
  auto third = three.result();
  auto race = ctx.race("race-callbacks", first, second, third);
  std::string winner = co_await race;
  co_return winner;
}

class Failing {
 public:
  explicit Failing(std::string message) : message_(std::move(message)) {}
  void operator()() const { throw Error(message_); }

 private:
  std::string message_;
};

template <class Operation>
Task<void> swallow(Operation& operation) {
  try {
    co_await operation;
  } catch (const DurableError&) {
    co_return;
  }
}

std::string succeed_slowly() {
  sleep_in_body(absl::Milliseconds(500));
  return "Success";
}

Json scenarios_tested(const std::string& success) {
  return Json{{"successStep", success},
              {"scenariosTested",
               {"basic-promise-all", "immediate-combinator-usage", "combinator-after-operations",
                "combinator-after-wait-replay"}}};
}

// How a combinator is called: with a context, over one operation that has failed.
struct AsContexts {
  template <class Operation>
  static auto all(DurableContext ctx, Operation& failed) {
    return ctx.all(unnamed, failed);
  }
  template <class Operation>
  static auto any(DurableContext ctx, Operation& failed) {
    return ctx.any(unnamed, failed);
  }
};

template <class Combinators>
Task<Json> unhandled_rejection(DurableContext ctx) {
  const Failing basic("This step failed");
  auto failure = ctx.step("failure-step", basic, no_retry());
  co_await swallow(failure);
  auto all_basic = Combinators::all(ctx, failure);
  co_await swallow(all_basic);
  co_await ctx.wait("wait-after-basic", absl::Seconds(1));

  const Failing fail1("Step 1 failed");
  const Failing fail2("Step 2 failed");
  auto step1 = ctx.step("step1", fail1, no_retry());
  auto step2 = ctx.step("step2", fail2, no_retry());
  co_await swallow(step1);
  co_await swallow(step2);
  auto all1 = Combinators::all(ctx, step1);
  co_await swallow(all1);
  auto any2 = Combinators::any(ctx, step2);
  co_await swallow(any2);

  const Failing fail3("Step 3 failed");
  const Failing fail4("Step 4 failed");
  auto step3 = ctx.step("step3", fail3, no_retry());
  auto step4 = ctx.step("step4", fail4, no_retry());
  co_await swallow(step3);
  co_await swallow(step4);
  auto all3 = Combinators::all(ctx, step3);
  co_await swallow(all3);
  co_await ctx.wait("wait-middle", absl::Seconds(1));
  auto any4 = Combinators::any(ctx, step4);
  co_await swallow(any4);

  const Failing fail5("Step 5 failed");
  const Failing fail6("Step 6 failed");
  auto step5 = ctx.step("step5", fail5, no_retry());
  auto step6 = ctx.step("step6", fail6, no_retry());
  co_await ctx.wait("wait-before-final", absl::Seconds(1));
  auto all5 = Combinators::all(ctx, step5);
  co_await swallow(all5);
  auto any6 = Combinators::any(ctx, step6);
  co_await swallow(any6);
  std::string success = co_await ctx.step("success-step", succeed_slowly);
  co_return scenarios_tested(success);
}

// The SDK of December 2025 recorded a combinator as a step.  A step of ours that gives what the
// combinator gave leaves the same record; its body must be a function of what the log holds.

// Fails with the error with which the operation it looks at has failed.
template <class Operation>
class RejectedAll {
 public:
  explicit RejectedAll(Operation& failed) : failed_(&failed) {}
  void operator()() const { raise(*failed_->failure()); }

 private:
  Operation* failed_;
};

[[noreturn]] void reject_any() {
  throw ApplicationError("AggregateError", "All promises were rejected");
}

struct AsSteps {
  template <class Operation>
  static auto all(DurableContext ctx, Operation& failed) {
    return ctx.step(unnamed, RejectedAll<Operation>(failed), no_retry());
  }
  template <class Operation>
  static auto any(DurableContext ctx, Operation&) {
    return ctx.step(unnamed, reject_any, no_retry());
  }
};

}  // namespace

std::vector<CorpusHandler> combinator_handlers() {
  std::vector<CorpusHandler> list = {
      entry("promise-all", promise_all),
      entry("promise-all-wait", promise_all_wait),
      entry("promise-race", promise_race),
      entry("promise-unhandled-rejection", unhandled_rejection<AsContexts>),
      entry("promise-unhandled-rejection--2025-12", unhandled_rejection<AsSteps>),
  };
  CorpusHandler race = entry("promise-race-callback", promise_race_callback);
  race.responders = {succeeds("callback-1", When::kCreated, 0, "callback-1-result")};
  list.push_back(std::move(race));
  return list;
}

}  // namespace reprise::corpus
