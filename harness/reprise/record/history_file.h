#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/protocol/event.h"
#include "reprise/record/json_file.h"

namespace reprise {

/// The history of one execution, with the form its file has.
///
///     absl::StatusOr<History> history = load_history("fixtures/checkout.json");
///     if (!history.ok()) return history.status();
///     for (const Event& event : history->events) ...
///
/// A file is the service's own JSON: the answer to GetDurableExecutionHistory, `{"Events": [...]}`,
/// or its array alone, as the local runners of the SDKs store it.
struct History {
  enum class Form : std::uint8_t { kArray, kEventsMember };

  std::vector<Event> events;
  Form form = Form::kArray;
  nlohmann::json extra;  ///< members beside `Events`, kept as read; an object or null

  friend bool operator==(const History&, const History&) = default;
};

/// Checks what holds in every complete history (PROTOCOL 9.3): the first event is ExecutionStarted
/// and no other is (H-1), ids count from 1 by 1 (H-1), and an event that ends the execution is the
/// last (H-5). The message begins with the JSON pointer of the offending value.
absl::Status check_history(const History& history);

/// Reads a history and checks it (check_history).  An answer that has a NextMarker is one page of a
/// history and an error.
///
/// Every message begins with the path and a place in the file, as in read_json_file:
///
///     fixtures/checkout.json: /Events/3/EventId: expected 4, found 5: event 4 is missing
absl::StatusOr<History> load_history(const std::string& path, const JsonLimits& limits = {});

/// The same for a text in memory; messages begin with `name` in place of the path.
absl::StatusOr<History> parse_history(std::string_view text, std::string_view name,
                                      const JsonLimits& limits = {});

/// The same for a value that was read already; messages begin with `name`.
absl::StatusOr<History> history_from_json(const nlohmann::json& value, std::string_view name);

/// The history as a canonical text: members sorted by name, two spaces of indentation, a newline at
/// the end.
///
/// Nothing that was read is lost: parsing the source and parsing this text give equal JSON.  Bytes
/// that are no UTF-8 (an event made by a program may hold them) become U+FFFD; save_history refuses
/// them.
std::string write_history(const History& history);

/// Writes write_history(history) to the file at `path`.  InvalidArgument, with the JSON pointer and
/// before the file is touched, when a text is no UTF-8 or the history would not be read back
/// (check_history).
absl::Status save_history(const std::string& path, const History& history);

}  // namespace reprise
