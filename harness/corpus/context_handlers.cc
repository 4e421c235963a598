#include <string>

#include "handler_lists.h"
#include "handler_support.h"

namespace reprise::corpus {
namespace {

Task<std::string> one_child_step(DurableContext child) {
  std::string result =
      co_await child.step(unnamed, [] { return std::string("child step completed"); });
  co_return result;
}

Task<std::string> run_in_child_context(DurableContext ctx) {
  std::string result = co_await ctx.run_in_child_context(unnamed, one_child_step);
  co_return result;
}

Task<void> child_with_failing_step(DurableContext child) {
  const auto fail = [] { throw Error("Step failed in child context"); };
  const StepOptions options = StepOptions().retry(retry_until(3, [](int made) { return made; }));
  co_await child.step("failing-step", fail, options);
}

Task<Json> run_in_child_context_failing_step(DurableContext ctx) {
  Outcome<void> outcome =
      co_await ctx.try_run_in_child_context("child-with-failure", child_with_failing_step);
  if (!outcome.ok()) ctx.logger().info(outcome.error().what());
  co_await ctx.wait("wait-after-failure", absl::Seconds(1));
  co_return Json{{"success", true}};
}

constexpr int kChunks = 5;
constexpr std::size_t kChunkSize = 51200;

Task<Json> process_large_data(DurableContext child) {
  std::string data;
  Json sizes = Json::array();
  for (int i = 1; i <= kChunks; ++i) {
    std::string chunk = co_await child.step("generate-data-" + std::to_string(i),
                                            [] { return std::string(kChunkSize, 'A'); });
    data += chunk;
    sizes.push_back(chunk.size());
  }
  co_return Json{{"totalSize", data.size()},
                 {"sizeInKB", data.size() / 1024},
                 {"data", data},
                 {"stepSizes", sizes}};
}

Task<Json> run_in_child_context_large_data(DurableContext ctx) {
  Json large = co_await ctx.run_in_child_context("large-data-processor", process_large_data);
  co_await ctx.wait("post-processing-wait", absl::Seconds(1));
  const bool intact = large["data"].get_ref<const std::string&>().size() == large["totalSize"] &&
                      large["stepSizes"].size() == kChunks;
  const Json summary = {{"totalDataSize", large["sizeInKB"]},
                        {"stepsExecuted", large["stepSizes"].size()},
                        {"childContextUsed", true},
                        {"waitExecuted", true},
                        {"dataPreservedAcrossWait", intact}};
  co_return Json{{"success", true},
                 {"message",
                  "Successfully processed large data exceeding individual step limits using "
                  "runInChildContext"},
                 {"dataIntegrityCheck", intact},
                 {"summary", summary}};
}

Task<std::string> virtual_child_step(DurableContext child) {
  std::string result =
      co_await child.step(unnamed, [] { return std::string("virtual child step completed"); });
  co_return result;
}

Task<std::string> virtual_run_in_child_context(DurableContext ctx) {
  std::string result = co_await ctx.run_in_child_context(unnamed, virtual_child_step,
                                                         ChildContextOptions().is_virtual(true));
  co_return result;
}

Task<std::string> nested_block(DurableContext block) {
  co_await block.wait(unnamed, absl::Seconds(1));
  co_return std::string("nested block result");
}

Task<Json> parent_block(DurableContext block) {
  std::string step =
      co_await block.step("nested_step", [] { return std::string("nested step result"); });
  std::string nested = co_await block.run_in_child_context("nested_block", nested_block);
  co_return Json{{"nestedStep", step}, {"nestedBlock", nested}};
}

Task<Json> block_example(DurableContext ctx) {
  Json result = co_await ctx.run_in_child_context("parent_block", parent_block);
  co_return result;
}

Task<std::string> parent_context_in_child(DurableContext ctx) {
  const auto misuse = [&](DurableContext) -> Task<std::string> {
    std::string result =
        co_await ctx.step("wrong-context", [] { return std::string("never recorded"); });
    co_return result;
  };
  std::string result = co_await ctx.run_in_child_context("child-context", misuse);
  co_return result;
}

}  // namespace

std::vector<CorpusHandler> context_handlers() {
  std::vector<CorpusHandler> list = {
      entry("run-in-child-context", run_in_child_context),
      entry("run-in-child-context-failing-step", run_in_child_context_failing_step),
      entry("run-in-child-context-large-data", run_in_child_context_large_data),
      entry("virtual-run-in-child-context", virtual_run_in_child_context),
      entry("block-example", block_example),
  };
  CorpusHandler misuse = entry("parent-context-in-child", parent_context_in_child);
  misuse.masks.final_message = true;
  list.push_back(std::move(misuse));
  return list;
}

}  // namespace reprise::corpus
