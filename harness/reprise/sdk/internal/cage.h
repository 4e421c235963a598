#pragma once

// Run-time bugs that official SDKs have had, kept in a cage: compiled only where REPRISE_CAGE is
// defined, which no product target does.  The cage test lets one out at a time and proves that the
// checks notice it; see CONTRIBUTING.md.

#ifdef REPRISE_CAGE

#include <cstdint>

namespace reprise::internal {

enum class CagedBug : std::uint8_t {
  kNone,
  kMismatchConsumedSilently,     // R01
  kDeterminismErrorMasked,       // R02
  kBatchRebuiltEmpty,            // R03
  kReplayModeFromFirstPage,      // R05
  kSuspendsOnStaleState,         // R07
  kAtMostOnceNeverRetried,       // R08
  kGoesOnAfterFailedCheckpoint,  // R10
  kSuspensionIsFailure,          // R12
  kStaleTokenIsFatal,            // R13
};

/// The bug that is out.
extern CagedBug caged_bug;

}  // namespace reprise::internal

#define REPRISE_CAGED(bug) (::reprise::internal::caged_bug == ::reprise::internal::CagedBug::bug)

#else
// Where faults are planted, these are some of them (docs/mutants.md).
#include "reprise/protocol/internal/planted_fault.h"
#define REPRISE_CAGED(bug) REPRISE_FAULT(bug)
#endif
