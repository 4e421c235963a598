#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "reprise/record/fixture.h"

namespace reprise {
namespace {

Fixture a_fixture(const std::string& subject) {
  Fixture fixture;
  fixture.scenario = "order";
  fixture.verdict = Verdict::kDuplicateEffect;
  fixture.operation = "order/charge#1";
  fixture.subject = subject;
  return fixture;
}

TEST(FixtureDirectory, IsMadeAndKeepsFindingsThatShareAName) {
  const std::string directory = testing::TempDir() + "/reprise_fixture_directory/inner";
  const absl::StatusOr<std::string> first = save_fixture_in(directory, a_fixture("bank.debit"));
  ASSERT_TRUE(first.ok()) << first.status();
  const absl::StatusOr<std::string> second =
      save_fixture_in(directory, a_fixture("bank.note"), {*first});
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(std::filesystem::path(*first).filename(), "order_charge_duplicate_effect.json");
  EXPECT_EQ(std::filesystem::path(*second).filename(), "order_charge_duplicate_effect_2.json");
  EXPECT_EQ(*load_fixture(*first), a_fixture("bank.debit"));
  EXPECT_EQ(*load_fixture(*second), a_fixture("bank.note"));
}

TEST(FixtureDirectory, NamesWhatCannotBeMade) {
  const std::string file = testing::TempDir() + "/reprise_fixture_no_directory";
  std::ofstream(file) << "text";
  const absl::StatusOr<std::string> path = save_fixture_in(file, a_fixture("bank.debit"));
  ASSERT_FALSE(path.ok());
  EXPECT_NE(std::string(path.status().message()).find(file), std::string::npos);
}

}  // namespace
}  // namespace reprise
