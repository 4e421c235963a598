#pragma once

#include <cstdint>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/protocol/operation.h"
#include "reprise/sdk/logger.h"

namespace reprise {

namespace internal {
class ContextState;
}

/// One call of an operation by the handler, live or replayed.
struct OperationCall {
  const internal::ContextState* context = nullptr;
  int number = 0;  ///< counter within its context, from 1
  OperationType type = OperationType::kStep;
  std::string_view sub_type;
  SharedText id;
  SharedText parent_id;
  SharedText name;
  /// What S-11 compares besides the identity: durations, payloads, targets, options; absent for a
  /// step with default options.
  SharedText arguments;
  bool at_most_once = false;  ///< a step with at-most-once semantics
  std::source_location location;

  /// The operation in the handler's terms: names from the root, each with its occurrence among
  /// equal names of its context: "fulfil#1/charge-card#2".  An unnamed operation goes by its sub
  /// type.
  std::string path() const;
  /// Appends path() to `text`.
  void append_path(std::string& text) const;
};

/// A way to break the contract of the handler API.
enum class Misuse : std::uint8_t {
  kNestedOperation,    ///< an operation inside a step body
  kWrongContext,       ///< the context of another scope
  kSharedContext,      ///< the context around the branches, used in one of them
  kContextAfterScope,  ///< a context whose child-context body has ended
  kNeverAwaited,       ///< an operation object destroyed without co_await
  kOpenAtReturn,       ///< the handler returned while an operation was in flight
  kDuringTeardown,     ///< an operation started while frames are destroyed
  kSwallowedCrash,     ///< a body that caught the end of its process and returned
  kInvalidArgument,    ///< a name, duration or option that the protocol does not allow
};
std::string_view to_string(Misuse misuse);

enum class TeardownReason : std::uint8_t {
  kReturned,
  kSuspended,
  kEnded,
  kAbandoned,  ///< branches that a batch no longer waits for; the invocation goes on
};

/// Watches an invocation.  Calls come from the invocation's thread, in order; what an observer does
/// must not change the run.  The default does nothing.
class InvocationObserver {
 public:
  virtual ~InvocationObserver() = default;

  /// The handler calls an operation.  `record`: what the log holds for it, null when it is new.
  virtual void operation_called(const OperationCall&, const Operation* /*record*/) {}
  /// The call does not fit the record at its place (S-10); the execution fails.
  virtual void operation_diverged(const OperationCall&, const Operation& /*record*/,
                                  const std::string& /*message*/) {}
  /// A step body starts (attempt from 1); the matching end follows even when it throws.
  virtual void body_started(const OperationCall&, int /*attempt*/) {}
  virtual void body_ended(const OperationCall&, bool /*succeeded*/) {}
  /// True: after a body has ended, its result is decoded and encoded once more, to see whether it
  /// survives that.
  virtual bool wants_round_trips() const { return false; }
  /// It does not.
  virtual void round_trip_failed(const OperationCall&, const std::string& /*message*/) {}
  /// The answer to a checkpoint, or a poll, brought a record or a new state of one.
  virtual void record_changed(const Operation& /*record*/) {}
  /// A checkpoint call follows whose last update belongs to `call` (null: to the execution itself).
  virtual void checkpoint_starting(const OperationCall* /*call*/) {}
  virtual void misused(Misuse, const std::string& /*message*/, const std::source_location&,
                       const OperationCall* /*call*/) {}
  /// Records of the initial state that this invocation, which was not cut off, never asked for.
  virtual void records_unvisited(const std::vector<OperationPtr>&) {}
  /// A payload cannot be decoded (SerdesError); `operation_id` is empty for the event.
  virtual void payload_refused(std::string_view /*operation_id*/, const SharedText& /*payload*/,
                               const std::string& /*message*/) {}
  /// Only with InvocationOptions::replay_only: a payload was decoded, and its value, encoded again,
  /// is `again`.
  virtual void payload_read(std::string_view /*operation_id*/, const SharedText& /*payload*/,
                            const SharedText& /*again*/) {}
  virtual void logged(LogLevel, std::string_view /*message*/, std::string_view /*path*/) {}
  /// The coroutine frames that are left are destroyed between these two.
  virtual void teardown_started(TeardownReason) {}
  virtual void teardown_ended() {}
};

}  // namespace reprise
