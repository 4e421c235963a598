#include "reprise/service/internal/transitions.h"

#include <array>
#include <cstddef>

namespace reprise::internal {
namespace {

using A = OperationAction;
using E = EventType;
using S = OperationStatus;
using T = OperationType;

constexpr StateSet kStarted = in_status(S::kStarted);
constexpr StateSet kReady = in_status(S::kReady);

constexpr std::string_view kR1 = "Invalid current STEP state to start.";
constexpr std::string_view kR2 = "Invalid current STEP state to close.";
constexpr std::string_view kR3 = "Invalid current STEP state to re-attempt.";
constexpr std::string_view kR8 = "Cannot start a CONTEXT that already exists.";
constexpr std::string_view kR9 = "Invalid current CONTEXT state to close.";
constexpr std::string_view kR10 = "Cannot start a WAIT that already exists.";
constexpr std::string_view kR11 =
    "Cannot cancel a WAIT that does not exist or has already completed.";
constexpr std::string_view kR12 = "Cannot start a CALLBACK that already exists.";
constexpr std::string_view kR13 = "Cannot start a CHAINED_INVOKE that already exists.";

// clang-format off
constexpr std::array kRules = {
    TransitionRule{T::kContext, A::kStart, kNoRecord, kR8,
                   S::kStarted, E::kContextStarted, E::kContextStarted, false},
    TransitionRule{T::kContext, A::kSucceed, kNoRecord | kStarted, kR9,
                   S::kSucceeded, E::kContextSucceeded, E::kContextSucceeded, false},
    TransitionRule{T::kContext, A::kFail, kNoRecord | kStarted, kR9,
                   S::kFailed, E::kContextFailed, E::kContextFailed, false},
    TransitionRule{T::kStep, A::kStart, kNoRecord | kReady, kR1,
                   S::kStarted, E::kStepStarted, E::kStepStarted, false},
    TransitionRule{T::kStep, A::kSucceed, kNoRecord | kStarted | kReady, kR2,
                   S::kSucceeded, E::kStepSucceeded, E::kStepSucceeded, true},
    TransitionRule{T::kStep, A::kFail, kNoRecord | kStarted | kReady, kR2,
                   S::kFailed, E::kStepFailed, E::kStepFailed, true},
    TransitionRule{T::kStep, A::kRetry, kNoRecord | kStarted | kReady, kR3,
                   S::kPending, E::kStepSucceeded, E::kStepFailed, true},
    TransitionRule{T::kWait, A::kStart, kNoRecord, kR10,
                   S::kStarted, E::kWaitStarted, E::kWaitStarted, false},
    TransitionRule{T::kWait, A::kCancel, kStarted, kR11,
                   S::kCancelled, E::kWaitCancelled, E::kWaitCancelled, false},
    TransitionRule{T::kCallback, A::kStart, kNoRecord, kR12,
                   S::kStarted, E::kCallbackStarted, E::kCallbackStarted, false},
    TransitionRule{T::kChainedInvoke, A::kStart, kNoRecord, kR13,
                   S::kStarted, E::kChainedInvokeStarted, E::kChainedInvokeStarted, false},
};
// clang-format on

constexpr std::size_t kTypes = 6;
constexpr std::size_t kActions = 5;
constexpr std::size_t kNoRow = kRules.size();  // the pair is illegal

// Row numbers by (type, action).
constexpr auto kRowOf = [] {
  std::array<std::size_t, kTypes * kActions> rows{};
  for (std::size_t& row : rows) row = kNoRow;
  for (std::size_t i = 0; i < kRules.size(); ++i) {
    const std::size_t pair = static_cast<std::size_t>(kRules[i].type) * kActions +
                             static_cast<std::size_t>(kRules[i].action);
    rows[pair] = i;
  }
  return rows;
}();

}  // namespace

std::span<const TransitionRule> transition_rules() { return kRules; }

const TransitionRule* find_transition(OperationType type, OperationAction action) {
  const auto t = static_cast<std::size_t>(type);
  const auto a = static_cast<std::size_t>(action);
  if (t >= kTypes || a >= kActions) return nullptr;
  const std::size_t row = kRowOf[t * kActions + a];
  return row == kNoRow ? nullptr : &kRules[row];
}

}  // namespace reprise::internal
