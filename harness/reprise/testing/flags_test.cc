#include "reprise/testing/flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reprise::internal {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(TestFlags, AreReadBesideThoseOfOthers) {
  const TestFlags flags =
      TestFlags::parse({"./order_test", "--gtest_filter=A.B", "--reprise_fixture=f.json",
                        "--reprise_verbose", "-v", "--reprise_report_dir=out/reports"});
  EXPECT_EQ(flags.program, "./order_test");
  EXPECT_EQ(flags.fixture, "f.json");
  EXPECT_TRUE(flags.verbose);
  EXPECT_EQ(flags.fixture_dir, "reprise_fixtures");
  EXPECT_EQ(flags.report_dir, "out/reports");
  EXPECT_THAT(flags.errors, IsEmpty());
}

TEST(TestFlags, NameTheFlagThatIsUnknownOrHasNoValue) {
  const TestFlags flags =
      TestFlags::parse({"t", "--reprise_fixtures=x", "--reprise_fixture",
                        "--reprise_fixture_dir=", "--reprise_verbose=1", "--reprise_report_dir"});
  EXPECT_THAT(flags.errors, ElementsAre(HasSubstr("unknown flag --reprise_fixtures=x"),
                                        HasSubstr("--reprise_fixture needs a value"),
                                        HasSubstr("--reprise_fixture_dir needs a value"),
                                        HasSubstr("unknown flag --reprise_verbose=1"),
                                        HasSubstr("--reprise_report_dir needs a value")));
}

TEST(TestFlags, SwitchMechanismsOff) {
  const TestFlags flags = TestFlags::parse({"t", "--reprise_without=M8,M10"});
  EXPECT_THAT(flags.without, ElementsAre(Mechanism::kBranches, Mechanism::kOverlap));
  EXPECT_THAT(flags.errors, IsEmpty());
  EXPECT_THAT(TestFlags::parse({"t", "--reprise_without=M99"}).errors,
              ElementsAre("--reprise_without=M99: expected M1, M2, ... (docs/mechanisms.md), found "
                          "\"M99\""));
}

TEST(TestFlags, TakeAnyTextAsASeed) {
  EXPECT_EQ(TestFlags().seed_number(), 1U);
  EXPECT_EQ(TestFlags::parse({"t", "--reprise_seed=17"}).seed_number(), 17U);
  const auto commit = TestFlags::parse({"t", "--reprise_seed=4f1c9ab"}).seed_number();
  EXPECT_EQ(TestFlags::parse({"t", "--reprise_seed=4f1c9ab"}).seed_number(), commit);
  EXPECT_NE(TestFlags::parse({"t", "--reprise_seed=4f1c9ac"}).seed_number(), commit);
  EXPECT_THAT(TestFlags::parse({"t", "--reprise_seed="}).errors,
              ElementsAre("--reprise_seed needs a value: --reprise_seed=NUMBER_OR_TEXT"));
}

TEST(TestFlags, BoundProperties) {
  const TestFlags flags = TestFlags::parse({"t", "--reprise_cases=7", "--reprise_runs=5000"});
  EXPECT_EQ(flags.cases, 7);
  EXPECT_EQ(flags.runs, 5000);
  EXPECT_THAT(TestFlags::parse({"t", "--reprise_cases=many"}).errors,
              ElementsAre(HasSubstr("--reprise_cases needs a number")));
}

TEST(TestFlags, AreThoseOfThisProcess) {
  EXPECT_THAT(TestFlags::of_process().program, HasSubstr("testing_test"));
}

}  // namespace
}  // namespace reprise::internal
