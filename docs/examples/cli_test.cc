// What docs/cli.md shows: the commands are run, and the report that they read is made here.

#include "reprise/cli/cli.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "page_test_support.h"
#include "reprise/fakes/payment_service.h"
#include "reprise/report/json_report.h"
#include "reprise/testing/testing.h"

namespace {

namespace fs = std::filesystem;
using reprise::DurableContext;
using reprise::Task;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// The report of a handler that charges twice.
reprise::ExplorationReport charge_report() {
  reprise::fakes::PaymentService payments;
  const auto charge = [&payments](DurableContext ctx, std::string order) -> Task<std::string> {
    std::string payment = co_await ctx.step(
        "charge", [&] { return payments.authorise(order, "4242-4242", 1200).payment_id; });
    co_await ctx.wait("cool-down", absl::Minutes(5));
    co_return payment;
  };
  reprise::Scenario scenario("charge", charge, std::string("order-1"));
  scenario.world(payments);
  reprise::ExplorationReport report =
      reprise::make_report("Charge.SurvivesEveryCrash", "charge", reprise::explore(scenario));
  for (reprise::FindingInReport& each : report.findings) {
    each.reported.finding.where.clear();  // lines of this file, which move with it
    each.fixture = "reprise_fixtures/charge_charge_duplicate_effect.json";
    each.again =
        "./charge_test --gtest_filter=Charge.SurvivesEveryCrash --reprise_fixture=" + each.fixture;
  }
  return report;
}

/// The same as one of two machines would report it.
reprise::ExplorationReport part_of(reprise::ExplorationReport report, int part) {
  report.parts.count = 2;
  report.parts.present = {part};
  report.certificate.places_hit = part == 1 ? report.certificate.places_hit : 0;
  report.coverage = reprise::coverage_text(report);
  return report;
}

/// A directory with the files that the page names, as the current one.
class CommandLine : public testing::Test {
 protected:
  CommandLine() : before_(fs::current_path()) {
    const fs::path examples = fs::path(REPRISE_SOURCE_DIR) / "docs/examples";
    directory_ = fs::path(testing::TempDir()) /
                 (std::string("reprise_cli_") +
                  testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(directory_);
    fs::create_directories(directory_ / "out");
    for (const char* const name : {"fixtures", "histories", "reports"}) {
      fs::copy(examples / name, directory_ / name, fs::copy_options::recursive);
    }
    const reprise::ExplorationReport report = charge_report();
    EXPECT_TRUE(
        reprise::save_report((directory_ / "out/1.json").string(), part_of(report, 1)).ok());
    EXPECT_TRUE(
        reprise::save_report((directory_ / "out/2.json").string(), part_of(report, 2)).ok());
    fs::current_path(directory_);
  }
  ~CommandLine() override {
    fs::current_path(before_);
    fs::remove_all(directory_);
  }

 private:
  fs::path before_;
  fs::path directory_;
};

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream stream(line);
  return {std::istream_iterator<std::string>(stream), std::istream_iterator<std::string>()};
}

reprise::cli::CommandResult run(const std::string& line) {
  std::vector<std::string> words = words_of(line);
  words.erase(words.begin());
  return reprise::cli::run_command(words, {});
}

/// The lines of the page's sh blocks that call the tool.
std::vector<std::string> commands_of_page() {
  std::istringstream page(read(fs::path(REPRISE_SOURCE_DIR) / "docs/cli.md"));
  std::vector<std::string> commands;
  bool in_block = false;
  for (std::string line; std::getline(page, line);) {
    if (line.rfind("```", 0) == 0) in_block = line == "```sh";
    if (in_block && line.rfind("reprise ", 0) == 0) commands.push_back(line);
  }
  return commands;
}

TEST_F(CommandLine, RunsEveryCommandOfThePage) {
  const std::vector<std::string> commands = commands_of_page();
  EXPECT_GE(commands.size(), 8U);
  for (const std::string& command : commands) {
    const reprise::cli::CommandResult result = run(command);
    const bool differs = command.rfind("reprise diff", 0) == 0;
    EXPECT_EQ(result.status, differs ? reprise::cli::kDiffers : reprise::cli::kOk)
        << command << "\n"
        << result.err;
    EXPECT_THAT(result.out, Not(IsEmpty())) << command;
  }
  EXPECT_THAT(read("reports/charge.html"), HasSubstr("DUPLICATE_EFFECT"));
}

TEST_F(CommandLine, ShowsAHistory) {
  pages::expect_documented(__FILE__, run("reprise show histories/parcel.json").out);
}

TEST_F(CommandLine, ShowsAReport) {
  pages::expect_documented(__FILE__, run("reprise show reports/charge.json").out);
}

TEST_F(CommandLine, ShowsTheFirstDifferenceOfTwoHistories) {
  pages::expect_documented(
      __FILE__, run("reprise diff histories/parcel.json histories/parcel_changed.json").out);
}

TEST_F(CommandLine, NamesThePlaceOfAMistake) {
  std::ofstream("broken.json") << R"({"format": "reprise-fixture", "version": 2})";
  const reprise::cli::CommandResult result = run("reprise check broken.json");
  EXPECT_EQ(result.status, reprise::cli::kDiffers);
  pages::expect_documented(__FILE__, result.err);
}

TEST_F(CommandLine, MergesParts) {
  pages::expect_documented(__FILE__,
                           run("reprise merge out/charge.json out/1.json out/2.json").out);
}

TEST(Report, IsThatOfTheExample) {
  const fs::path path = fs::path(REPRISE_SOURCE_DIR) / "docs/examples/reports/charge.json";
  const std::string text = reprise::write_report(charge_report());
  if (std::getenv("REPRISE_UPDATE_DOCS") != nullptr) std::ofstream(path, std::ios::binary) << text;
  EXPECT_EQ(read(path), text) << path << ": REPRISE_UPDATE_DOCS=1 writes it";
}

}  // namespace
