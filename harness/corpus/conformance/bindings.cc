#include "conformance/bindings.h"

#include <absl/strings/numbers.h>

#include <cstdint>
#include <regex>
#include <string_view>

namespace reprise::corpus {
namespace {

constexpr int kGeneratedMax = 4096;
/// std::regex recurses once a character.
constexpr std::size_t kSearchedMax = 16384;

bool is_name(std::string_view text) {
  constexpr std::string_view kCharacters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
  return !text.empty() && text.find_first_not_of(kCharacters) == std::string_view::npos;
}

/// What is between `${` + prefix and suffix + `}`.
std::optional<std::string> inside(const std::string& text, const std::string& prefix,
                                  const std::string& suffix) {
  const std::string opening = "${" + prefix;
  const std::string closing = suffix + "}";
  if (text.size() < opening.size() + closing.size() || text.rfind(opening, 0) != 0 ||
      text.compare(text.size() - closing.size(), closing.size(), closing) != 0) {
    return std::nullopt;
  }
  return text.substr(opening.size(), text.size() - opening.size() - closing.size());
}

std::uint64_t hash(std::string_view text) {
  std::uint64_t value = 0xcbf29ce484222325U;  // FNV-1a
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return value;
}

std::string generate(int length, const std::string& seed) {
  constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::uint64_t state = hash(seed);
  std::string text;
  for (int i = 0; i < length; ++i) {
    state += 0x9e3779b97f4a7c15U;  // splitmix64
    std::uint64_t mixed = (state ^ (state >> 30U)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
    text += kAlphabet[(mixed ^ (mixed >> 31U)) % kAlphabet.size()];
  }
  return text;
}

/// Variables are texts; what is none is written as the suite's own language writes it.
std::string literal(const Json& value) {
  if (value.is_null()) return "None";
  if (value.is_boolean()) return value.get<bool>() ? "True" : "False";
  return text_form(value);
}

}  // namespace

Bindings::Bindings(const Requirement& requirement) {
  for (const auto& [name, value] : requirement.variables) {
    const std::string text = literal(value);
    int length = 0;
    const std::optional<std::string> size = inside(text, "GEN_STR:", "");
    const bool generated =
        size && absl::SimpleAtoi(*size, &length) && length >= 0 && length <= kGeneratedMax;
    bind(name, generated ? generate(length, requirement.id + "/" + name) : text);
  }
}

const Json* Bindings::find(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? nullptr : &found->second;
}

std::string Bindings::replace(const std::string& text) const {
  std::string replaced;
  std::size_t from = 0;
  while (true) {
    const std::size_t begin = text.find("${", from);
    const std::size_t end = begin == std::string::npos ? begin : text.find('}', begin);
    if (end == std::string::npos) return replaced + text.substr(from);
    const std::string name = text.substr(begin + 2, end - begin - 2);
    const Json* value = is_name(name) ? find(name) : nullptr;
    if (value == nullptr) {
      replaced += text.substr(from, begin + 2 - from);
      from = begin + 2;
      continue;
    }
    replaced += text.substr(from, begin - from);
    replaced += text_form(*value);
    from = end + 1;
  }
}

Json Bindings::substitute(const Json& value) const {
  if (value.is_string()) {
    const std::string text = value.get<std::string>();
    const std::optional<std::string> name = placeholder_name(text);
    const Json* bound = name ? find(*name) : nullptr;
    return bound != nullptr ? *bound : Json(replace(text));
  }
  Json substituted = value;
  if (value.is_structured()) {
    for (Json& element : substituted) element = substitute(element);
  }
  return substituted;
}

std::optional<std::string> placeholder_name(const std::string& text) {
  std::optional<std::string> name = inside(text, "", "");
  return name && is_name(*name) ? name : std::nullopt;
}

std::optional<std::string> placeholder_pattern(const std::string& text) {
  return inside(text, "/", "/");
}

SearchResult search(const std::string& pattern, const std::string& text) {
  if (text.size() > kSearchedMax) {
    return {false, "more than " + std::to_string(kSearchedMax) + " characters are not searched"};
  }
  try {
    return {std::regex_search(text, std::regex(pattern)), ""};
  } catch (const std::regex_error& error) {
    return {false, "/" + pattern + "/ is no regular expression: " + error.what()};
  }
}

}  // namespace reprise::corpus
