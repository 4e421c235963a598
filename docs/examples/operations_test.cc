// The operations page: one example each.

#include <gmock/gmock.h>

#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "reprise/fakes/mailer.h"
#include "reprise/sdk/handler.h"
#include "reprise/testing/testing.h"

namespace {

using reprise::BatchOptions;
using reprise::BatchResult;
using reprise::Branches;
using reprise::CompletionConfig;
using reprise::ConditionOptions;
using reprise::DurableContext;
using reprise::PollUntil;
using reprise::Scenario;
using reprise::Task;
using reprise::fakes::Mailer;

template <class H>
std::string result_of(H handler) {
  Scenario scenario("example", std::move(handler));
  scenario.function("double", [](int number) { return 2 * number; });
  scenario.answer_callback("approve", "yes");
  const reprise::RunRecord record = reprise::run(scenario);
  return record.outcomes.front().result.str();
}

TEST(Operations, Step) {
  EXPECT_EQ(result_of([](DurableContext ctx) -> Task<int> {
              // [step]
              reprise::StepOptions options;
              options.retry(reprise::retry::fixed(absl::Seconds(2), 3));
              int number = co_await ctx.step(
                  "number", [] { return 7; }, options);
              // [/step]
              co_return number;
            }),
            "7");
}

TEST(Operations, Wait) {
  EXPECT_EQ(result_of([](DurableContext ctx) -> Task<int> {
              // [wait]
              co_await ctx.wait("cool-down", absl::Hours(24));
              // [/wait]
              co_return 1;
            }),
            "1");
}

TEST(Operations, Invoke) {
  EXPECT_EQ(result_of([](DurableContext ctx) -> Task<int> {
              // [invoke]
              int twice = co_await ctx.invoke<int>("twice", "double", 21);
              // [/invoke]
              co_return twice;
            }),
            "42");
}

TEST(Operations, ChildContext) {
  EXPECT_EQ(result_of([](DurableContext ctx) -> Task<int> {
              // [child]
              auto body = [](DurableContext child) -> Task<int> {
                int a = co_await child.step("a", [] { return 1; });
                int b = co_await child.step("b", [] { return 2; });
                co_return a + b;
              };
              int sum = co_await ctx.run_in_child_context("sum", body);
              // [/child]
              co_return sum;
            }),
            "3");
}

TEST(Operations, Callback) {
  Mailer mailer;
  EXPECT_EQ(result_of([&](DurableContext ctx) -> Task<std::string> {
              // [callback]
              auto create = ctx.create_callback("approve");
              reprise::Callback<> callback = co_await create;
              co_await ctx.step("ask", [&] { mailer.send("boss", "?", callback.id(), "ask"); });
              auto answer = callback.result();
              std::string text = co_await answer;
              // [/callback]
              co_return text;
            }),
            "\"yes\"");
}

TEST(Operations, WaitForCallback) {
  Mailer mailer;
  EXPECT_EQ(result_of([&](DurableContext ctx) -> Task<std::string> {
              // [wait_for_callback]
              auto ask = [&](const std::string& id) { mailer.send("boss", "?", id, "ask"); };
              std::string text = co_await ctx.wait_for_callback("approve", ask);
              // [/wait_for_callback]
              co_return text;
            }),
            "\"yes\"");
}

TEST(Operations, WaitForCondition) {
  EXPECT_EQ(result_of([](DurableContext ctx) -> Task<int> {
              // [wait_for_condition]
              PollUntil<int> enough([](const int& percent) { return percent >= 100; });
              enough.initial_delay(absl::Seconds(10)).max_attempts(20);
              ConditionOptions<int> options(enough);
              auto look = [](int percent) { return percent + 30; };
              int percent = co_await ctx.wait_for_condition("rendered", 0, look, options);
              // [/wait_for_condition]
              co_return percent;
            }),
            "120");
}

TEST(Operations, Map) {
  EXPECT_EQ(result_of([](DurableContext ctx) -> Task<std::vector<int>> {
              // [map]
              std::vector<int> orders = {1, 2, 3};
              auto price = [](DurableContext item, int order) -> Task<int> {
                int cents = co_await item.step("price", [&] { return 100 * order; });
                co_return cents;
              };
              BatchOptions options;
              options.max_concurrency(2).completion(CompletionConfig::all_completed());
              BatchResult<int> prices = co_await ctx.map("prices", orders, price, options);
              prices.throw_if_error();
              co_return prices.results();
              // [/map]
            }),
            "[100,200,300]");
}

TEST(Operations, Parallel) {
  EXPECT_EQ(result_of([](DurableContext ctx) -> Task<std::string> {
              // [parallel]
              Branches<std::string> branches;
              branches.add("flight", [](DurableContext branch) -> Task<std::string> {
                std::string seat = co_await branch.step("book", [] { return std::string("12A"); });
                co_return seat;
              });
              branches.add("hotel", [](DurableContext branch) -> Task<std::string> {
                co_await branch.wait("confirm", absl::Hours(2));
                co_return "room 7";
              });
              BatchOptions first;
              first.completion(CompletionConfig().min_successful(1));
              BatchResult<std::string> booked = co_await ctx.parallel("trip", branches, first);
              // [/parallel]
              co_return booked.results()[0] + " " + std::string(to_string(booked.all()[1].status));
            }),
            "\"12A STARTED\"");
}

TEST(Operations, Combinators) {
  EXPECT_EQ(result_of([](DurableContext ctx) -> Task<int> {
              // [combinators]
              auto near = ctx.invoke<int>("near", "double", 10);
              auto far = ctx.invoke<int>("far", "double", 20);
              auto limit = ctx.wait("limit", absl::Seconds(30));
              std::tuple<int, int> both = co_await ctx.all("both", near, far);
              int quicker = co_await ctx.race("quicker", near, far);
              co_await limit;
              // [/combinators]
              co_return std::get<0>(both) + std::get<1>(both) + quicker;
            }),
            "80");
}

// [remind]
/// Asks for a review; reminds when there is no answer after a day.
struct AskAndRemind {
  Mailer& mailer;

