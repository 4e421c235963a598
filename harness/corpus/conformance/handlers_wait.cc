#include <vector>

#include "conformance/handler_tools.h"

namespace reprise::corpus {
namespace {

Task<> basic(DurableContext ctx) { co_await ctx.wait(unnamed, absl::Seconds(2)); }

Task<> named(DurableContext ctx) { co_await ctx.wait("custom_wait_name", absl::Seconds(2)); }

Task<> one_hour(DurableContext ctx) { co_await ctx.wait(unnamed, absl::Hours(1)); }

}  // namespace

std::vector<ConformanceHandler> wait_conformance() {
  return {covers("2-1", basic), covers("2-2", named), covers("2-5", one_hour)};
}

}  // namespace reprise::corpus
