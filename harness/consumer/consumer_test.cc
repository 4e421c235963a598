// What a project outside does first: a crash test of its own handler, with the library's own fakes
// and without a main of its own.

#include <gtest/gtest.h>

#include "reprise/fakes/mailer.h"
#include "reprise/testing/testing.h"

namespace {

using reprise::DurableContext;
using reprise::Task;

TEST(Consumer, SurvivesEveryCrash) {
  reprise::fakes::Mailer mailer;
  const auto welcome = [&](DurableContext ctx, std::string who) -> Task<int> {
    co_await ctx.step("mail", [&] { mailer.send(who, "Welcome", "Hello", "welcome-" + who); });
    co_await ctx.wait("a-day", absl::Hours(24));
    const int sent =
        co_await ctx.step("count", [&] { return static_cast<int>(mailer.outbox().size()); });
    co_return sent;
  };
  reprise::Scenario scenario("welcome", welcome, std::string("ann"));
  scenario.world(mailer);
  EXPECT_DURABLE(scenario);
}

TEST(Consumer, IsToldWhatIsWrong) {
  reprise::fakes::Mailer mailer;
  const auto welcome = [&](DurableContext ctx) -> Task<> {
    co_await ctx.step("mail", [&] { mailer.send("ann", "Welcome", "Hello"); });
    co_return;
  };
  reprise::Scenario scenario("welcome", welcome);
  scenario.world(mailer);
  EXPECT_FINDS(scenario, reprise::Verdict::kDuplicateEffect, 1);
}

}  // namespace
