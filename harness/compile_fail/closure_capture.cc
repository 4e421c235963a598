// EXPECT-ERROR: capture by reference \(\[&\]\), or give the closure a name
// A closure with a capture that has a destructor, written beside a co_await: g++ 12 destroys it
// twice.
#include "reprise/sdk/handler.h"

reprise::Task<int> handler(reprise::DurableContext ctx, std::string text) {
  const int size = co_await ctx.step("size", [text] { return static_cast<int>(text.size()); });
  co_return size;
}
