// `./dev explain FILE` on the failures of this repository.
#include "scenarios/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "reprise/explore/upgrade_pair.h"
#include "reprise/record/finding.h"
#include "reprise/record/history_file.h"
#include "scenarios/order_processing.h"

namespace scenarios {
namespace {

namespace fs = std::filesystem;

using testing::HasSubstr;

const fs::path kSource = REPRISE_SOURCE_DIR;

std::vector<fs::path> files(const std::string& directory, const std::string& extension) {
  std::vector<fs::path> paths;
  for (const fs::directory_entry& each : fs::directory_iterator(kSource / directory)) {
    if (each.path().extension() == extension) paths.push_back(each.path());
  }
  std::sort(paths.begin(), paths.end());  // the order of a directory is not reproducible
  return paths;
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

bool updates() { return std::getenv("REPRISE_UPDATE_DOCS") != nullptr; }

// The stored history is that of the handler as it is.
TEST(Explain, HasAHistoryOfTheHandlerAsItIs) {
  const std::string path =
      (kSource / "fixtures/upgrades/order_processing_dated_acceptance.json").string();
  order_processing::OrderProcessing processing(order_processing::Situation::kCompleted);
  reprise::Scenario scenario = processing.scenario();
  const reprise::RecordedHistories recorded = reprise::record_histories(scenario);
  ASSERT_FALSE(recorded.histories.empty());
  const std::string written = testing::TempDir() + "dated_acceptance.json";
  const std::string to = updates() ? path : written;
  ASSERT_TRUE(reprise::save_history(to, recorded.histories.front().named.history).ok());
  EXPECT_EQ(read(to), read(path));
}

// The screen stands beside each file, as those of the zoo do.
TEST(Explain, ShowsTheScreenBesideEachFile) {
  for (const char* directory : {"fixtures/scenarios", "fixtures/upgrades"}) {
    const std::vector<fs::path> paths = files(directory, ".json");
    EXPECT_FALSE(paths.empty()) << directory;
    for (const fs::path& path : paths) {
      const std::string shown = path.lexically_relative(kSource).string();
      reprise::ReportContext context;
      context.fixture = shown;
      context.again = "./dev explain " + shown;
      const absl::StatusOr<Explanation> explanation = explain(path.string(), context);
      ASSERT_TRUE(explanation.ok()) << explanation.status();
      EXPECT_TRUE(explanation->as_recorded) << shown << ": " << explanation->outcome;
      const fs::path screen = fs::path(path).replace_extension(".txt");
      if (updates()) std::ofstream(screen, std::ios::binary) << explanation->screen;
      EXPECT_EQ(read(screen), explanation->screen) << screen << ": REPRISE_UPDATE_DOCS=1 writes it";
    }
  }
}

TEST(Explain, HasAScreenOfEachVerdict) {
  std::string screens;
  for (const char* directory : {"fixtures/scenarios", "fixtures/upgrades", "fixtures/zoo"}) {
    for (const fs::path& path : files(directory, ".txt")) screens += read(path);
  }
  const std::vector<fs::path> pages = files("docs/verdicts", ".md");
  EXPECT_EQ(pages.size(), 13U);
  for (const fs::path& page : pages) {
    std::string verdict = page.stem().string();
    for (char& c : verdict) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    EXPECT_TRUE(reprise::verdict_from(verdict)) << page;
    EXPECT_THAT(screens, HasSubstr(" " + verdict + "\n"));
  }
}

TEST(Explain, NamesTheScenariosThatItKnows) {
  const std::string path = testing::TempDir() + "unknown_scenario.json";
  std::string fixture = read(files("fixtures/scenarios", ".json").front());
  const std::string known = "fraud-detection.legacy-vendor.legacy-retried";
  fixture.replace(fixture.find(known), known.size(), "nobody");
  std::ofstream(path) << fixture;
  const absl::StatusOr<Explanation> explanation = explain(path);
  ASSERT_FALSE(explanation.ok());
  EXPECT_THAT(explanation.status().message(),
              testing::AllOf(HasSubstr(path + ": /scenario: there is no scenario \"nobody\""),
                             HasSubstr("tenant-isolation.wrong-token.2.foreign-token")));
}

}  // namespace
}  // namespace scenarios
