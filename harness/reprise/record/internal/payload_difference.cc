#include "reprise/record/internal/payload_difference.h"

#include <utility>
#include <vector>

namespace reprise::internal {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kTextShown = 300;
constexpr std::size_t kDifferencesShown = 3;

std::string spell(const Json& value) {
  return shorten(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

class Differences {
 public:
  void compare(const std::string& path, const Json& recorded, const Json& again) {
    if (recorded.is_object() && again.is_object()) {
      compare_members(path, recorded, again);
    } else if (recorded.is_array() && again.is_array() && recorded.size() == again.size()) {
      for (std::size_t i = 0; i < recorded.size(); ++i) {
        compare(inner(path, std::to_string(i)), recorded[i], again[i]);
      }
    } else if (spell_all(recorded) != spell_all(again)) {  // 1 and 1.0 are equal, but not the same
      add(name(path) + " reads as " + spell(again) + " where the history holds " + spell(recorded));
    }
  }

  std::string text() const {
    std::string text;
    for (std::size_t i = 0; i < found_.size() && i < kDifferencesShown; ++i) {
      text += (i == 0 ? "" : ", ") + found_[i];
    }
    if (found_.size() <= kDifferencesShown) return text;
    return text + ", and " + std::to_string(found_.size() - kDifferencesShown) + " more";
  }

 private:
  static std::string inner(const std::string& path, const std::string& key) {
    return path.empty() ? key : path + "/" + key;
  }
  static std::string name(const std::string& path) {
    return path.empty() ? "it" : "`" + path + "`";
  }
  static std::string spell_all(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  void add(std::string difference) { found_.push_back(std::move(difference)); }

  void compare_members(const std::string& path, const Json& recorded, const Json& again) {
    for (const auto& [key, value] : recorded.items()) {
      if (again.contains(key)) {
        compare(inner(path, key), value, again[key]);
      } else {
        add(name(inner(path, key)) + " is lost");
      }
    }
    for (const auto& [key, value] : again.items()) {
      if (!recorded.contains(key)) {
        add(name(inner(path, key)) + " is filled in as " + spell(value));
      }
    }
  }

  std::vector<std::string> found_;
};

}  // namespace

std::string shorten(std::string_view text) {
  if (text.size() <= kTextShown) return std::string(text);
  std::size_t end = kTextShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // whole UTF-8
  return std::string(text.substr(0, end)) + "... (" + std::to_string(text.size()) + " characters)";
}

nlohmann::json payload_value(const SharedText& payload) {
  if (!payload) return nullptr;
  Json value = Json::parse(payload.view(), nullptr, /*allow_exceptions=*/false);
  return value.is_discarded() ? Json(payload.str()) : value;
}

std::string payload_difference(const SharedText& recorded, const SharedText& again) {
  Differences differences;
  differences.compare("", payload_value(recorded), payload_value(again));
  return differences.text();
}

}  // namespace reprise::internal
