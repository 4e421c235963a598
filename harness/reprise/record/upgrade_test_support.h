#pragma once

#include <string>
#include <vector>

#include "reprise/record/history_file.h"
#include "reprise/runtime/program.h"
#include "reprise/sdk/invocation.h"

namespace reprise {

/// What else a handler runs with.
struct Recording {
  SharedText event;
  std::vector<Function> functions;
  std::vector<CallbackResponder> responders;
};

/// The history of a run without faults of `handler`, as the execution "order".
History record_history(const HandlerFunction& handler, const Recording& recording = {});

/// The text with N for the line numbers of sources.
std::string without_lines(std::string text);

}  // namespace reprise
