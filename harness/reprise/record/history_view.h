#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reprise/protocol/event.h"

namespace reprise {

/// An operation as its history shows it.
struct OperationSpan {
  std::string path;              ///< "fulfil#1/charge#2", from the recorded names
  std::string name;              ///< its last part without the number: "charge"
  std::string kind;              ///< its sub type, or its type: "Step", "WaitForCallback"
  std::size_t depth = 0;         ///< contexts around it
  std::int64_t first_event = 0;  ///< EventId
  std::int64_t last_event = 0;   ///< EventId of its end, or of its last event so far
  TimestampMs start_ms = 0;
  TimestampMs end_ms = 0;            ///< of last_event
  std::optional<std::string> end;    ///< "Succeeded", "Failed", ...; none: it goes on
  std::int64_t attempts = 0;         ///< of a step: attempts that have ended; 0: no step
  std::vector<std::int64_t> events;  ///< EventIds, ascending
};

/// A history in the handler's terms, for people: nothing is judged, and whatever was read has a
/// view.
struct HistoryView {
  std::vector<OperationSpan> operations;  ///< in the order in which they started
  /// One line for each event, without what differs between two runs that do the same: times, ids
  /// and tokens.  "charge#1 StepSucceeded: result 1200, attempt 1".
  std::vector<std::string> lines;
  std::vector<std::int64_t> invocation_ends;  ///< EventIds of InvocationCompleted
  TimestampMs start_ms = 0;
  TimestampMs end_ms = 0;
  std::string end;  ///< "Succeeded", "Failed", ...; "": the execution goes on
};

HistoryView view_history(const std::vector<Event>& events);

}  // namespace reprise
