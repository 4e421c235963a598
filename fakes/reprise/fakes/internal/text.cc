#include "reprise/fakes/internal/text.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace reprise::fakes::internal {
namespace {

constexpr std::size_t kLengthMax = 96;
constexpr std::size_t kLengthCut = 56;

// FNV-1a: not std::hash, which another standard library computes otherwise.
std::uint32_t checksum(std::string_view text) {
  std::uint32_t sum = 2166136261U;
  for (const char c : text) sum = (sum ^ static_cast<unsigned char>(c)) * 16777619U;
  return sum;
}

std::string hex(std::uint32_t number) {
  std::string digits;
  for (int shift = 28; shift >= 0; shift -= 4) {
    digits += "0123456789abcdef"[(number >> shift) & 15U];
  }
  return digits;
}

}  // namespace

std::string money_text(std::int64_t cents) {
  const bool negative = cents < 0;
  const auto bits = static_cast<std::uint64_t>(cents);
  const std::uint64_t magnitude = negative ? 0 - bits : bits;
  const std::string fraction = std::to_string(magnitude % 100);
  std::string text = negative ? "-" : "";
  text += std::to_string(magnitude / 100);
  text += fraction.size() == 1 ? ".0" : ".";
  return text + fraction;
}

std::string short_text(std::string text) {
  if (text.size() <= kLengthMax) return text;
  std::size_t cut = kLengthCut;
  // A character of several bytes is not cut in two.
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U) --cut;
  return text.substr(0, cut) + "... (" + std::to_string(text.size()) + " bytes, " +
         hex(checksum(text)) + ")";
}

std::string short_text(const nlohmann::json& json) {
  return short_text(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

std::string quoted_text(std::string_view text) {
  std::string shortened = short_text(std::string(text));
  shortened.insert(shortened.begin(), '"');
  shortened += '"';
  return shortened;
}

}  // namespace reprise::fakes::internal
