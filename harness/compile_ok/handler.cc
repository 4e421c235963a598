// What the compile-fail cases would look like when they are right.
#include "reprise/sdk/handler.h"

#include <gtest/gtest.h>

reprise::Task<int> handler(reprise::DurableContext ctx, std::string text) {
  const auto body = [text] { return static_cast<int>(text.size()); };
  const int named = co_await ctx.step("named", body);
  const int referenced = co_await ctx.step("referenced", [&] { return named + 1; });
  EXPECT_GT(referenced, named);
  co_return referenced;
}

const reprise::HandlerFunction function = reprise::make_handler(&handler);
