// EXPECT-ERROR: must survive a replay: views, pointers and references
#include <string_view>

#include "reprise/sdk/handler.h"

reprise::Task<> handler(reprise::DurableContext ctx) {
  co_await ctx.step("view", [] { return std::string_view("dangling"); });
  co_return;
}
