#include "reprise/record/upgrade.h"

#include <absl/time/time.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "reprise/record/upgrade_test_support.h"
#include "reprise/sdk/context.h"
#include "reprise/sdk/handler.h"

namespace reprise {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class CheckUpgrade : public testing::Test {
 protected:
  /// The history of `before` on `after`.
  template <class Before, class After>
  HistoryUpgrade upgrade(Before before, After after, const UpgradeOptions& options = {}) {
    const HandlerFunction recorded = make_handler(std::move(before));
    const UpgradeReport report = check_upgrade({{"order.json", record_history(recorded)}},
                                               make_handler(std::move(after)), options);
    return report.histories.front();
  }
  template <class Before, class After>
  std::string text(Before before, After after) {
    return without_lines(describe(upgrade(std::move(before), std::move(after))));
  }

  int bodies = 0;
};

/// reserve, a wait, charge, ship.
Task<int> order(DurableContext ctx) {
  int held = co_await ctx.step("reserve", [&] { return 7; });
  co_await ctx.wait("cool-down", absl::Minutes(5));
  co_await ctx.step("charge", [&] { return held + 1; });
  co_await ctx.step("ship", [&] { return 2; });
  co_return held;
}

TEST_F(CheckUpgrade, TheSameHandlerIsSafeEverywhere) {
  const HistoryUpgrade result = upgrade(order, order);
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(describe(result), "order.json: safe everywhere (suspended at wait \"cool-down\")\n");
  EXPECT_THAT(result.safe, ElementsAre(UpgradeRange{0, 8}));
}

TEST_F(CheckUpgrade, NoBodyRuns) {
  const History history = record_history(make_handler(order));
  const auto same = [this](DurableContext ctx) -> Task<int> {
    auto count = [this] { return ++bodies; };
    co_await ctx.step("reserve", count);
    co_await ctx.wait("cool-down", absl::Minutes(5));
    co_await ctx.step("charge", count);
    co_await ctx.step("ship", count);
    co_await ctx.step("new", count);
    co_return 0;
  };
  EXPECT_TRUE(check_upgrade({{"order.json", history}}, make_handler(same)).ok());
  EXPECT_EQ(bodies, 0);
}

TEST_F(CheckUpgrade, AnInsertedOperationBreaksWhoHasPassedItsPlace) {
  const auto after = [](DurableContext ctx) -> Task<int> {
    int held = co_await ctx.step("reserve", [&] { return 7; });
    co_await ctx.wait("cool-down", absl::Minutes(5));
    co_await ctx.step("audit", [&] { return 0; });
    co_await ctx.step("charge", [&] { return held + 1; });
    co_await ctx.step("ship", [&] { return 2; });
    co_return held;
  };
  EXPECT_EQ(text(order, after),
            "order.json: safe before step \"charge\" (suspended at wait \"cool-down\"); breaks "
            "from step \"charge\" on, because the new handler calls step \"audit\" where the "
            "history holds step \"charge\" (upgrade_test.cc:N)\n");
}

TEST_F(CheckUpgrade, ExpectedAndActualAreStructured) {
  const auto after = [](DurableContext ctx) -> Task<int> {
    co_await ctx.step("audit", [&] { return 0; });
    co_return 0;
  };
  const HistoryUpgrade result = upgrade(order, after);
  ASSERT_EQ(result.breaks.size(), 1U);
  const UpgradeReason& reason = result.breaks[0].reason;
  EXPECT_EQ(reason.verdict, Verdict::kDivergentOp);
  EXPECT_EQ(reason.operation, "reserve#1");
  EXPECT_EQ(reason.id, "c4ca4238a0b92382");
  EXPECT_EQ(reason.recorded, "STEP (Step) \"reserve\"");
  EXPECT_EQ(reason.current, "STEP (Step) \"audit\"");
  EXPECT_THAT(short_location(reason.location), HasSubstr("upgrade_test.cc:"));
  EXPECT_THAT(result.breaks[0].ranges, ElementsAre(UpgradeRange{1, 8}));
  EXPECT_THAT(result.safe, ElementsAre(UpgradeRange{0, 0}));
  EXPECT_EQ(result.cuts[1].event_id, 2);
  EXPECT_EQ(result.cuts[1].at, "step \"reserve\"");
  EXPECT_THAT(result.cuts[3].waits_for, ElementsAre("wait \"cool-down\""));
}

TEST_F(CheckUpgrade, ARemovedOperationBreaksWhoHasBegunIt) {
  const auto after = [](DurableContext ctx) -> Task<int> {
    int held = co_await ctx.step("reserve", [&] { return 7; });
    co_await ctx.step("charge", [&] { return held + 1; });
    co_await ctx.step("ship", [&] { return 2; });
    co_return held;
  };
  EXPECT_EQ(text(order, after),
            "order.json: safe before wait \"cool-down\"; breaks from wait \"cool-down\" on "
            "(suspended at wait \"cool-down\"), because the new handler calls step \"charge\" "
            "where the history holds wait \"cool-down\" (upgrade_test.cc:N)\n");
}

TEST_F(CheckUpgrade, ARemovedLastOperationBreaksWhoHasBegunIt) {
  const auto after = [](DurableContext ctx) -> Task<int> {
    int held = co_await ctx.step("reserve", [&] { return 7; });
    co_await ctx.wait("cool-down", absl::Minutes(5));
    co_await ctx.step("charge", [&] { return held + 1; });
    co_return held;
  };
  EXPECT_EQ(text(order, after),
            "order.json: safe before step \"ship\" (suspended at wait \"cool-down\"); breaks from "
            "step \"ship\" on, because the new handler returns without calling step \"ship\", "
            "which the history holds\n");
}

TEST_F(CheckUpgrade, SwappedOperationsBreakFromTheFirstOn) {
  const auto after = [](DurableContext ctx) -> Task<int> {
    int held = co_await ctx.step("reserve", [&] { return 7; });
    co_await ctx.wait("cool-down", absl::Minutes(5));
    co_await ctx.step("ship", [&] { return 2; });
    co_await ctx.step("charge", [&] { return held + 1; });
    co_return held;
  };
  EXPECT_EQ(text(order, after),
            "order.json: safe before step \"charge\" (suspended at wait \"cool-down\"); breaks "
            "from step \"charge\" on, because the new handler calls step \"ship\" where the "
            "history holds step \"charge\" (upgrade_test.cc:N)\n");
}

TEST_F(CheckUpgrade, AnotherKindBreaks) {
  const auto after = [](DurableContext ctx) -> Task<int> {
    int held = co_await ctx.step("reserve", [&] { return 7; });
    co_await ctx.step("cool-down", [&] {});
    co_return held;
  };
  EXPECT_EQ(text(order, after),
            "order.json: safe before wait \"cool-down\"; breaks from wait \"cool-down\" on "
            "(suspended at wait \"cool-down\"), because the new handler calls step \"cool-down\" "
            "where the history holds wait \"cool-down\" (upgrade_test.cc:N)\n");
}

TEST_F(CheckUpgrade, AnotherDurationIsAnotherArgument) {
  const auto after = [](DurableContext ctx) -> Task<int> {
    int held = co_await ctx.step("reserve", [&] { return 7; });
    co_await ctx.wait("cool-down", absl::Minutes(1));
    co_await ctx.step("charge", [&] { return held + 1; });
    co_await ctx.step("ship", [&] { return 2; });
    co_return held;
  };
  EXPECT_EQ(text(order, after),
            "order.json: safe before wait \"cool-down\"; breaks from wait \"cool-down\" on "
            "(suspended at wait \"cool-down\"), because the new handler calls wait \"cool-down\" "
            "with seconds=60 where the history holds seconds=300 (upgrade_test.cc:N)\n");
  UpgradeOptions options;
  options.accept = [](const UpgradeReason& reason) {
    return reason.verdict == Verdict::kDivergentArg && reason.operation == "cool-down#1";
  };
  const HistoryUpgrade accepted = upgrade(order, after, options);
  EXPECT_TRUE(accepted.ok());
  EXPECT_EQ(describe(accepted),
            "order.json: safe everywhere (suspended at wait \"cool-down\")\n"
            "  note: accepted: the new handler calls wait \"cool-down\" with seconds=60 where the "
            "history holds seconds=300\n");
}

TEST_F(CheckUpgrade, AnOperationBehindTheLastOneIsSafe) {
  const auto after = [](DurableContext ctx) -> Task<int> {
    int held = co_await ctx.step("reserve", [&] { return 7; });
    co_await ctx.wait("cool-down", absl::Minutes(5));
    co_await ctx.step("charge", [&] { return held + 1; });
    co_await ctx.step("ship", [&] { return 2; });
    co_await ctx.wait("settle", absl::Hours(1));
    co_await ctx.step("thank", [&] {});
    co_return held + 1;
  };
  EXPECT_EQ(text(order, after), "order.json: safe everywhere (suspended at wait \"cool-down\")\n");
}

TEST_F(CheckUpgrade, AContextThatHasEndedHidesWhatChangedInIt) {
  const auto before = [](DurableContext ctx) -> Task<> {
    auto pack = [](DurableContext inner) -> Task<> {
      co_await inner.step("pick", [&] {});
      co_await inner.wait("dry", absl::Hours(1));
    };
    co_await ctx.run_in_child_context("pack", pack);
    co_await ctx.wait("collect", absl::Hours(1));
  };
  const auto after = [](DurableContext ctx) -> Task<> {
    auto pack = [](DurableContext inner) -> Task<> {
      co_await inner.step("weigh", [&] {});
      co_await inner.wait("dry", absl::Hours(1));
    };
    co_await ctx.run_in_child_context("pack", pack);
    co_await ctx.wait("collect", absl::Hours(1));
  };
  EXPECT_EQ(text(before, after),
            "order.json: safe before step \"pack/pick\" and from the end of context \"pack\" on "
            "(suspended at wait \"collect\"); breaks from step \"pack/pick\" to the end of wait "
            "\"pack/dry\" (suspended at wait \"pack/dry\"), because the new handler calls step "
            "\"pack/weigh\" where the history holds step \"pack/pick\" (upgrade_test.cc:N)\n");
}

TEST_F(CheckUpgrade, ARecordThatAWaitingHandlerHasNotComeToIsSafe) {
  const auto together = [](DurableContext ctx) -> Task<> {
    auto first = ctx.wait("first", absl::Hours(2));
    auto second = ctx.wait("second", absl::Hours(1));
    co_await second;
    co_await first;
  };
  const auto in_turn = [](DurableContext ctx) -> Task<> {
    co_await ctx.wait("first", absl::Hours(2));
    co_await ctx.wait("second", absl::Hours(1));
  };
  EXPECT_EQ(text(together, in_turn),
            "order.json: safe everywhere (suspended at wait \"first\", wait \"second\")\n");
}

TEST_F(CheckUpgrade, BranchesAreComparedAlthoughAnotherOneMeetsSomethingNew) {
  const auto make = [](const char* first, const char* last) {
    return [first, last](DurableContext ctx) -> Task<> {
      Branches<void> branches;
      auto left = [first](DurableContext inner) -> Task<> {
        co_await inner.wait(first, absl::Hours(9));
      };
      auto right = [last](DurableContext inner) -> Task<> {
        auto deep = [last](DurableContext innermost) -> Task<> {
          co_await innermost.wait(last, absl::Hours(1));
        };
        co_await inner.run_in_child_context("deep", deep);
      };
      branches.add(left);
      branches.add(right);
      co_await ctx.parallel("both", branches);
    };
  };
  const HistoryUpgrade result = upgrade(make("left", "right"), make("left", "wrong"));
  ASSERT_EQ(result.breaks.size(), 1U);
  EXPECT_EQ(result.breaks[0].reason.operation, "both#1/parallel-branch-1#1/deep#1/right#1");
}

TEST_F(CheckUpgrade, FailingWhereTheHistoryGoesOnBreaks) {
  const auto after = [](DurableContext ctx) -> Task<int> {
    int held = co_await ctx.step("reserve", [&] { return 7; });
    if (held > 5) throw ApplicationError("TooMany", "at most 5");
    co_return held;
  };
  EXPECT_EQ(text(order, after),
            "order.json: safe before the end of step \"reserve\"; breaks at the end of step "
            "\"reserve\", because the new handler fails with TooMany: \"at most 5\" where the "
            "history holds wait \"cool-down\"; breaks from wait \"cool-down\" on (suspended at "
            "wait \"cool-down\"), because the new handler fails with TooMany: \"at most 5\" "
            "before it calls wait \"cool-down\", which the history holds\n");
}

TEST_F(CheckUpgrade, FailingBehindTheNextOperationOfTheHistoryIsSafe) {
  // The START of a context is sent with the next call: the log does not hold it when that fails.
  const auto misuse = [](DurableContext ctx) -> Task<> {
    auto body = [ctx](DurableContext) mutable -> Task<> {
      co_await ctx.step("of the parent", [&] {});
    };
    co_await ctx.run_in_child_context("child", body);
  };
  EXPECT_EQ(describe(upgrade(misuse, misuse)), "order.json: safe everywhere\n");
}

TEST_F(CheckUpgrade, RolledBackTheOldHandlerIsNamed) {
  const auto newer = [](DurableContext ctx) -> Task<int> {
    int held = co_await ctx.step("reserve", [&] { return 7; });
    co_await ctx.wait("cool-down", absl::Minutes(5));
    co_await ctx.step("charge", [&] { return held + 1; });
    co_await ctx.step("ship", [&] { return 2; });
    co_await ctx.wait("settle", absl::Hours(1));
    co_return held;
  };
  UpgradeOptions options;
  options.direction = UpgradeDirection::kRollBack;
  EXPECT_EQ(describe(upgrade(newer, order, options)),
            "order.json: safe before wait \"settle\" (suspended at wait \"cool-down\"); breaks "
            "from wait \"settle\" on (suspended at wait \"settle\"), because the old handler "
            "returns without calling wait \"settle\", which the history holds\n");
}

TEST_F(CheckUpgrade, EventsOfTheExecutionMayHaveAnId) {
  History history = record_history(make_handler(order));
  history.events.front().id = "execution";
  history.events.back().id = "execution";
  const UpgradeReport report = check_upgrade({{"order.json", history}}, make_handler(order));
  EXPECT_TRUE(report.ok());
  EXPECT_EQ(report.cuts(), 9U);
}

TEST_F(CheckUpgrade, AHistoryThatIsNoLogIsReported) {
  History history = record_history(make_handler(order));
  history.events[4].id = "nobody";  // InvocationCompleted aside
  history.events[3].id.reset();
  const UpgradeReport report = check_upgrade({{"order.json", history}}, make_handler(order));
  EXPECT_FALSE(report.ok());
  EXPECT_EQ(describe(report),
            "order.json: event 4 (WaitStarted): it has no Id\n"
            "prefixes: 0/0 safe, of 1 history\n");
}

TEST(UpgradeReports, NoHistoryIsNoPass) {
  const UpgradeReport report = check_upgrade(std::vector<NamedHistory>(), make_handler(order));
  EXPECT_FALSE(report.ok());
  EXPECT_EQ(describe(report), "there is no history to check\n");
}

class LoadHistories : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_ + "/inner");
  }
  void write(const std::string& name, const std::string& text) {
    std::ofstream(directory_ + "/" + name) << text;
  }
  std::string error() {
    const absl::StatusOr<UpgradeReport> report = check_upgrade(directory_, make_handler(order));
    EXPECT_FALSE(report.ok());
    return std::string(report.status().message());
  }

  const std::string directory_ = testing::TempDir() + "reprise_load_histories_" +
                                 testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(LoadHistories, ReadsADirectoryInTheOrderOfNames) {
  const History history = record_history(make_handler(order));
  ASSERT_TRUE(save_history(directory_ + "/b.json", history).ok());
  ASSERT_TRUE(save_history(directory_ + "/inner/a.json", history).ok());
  ASSERT_TRUE(save_history(directory_ + "/a.json", history).ok());
  write("readme.txt", "no history");
  const absl::StatusOr<UpgradeReport> report = check_upgrade(directory_, make_handler(order));
  ASSERT_TRUE(report.ok()) << report.status();
  std::vector<std::string> names;
  for (const HistoryUpgrade& each : report->histories) names.push_back(each.name);
  EXPECT_THAT(names, ElementsAre("a.json", "b.json", "inner/a.json"));
  EXPECT_TRUE(report->ok());
  EXPECT_EQ(describe(*report), "prefixes: 27/27 safe, of 3 histories\n");
}

TEST_F(LoadHistories, AnEmptyDirectoryIsAnError) {
  EXPECT_EQ(error(), directory_ + ": there is no history file (*.json) in this folder");
}

TEST_F(LoadHistories, NamesEveryBrokenFileAndThePlaceInIt) {
  ASSERT_TRUE(save_history(directory_ + "/a.json", record_history(make_handler(order))).ok());
  write("b.json", R"([{"EventType": "ExecutionStarted", "EventId": "one"}])");
  write("c.json", "[");
  EXPECT_THAT(error(), HasSubstr(directory_ + "/b.json: /0/EventId: "));
  EXPECT_THAT(error(), HasSubstr("\n" + directory_ + "/c.json: "));
}

TEST_F(LoadHistories, AMissingFileIsAnError) {
  const auto report = check_upgrade(directory_ + "/nothing.json", make_handler(order));
  ASSERT_FALSE(report.ok());
  EXPECT_THAT(std::string(report.status().message()), HasSubstr(directory_ + "/nothing.json"));
}

}  // namespace
}  // namespace reprise
