#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace reprise {

/// The ways in which Reprise finds something; docs/mechanisms.md lists them.  Each can be switched
/// off, to see what it is good for.
enum class Mechanism : std::uint8_t {
  kOperations = 1,    ///< M1: operations of a replay against the log
  kArguments = 2,     ///< M2: their arguments
  kPerturbation = 3,  ///< M3: perturbed replay
  kAmbientCalls = 4,  ///< M4: the guard
  kCrashes = 5,       ///< M5: crashes, and the ledger
  kFaults = 6,        ///< M6: faults besides crashes
  kEnvironments = 7,  ///< M7: warm, fresh, foreign
  kBranches = 8,      ///< M8: schedules of branches
  kArrivals = 9,      ///< M9: when things from outside arrive
  kOverlap = 10,      ///< M10: starts that overlap, frozen invocations
  kVersions = 11,     ///< M11: version pairs
  kBoundary = 12,     ///< M12: the contract of the handler API
  kLimits = 13,       ///< M13: quotas moved to where the data lies
  kProgress = 16,     ///< M16: every execution can end
  kCanaries = 17,     ///< M17: values of one execution in another
  kRefinement = 18,   ///< M18: result and world against those of runs without faults
  kRoundTrip = 19,    ///< M19: results that do not survive encoding
};
inline constexpr Mechanism kMechanisms[] = {
    Mechanism::kOperations,   Mechanism::kArguments, Mechanism::kPerturbation,
    Mechanism::kAmbientCalls, Mechanism::kCrashes,   Mechanism::kFaults,
    Mechanism::kEnvironments, Mechanism::kBranches,  Mechanism::kArrivals,
    Mechanism::kOverlap,      Mechanism::kVersions,  Mechanism::kBoundary,
    Mechanism::kLimits,       Mechanism::kProgress,  Mechanism::kCanaries,
    Mechanism::kRefinement,   Mechanism::kRoundTrip};

/// "M8".
std::string_view to_string(Mechanism mechanism);
std::optional<Mechanism> mechanism_from(std::string_view name);

/// Mechanisms that are switched off.
class MechanismSet {
 public:
  void add(Mechanism mechanism) { bits_ |= bit(mechanism); }
  bool contains(Mechanism mechanism) const { return (bits_ & bit(mechanism)) != 0; }
  friend bool operator==(const MechanismSet&, const MechanismSet&) = default;

 private:
  static std::uint32_t bit(Mechanism mechanism) {
    return std::uint32_t{1} << static_cast<std::uint32_t>(mechanism);
  }
  std::uint32_t bits_ = 0;
};

}  // namespace reprise
