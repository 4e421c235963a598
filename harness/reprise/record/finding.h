#pragma once

#include <cstdint>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

namespace reprise {

/// What a finding says is wrong.  One page each: docs/verdicts/.
enum class Verdict : std::uint8_t {
  kDivergentOp,      ///< another operation, or none, at the same position
  kDivergentArg,     ///< the same operation with other arguments
  kAmbientCall,      ///< forbidden call in handler code, no divergence shown yet
  kDuplicateEffect,  ///< one logical effect applied more than once
  kLostEffect,       ///< reported done, effect absent
  kOrphanEffect,     ///< effect with no owner, or not undone, or undone when it should stand
  kUnstableOutcome,  ///< the result or the world depends on crash or schedule
  kStuck,            ///< no progress possible or made
  kBoundary,         ///< API contract broken
  kLeak,             ///< data or a resource crosses executions
  kLimit,            ///< behaviour changes or fails at a quota
  kUndecodable,      ///< a stored record that this build cannot read
  kInvariant,        ///< an invariant of the test's author does not hold
};

/// "DUPLICATE_EFFECT".
std::string_view to_string(Verdict verdict);
std::optional<Verdict> verdict_from(std::string_view name);

/// What a check reports about a run.
struct Finding {
  Verdict verdict = Verdict::kUnstableOutcome;
  std::string operation;  ///< "order/charge#1"
  std::string subject;    ///< the effect or incident within it: "bank.debit"; part of the identity
  std::string what;       ///< one sentence: what happened
  std::string allowed;    ///< what may happen, or what was expected
  std::vector<std::string> where;  ///< "order/charge#1 declared order.cpp:42"

  /// Findings of the same kind, operation and subject are the same finding, whatever the schedule.
  bool same_as(const Finding& other) const {
    return verdict == other.verdict && operation == other.operation && subject == other.subject;
  }
};

/// "order.cpp:42": the last part of the file's name, so that reports do not depend on where the
/// source lies.
std::string short_location(const std::source_location& location);

}  // namespace reprise
