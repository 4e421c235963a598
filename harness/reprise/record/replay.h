#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>

#include "reprise/record/history_file.h"
#include "reprise/sdk/invocation.h"

namespace reprise {

/// The first operation in which a handler differs from a history.
struct ReplayDifference {
  enum class Kind : std::uint8_t {
    kIdentity,       ///< another type, sub type, name or parent than recorded (S-10)
    kNotRecorded,    ///< an operation, or an end of a context, that a closed history does not have
    kUnvisited,      ///< a record that the handler never asks for
    kEndsEarly,      ///< the handler ends although the history goes on
    kNeverEnds,      ///< the handler waits although the history has ended
    kContextResult,  ///< a context ends with another result or error
    kOutcome,        ///< the execution ends with another result or error
  };
  Kind kind = Kind::kIdentity;
  /// In the handler's terms: "fulfil#1/charge-card#2"; "" when it is the execution itself.
  std::string operation;
  std::string raw_id;  ///< counter path, "1-2"; "" when unknown
  std::string id;      ///< on the wire
  /// What the history holds and what the handler does, in words: identity, result or error.
  std::string recorded;
  std::string current;
  /// Where the handler calls the operation; line 0 when it does not.
  std::source_location location;
  /// The last event of the shortest prefix of the history at which it shows.
  std::int64_t event_id = 0;

  friend bool operator==(const ReplayDifference&, const ReplayDifference&);
};
bool operator==(const ReplayDifference&, const ReplayDifference&);
std::string_view to_string(ReplayDifference::Kind kind);

/// One paragraph for people: what differs, where, and at which event.
std::string describe(const ReplayDifference& difference);

struct ReplayResult {
  /// Not OK: the log cannot be reconstructed from the history, and nothing is known about the
  /// handler.  The message names the event.
  absl::Status status;
  std::optional<ReplayDifference> difference;
  std::int64_t prefixes = 0;  ///< how many prefixes were replayed

  bool compatible() const { return status.ok() && !difference; }
};

struct ReplayOptions {
  /// Applied to recorded and current ends alike before they are compared, to leave out what may
  /// differ: clock values, names of error types.  An end is `{"Result": <JSON value>}` (a text that
  /// is no JSON stands for itself; no member: no result) or `{"Error": <error object>}`, as
  /// PROTOCOL 1.4; for a context it has
  /// `"Context": <name or null>` too.
  std::function<nlohmann::json(nlohmann::json end)> normalise;
  /// What `ctx.durable_execution_arn()` gives; histories do not hold it.
  std::string durable_execution_arn;
};

/// Says whether executions that run now could go on with `handler`: replays a recorded history and
/// compares what the handler asks for with what the history holds.
///
///     absl::StatusOr<ReplayResult> result =
///         replay_history(make_handler(checkout), "fixtures/checkout.json");
///     ASSERT_TRUE(result.ok()) << result.status();
///     EXPECT_TRUE(result->compatible()) << describe(*result->difference);
///
/// The handler runs once for each prefix that ends at an event of an operation, and once for the
/// whole history, over the log as it was then.  Operations with a record replay.  A new one is
/// compared with the operation that the history holds under its id and then refused, so *no step
/// body and no submitter ever runs*; a step that was interrupted in the prefix counts as waiting
/// for its retry.  Code outside steps runs, as in every replay.  Where the whole history has
/// succeeded or failed, the handler must end in the same way: equal JSON values, errors without
/// their stack traces.  A history that goes on, or that was stopped, timed out or given up by the
/// service, may be continued by new operations.
///
/// What a replay does not compare: arguments and options of operations (durations, payloads,
/// targets); and the failure of an execution that came out of a step body, such as an operation
/// called there.
ReplayResult replay_history(const HandlerFunction& handler, const History& history,
                            const ReplayOptions& options = {});

/// The same for a history file.  An error when the file cannot be read or the log not be
/// reconstructed; its message begins with the path.
absl::StatusOr<ReplayResult> replay_history(const HandlerFunction& handler, const std::string& path,
                                            const ReplayOptions& options = {});

}  // namespace reprise
