#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "reprise/choices/schedule.h"

namespace reprise {

/// Something that can happen at a place of a handler: "order/charge#1", "effect 1", "answer lost".
struct CoverageTuple {
  std::string operation;
  std::string phase;    ///< "start", "success", "failure", "retry", "effect 1", "response",
                        ///< "state", "arrival", "branch", "limit"
  std::string outcome;  ///< "crash before", "crash after", "throttled", "fails always", "twice"

  friend auto operator<=>(const CoverageTuple&, const CoverageTuple&) = default;
};

/// "order/charge#1 x effect 1 x answer lost".
std::string to_string(const CoverageTuple& tuple);

/// The tuple that an event stands for.
CoverageTuple tuple_of(const ScheduleEvent& event);

/// What can happen where, and what of it an exploration has tried.
class Coverage {
 public:
  void declare(const CoverageTuple& tuple) { tuples_.emplace(tuple, false); }
  void hit(const CoverageTuple& tuple) { tuples_[tuple] = true; }

  std::int64_t declared() const { return static_cast<std::int64_t>(tuples_.size()); }
  std::int64_t hits() const;
  /// What was not tried, in order.
  std::vector<CoverageTuple> missed() const;
  /// Hits in percent, rounded down; 100 when there is nothing to hit.
  int percent() const;
  /// "132/140 of what can happen where".
  std::string text() const;

 private:
  std::map<CoverageTuple, bool> tuples_;
};

}  // namespace reprise
