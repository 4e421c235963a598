#include "property_tests/generated_world.h"

#include "reprise/world/effect.h"

namespace reprise::properties {

using EffectKind = GeneratedEffect::Kind;
using Key = GeneratedEffect::Key;

bool Desk::is_new(const std::string& key) { return key.empty() || keys_.insert(key).second; }

int Desk::taken(int cell) const {
  observed("meter", std::to_string(cell));
  const auto found = meters_.find(cell);
  return found == meters_.end() ? 0 : found->second;
}

void Desk::apply(const GeneratedEffect& what, const std::string& steady_key) {
  const std::string minted = "minted" + std::to_string(charges_);
  const std::string key = what.key == Key::kSteady   ? steady_key
                          : what.key == Key::kMinted ? minted
                                                     : std::string();
  const std::string amount = std::to_string(what.amount);
  const std::string cell = std::to_string(what.cell);
  const std::string arguments = cell + ", " + amount;
  const auto unless_known = [&](auto change) {
    return [&, change](EffectOutcome& outcome) {
      if (is_new(key)) {
        change();
      } else {
        outcome.unchanged();
      }
    };
  };
  switch (what.kind) {
    case EffectKind::kCharge:
      effect({.target = "bank", .action = "charge", .arguments = arguments, .key = key},
             unless_known([&] { accounts_[what.cell] -= what.amount, ++charges_; }));
      return;
    case EffectKind::kAdd:
      effect(
          {.target = "meter", .action = "add", .arguments = arguments, .key = key, .object = cell},
          unless_known([&] { meters_[what.cell] += what.amount; }));
      return;
    case EffectKind::kPut:
      effect({.target = "settings",
              .action = "put",
              .arguments = arguments,
              .repeatable = true,
              .object = cell},
             [&](EffectOutcome&) { settings_[what.cell] = what.amount; });
      return;
    case EffectKind::kAppend:
      effect({.target = "journal", .action = "append", .arguments = amount, .key = key},
             unless_known([&] { ++journal_[amount]; }));
      return;
  }
}

}  // namespace reprise::properties
