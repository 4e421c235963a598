#include "conformance/handlers.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace reprise::corpus {
namespace {

std::vector<ConformanceHandler> join_lists() {
  std::vector<ConformanceHandler> all;
  for (auto* list : {&step_conformance, &wait_conformance, &child_conformance,
                     &callback_conformance, &invoke_conformance, &wait_for_callback_conformance,
                     &wait_for_condition_conformance, &parallel_conformance, &map_conformance}) {
    std::vector<ConformanceHandler> some = (*list)();
    std::move(some.begin(), some.end(), std::back_inserter(all));
  }
  std::sort(all.begin(), all.end(),
            [](const ConformanceHandler& a, const ConformanceHandler& b) { return a.id < b.id; });
  return all;
}

}  // namespace

const std::vector<ConformanceHandler>& conformance_handlers() {
  static const std::vector<ConformanceHandler> all = join_lists();
  return all;
}

const ConformanceHandler* find_conformance_handler(std::string_view id) {
  const std::vector<ConformanceHandler>& all = conformance_handlers();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const ConformanceHandler& each) { return each.id == id; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace reprise::corpus
