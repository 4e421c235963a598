// EXPECT-ERROR: nodiscard
#include "reprise/sdk/handler.h"

#pragma GCC diagnostic error "-Wunused-result"

reprise::Task<> handler(reprise::DurableContext ctx) {
  ctx.step("forgotten", [] {});
  co_return;
}
