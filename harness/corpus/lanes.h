#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/record/history_file.h"

namespace reprise::corpus {

/// The lanes of a recording: contexts that were open together with a sibling, such as the branches
/// of a `parallel`, when there are operations in them.  How the events of two lanes interleave is
/// an artefact of the runtime that recorded them; the order within a lane, and of a lane and what
/// is outside of all lanes, means something.  Siblings that hold no operations only start and end,
/// so their order is that of the batch: they are no lanes.
class Lanes {
 public:
  explicit Lanes(const History& recorded);

  /// What is compared beside the order within the views.
  struct Concurrency {
    /// For each context with lanes: they start in this order ...
    std::map<std::string, std::vector<std::string>> starts;
    /// ... so many are open at a time ...
    std::map<std::string, std::size_t> widths;
    /// ... and an invocation ends while two or more of them are open.
    std::set<std::string> suspended;

    friend bool operator==(const Concurrency&, const Concurrency&) = default;
  };
  Concurrency concurrency(const History& history) const;

  /// Positions of the events that are compared in their order: for each lane those in it and those
  /// in no lane but the ones around it, and those in no lane.  Left out are the ends of invocations
  /// in a context that was suspended while several lanes were open: a runtime may wait for their
  /// timers in one invocation or in many.
  std::vector<std::vector<std::size_t>> views(const History& history) const;

  /// Positions of the events of the recording that come behind the decision of a batch, in items
  /// that its result reports as in flight.  The origin sent what such items had queued, PROTOCOL
  /// 6.6.4 forbids it.  What they did before the decision is what `produced` holds of them.
  std::set<std::size_t> behind_decision(const History& recorded, const History& produced) const;

 private:
  std::string parent_of(const std::string& id) const;
  std::string lane_of(const Event& event) const;
  bool is_inside(const Event& event, const std::string& context) const;
  std::vector<bool> uncounted_invocations(const History& history) const;

  std::map<std::string, std::string> parents_;  // of operations; "" at the root
  std::vector<std::string> lanes_;              // in the order in which they start
  std::set<std::string> suspended_;
};

/// The items that the result of a batch reports as in flight, by index; none when `payload` is no
/// result of a batch.
std::vector<std::size_t> undecided_items(std::string_view payload);

/// Those of them whose contexts have ended nevertheless, for the batch that ends with `event`.
std::set<std::size_t> undecided_items_that_ended(const History& recorded, const Event& event);

}  // namespace reprise::corpus
