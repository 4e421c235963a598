#include "shared_handlers.h"

namespace reprise::corpus {

Task<void> handler_error(DurableContext) {
  throw Error("Intentional handler failure");
  co_return;
}

Task<std::string> step_named(DurableContext ctx, Json event) {
  const auto process = [&] { return "processed: " + event.value("data", std::string("default")); };
  std::string result = co_await ctx.step("process-data", process);
  co_return result;
}

Task<std::string> wait_named(DurableContext ctx) {
  co_await ctx.wait("wait-2-seconds", absl::Seconds(2));
  co_return std::string("wait finished");
}

}  // namespace reprise::corpus
