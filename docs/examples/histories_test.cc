// Histories on disk, and whether a handler still fits them.

#include <cstdio>
#include <string>
#include <utility>

#include "page_test_support.h"
#include "reprise/record/history_file.h"
#include "reprise/record/replay.h"
#include "reprise/testing/testing.h"

namespace {

using reprise::DurableContext;
using reprise::Task;

const std::string kHistory =
    std::string(REPRISE_SOURCE_DIR) + "/docs/examples/histories/parcel.json";

// [recorded_handler]
Task<int> parcel(DurableContext ctx) {
  int weight = co_await ctx.step("weigh", [&] { return 1200; });
  co_await ctx.wait("collect", absl::Hours(4));
  co_await ctx.step("label", [&] {});
  co_return weight;
}
// [/recorded_handler]

TEST(Histories, ARecordedOneFitsItsHandler) {
  // [replay]
  absl::StatusOr<reprise::ReplayResult> result =
      reprise::replay_history(reprise::make_handler(parcel), kHistory);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->compatible()) << reprise::describe(*result->difference);
  // [/replay]
}

// [edited_handler]
/// A new step before the wait: executions that wait there now cannot go on.
Task<int> edited_parcel(DurableContext ctx) {
  int weight = co_await ctx.step("weigh", [&] { return 1200; });
  co_await ctx.step("insure", [&] {});
  co_await ctx.wait("collect", absl::Hours(4));
  co_await ctx.step("label", [&] {});
  co_return weight;
}
// [/edited_handler]

TEST(Histories, AnEditedHandlerDoesNotFit) {
  // [replay_edited]
  absl::StatusOr<reprise::ReplayResult> result =
      reprise::replay_history(reprise::make_handler(edited_parcel), kHistory);
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_TRUE(result->difference);
  std::string text = reprise::describe(*result->difference);
  // [/replay_edited]
  pages::expect_documented(__FILE__, text + "\n");
}

TEST(Histories, AreWrittenFromARun) {
  const std::string path = testing::TempDir() + "reprise_docs_parcel.json";
  // [save]
  reprise::Scenario scenario("parcel", parcel);
  reprise::History history;
  history.events = reprise::run(scenario).histories.at("parcel");
  absl::Status saved = reprise::save_history(path, history);
  // [/save]
  ASSERT_TRUE(saved.ok()) << saved;
  const absl::StatusOr<reprise::History> stored = reprise::load_history(kHistory);
  ASSERT_TRUE(stored.ok()) << stored.status();
  EXPECT_EQ(stored->events, history.events)
      << "docs/examples/histories/parcel.json is out of date: " << path
      << " is what this build records";
}

TEST(Histories, NormaliseLeavesOutWhatMayDiffer) {
  // [normalise]
  reprise::ReplayOptions options;
  options.normalise = [](nlohmann::json end) {
    if (end.contains("Error")) end["Error"].erase("ErrorType");
    return end;
  };
  absl::StatusOr<reprise::ReplayResult> result =
      reprise::replay_history(reprise::make_handler(parcel), kHistory, options);
  // [/normalise]
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->compatible());
}

}  // namespace
