#include "page_test_support.h"

#include <gtest/gtest-spi.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace pages {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kColumns = 100;
constexpr const char* kAgain = "  again      ";
constexpr const char* kContinuation = "             ";

std::vector<fs::path> all_pages() {
  const fs::path root(REPRISE_SOURCE_DIR);
  std::vector<fs::path> pages = {root / "README.md"};
  for (const auto& entry : fs::recursive_directory_iterator(root / "docs")) {
    if (entry.path().extension() == ".md") pages.push_back(entry.path());
  }
  std::sort(pages.begin(), pages.end());
  return pages;
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// The first character of a block and the one after its last.
struct Block {
  fs::path page;
  std::size_t begin = 0;
  std::size_t end = 0;
};

std::optional<Block> find_block(const std::string& marker) {
  const std::string opening = "<!-- output: " + marker + " -->\n```text\n";
  for (const fs::path& page : all_pages()) {
    const std::string text = read(page);
    const std::size_t at = text.find(opening);
    if (at == std::string::npos) continue;
    const std::size_t begin = at + opening.size();
    return Block{page, begin, text.find("```", begin)};
  }
  return std::nullopt;
}

std::string running_test() {
  const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
  return std::string(test->test_suite_name()) + "." + test->name();
}

bool starts_with(const std::string& text, const std::string& start) {
  return text.compare(0, start.size(), start) == 0;
}

/// Puts `program` in the place of this one and breaks the line again where the library would.
std::string with_program(const std::string& report, const std::string& program) {
  std::istringstream lines(report);
  std::string out;
  std::string command;
  std::string line;
  const auto end_command = [&] {
    if (command.empty()) return;
    std::istringstream words(command);
    std::string word;
    words >> word;
    std::string wrapped = kAgain + program;
    while (words >> word) {
      if (wrapped.size() + 1 + word.size() > kColumns) {
        out += wrapped + "\n";
        wrapped = kContinuation + word;
      } else {
        wrapped += " " + word;
      }
    }
    out += wrapped + "\n";
    command.clear();
  };
  while (std::getline(lines, line)) {
    if (starts_with(line, kAgain)) {
      command = line.substr(std::string(kAgain).size());
    } else if (!command.empty() && starts_with(line, kContinuation)) {
      command += " " + line.substr(std::string(kContinuation).size());
    } else {
      end_command();
      out += line + "\n";
    }
  }
  end_command();
  return out;
}

/// Pages name the examples without their directory, which is that of one machine.
std::string without_directory(std::string text, const std::string& directory) {
  for (std::size_t at = text.find(directory); at != std::string::npos; at = text.find(directory)) {
    text.erase(at, directory.size());
  }
  return text;
}

}  // namespace

void expect_documented(const char* file, const std::string& shown) {
  const std::string text = without_directory(shown, fs::path(file).parent_path().string() + "/");
  const std::string marker = fs::path(file).filename().string() + "#" + running_test();
  const std::optional<Block> block = find_block(marker);
  ASSERT_TRUE(block) << "no page has a block after <!-- output: " << marker << " -->; the text is\n"
                     << text;
  const std::string page = read(block->page);
  const std::string documented = page.substr(block->begin, block->end - block->begin);
  if (std::getenv("REPRISE_UPDATE_DOCS") != nullptr) {
    std::ofstream(block->page, std::ios::binary)
        << page.substr(0, block->begin) << text << page.substr(block->end);
    return;
  }
  EXPECT_EQ(documented, text) << block->page
                              << " shows something else; REPRISE_UPDATE_DOCS=1 writes it";
}

void expect_documented_failure(const char* file, void (*body)()) {
  testing::TestPartResultArray results;
  {
    const testing::ScopedFakeTestPartResultReporter reporter(
        testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &results);
    body();
  }
  ASSERT_EQ(results.size(), 1) << "the example is meant to fail once";
  std::string text = results.GetTestPartResult(0).message();
  text.erase(0, text.find_first_not_of('\n'));
  expect_documented(file, with_program(text, "./" + fs::path(file).stem().string()));
}

}  // namespace pages
