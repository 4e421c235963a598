#pragma once

#include <time.h>

#include <cstdint>

#include "reprise/world/ambient.h"

namespace reprise::internal {

/// The run in which an interposed call falls.
class AmbientRegion {
 public:
  /// Finds out whose code makes the call, and tells the run when it is the handler's.  Outside runs
  /// this is one read of a thread-local variable.
  AmbientRegion(AmbientKind kind, const char* function, void* caller);

  /// The call concerns no run: it goes to the library untouched.
  bool outside() const { return scope_.region == CodeRegion::kOutside; }
  bool in_handler() const { return scope_.region == CodeRegion::kHandler; }
  AmbientState& state() const { return *scope_.state; }

 private:
  AmbientScope scope_;
};

/// Where a call falls that is reported nowhere.
AmbientScope quiet_scope();

/// Virtual time as a clock of the machine shows it; each reading moves it on a little, so that a
/// loop until a time has come ends.
enum class GuardedClock : std::uint8_t { kWall, kMonotonic };
std::int64_t read_clock_ns(GuardedClock clock, AmbientState& state);
/// The same without moving it.
std::int64_t peek_clock_ns(GuardedClock clock, AmbientState& state);
/// Lets virtual time pass, as if somebody had waited.
void pass_ns(std::int64_t duration_ns, AmbientState& state);
/// What the machine's clock says, also in a run.
void read_machine_clock(clockid_t clock, timespec* now);
/// Random bits that a run can repeat.
std::uint64_t draw_bits();

}  // namespace reprise::internal
