#include "reprise/fakes/risk_service.h"

namespace reprise::fakes {

std::string_view to_string(RiskStatus status) {
  switch (status) {
    case RiskStatus::kNoAnswer:
      return "NoAnswer";
    case RiskStatus::kScored:
      return "Scored";
    case RiskStatus::kUnknown:
      return "Unknown";
    case RiskStatus::kUnavailable:
      return "Unavailable";
  }
  return "";
}

RiskAnswer RiskService::score_of(const std::string& transaction, std::source_location location) {
  observed(name_, transaction);
  const EffectCall call{.target = name_,
                        .action = "score",
                        .arguments = transaction,
                        .repeatable = true,
                        .object = transaction,
                        .location = location};
  return effect(call, [&](EffectOutcome& outcome) {
    outcome.unchanged();
    if (failing_.contains(transaction)) return RiskAnswer{RiskStatus::kUnavailable, 0};
    const auto found = scores_.find(transaction);
    if (found == scores_.end()) return RiskAnswer{RiskStatus::kUnknown, 0};
    return RiskAnswer{RiskStatus::kScored, found->second};
  });
}

}  // namespace reprise::fakes