  Task<std::string> operator()(DurableContext ctx, std::string who) {
    using Answer = std::optional<std::string>;
    reprise::CallbackOptions three_days;
    three_days.timeout(absl::Hours(72));
    auto ask = [&](const std::string& id) { mailer.send(who, "Please review", id, "ask/" + who); };
    auto one_day = [](DurableContext child) -> Task<Answer> {
      co_await child.wait("one-day", absl::Hours(24));
      co_return std::nullopt;
    };
    auto answer = ctx.wait_for_callback<Answer>("decide", ask, three_days);
    auto silence = ctx.run_in_child_context("silence", one_day);
    Answer first = co_await ctx.race("answer-or-silence", answer, silence);
    if (first) co_return *first;
    co_await ctx.step("remind", [&] { mailer.send(who, "Reminder", "", "remind/" + who); });
    Answer late = co_await answer;
    co_return late.value_or("");
  }
};
// [/remind]

TEST(AskAndRemind, RemindsAfterADay) {
  for (const int hours : {2, 24, 30}) {
    Mailer mailer;
    Scenario scenario("review", AskAndRemind{mailer}, std::string("ann"));
    scenario.world(mailer).answer_callback("decide", "yes", absl::Hours(hours));
    EXPECT_DURABLE(scenario);
    EXPECT_EQ(reprise::run(scenario).outcomes.front().result, "\"yes\"");
    EXPECT_EQ(mailer.outbox().size(), hours > 24 ? 2u : 1u) << hours;
  }
}

TEST(AskAndRemind, FailsWhenNobodyAnswersAtAll) {
  Mailer mailer;
  Scenario scenario("review", AskAndRemind{mailer}, std::string("ann"));
  scenario.world(mailer);
  EXPECT_DURABLE(scenario);
  EXPECT_EQ(reprise::run(scenario).outcomes.front().error->type, "CallbackTimeoutError");
}

// [observer]
class Counter : public reprise::HandlerObserver {
 public:
  void attempt_started(const reprise::ObservedOperation&, int) override { ++attempts; }
  int attempts = 0;
};
// [/observer]

TEST(Operations, Observers) {
  auto counter = std::make_shared<Counter>();
  reprise::HandlerOptions options;
  options.observer(counter);
  // [make_handler]
  auto greet = [](DurableContext ctx) -> Task<int> {
    int number = co_await ctx.step("number", [] { return 1; });
    co_return number;
  };
  reprise::HandlerFunction handler = reprise::make_handler(greet, options);
  // [/make_handler]
  reprise::Program program;
  reprise::Function function;
  function.config.name = "greet";
  function.handler = handler;
  program.functions.push_back(function);
  program.starts.push_back({"greet:$LATEST", "greet", {}, {}});
  reprise::Simulation simulation(program);
  (void)simulation.run(reprise::Schedule());
  EXPECT_EQ(counter->attempts, 1);
}

}  // namespace
