#include "reprise/explore/interleavings.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <utility>

#include "reprise/choices/choices.h"

namespace reprise {
namespace {

/// A moment at which several operations could go on.
struct BranchPoint {
  std::vector<std::string> ready;
  std::string chosen;
};

/// Takes prescribed choices, then the benign ones, and writes all of them down.
class PrescribedOrder final : public ScheduledChoices {
 public:
  PrescribedOrder(const Schedule& base, const std::vector<std::string>& prefix)
      : ScheduledChoices(base), prefix_(prefix) {}

  bool orders() const override { return true; }
  std::size_t choose(const std::vector<std::string>& ready) override {
    std::size_t chosen = 0;
    if (points_.size() < prefix_.size()) {
      const auto found = std::find(ready.begin(), ready.end(), prefix_[points_.size()]);
      if (found != ready.end()) chosen = static_cast<std::size_t>(found - ready.begin());
    }
    points_.push_back({ready, ready[chosen]});
    return chosen;
  }
  std::vector<BranchPoint> take() { return std::move(points_); }

 private:
  const std::vector<std::string>& prefix_;
  std::vector<BranchPoint> points_;
};

bool is_within(const std::string& operation, const std::string& branch) {
  return operation.compare(0, branch.size(), branch) == 0 &&
         (operation.size() == branch.size() || operation[branch.size()] == '/' ||
          operation[branch.size()] == ' ');
}

bool dependent(const Access& a, const Access& b) {
  if (!a.changes && !b.changes) return false;
  if (a.target.empty() || b.target.empty()) return true;  // it may have looked at anything
  if (a.target != b.target) return false;
  return a.object.empty() || b.object.empty() || a.object == b.object;
}

/// What is known of a branch point on the path that is being walked.
struct Node {
  BranchPoint point;
  std::set<std::string> to_try;
  std::set<std::string> tried;
};

class Walk {
 public:
  explicit Walk(const BranchGroups& groups) : groups_(groups) {}

  std::vector<std::string> prefix() const {
    std::vector<std::string> chosen;
    for (const Node& node : nodes_) chosen.push_back(node.point.chosen);
    return chosen;
  }

  void extend(std::vector<BranchPoint> points) {
    for (std::size_t i = nodes_.size(); i < points.size(); ++i) {
      nodes_.push_back({points[i], {}, {points[i].chosen}});
    }
  }

  // An access that depends on an earlier one of another branch could have come before it: at the
  // branch point of the earlier one, its branch is to be tried.
  void look_back(const std::vector<Access>& accesses) {
    for (std::size_t later = 0; later < accesses.size(); ++later) {
      for (std::size_t earlier = later; earlier-- > 0;) {
        const Access& a = accesses[earlier];
        const Access& b = accesses[later];
        const std::optional<std::string> branch = branch_beside(b.operation, a.operation);
        if (!branch || !dependent(a, b)) continue;
        if (a.branch_point == 0 || a.branch_point > nodes_.size()) break;
        Node& node = nodes_[a.branch_point - 1];
        bool found = false;
        for (const std::string& ready : node.point.ready) {
          if (!is_within(ready, *branch)) continue;
          node.to_try.insert(ready);
          found = true;
        }
        if (!found) node.to_try.insert(node.point.ready.begin(), node.point.ready.end());
        break;
      }
    }
  }

  // Goes back to the last point at which something is left to try.  False: nothing is.
  bool next() {
    while (!nodes_.empty()) {
      Node& node = nodes_.back();
      for (const std::string& each : node.to_try) {
        if (!node.tried.insert(each).second) continue;
        node.point.chosen = each;
        return true;
      }
      nodes_.pop_back();
    }
    return false;
  }

 private:
  // The branch of `operation`, when `other` belongs to a sibling of it.
  std::optional<std::string> branch_beside(const std::string& operation,
                                           const std::string& other) const {
    for (const std::vector<std::string>& group : groups_) {
      const auto branch_of = [&](const std::string& each) {
        return std::find_if(group.begin(), group.end(),
                            [&](const std::string& branch) { return is_within(each, branch); });
      };
      const auto mine = branch_of(operation);
      const auto its = branch_of(other);
      if (mine != group.end() && its != group.end() && mine != its) return *mine;
    }
    return std::nullopt;
  }

  const BranchGroups& groups_;
  std::vector<Node> nodes_;
};

Schedule order_of(const std::vector<BranchPoint>& points) {
  Schedule order;
  for (const BranchPoint& point : points) {
    if (point.chosen == point.ready.front()) continue;
    ScheduleEvent event;
    event.kind = ScheduleEvent::Kind::kSwitch;
    event.subject = point.chosen;
    event.other = point.ready.front();
    order.events.push_back(std::move(event));
  }
  return order;
}

}  // namespace

Interleavings::Interleavings(Simulation& simulation, BranchGroups groups, InterleavingLimits limits)
    : simulation_(simulation), groups_(std::move(groups)), limits_(limits) {}

InterleavingResult Interleavings::run(const Schedule& base, const OnRun& on_run) {
  InterleavingResult result;
  Walk walk(groups_);
  do {
    if (result.runs == limits_.runs_max) return result;
    const std::vector<std::string> prefix = walk.prefix();
    PrescribedOrder choices(base, prefix);
    const RunRecord record = simulation_.run(choices, RecordLevel::kOutcome);
    ++result.runs;
    const std::vector<BranchPoint> points = choices.take();
    if (on_run(record, order_of(points))) return result;
    walk.extend(points);
    walk.look_back(record.accesses);
  } while (walk.next());
  result.exhausted = true;
  return result;
}

}  // namespace reprise
