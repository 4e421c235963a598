#include <string>

#include "handler_lists.h"
#include "handler_support.h"

namespace reprise::corpus {
namespace {

Task<int> wait_for_condition(DurableContext ctx) {
  const ConditionOptions<int> options([](int count, int) {
    return count >= 3 ? WaitDecision::done() : WaitDecision::check_again_after(absl::Seconds(1));
  });
  int count = co_await ctx.wait_for_condition(
      unnamed, 0, [](int before) { return before + 1; }, options);
  co_return count;
}

Task<int> parent_context_in_wait_condition(DurableContext ctx) {
  const auto misuse = [&](DurableContext child) -> Task<int> {
    const ConditionOptions<int> options([](int, int) { return WaitDecision::done(); });
    const auto check = [&](int state) {
      auto step = ctx.step("wrong-context", [] { return std::string("never recorded"); });
      return state + 1;
    };
    int state = co_await child.wait_for_condition("wrong-wait-condition", 0, check, options);
    co_return state;
  };
  int state = co_await ctx.run_in_child_context("child-context", misuse);
  co_return state;
}

}  // namespace

std::vector<CorpusHandler> condition_handlers() {
  std::vector<CorpusHandler> list = {entry("wait-for-condition", wait_for_condition)};
  CorpusHandler misuse =
      entry("parent-context-in-wait-condition", parent_context_in_wait_condition);
  misuse.masks.final_message = true;
  list.push_back(std::move(misuse));
  return list;
}

}  // namespace reprise::corpus
