#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/runtime/program.h"
#include "reprise/sdk/invocation.h"

namespace reprise::corpus {

/// What no run can reproduce of a recording: values that were drawn from a clock, and what its
/// makers changed by hand.  Everything else is compared.
struct Masks {
  /// Members of JSON payloads, at any depth, also inside texts that are JSON themselves.
  std::vector<std::string> members;
  /// Members that a replay cannot give either, because the record that they come from does not hold
  /// them.
  std::vector<std::string> members_of_replay;
  /// The message of the error with which the execution failed: another SDK words it in another way.
  bool final_message = false;
  /// Events behind this one, and the end of the execution, are not compared.
  std::optional<std::int64_t> last_event;
};

/// The handler behind a recorded history, and the world it ran in.  Its input is that of the
/// recording.
struct CorpusHandler {
  std::string id;  ///< the recording: "<id>.json"
  HandlerFunction handler;
  std::vector<Function> functions;            ///< what it invokes
  std::vector<CallbackResponder> responders;  ///< what the outside world did
  Masks masks;
};

/// Every handler that the SDK of today can express, sorted by id.
const std::vector<CorpusHandler>& corpus_handlers();

/// The handler of a recording; null when there is none.
const CorpusHandler* find_corpus_handler(std::string_view id);

}  // namespace reprise::corpus
