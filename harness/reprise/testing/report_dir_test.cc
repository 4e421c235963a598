#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "reprise/report/json_report.h"
#include "reprise/testing/testing.h"
#include "reprise/world/effect.h"

namespace reprise {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

struct Counter {
  int value = 0;
  void add() {
    effect({.target = "counter", .action = "add"}, [&](EffectOutcome&) { ++value; });
  }
  friend bool operator==(const Counter&, const Counter&) = default;
};

// Those that a child of this process runs.
TEST(ReportDirChild, DISABLED_Fails) {
  Counter counter;
  Scenario scenario("twice", [&](DurableContext ctx) -> Task<> {
    co_await ctx.step("add", [&] { counter.add(); });
  });
  scenario.world(counter);
  EXPECT_DURABLE(scenario);
}

// Shares the name of its scenario with the test above, and explores it twice.
TEST(ReportDirChild, DISABLED_FailsToo) {
  for (int i = 0; i < 2; ++i) {
    Counter counter;
    Scenario scenario("twice", [&](DurableContext ctx) -> Task<> {
      co_await ctx.wait("pause", absl::Seconds(1));
      co_await ctx.step("add", [&] { counter.add(); });
    });
    scenario.world(counter);
    EXPECT_DURABLE(scenario);
  }
}

TEST(ReportDirChild, DISABLED_Passes) {
  Scenario scenario("nothing", [](DurableContext) -> Task<> { co_return; });
  EXPECT_DURABLE(scenario);
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// This program, running the tests above with reports in `reports`.
int run_child(const fs::path& directory, const std::string& reports) {
  fs::remove_all(directory);
  fs::create_directories(directory);
  const std::string self = fs::read_symlink("/proc/self/exe").string();
  const std::string command =
      "cd '" + directory.string() + "' && unset GTEST_OUTPUT XML_OUTPUT_FILE && '" + self +
      "' --gtest_also_run_disabled_tests --gtest_filter='ReportDirChild.*' --gtest_output=xml:x.xml"
      " --reprise_report_dir='" +
      reports + "' > out.txt 2>&1";
  return std::system(command.c_str());
}

TEST(ReportDir, HasAReportOfEachExplorationWhetherItPassesOrFails) {
  const fs::path directory = fs::path(testing::TempDir()) / "reprise_report_dir";
  const std::string fixtures = "reprise_fixtures/report_dir_child_disabled_";
  EXPECT_NE(run_child(directory, "reports"), 0);
  const std::string failed = "reports/ReportDirChild.DISABLED_Fails.twice";
  const absl::StatusOr<ExplorationReport> report =
      load_report((directory / (failed + ".json")).string());
  ASSERT_TRUE(report.ok()) << report.status().message();
  ASSERT_EQ(report->findings.size(), 1U);
  EXPECT_EQ(report->findings[0].reported.finding.verdict, Verdict::kDuplicateEffect);
  EXPECT_EQ(report->findings[0].fixture, fixtures + "fails_add_duplicate_effect.json");
  EXPECT_TRUE(fs::exists(directory / report->findings[0].fixture));
  EXPECT_TRUE(fs::exists(directory / (fixtures + "fails_too_add_duplicate_effect.json")));
  EXPECT_TRUE(fs::exists(directory / (fixtures + "fails_too_add_duplicate_effect_2.json")));
  EXPECT_THAT(read(directory / (failed + ".html")), HasSubstr("DUPLICATE_EFFECT"));
  const std::string passed = "reports/ReportDirChild.DISABLED_Passes.nothing.json";
  const absl::StatusOr<ExplorationReport> sound = load_report((directory / passed).string());
  ASSERT_TRUE(sound.ok()) << sound.status().message();
  EXPECT_TRUE(sound->sound());
  const std::string junit = read(directory / "x.xml");
  EXPECT_THAT(junit, HasSubstr("reprise_twice_verdicts\" value=\"DUPLICATE_EFFECT twice/add#1\""));
  EXPECT_THAT(junit, HasSubstr("reprise_twice_schedule\" value=\"1 event: crash after effect 1"));
  EXPECT_THAT(junit, HasSubstr("reprise_twice_fixture\" value=\"" + fixtures + "fails_add"));
  EXPECT_THAT(junit, HasSubstr("reprise_nothing\" value=\"fault points"));
}

TEST(ReportDir, FailsTheTestWhenItCannotBeWritten) {
  const fs::path directory = fs::path(testing::TempDir()) / "reprise_report_dir_blocked";
  EXPECT_NE(run_child(directory, "out.txt/reports"), 0);
  const std::string printed = read(directory / "out.txt");
  EXPECT_THAT(printed, HasSubstr("the report could not be written: out.txt/reports: "));
  EXPECT_THAT(printed, HasSubstr("[  FAILED  ] ReportDirChild.DISABLED_Passes"));
  EXPECT_THAT(printed, HasSubstr("DUPLICATE_EFFECT"));
}

}  // namespace
}  // namespace reprise
