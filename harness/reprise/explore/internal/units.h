#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reprise/choices/schedule.h"
#include "reprise/explore/explorer.h"
#include "reprise/explore/variants.h"

namespace reprise::internal {

/// A piece of an exploration that depends on no other: it can be done in any process.
struct WorkUnit {
  enum class Kind : std::uint8_t { kProcessInputs, kClosure, kInterleavings, kVariant };
  Kind kind = Kind::kVariant;
  std::size_t family = 0;  ///< kVariant: index of its UnitFamily
  Variant variant;

  /// It shows more, and is done even when something was found before.
  bool goes_on_after_findings() const {
    return kind == Kind::kProcessInputs || kind == Kind::kClosure;
  }
};

/// Units of the same kind, for the certificate.
struct UnitFamily {
  const char* what = "";
  std::int64_t total = 0;  ///< how many there are; more than were planned when they are too many
};

/// What a unit that ran in another process gives.
struct UnitResult {
  std::vector<ReportedFinding> findings;
  Certificate certificate;  ///< of this unit alone
  std::vector<bool> goals_met;
  std::vector<std::string> notes;
  std::vector<std::string> unanswered;  ///< Simulation::unanswered()
  std::vector<std::string> responders_used;
  bool vary = false;  ///< hidden inputs can be varied in all runs
};

std::string write_unit_result(const UnitResult& result);
/// Throws ProgramError when it is none.
UnitResult read_unit_result(const std::string& text);

}  // namespace reprise::internal
