#include "handler_support.h"

namespace reprise::corpus {
namespace {

Task<void> return_at_once(DurableContext) { co_return; }

}  // namespace

Task<void> yield(DurableContext ctx, int turns) {
  const ChildContextOptions options = ChildContextOptions().is_virtual(true);
  for (int i = 0; i < turns; ++i) {
    co_await ctx.run_in_child_context(unnamed, return_at_once, options);
  }
}

}  // namespace reprise::corpus
