#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <source_location>
#include <string>
#include <vector>

#include "reprise/record/finding.h"
#include "reprise/record/history_file.h"
#include "reprise/sdk/invocation.h"

namespace reprise {

/// A history under the name that it has in reports.
struct NamedHistory {
  std::string name;
  History history;
};

/// Reads the history file at `path`, or every `*.json` below the directory `path`, sorted by name.
///
/// An error when there is nothing, no file among it, or a file that cannot be read; its message has
/// a line for each of these, as load_history words it.
absl::StatusOr<std::vector<NamedHistory>> load_histories(const std::string& path);

/// Why an execution cannot go on with a handler.
struct UpgradeReason {
  /// DIVERGENT_OP, DIVERGENT_ARG or UNDECODABLE.
  Verdict verdict = Verdict::kDivergentOp;
  std::string operation;  ///< "fulfil#1/charge-card#2"; "" for the event and for the execution
  std::string id;         ///< of the operation, on the wire
  std::string what;       ///< one sentence: "the new handler calls ... where the history holds ..."
  std::string recorded;   ///< what the history holds: identity, arguments, or payload (shortened)
  std::string current;    ///< what the handler does: identity, arguments, or the decoder's message
  std::source_location location;  ///< where the handler calls the operation; line 0: nowhere

  friend bool operator==(const UpgradeReason&, const UpgradeReason&);
};
bool operator==(const UpgradeReason&, const UpgradeReason&);

/// A point of a history at which an execution can stand while a handler is replaced.
struct UpgradeCut {
  std::int64_t event_id = 0;  ///< the prefix ends with this event
  std::string at;             ///< `step "charge"`, `the end of step "charge"`, `the start`
  /// Not empty: executions are suspended here, and this is what they wait for: `wait "cool-down"`.
  std::vector<std::string> waits_for;
};

/// Cuts from `first` to `last`, both included.
struct UpgradeRange {
  std::size_t first = 0;
  std::size_t last = 0;

  friend bool operator==(const UpgradeRange&, const UpgradeRange&) = default;
};

struct UpgradeBreak {
  UpgradeReason reason;
  std::vector<UpgradeRange> ranges;  ///< where executions stand that it breaks
};

/// What becomes of the executions that have one history.
struct HistoryUpgrade {
  std::string name;
  /// Not OK: no log can be made of the history, and nothing is known.  The message names the event.
  absl::Status status;
  std::vector<UpgradeCut> cuts;
  std::vector<UpgradeRange> safe;    ///< where nothing breaks
  std::vector<UpgradeBreak> breaks;  ///< in the order in which they appear
  /// What is no failure and should be known: payloads that are read as another value, reasons that
  /// were accepted.
  std::vector<std::string> notes;

  bool ok() const { return status.ok() && breaks.empty(); }
};

struct UpgradeReport {
  std::vector<HistoryUpgrade> histories;

  /// Every history was read, every cut of it is safe, and there is a history.
  bool ok() const;
  std::size_t cuts() const;
};

enum class UpgradeDirection : std::uint8_t {
  kForward,   ///< histories of the old handler, on the new one
  kRollBack,  ///< histories of the new handler, on the old one
};

struct UpgradeOptions {
  UpgradeDirection direction = UpgradeDirection::kForward;
  /// True for what is meant to change, such as the duration of a wait: it becomes a note.  Empty:
  /// nothing is.
  std::function<bool(const UpgradeReason&)> accept;
  /// What `ctx.durable_execution_arn()` gives; histories do not hold it.
  std::string durable_execution_arn;
};

/// Says which executions that run now can go on with `handler`.
///
///     UpgradeReport report = check_upgrade(histories, make_handler(order));
///     EXPECT_TRUE(report.ok()) << describe(report);
///
/// An execution can stand, while a handler is replaced, in each durable state that it passes: one
/// after each event of an operation, and the one in which it begins.  These are the cuts.  (A batch
/// of updates is stored at once and may have several events; histories do not tell batches apart,
/// so there are cuts within a batch too.  What breaks within a batch breaks
/// behind it as well.)  At the last
/// cut before an InvocationCompleted without an error, the execution is suspended: that is where
/// executions stand for long.
///
/// For each cut the handler is run over the log of that prefix.  What has a record is replayed and
/// compared; what has none begins and never ends.  *No step body, check or submitter runs.*  Code
/// outside steps runs, as in every replay.  A cut breaks when the handler
///
/// - calls another operation than the log holds, or does not call a recorded one, or fails where
///   the history goes on: DIVERGENT_OP;
/// - calls a recorded operation with other arguments, as far as a history holds them (durations of
///   waits, timeouts of callbacks, target, tenant and payload of invokes): DIVERGENT_ARG;
/// - cannot decode a payload (the event, or a result): UNDECODABLE.
///
/// New operations behind the prefix, other results and an earlier return are no break.
/// A payload that is decoded, but is another JSON value when it is encoded again, is a note.
///
/// `replay_history` answers another question: whether a handler still does what a whole history
/// holds.
UpgradeReport check_upgrade(const std::vector<NamedHistory>& histories,
                            const HandlerFunction& handler, const UpgradeOptions& options = {});

/// The same for the files of load_histories(path).
absl::StatusOr<UpgradeReport> check_upgrade(const std::string& path, const HandlerFunction& handler,
                                            const UpgradeOptions& options = {});

/// "before step "pack" and from step "charge" on (suspended at wait "cool-down")".
std::string describe(const HistoryUpgrade& history, const std::vector<UpgradeRange>& ranges);
/// "order-7.json: safe before step "charge"; breaks from step "charge" on, because the new handler
/// calls step "audit" where the history holds step "charge" (order.cpp:42)"; a line for each note.
std::string describe(const HistoryUpgrade& history);
/// The histories that break or have notes, then "prefixes: 37/42 safe, of 3 histories".
std::string describe(const UpgradeReport& report);

}  // namespace reprise
