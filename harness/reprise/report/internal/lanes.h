#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "reprise/runtime/run_record.h"

namespace reprise::internal {

/// An effect on a lane.
struct LaneEffect {
  std::size_t slot = 0;
  std::string label;    ///< "bank.debit"
  std::string call;     ///< "bank.debit(10)", with its key; "": not known
  bool changed = true;  ///< false: recognised as a repetition
};

/// An operation, or a plain function, as a bar.
struct LaneBar {
  enum class Kind {
    kFresh,      ///< a step body that runs
    kReplayed,   ///< answered from its record
    kOperation,  ///< an operation without a body: started here, or ended here
    kFunction,   ///< a plain function
  };
  enum class End {
    kRecorded,  ///< its result is recorded
    kFailed,    ///< its failure is recorded
    kCrashed,   ///< the process died in it
    kOpen,      ///< it goes on in a later invocation
    kNone,      ///< nothing is recorded: replayed, a function
  };
  Kind kind = Kind::kFresh;
  End end = End::kOpen;
  std::string label;
  std::size_t first = 0;  ///< slots
  std::size_t last = 0;
  std::size_t row = 0;  ///< bars of one row do not overlap
  std::vector<LaneEffect> effects;
};

/// How an invocation ends, or what befalls it.
struct LaneStop {
  enum class Kind { kCrash, kSuspended, kReturned, kThrew, kFault, kArrived };
  Kind kind = Kind::kReturned;
  std::size_t slot = 0;
  std::string label;
  std::string detail;  ///< kCrash: the place
};

/// The timeline of one invocation.  Each mark has a slot of its own, in the order in which the
/// marks were made.
struct Lane {
  int invocation = 0;
  std::string execution;
  bool goes_on = false;  ///< the invocation stood still while another one ran
  std::size_t slots = 0;
  std::size_t rows = 1;
  std::vector<LaneBar> bars;
  std::vector<LaneEffect> effects;  ///< made by no operation
  std::vector<LaneStop> stops;
  std::vector<LaneStop> notes;  ///< kFault, kArrived
};

/// The timeline of a run as lanes, in the order of the run.
std::vector<Lane> lanes_of(const RunRecord& record);

}  // namespace reprise::internal
