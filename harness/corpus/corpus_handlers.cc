#include "corpus_handlers.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "handler_lists.h"

namespace reprise::corpus {
namespace {

std::vector<CorpusHandler> join_lists() {
  std::vector<CorpusHandler> all;
  for (auto* list : {&step_handlers, &wait_handlers, &context_handlers, &callback_handlers,
                     &wait_for_callback_handlers, &invoke_handlers, &condition_handlers,
                     &map_handlers, &parallel_handlers, &combinator_handlers}) {
    std::vector<CorpusHandler> some = (*list)();
    std::move(some.begin(), some.end(), std::back_inserter(all));
  }
  std::sort(all.begin(), all.end(),
            [](const CorpusHandler& a, const CorpusHandler& b) { return a.id < b.id; });
  return all;
}

}  // namespace

const std::vector<CorpusHandler>& corpus_handlers() {
  static const std::vector<CorpusHandler> all = join_lists();
  return all;
}

const CorpusHandler* find_corpus_handler(std::string_view id) {
  const std::vector<CorpusHandler>& all = corpus_handlers();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const CorpusHandler& each) { return each.id == id; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace reprise::corpus
