#include "reprise/explore/interleavings.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "reprise/choices/choices.h"
#include "reprise/explore/internal/random.h"
#include "reprise/protocol/internal/planted_fault.h"

namespace reprise {

using internal::Random;

namespace {

/// A moment at which several operations could go on.
struct BranchPoint {
  std::vector<std::string> ready;
  std::string chosen;
};

/// Writes the order of a run down.
class NotedOrder : public ScheduledChoices {
 public:
  explicit NotedOrder(const Schedule& base) : ScheduledChoices(base) {}

  bool orders() const final { return true; }
  std::size_t choose(const std::vector<std::string>& ready) final {
    const std::size_t chosen = pick(ready, points_.size());
    points_.push_back({ready, ready[chosen]});
    return chosen;
  }
  std::vector<BranchPoint> take() { return std::move(points_); }

 protected:
  /// Which of `ready` goes on at branch point number `point`, counted from 0.
  virtual std::size_t pick(const std::vector<std::string>& ready, std::size_t point) = 0;

 private:
  std::vector<BranchPoint> points_;
};

/// Takes prescribed choices, then the benign ones.
class PrescribedOrder final : public NotedOrder {
 public:
  PrescribedOrder(const Schedule& base, const std::vector<std::string>& prefix)
      : NotedOrder(base), prefix_(prefix) {}

 private:
  std::size_t pick(const std::vector<std::string>& ready, std::size_t point) override {
    if (point >= prefix_.size()) return 0;
    const auto found = std::find(ready.begin(), ready.end(), prefix_[point]);
    return found == ready.end() ? 0 : static_cast<std::size_t>(found - ready.begin());
  }

  const std::vector<std::string>& prefix_;
};

/// Which branch an operation belongs to: what comes before its last name.
std::string branch_of(const std::string& operation) {
  const std::size_t turn = operation.find(" turn ");
  const std::string path = operation.substr(0, turn);
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(0, slash);
}

/// An order drawn from a seed.
class DrawnOrder final : public NotedOrder {
 public:
  enum class Way : std::uint8_t { kUniform, kPriorities, kSwarm };

  DrawnOrder(const Schedule& base, Way way, std::uint64_t seed, std::size_t points)
      : NotedOrder(base), way_(way), random_(seed) {
    constexpr int kChanges = 3;
    for (int i = 0; i < kChanges && points > 0; ++i) changes_.insert(random_.below(points));
  }

 private:
  std::size_t pick(const std::vector<std::string>& ready, std::size_t point) override {
    if (way_ == Way::kUniform) return random_.below(ready.size());
    std::size_t best = 0;
    for (std::size_t i = 1; i < ready.size(); ++i) {
      if (rank(ready[i]) > rank(ready[best])) best = i;
    }
    // Priorities change now and then: who came first comes last from here on.
    if (way_ == Way::kPriorities && changes_.count(point) > 0) {
      ranks_[branch_of(ready[best])] = --lowest_;
    }
    return best;
  }
  std::int64_t rank(const std::string& operation) {
    const auto [rank, is_new] = ranks_.try_emplace(branch_of(operation), 0);
    constexpr std::size_t kRanks = 1 << 20;
    // In a swarm there are two ranks: held back, or not.
    if (is_new) {
      rank->second = static_cast<std::int64_t>(random_.below(way_ == Way::kSwarm ? 2 : kRanks));
    }
    return rank->second;
  }

  Way way_;
  Random random_;
  std::set<std::size_t> changes_;
  std::map<std::string, std::int64_t> ranks_;
  std::int64_t lowest_ = 0;
};

bool is_within(const std::string& operation, const std::string& branch) {
  return operation.compare(0, branch.size(), branch) == 0 &&
         (operation.size() == branch.size() || operation[branch.size()] == '/' ||
          operation[branch.size()] == ' ');
}

bool dependent(const Access& a, const Access& b) {
  if (!a.changes && !b.changes) return false;
  if (REPRISE_FAULT(reads_commute_with_writes) && !(a.changes && b.changes)) return false;
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
        if (REPRISE_FAULT(two_orders_at_each_point) && node.tried.size() > 2) continue;
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

std::int64_t Interleavings::sample(const Schedule& base, std::int64_t count, std::uint64_t seed,
                                   const OnRun& on_run) {
  constexpr DrawnOrder::Way kWays[] = {DrawnOrder::Way::kUniform, DrawnOrder::Way::kPriorities,
                                       DrawnOrder::Way::kSwarm};
  Random seeds(seed);
  std::size_t points = 0;  // as the run before had
  for (std::int64_t i = 0; i < count; ++i) {
    DrawnOrder choices(base, kWays[static_cast<std::size_t>(i) % std::size(kWays)], seeds.next(),
                       points);
    const RunRecord record = simulation_.run(choices, RecordLevel::kOutcome);
    const std::vector<BranchPoint> taken = choices.take();
    points = taken.size();
    if (on_run(record, order_of(taken))) return i + 1;
  }
  return count;
}

}  // namespace reprise
