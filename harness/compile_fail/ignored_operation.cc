// EXPECT-ERROR: nodiscard
#include "reprise/sdk/handler.h"

reprise::Task<> handler(reprise::DurableContext ctx) {
  ctx.step("forgotten", [] {});
  co_return;
}
