#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace reprise {

/// The kinds of places where a run can deviate from the benign one.
enum class PointKind : std::uint8_t {
  kCheckpoint,  ///< a checkpoint call
  kEffect,      ///< an effect of a step body, a plain function or the handler itself
  kResponse,    ///< the response of an invocation
  kState,       ///< a page of the state that an invocation reads
  kInvocation,  ///< the beginning of an invocation, for which an environment is chosen
};

/// What the last update of a checkpoint call does.
enum class CheckpointAction : std::uint8_t { kStart, kSucceed, kFail, kRetry, kOther };

/// Where at the place.  A checkpoint has three moments, an effect kBefore and kAfter, all others
/// kBefore.
enum class Moment : std::uint8_t {
  kBefore,  ///< nothing has happened yet
  kStored,  ///< the service has stored the checkpoint, its answer is on the way
  kAfter,   ///< after the answer, after the effect
};

/// A place in the handler's terms: it survives edits of the handler that leave its operation alone.
struct Place {
  PointKind kind = PointKind::kCheckpoint;
  Moment moment = Moment::kBefore;
  /// "order/charge-card#1": execution and path of the operation; the execution alone for what the
  /// handler itself does; "order/authorize#1/payment-worker" for an effect of a plain function that
  /// was invoked.
  std::string operation;
  CheckpointAction action = CheckpointAction::kOther;  ///< kCheckpoint
  int attempt = 0;  ///< attempt of the step, from 1; 0: not in a step
  int effect = 0;   ///< kEffect: its number in the body; kState: of the page; from 1
  /// kResponse, kState, kInvocation, and effects outside any body: which invocation of the
  /// execution, counted from 1 since the last crash; 0 where a plain function is invoked.
  int invocation = 0;

  friend bool operator==(const Place&, const Place&) = default;
};

/// A place that is passed, its operation spelled out only when somebody asks.
struct PlaceRef {
  PointKind kind;
  Moment moment;
  CheckpointAction action = CheckpointAction::kOther;
  int attempt = 0;
  int effect = 0;
  int invocation = 0;
  const std::function<std::string()>& operation;

  Place spell() const { return {kind, moment, operation(), action, attempt, effect, invocation}; }
};

/// "after effect 2 of order/charge-card#1, attempt 1".
std::string describe(const Place& place);

std::string_view to_string(PointKind kind);
std::string_view to_string(CheckpointAction action);
std::string_view to_string(Moment moment);

}  // namespace reprise
