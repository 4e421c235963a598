#include "reprise/runtime/mechanism.h"

#include <array>

namespace reprise {

std::string_view to_string(Mechanism mechanism) {
  static constexpr std::array<std::string_view, 20> kNames = {
      "",    "M1",  "M2",  "M3",  "M4",  "M5",  "M6",  "M7",  "M8",  "M9",
      "M10", "M11", "M12", "M13", "M14", "M15", "M16", "M17", "M18", "M19"};
  return kNames[static_cast<std::size_t>(mechanism)];
}

std::optional<Mechanism> mechanism_from(std::string_view name) {
  for (const Mechanism mechanism : kMechanisms) {
    if (to_string(mechanism) == name) return mechanism;
  }
  return std::nullopt;
}

}  // namespace reprise
