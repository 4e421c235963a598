// Which executions under way can go on with another version of a handler.

#include <string>
#include <vector>

#include "page_test_support.h"
#include "reprise/explore/upgrade_pair.h"
#include "reprise/record/upgrade.h"
#include "reprise/testing/testing.h"

namespace {

using reprise::DurableContext;
using reprise::Scenario;
using reprise::Task;

const std::string kHistories = std::string(REPRISE_SOURCE_DIR) + "/docs/examples/histories";

Task<int> parcel(DurableContext ctx) {
  int weight = co_await ctx.step("weigh", [&] { return 1200; });
  co_await ctx.wait("collect", absl::Hours(4));
  co_await ctx.step("label", [&] {});
  co_return weight;
}

// [new_version]
/// A new step before the label.
Task<int> insured_parcel(DurableContext ctx) {
  int weight = co_await ctx.step("weigh", [&] { return 1200; });
  co_await ctx.wait("collect", absl::Hours(4));
  co_await ctx.step("insure", [&] {});
  co_await ctx.step("label", [&] {});
  co_return weight;
}
// [/new_version]

// [files]
FAILING_TEST(Upgrades, ExecutionsUnderWayCanGoOn) {
  EXPECT_UPGRADABLE(kHistories, reprise::make_handler(insured_parcel));
}
// [/files]

TEST(Upgrades, OneLine) {
  // [report]
  absl::StatusOr<reprise::UpgradeReport> report =
      reprise::check_upgrade(kHistories, reprise::make_handler(insured_parcel));
  ASSERT_TRUE(report.ok()) << report.status();
  std::string text = reprise::describe(*report);
  // [/report]
  EXPECT_FALSE(report->ok());
  pages::expect_documented(__FILE__, text);
}

// [appended]
/// New operations behind the last one: safe forward, and not back.
Task<int> tracked_parcel(DurableContext ctx) {
  int weight = co_await ctx.step("weigh", [&] { return 1200; });
  co_await ctx.wait("collect", absl::Hours(4));
  co_await ctx.step("label", [&] {});
  co_await ctx.wait("deliver", absl::Hours(48));
  co_return weight;
}
// [/appended]

TEST(Upgrades, BothDirections) {
  // [pair]
  Scenario before("parcel", parcel);
  Scenario after("parcel", tracked_parcel);
  reprise::UpgradePairReport report = reprise::check_upgrade(before, after);
  EXPECT_TRUE(report.forward.ok());
  EXPECT_FALSE(report.roll_back.ok());
  std::string text = reprise::describe(report);
  // [/pair]
  pages::expect_documented(__FILE__, text);
}

/// Waits for another time.
Task<int> fast_parcel(DurableContext ctx) {
  int weight = co_await ctx.step("weigh", [&] { return 1200; });
  co_await ctx.wait("collect", absl::Hours(1));
  co_await ctx.step("label", [&] {});
  co_return weight;
}

TEST(Upgrades, AcceptsWhatIsMeant) {
  // [accept]
  reprise::UpgradeOptions options;
  options.accept = [](const reprise::UpgradeReason& reason) {
    return reason.verdict == reprise::Verdict::kDivergentArg && reason.operation == "collect#1";
  };
  absl::StatusOr<reprise::UpgradeReport> report =
      reprise::check_upgrade(kHistories, reprise::make_handler(fast_parcel), options);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(report->ok()) << reprise::describe(*report);
  // [/accept]
  pages::expect_documented(__FILE__, reprise::describe(*report));
}

TEST(Upgrades, HistoriesAreRecordedAndStored) {
  const std::string directory = testing::TempDir() + "reprise_docs_upgrades";
  // [store]
  Scenario scenario("parcel", parcel);
  int number = 0;
  for (const reprise::RecordedHistory& each : reprise::record_histories(scenario).histories) {
    const std::string path = directory + "_" + std::to_string(++number) + ".json";
    ASSERT_TRUE(reprise::save_history(path, each.named.history).ok());
  }
  // [/store]
  EXPECT_EQ(number, 1);
  EXPECT_UPGRADABLE(directory + "_1.json", reprise::make_handler(parcel));
}

}  // namespace
