#pragma once

#include <vector>

#include "corpus_handlers.h"

namespace reprise::corpus {

// One list a file; corpus_handlers() joins them.
std::vector<CorpusHandler> step_handlers();
std::vector<CorpusHandler> wait_handlers();
std::vector<CorpusHandler> context_handlers();
std::vector<CorpusHandler> callback_handlers();
std::vector<CorpusHandler> wait_for_callback_handlers();
std::vector<CorpusHandler> invoke_handlers();
std::vector<CorpusHandler> condition_handlers();
std::vector<CorpusHandler> map_handlers();
std::vector<CorpusHandler> parallel_handlers();
std::vector<CorpusHandler> combinator_handlers();

}  // namespace reprise::corpus
