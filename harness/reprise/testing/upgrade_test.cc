#include <absl/time/time.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "reprise/record/history_file.h"
#include "reprise/testing/testing.h"

namespace reprise {
namespace {

Task<int> order(DurableContext ctx) {
  int charged = co_await ctx.step("charge", [&] { return 1; });
  co_await ctx.wait("cool-down", absl::Minutes(5));
  co_return charged;
}

Task<int> renamed(DurableContext ctx) {
  int charged = co_await ctx.step("debit", [&] { return 1; });
  co_await ctx.wait("cool-down", absl::Minutes(5));
  co_return charged;
}

class ExpectUpgradable : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
  }
  void store(int count) {
    Scenario scenario("order", order);
    History history;
    history.events = run(scenario).histories.at("order");
    for (int i = 0; i < count; ++i) {
      const std::string name = "/order-" + std::to_string(10 + i) + ".json";
      ASSERT_TRUE(save_history(directory_ + name, history).ok());
    }
  }

  const std::string directory_ = testing::TempDir() + "reprise_expect_upgradable_" +
                                 testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(ExpectUpgradable, PassesForTheSameHandler) {
  store(1);
  EXPECT_UPGRADABLE(directory_, make_handler(order));
  EXPECT_ROLLS_BACK(directory_, make_handler(order));
}

TEST_F(ExpectUpgradable, FailsWithAScreenForEachHistory) {
  store(12);
  EXPECT_NONFATAL_FAILURE(EXPECT_UPGRADABLE(directory_, make_handler(renamed)),
                          "  history    order-10.json\n"
                          "  safe       before step \"charge\"\n"
                          "  what       the new handler calls step \"debit\" where the history "
                          "holds step \"charge\"\n"
                          "  where      charge#1 called upgrade_test.cc:");
  EXPECT_NONFATAL_FAILURE(EXPECT_UPGRADABLE(directory_, make_handler(renamed)),
                          "2 other histories break:\n             order-20.json, order-21.json\n");
}

TEST_F(ExpectUpgradable, RolledBackTheOldHandlerIsNamed) {
  store(1);
  EXPECT_NONFATAL_FAILURE(EXPECT_ROLLS_BACK(directory_, make_handler(renamed)),
                          "the old handler calls step \"debit\"");
}

TEST_F(ExpectUpgradable, AnEmptyDirectoryFails) {
  EXPECT_NONFATAL_FAILURE(EXPECT_UPGRADABLE(directory_, make_handler(order)),
                          directory_ + ": there is no history file (*.json) in this folder");
}

TEST_F(ExpectUpgradable, TwoScenariosAreCheckedInBothDirections) {
  Scenario before("order", order);
  Scenario same("order", order);
  Scenario after("order", renamed);
  EXPECT_UPGRADABLE(before, same);
  const auto forward = [&] { EXPECT_UPGRADABLE(before, after); };
  EXPECT_NONFATAL_FAILURE(forward(), "the new handler calls step \"debit\"");
  EXPECT_NONFATAL_FAILURE(forward(), "the old handler calls step \"charge\"");
}

}  // namespace
}  // namespace reprise
