// EXPECT-ERROR: must survive a replay: views, pointers and references
#include "reprise/sdk/handler.h"

reprise::Task<> handler(reprise::DurableContext ctx) {
  co_await ctx.step("pointer", []() -> int* { return nullptr; });
  co_return;
}
