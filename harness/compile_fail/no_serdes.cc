// EXPECT-ERROR: the result type has no Serdes
#include "reprise/sdk/handler.h"

struct Opaque {
  int value = 0;
};

reprise::Task<> handler(reprise::DurableContext ctx) {
  co_await ctx.step("opaque", [] { return Opaque(); });
  co_return;
}
