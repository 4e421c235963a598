#include "scenarios/zoo/zoo_fixtures.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "reprise/record/fixture.h"
#include "scenarios/zoo/visit.h"
#include "scenarios/zoo/zoo.h"

namespace scenarios::zoo {
namespace {

namespace fs = std::filesystem;

// What the screen calls a fixture does not depend on where the program runs.
std::string shown_path(const fs::path& path) { return "fixtures/zoo/" + path.filename().string(); }

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

const ZooEntry* entry_of(const reprise::Fixture& fixture) {
  for (const ZooEntry& entry : zoo()) {
    if (scenario_of(entry) == fixture.scenario && entry.buggy != nullptr) return &entry;
  }
  return nullptr;
}

}  // namespace

std::string write_fixtures(const Census& census, const std::string& directory) {
  std::string problems;
  std::error_code error;
  fs::create_directories(directory, error);
  for (const Row& row : census.rows) {
    if (!row.found()) continue;
    const auto report =
        std::find_if(row.buggy.reports.begin(), row.buggy.reports.end(),
                     [](const Sighting::Report& each) { return !each.fixture.empty(); });
    if (report == row.buggy.reports.end()) continue;
    std::string name(row.entry->id);
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const fs::path path = fs::path(directory) / (name + ".json");
    std::ofstream(path) << report->fixture;
    const auto fixture = reprise::load_fixture(path.string());
    if (!fixture.ok()) {
      problems += std::string(fixture.status().message()) + "\n";
      continue;
    }
    const Explanation explanation = explain(*row.entry, *fixture, shown_path(path));
    if (!explanation.reproduces) problems += path.string() + ": does not show it again\n";
    std::ofstream(fs::path(directory) / (name + ".txt")) << explanation.screen;
  }
  return problems;
}

std::string check_fixtures(const std::string& directory, int times) {
  std::vector<fs::path> paths;
  std::error_code error;
  for (const fs::directory_entry& each : fs::directory_iterator(directory, error)) {
    if (each.path().extension() == ".json") paths.push_back(each.path());
  }
  if (error || paths.empty()) return directory + ": there is no fixture file (*.json) in it\n";
  std::sort(paths.begin(), paths.end());  // the order of a directory is not reproducible
  std::string problems;
  for (const fs::path& path : paths) {
    const auto fixture = reprise::load_fixture(path.string());
    const ZooEntry* entry = fixture.ok() ? entry_of(*fixture) : nullptr;
    if (entry == nullptr) {
      problems += fixture.ok()
                      ? path.string() + ": /scenario: there is no entry " + fixture->scenario + "\n"
                      : std::string(fixture.status().message()) + "\n";
      continue;
    }
    if (kMemoryIsFilled && entry->id == kAboutFreshMemory) {
      std::printf("%s: left out, AddressSanitizer fills fresh memory\n", path.c_str());
      continue;
    }
    const std::string expected = read(fs::path(path).replace_extension(".txt"));
    for (int i = 1; i <= times; ++i) {
      const Explanation explanation = explain(*entry, *fixture, shown_path(path));
      if (explanation.reproduces && explanation.screen == expected) continue;
      problems += path.string() + ": replay " + std::to_string(i) + " of " + std::to_string(times) +
                  (explanation.reproduces ? " shows another screen:\n" : " does not show it:\n") +
                  explanation.screen;
      break;
    }
  }
  return problems;
}

bool replay(const std::string& path) {
  const auto fixture = reprise::load_fixture(path);
  if (!fixture.ok()) {
    std::fprintf(stderr, "%s\n", std::string(fixture.status().message()).c_str());
    return false;
  }
  const ZooEntry* entry = entry_of(*fixture);
  if (entry == nullptr) {
    std::fprintf(stderr, "%s: /scenario: there is no entry %s\n", path.c_str(),
                 fixture->scenario.c_str());
    return false;
  }
  const Explanation explanation = explain(*entry, *fixture, shown_path(path));
  std::printf("%s", explanation.screen.c_str());
  return explanation.reproduces;
}

}  // namespace scenarios::zoo
