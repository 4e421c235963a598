#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "corpus_handlers.h"
#include "reprise/record/history_file.h"
#include "reprise/record/replay.h"

namespace reprise::corpus {

// What is left out or put into one form when a recording is compared with a run of ours, and why:
//
// - never equal: time stamps, the execution's id, request ids, callback ids, `Truncated`;
// - RetryDetails.CurrentAttempt: the recordings hold max(1, N-1) for failed attempt N and N-1, or
// nothing for
//   the first, for a successful one; the service holds N (H-8).  Both become N;
// - members without a value: `Result {}`, `Error {}`, `Error {"Payload": {}}`, `RetryDetails {}`, a
// timeout of
//   0 and the `Input {}` of CallbackStarted are as good as absent;
// - ChainedInvokeStarted: FunctionName, Input and DurableExecutionArn are empty texts in the
// recordings; what
//   is recorded is compared, what is empty is not;
// - CallbackTimedOut: the recordings hold a message only, the service a type too (PROTOCOL 6.3.3);
// - names of error types changed from one generation of the origin to the next (error_type_became);
// - the errors of failed items in the result of a batch, whose form changed too;
// - the order between the events of branches that ran side by side, and what else the class Lanes
// describes;
// - the masks of the handler.
//
// All else is compared as it is: number, order and type of the events, sub types, names, ids,
// parents, payloads (JSON texts byte by byte, apart from white space and masked members), errors,
// delays and durations.

/// True when what the origin's SDK called `recorded` is called `current` by ours: a callback's
/// error was one CallbackError for all causes in 2025, a waitForCallback's error left the handler
/// as ChildContextError then
/// (`leaves_handler`), and errors of the SDK itself are plain `Error`s there.
bool error_type_became(std::string_view recorded, std::string_view current, bool leaves_handler);

/// Where a run of ours leaves a recording.
struct HistoryDifference {
  std::int64_t event_id =
      0;  ///< from 1; one more than there are events when one history is shorter
  std::string recorded;
  std::string produced;
};

/// The first event that differs; nullopt: the histories are equal under the rules above.
std::optional<HistoryDifference> compare_histories(const History& recorded, const History& produced,
                                                   const Masks& masks);

/// The same rules for replay_history, for the ends of contexts and of the execution.
ReplayOptions replay_options(const History& recorded, const Masks& masks);

/// The sub types in a recording that no operation of the SDK writes, such as "Dag"; "" when there
/// is none.
std::string unknown_sub_types(const History& recorded);

/// True when a step started while three or more operations were open: an older generation of the
/// SDK records a combinator so, and ours has no such operation.
bool joins_by_a_step(const History& recorded);

}  // namespace reprise::corpus
