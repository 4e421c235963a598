#include "reprise/fakes/sms.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "reprise/fakes/internal/text.h"

namespace reprise::fakes {
namespace {

using nlohmann::json;

constexpr int kPartsMax = 10;

/// How much of a message one character takes: in the alphabet of GSM (0: it is not in it), and in
/// UTF-16.
struct Units {
  int gsm = 0;
  int utf16 = 1;
};

/// The next character of a text in UTF-8; a byte that begins none stands for itself.
char32_t take_character(std::string_view& text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const std::size_t length = first < 0x80 ? 1 : first >> 5U == 6 ? 2 : first >> 4U == 14 ? 3 : 4;
  const bool begins = first < 0x80 || (first >= 0xc2 && first < 0xf5);
  char32_t character = length == 1 ? first : first & (0xffU >> (length + 1));
  bool whole = begins && length <= text.size();
  for (std::size_t i = 1; whole && i < length; ++i) {
    whole = (byte(i) & 0xc0U) == 0x80U;
    character = (character << 6U) | (byte(i) & 0x3fU);
  }
  text.remove_prefix(whole ? length : 1);
  return whole ? character : 0xfffdU;
}

Units units_of(char32_t c) {
  // 3GPP TS 23.038, beside letters, digits and these signs of ASCII.
  constexpr std::u32string_view kOfAscii = U"\n\r !\"#$%&'()*+,-./:;<=>?@_";
  constexpr std::u32string_view kBeyondAscii = U"£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà";
  constexpr std::u32string_view kTwice = U"^{}\\[~]|€";
  Units units;
  units.utf16 = c > 0xffff ? 2 : 1;
  const bool letter_or_digit =
      (c >= U'0' && c <= U'9') || (c >= U'A' && c <= U'Z') || (c >= U'a' && c <= U'z');
  if (letter_or_digit || kOfAscii.find(c) != kOfAscii.npos ||
      kBeyondAscii.find(c) != kBeyondAscii.npos) {
    units.gsm = 1;
  } else if (kTwice.find(c) != kTwice.npos) {
    units.gsm = 2;
  }
  return units;
}

int parts_of(const std::vector<int>& units, int one, int each) {
  int total = 0;
  for (const int n : units) total += n;
  if (total <= one) return total == 0 ? 0 : 1;
  int parts = 1;
  int used = 0;
  for (const int n : units) {
    if (used + n > each) {
      ++parts;
      used = 0;
    }
    used += n;
  }
  return parts;
}

bool is_number(std::string_view text) {
  constexpr std::size_t kDigitsMin = 8;
  constexpr std::size_t kDigitsMax = 15;
  if (text.empty() || text[0] != '+') return false;
  text.remove_prefix(1);
  return text.size() >= kDigitsMin && text.size() <= kDigitsMax && text[0] != '0' &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

constexpr std::array kStatuses = {SmsStatus::kNoAnswer,    SmsStatus::kAccepted,
                                  SmsStatus::kOptedOut,    SmsStatus::kInvalidNumber,
                                  SmsStatus::kInvalidText, SmsStatus::kTokenReused};

}  // namespace

std::string_view to_string(SmsStatus status) {
  switch (status) {
    case SmsStatus::kNoAnswer:
      return "NoAnswer";
    case SmsStatus::kAccepted:
      return "Accepted";
    case SmsStatus::kOptedOut:
      return "OptedOut";
    case SmsStatus::kInvalidNumber:
      return "InvalidNumber";
    case SmsStatus::kInvalidText:
      return "InvalidText";
    case SmsStatus::kTokenReused:
      return "TokenReused";
  }
  return "";
}

void to_json(json& to, const SmsAnswer& answer) {
  to = {{"status", to_string(answer.status)},
        {"messageId", answer.message_id},
        {"parts", answer.parts}};
}

void from_json(const json& from, SmsAnswer& answer) {
  const std::string name = from.at("status").get<std::string>();
  const auto* const status = std::find_if(kStatuses.begin(), kStatuses.end(),
                                          [&](SmsStatus s) { return name == to_string(s); });
  if (status == kStatuses.end()) {
    throw std::invalid_argument("\"" + name + "\" is no status of a text message");
  }
  answer.status = *status;
  from.at("messageId").get_to(answer.message_id);
  from.at("parts").get_to(answer.parts);
}

int sms_parts(std::string_view text) {
  std::vector<int> gsm;
  std::vector<int> utf16;
  bool in_alphabet = true;
  while (!text.empty()) {
    const Units units = units_of(take_character(text));
    in_alphabet = in_alphabet && units.gsm > 0;
    gsm.push_back(units.gsm);
    utf16.push_back(units.utf16);
  }
  return in_alphabet ? parts_of(gsm, 160, 153) : parts_of(utf16, 70, 67);
}

SmsAnswer SmsGateway::send(std::string number, std::string text, std::string token,
                           std::source_location location) {
  const EffectCall call{.target = name_,
                        .action = "send",
                        .arguments = number + ", " + internal::quoted_text(text),
                        .key = token,
                        .repeatable = false,
                        .object = number,
                        .location = location};
  return effect(call, [&](EffectOutcome& outcome) {
    SmsAnswer answer;
    const auto refuse = [&](SmsStatus status) {
      outcome.unchanged();
      answer.status = status;
      return answer;
    };
    if (const auto known = tokens_.find(token); known != tokens_.end()) {
      const Remembered& first = known->second;
      if (first.number != number || first.text != text) return refuse(SmsStatus::kTokenReused);
      outcome.unchanged();
      return first.answer;
    }
    if (!is_number(number)) return refuse(SmsStatus::kInvalidNumber);
    const int parts = sms_parts(text);
    if (parts == 0 || parts > kPartsMax) return refuse(SmsStatus::kInvalidText);
    if (opted_out_.contains(number)) return refuse(SmsStatus::kOptedOut);
    std::vector<Message>& messages = accepted_[number];
    answer.status = SmsStatus::kAccepted;
    answer.message_id = "sms-" + number + "-" + std::to_string(messages.size() + 1);
    answer.parts = parts;
    Message message{number, text, parts};
    const auto place = std::upper_bound(messages.begin(), messages.end(), message);
    messages.insert(place, std::move(message));
    if (!token.empty()) {
      tokens_.emplace(token, Remembered{std::move(number), std::move(text), answer});
    }
    return answer;
  });
}

std::vector<SmsGateway::Message> SmsGateway::accepted() const {
  std::vector<Message> all;
  for (const auto& [number, messages] : accepted_) {
    all.insert(all.end(), messages.begin(), messages.end());
  }
  return all;
}

std::vector<SmsGateway::Message> SmsGateway::accepted_for(const std::string& number) const {
  const auto found = accepted_.find(number);
  return found == accepted_.end() ? std::vector<Message>() : found->second;
}

std::vector<std::string> SmsGateway::inbox(const std::string& number) const {
  const auto rule = copies_.find(number);
  const int copies = rule == copies_.end() ? 1 : rule->second;
  std::vector<std::string> texts;
  for (const Message& message : accepted_for(number)) {
    for (int i = 0; i < copies; ++i) texts.push_back(message.text);
  }
  return texts;
}

int SmsGateway::parts_charged() const {
  int parts = 0;
  for (const Message& message : accepted()) parts += message.parts;
  return parts;
}

}  // namespace reprise::fakes
