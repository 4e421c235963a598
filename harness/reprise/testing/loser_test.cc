// What a combinator leaves behind: the operations that lost may stay where they are or be awaited
// later, whatever crashes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "reprise/testing/explore_test_support.h"
#include "reprise/testing/testing.h"
#include "reprise/world/effect.h"

namespace reprise {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// Letters; a repeat is recognised by whom it is for.
struct Post {
  std::set<std::string> sent;

  void send(const std::string& to) {
    effect({.target = "post", .action = "send", .arguments = to, .key = to},
           [&](EffectOutcome& outcome) {
             if (!sent.insert(to).second) outcome.unchanged();
           });
  }
  friend bool operator==(const Post&, const Post&) = default;
};

/// Asks two people; whoever answers first decides.
struct AskBoth {
  Post& post;
  bool awaits_the_loser = false;

  Task<int> operator()(DurableContext ctx) {
    CallbackOptions options;
    options.timeout(absl::Hours(72));
    auto ask_ann = [this](const std::string&) { post.send("ann"); };
    auto ask_bob = [this](const std::string&) { post.send("bob"); };
    auto ann = ctx.wait_for_callback<int>("ann", ask_ann, options);
    auto bob = ctx.wait_for_callback<int>("bob", ask_bob, options);
    const int first = co_await ctx.race("first", ann, bob);
    co_await ctx.step("tell", [&] { post.send("boss"); });
    if (!awaits_the_loser) co_return first;
    const int second = co_await ann;
    co_return first * 10 + second;
  }
};

TEST(Losers, ACallbackThatLostMayBeLeft) {
  Post post;
  Scenario scenario("ask", AskBoth{post});
  scenario.world(post).answer_callback("bob", "7", absl::Hours(1));
  EXPECT_DURABLE(scenario);
  EXPECT_EQ(run(scenario).outcomes.front().result, "7");
}

TEST(Losers, ACallbackThatLostMayBeAwaitedLater) {
  Post post;
  Scenario scenario("ask", AskBoth{post, true});
  scenario.world(post)
      .answer_callback("bob", "7", absl::Hours(1))
      .answer_callback("ann", "5", absl::Hours(2));
  EXPECT_DURABLE(scenario);
  EXPECT_EQ(run(scenario).outcomes.front().result, "75");
}

/// One of these loses against a wait of one hour.
template <class Start>
Exploration race_against_an_hour(Start start, Post& post) {
  auto handler = [start](DurableContext ctx) -> Task<> {
    auto slow = start(ctx);
    auto hour = ctx.wait("hour", absl::Hours(1));
    co_await ctx.race("first", slow, hour);
    co_await ctx.step("go-on", [] {});
  };
  Scenario scenario("race", handler);
  scenario.world(post);
  return explore(scenario);
}

TEST(Losers, AChildContextThatLostMayBeLeft) {
  for (const bool is_virtual : {false, true}) {
    Post post;
    auto body = [&post](DurableContext child) -> Task<> {
      co_await child.step("ask", [&] { post.send("ann"); });
      auto create = child.create_callback(unnamed);
      auto callback = co_await create;
      co_await child.wait("long", absl::Hours(24));
      auto answer = callback.result();
      co_await answer;
    };
    const auto start = [&](DurableContext& ctx) {
      ChildContextOptions options;
      options.is_virtual(is_virtual);
      return ctx.run_in_child_context("asking", body, options);
    };
    EXPECT_THAT(verdicts(race_against_an_hour(start, post)), IsEmpty()) << is_virtual;
  }
}

TEST(Losers, ABatchThatLostMayBeLeft) {
  for (const BatchNesting nesting : {BatchNesting::kNested, BatchNesting::kFlat}) {
    Post post;
    const std::vector<std::string> people = {"ann", "bob"};
    auto ask = [&post](DurableContext item, std::string who) -> Task<int> {
      co_await item.step("ask", [&] { post.send(who); });
      co_await item.wait("long", absl::Hours(24));
      co_return 1;
    };
    auto body = [&](DurableContext child) -> Task<> {
      BatchOptions options;
      options.nesting(nesting);
      co_await child.map("all", people, ask, options);
    };
    const auto start = [&](DurableContext& ctx) {
      return ctx.run_in_child_context("asking", body);
    };
    EXPECT_THAT(verdicts(race_against_an_hour(start, post)), IsEmpty());
  }
}

TEST(Losers, ACallbackThatNobodyWaitsForIsNamedByItsPath) {
  auto handler = [](DurableContext ctx) -> Task<> {
    auto create = ctx.create_callback(unnamed);
    co_await create;
  };
  Scenario scenario("forgets", handler);
  const Exploration exploration = explore(scenario);
  ASSERT_THAT(verdicts(exploration), SizeIs(1));
  EXPECT_EQ(exploration.findings[0].finding.verdict, Verdict::kBoundary);
  EXPECT_THAT(exploration.findings[0].finding.what, HasSubstr("callback Callback#1 was open"));
}

TEST(Losers, ARecordThatIsNeverAskedForIsNamedByItsPath) {
  bool invoked = false;
  auto handler = [&invoked](DurableContext ctx) -> Task<> {
    const bool first = !std::exchange(invoked, true);
    auto body = [first](DurableContext child) -> Task<> {
      auto pause = child.wait("pause", absl::Hours(1));
      if (first) co_await child.step(unnamed, [] {});
      co_await pause;
    };
    co_await ctx.run_in_child_context("ann", body);
  };
  Scenario scenario("forgets", handler);
  const RunRecord record = run(scenario);
  ASSERT_THAT(record.incidents, SizeIs(1));
  EXPECT_EQ(record.incidents[0].kind, Incident::Kind::kUnvisited);
  EXPECT_EQ(record.incidents[0].operation, "forgets/ann#1/Step#1");
}

}  // namespace
}  // namespace reprise
