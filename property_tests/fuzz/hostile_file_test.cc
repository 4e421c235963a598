// Files that somebody else wrote are read, or refused with a message; nothing worse happens.  The
// corpus of libFuzzer (`./dev fuzz`) is read here as well, and what becomes of it by some changes.

#include "property_tests/fuzz/hostile_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "property_tests/property.h"

namespace reprise::fuzz {
namespace {

using nlohmann::json;

constexpr int kChangesPerSeed = properties::kPrograms;

std::map<std::string, std::string> read_corpus() {
  std::map<std::string, std::string> corpus;
  for (const auto& entry :
       std::filesystem::directory_iterator(REPRISE_SOURCE_DIR "/property_tests/fuzz/corpus")) {
    std::ifstream file(entry.path(), std::ios::binary);
    corpus[entry.path().filename().string()] =
        std::string(std::istreambuf_iterator<char>(file), {});
  }
  return corpus;
}

std::vector<std::string> complaints;

// What the entry point has to say of it.
std::vector<std::string> complaints_about(const std::string& input) {
  complaints.clear();
  on_complaint = [](const std::string& complaint) { complaints.push_back(complaint); };
  (void)LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
  return complaints;
}

// The same changes on every machine: no distribution of the standard library.
class Changes {
 public:
  Changes(std::uint64_t seed, const std::vector<std::string>& corpus)
      : random_(seed), corpus_(corpus) {}

  std::string change(const std::string& input) {
    std::string changed = input;
    if (below(2) == 0 && change_value(changed)) return changed;
    for (std::size_t i = below(4) + 1; i > 0 && changed.size() > 1; --i) change_bytes(changed);
    return changed;
  }

 private:
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(random_() % count); }

  // Behind the first byte, which says what it is.
  std::size_t place_in(const std::string& text) { return 1 + below(text.size() - 1); }

  void change_bytes(std::string& text) {
    static const std::vector<std::string> kWords = {"null",
                                                    "true",
                                                    "-1",
                                                    "1e999",
                                                    "9223372036854775808",
                                                    "-9223372036854775808",
                                                    "0.1",
                                                    "\"",
                                                    "\\u0000",
                                                    "{",
                                                    "}",
                                                    "[",
                                                    "]",
                                                    ",",
                                                    ":",
                                                    "\xFF",
                                                    "\xC3",
                                                    "\\ud800",
                                                    "\x1B[31m",
                                                    "<script>",
                                                    "\n+\n"};
    const std::size_t at = place_in(text);
    const std::size_t length = std::min(below(24) + 1, text.size() - at);
    switch (below(6)) {
      case 0:
        text[at] = static_cast<char>(below(256));
        return;
      case 1:
        text.erase(at, length);
        return;
      case 2:
        text.insert(place_in(text), text.substr(at, length));
        return;
      case 3:
        text.insert(at, kWords[below(kWords.size())]);
        return;
      case 4:
        text.resize(at);
        return;
      default: {
        const std::string& other = corpus_[below(corpus_.size())];
        if (other.size() < 2) return;
        text.replace(at, length, other.substr(place_in(other), below(64)));
        return;
      }
    }
  }

  // One value of the file becomes another one; false when it is no JSON.
  bool change_value(std::string& text) {
    json file = json::parse(text.begin() + 1, text.end(), nullptr, false);
    if (file.is_discarded()) return false;
    json* value = &file;
    while (value->is_structured() && !value->empty() && below(8) != 0) {
      value = &*std::next(value->begin(), static_cast<std::ptrdiff_t>(below(value->size())));
    }
    if (value->is_structured() && !value->empty() && below(2) == 0) {
      if (value->is_object()) {
        value->erase(
            std::next(value->begin(), static_cast<std::ptrdiff_t>(below(value->size()))).key());
      } else {
        value->push_back((*value)[below(value->size())]);
      }
    } else if (value->is_object() && below(2) == 0) {
      (*value)["more"] = 1;
    } else if (value->is_number_integer() && below(2) == 0) {
      *value = value->get<std::int64_t>() == 0 ? 1 : 0;
    } else {
      static const std::vector<json> kValues = {nullptr,
                                                true,
                                                0,
                                                -1,
                                                2147483648,
                                                INT64_MAX,
                                                INT64_MIN,
                                                UINT64_MAX,
                                                1.5,
                                                1e300,
                                                "",
                                                "x",
                                                "\x1B]0;t\x07",
                                                "</script><script>",
                                                std::string(300, 'y'),
                                                json::array(),
                                                json::object(),
                                                json::array({1, "a"})};
      *value = kValues[below(kValues.size())];
    }
    text = text.substr(0, 1) + file.dump();
    return true;
  }

  std::mt19937_64 random_;
  const std::vector<std::string>& corpus_;
};

TEST(HostileFiles, OfTheCorpusAreReadOrRefused) {
  const std::map<std::string, std::string> corpus = read_corpus();
  for (const char kind : {kHistory, kFixture, kSchedule, kReport, kMerge}) {
    EXPECT_TRUE(std::any_of(corpus.begin(), corpus.end(), [&](const auto& seed) {
      return !seed.second.empty() && seed.second.front() == kind;
    })) << kind;
  }
  for (const auto& [name, input] : corpus) {
    EXPECT_EQ(complaints_about(input), std::vector<std::string>()) << name;
  }
}

TEST(HostileFiles, AreReadOrRefusedWhateverChanges) {
  const std::map<std::string, std::string> corpus = read_corpus();
  std::vector<std::string> inputs;
  for (const auto& [name, input] : corpus) inputs.push_back(input);
  Changes changes(properties::kSeed, inputs);
  for (const auto& [name, input] : corpus) {
    if (input.size() < 2) continue;
    for (int i = 0; i < kChangesPerSeed; ++i) {
      const std::string changed = changes.change(input);
      ASSERT_EQ(complaints_about(changed), std::vector<std::string>()) << name << " has become:\n"
                                                                       << changed;
    }
  }
}

}  // namespace
}  // namespace reprise::fuzz
