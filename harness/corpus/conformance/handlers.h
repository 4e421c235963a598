#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reprise/choices/schedule.h"
#include "reprise/runtime/program.h"
#include "reprise/sdk/handler.h"

namespace reprise::corpus {

/// The execution that a requirement is about; the first part of every path in it.
inline constexpr const char* kRequirementExecution = "requirement";

/// The handler that a requirement describes.
struct ConformanceHandler {
  std::string id;  ///< of the requirement: "1-17"
  HandlerFunction handler;
  std::vector<Function> functions;  ///< what it invokes
  /// Where its process dies, when the requirement says that it does.
  Schedule crashes;
  /// Why it is not run under crashes of any number and place; "" when it is.
  std::string not_under_crashes;
};

/// Every handler, sorted by id as a text.
const std::vector<ConformanceHandler>& conformance_handlers();

/// The handler of a requirement; null when there is none.
const ConformanceHandler* find_conformance_handler(std::string_view id);

// One list a suite; conformance_handlers() joins them.
std::vector<ConformanceHandler> step_conformance();
std::vector<ConformanceHandler> wait_conformance();
std::vector<ConformanceHandler> child_conformance();
std::vector<ConformanceHandler> callback_conformance();
std::vector<ConformanceHandler> invoke_conformance();
std::vector<ConformanceHandler> wait_for_callback_conformance();
std::vector<ConformanceHandler> wait_for_condition_conformance();
std::vector<ConformanceHandler> parallel_conformance();
std::vector<ConformanceHandler> map_conformance();

}  // namespace reprise::corpus
