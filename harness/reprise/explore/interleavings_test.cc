#include "reprise/explore/interleavings.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "reprise/explore/internal/place_recorder.h"
#include "reprise/explore/scenario.h"
#include "reprise/explore/variants.h"
#include "reprise/world/effect.h"

namespace reprise {
namespace {

/// Objects that count what is done to them.
struct Shelf {
  std::map<std::string, int> counts;

  void add(const std::string& object) {
    effect({.target = "shelf", .action = "add", .object = object},
           [&](EffectOutcome&) { ++counts[object]; });
  }
  int look(const std::string& object) const {
    observed("shelf", object);
    const auto found = counts.find(object);
    return found == counts.end() ? 0 : found->second;
  }
  friend bool operator==(const Shelf&, const Shelf&) = default;
};

/// Three branches, each with `steps` operations on the object that `object_of` gives it.
template <class ObjectOf>
InterleavingResult interleave(int steps, ObjectOf object_of, std::int64_t runs_max = 2000) {
  Shelf shelf;
  auto handler = [&](DurableContext ctx) -> Task<> {
    const std::vector<std::string> names = {"a", "b", "c"};
    const auto body = [&](DurableContext branch, const std::string& name) -> Task<int> {
      for (int i = 0; i < steps; ++i) {
        co_await branch.step("add", [&] { shelf.add(object_of(name)); });
      }
      co_return 0;
    };
    co_await ctx.map("all", names, body);
  };
  Scenario scenario("order", handler);
  scenario.world(shelf);
  Simulation simulation(scenario.program());
  internal::PlaceRecorder recorder{Schedule()};
  const RunRecord benign = simulation.run(recorder, RecordLevel::kFull);
  const BranchGroups groups = branches_of({benign, recorder.places(), recorder.ready()});
  EXPECT_EQ(groups.size(), 1U);
  EXPECT_EQ(groups.front().size(), 3U);
  return Interleavings(simulation, groups, {runs_max})
      .run({}, [](const RunRecord& record, const Schedule&) {
        return record.end != RunEnd::kCompleted;
      });
}

TEST(Interleavings, OfBranchesOnObjectsOfTheirOwnAreOneClass) {
  const InterleavingResult result = interleave(4, [](const std::string& name) { return name; });
  EXPECT_TRUE(result.exhausted);
  EXPECT_EQ(result.runs, 1) << "of 34,650 orders";
}

TEST(Interleavings, OfBranchesOnOneObjectAreMany) {
  const InterleavingResult result = interleave(1, [](const std::string&) { return "one"; });
  EXPECT_TRUE(result.exhausted);
  EXPECT_GE(result.runs, 6) << "3! orders";
}

TEST(Interleavings, StopAtTheirBoundAndSaySo) {
  const InterleavingResult result = interleave(
      4, [](const std::string&) { return "one"; }, 50);
  EXPECT_FALSE(result.exhausted);
  EXPECT_EQ(result.runs, 50);
}

TEST(Interleavings, ShowEachOrderAsASchedule) {
  Shelf shelf;
  auto handler = [&](DurableContext ctx) -> Task<> {
    const auto look = [&](DurableContext branch) -> Task<int> {
      const int seen = co_await branch.step("look", [&] { return shelf.look("one"); });
      co_return seen;
    };
    const auto add = [&](DurableContext branch) -> Task<int> {
      co_await branch.step("add", [&] { shelf.add("one"); });
      co_return 0;
    };
    Branches<int> branches;
    branches.add("look", look).add("add", add);
    co_await ctx.parallel("both", branches);
  };
  Scenario scenario("order", handler);
  scenario.world(shelf);
  Simulation simulation(scenario.program());
  internal::PlaceRecorder recorder{Schedule()};
  const RunRecord benign = simulation.run(recorder, RecordLevel::kFull);
  const BranchGroups groups = branches_of({benign, recorder.places(), recorder.ready()});
  std::map<std::string, Schedule> by_result;
  Interleavings(simulation, groups, {})
      .run({}, [&](const RunRecord& record, const Schedule& order) {
        std::string results;
        for (const auto& event : simulation.service().execution(0).operations) {
          results += event->result.str() + ";";
        }
        by_result.emplace(results, order);
        return record.end != RunEnd::kCompleted;
      });
  EXPECT_EQ(by_result.size(), 2U) << "it is looked at before and after";
  for (const auto& [results, order] : by_result) {
    simulation.run(order);
    std::string again;
    for (const auto& event : simulation.service().execution(0).operations) {
      again += event->result.str() + ";";
    }
    EXPECT_EQ(again, results) << describe(order);
  }
}

TEST(BranchVariants, LetEachBranchGoFirstAndAllInReverse) {
  auto handler = [&](DurableContext ctx) -> Task<> {
    const std::vector<std::string> names = {"a", "b", "c"};
    const auto body = [&](DurableContext branch, const std::string&) -> Task<int> {
      co_await branch.step("step", [] {});
      co_return 0;
    };
    co_await ctx.map("all", names, body);
  };
  Scenario scenario("order", handler);
  Simulation simulation(scenario.program());
  internal::PlaceRecorder recorder{Schedule()};
  const RunRecord benign = simulation.run(recorder, RecordLevel::kFull);
  std::vector<std::vector<std::string>> preferred;
  for (const Variant& variant : branch_variants({benign, recorder.places(), recorder.ready()})) {
    std::vector<std::string>& order = preferred.emplace_back();
    for (const ScheduleEvent& event : variant.schedule.events) order.push_back(event.subject);
  }
  ASSERT_EQ(preferred.size(), 4U);
  const std::vector<std::string> branches = {preferred[0].at(0), preferred[1].at(0),
                                             preferred[2].at(0)};
  EXPECT_EQ(std::set<std::string>(branches.begin(), branches.end()).size(), 3U);
  EXPECT_EQ(preferred[3], std::vector<std::string>(branches.rbegin(), branches.rend()));
}

TEST(Interleavings, DrawsTheSameOrdersFromTheSameSeed) {
  Shelf shelf;
  auto handler = [&](DurableContext ctx) -> Task<> {
    const std::vector<std::string> names = {"a", "b", "c"};
    const auto body = [&](DurableContext branch, const std::string& name) -> Task<int> {
      for (int i = 0; i < 4; ++i) co_await branch.step(name, [&] { shelf.add("one"); });
      co_return 0;
    };
    co_await ctx.map("all", names, body);
  };
  Scenario scenario("order", handler);
  scenario.world(shelf);
  Simulation simulation(scenario.program());
  internal::PlaceRecorder recorder{Schedule()};
  const RunRecord benign = simulation.run(recorder, RecordLevel::kFull);
  const BranchGroups groups = branches_of({benign, recorder.places(), recorder.ready()});
  Interleavings interleavings(simulation, groups, {});
  const auto draw = [&](std::uint64_t seed) {
    std::set<std::string> orders;
    const std::int64_t count =
        interleavings.sample({}, 60, seed, [&](const RunRecord& record, const Schedule& order) {
          orders.insert(describe(order));
          return record.end != RunEnd::kCompleted;
        });
    EXPECT_EQ(count, 60);
    return orders;
  };
  const std::set<std::string> orders = draw(1);
  EXPECT_EQ(draw(1), orders);
  EXPECT_NE(draw(2), orders);
  EXPECT_GT(orders.size(), 40U) << "hardly any is drawn twice";
}

}  // namespace
}  // namespace reprise
