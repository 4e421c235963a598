#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>

#include "reprise/world/effect.h"

namespace reprise::fakes {

enum class RiskStatus : std::uint8_t {
  kNoAnswer,  ///< the process is dead; what a default-constructed answer says
  kScored,
  kUnknown,      ///< no such transaction
  kUnavailable,  ///< the service cannot answer for it
};
std::string_view to_string(RiskStatus status);

struct RiskAnswer {
  RiskStatus status = RiskStatus::kNoAnswer;
  int score = 0;  ///< kScored

  bool ok() const { return status == RiskStatus::kScored; }
  bool operator==(const RiskAnswer&) const = default;
};

/// A service that says how risky a transaction is: a pure read that may fail.
///
///     RiskService risk;
///     risk.set_score("7", 2);
///     risk.fail_for("8");
///
///     RiskAnswer answer = risk.score_of("7");
///
/// Has of the real services: an answer that stays the same however often it is asked for, errors
/// that stay for a transaction, and errors of the network: each question is an effect that changes
/// nothing, so an exploration lets it fail, and lets its answer be lost; the caller then gets an
/// EffectFailed.
///
/// Leaves out: models, scores that change, errors that go away by themselves (an attempt that a
/// crash cuts off would use one up).
///
/// A copyable value, part of a world.
class RiskService {
 public:
  /// `name` is what the ledger and reports call it.
  explicit RiskService(std::string name = "risk") : name_(std::move(name)) {}

  void set_score(std::string transaction, int score) { scores_[std::move(transaction)] = score; }
  /// From now on there is no answer for this transaction.
  void fail_for(std::string transaction) { failing_.insert(std::move(transaction)); }

  RiskAnswer score_of(const std::string& transaction,
                      std::source_location location = std::source_location::current());

  bool operator==(const RiskService&) const = default;

 private:
  std::string name_;
  std::map<std::string, int> scores_;
  std::set<std::string> failing_;
};

}  // namespace reprise::fakes
