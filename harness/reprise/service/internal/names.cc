#include "reprise/service/internal/names.h"

#include <algorithm>

#include "reprise/service/internal/hashing.h"

namespace reprise::internal {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNotBase64 = 0xFF;

constexpr auto kDigitOf = [] {
  std::array<std::uint8_t, 256> digits{};
  for (std::uint8_t& digit : digits) digit = kNotBase64;
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    digits[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return digits;
}();

constexpr std::size_t kExecutionDigits = 4;
constexpr std::size_t kInvocationDigits = 3;
constexpr std::size_t kSequenceDigits = 5;
static_assert(kExecutionDigits + kInvocationDigits + kSequenceDigits == kTokenSize);

void put(char* to, std::uint64_t value, std::size_t digits) {
  for (std::size_t i = digits; i-- > 0;) {
    to[i] = kAlphabet[value & 63U];
    value >>= 6U;
  }
}

std::optional<std::uint64_t> take(std::string_view text) {
  std::uint64_t value = 0;
  for (const char c : text) {
    const std::uint8_t digit = kDigitOf[static_cast<unsigned char>(c)];
    if (digit == kNotBase64) return std::nullopt;
    value = (value << 6U) | digit;
  }
  return value;
}

std::string base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group <<= 8U;
      if (i + k < bytes.size()) group |= static_cast<unsigned char>(bytes[i + k]);
    }
    std::array<char, 4> digits{};
    put(digits.data(), group, 4);
    if (i + 1 >= bytes.size()) digits[2] = '=';
    if (i + 2 >= bytes.size()) digits[3] = '=';
    text.append(digits.data(), digits.size());
  }
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    const bool last = i + 4 == text.size();
    std::string group(text.substr(i, 4));
    if (last && padding >= 1) group[3] = 'A';
    if (last && padding == 2) group[2] = 'A';
    const std::optional<std::uint64_t> value = take(group);
    if (!value) return std::nullopt;
    const std::size_t count = last ? 3 - padding : 3;
    for (std::size_t k = 0; k < count; ++k) {
      bytes.push_back(static_cast<char>((*value >> (16 - 8 * k)) & 0xFFU));
    }
  }
  return bytes;
}

std::size_t find_or_end(std::string_view text, char c) {
  const std::size_t at = text.find(c);
  return at == std::string_view::npos ? text.size() : at;
}

// Splits `text` at the first `c`; what follows it stays in `text`.
std::string_view cut(std::string_view& text, char c) {
  const std::size_t at = find_or_end(text, c);
  const std::string_view head = text.substr(0, at);
  text.remove_prefix(std::min(text.size(), at + 1));
  return head;
}

constexpr std::string_view kCallbackHead = "{\"arn\":\"";
constexpr std::string_view kCallbackMiddle = "\",\"op\":\"";
constexpr std::string_view kCallbackTail = "\"}";

}  // namespace

std::string uuid_from(std::uint64_t seed) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::uint64_t state = seed;
  const std::array<std::uint64_t, 2> words = {splitmix64(state), splitmix64(state)};
  std::array<char, 36> text{};
  std::size_t at = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) text[at++] = '-';
    auto nibble = static_cast<std::size_t>((words[i / 16] >> (4 * (i % 16))) & 15U);
    if (i == 12) nibble = 4;                   // version
    if (i == 16) nibble = 8U | (nibble & 3U);  // variant
    text[at++] = kHex[nibble];
  }
  return {text.data(), text.size()};
}

std::string execution_arn(std::string_view function, std::string_view version,
                          std::string_view name, std::string_view id) {
  constexpr std::string_view kMiddle = "/durable-execution/";
  std::string arn;
  arn.reserve(kFunctionArnPrefix.size() + function.size() + version.size() + kMiddle.size() +
              name.size() + id.size() + 2);
  arn.append(kFunctionArnPrefix).append(function).append(":").append(version);
  return arn.append(kMiddle).append(name).append("/").append(id);
}

std::optional<ExecutionArnParts> parse_execution_arn(std::string_view arn) {
  if (!arn.starts_with(kFunctionArnPrefix)) return std::nullopt;
  std::string_view rest = arn.substr(kFunctionArnPrefix.size());
  ExecutionArnParts parts;
  parts.function = cut(rest, ':');
  parts.version = cut(rest, '/');
  if (cut(rest, '/') != "durable-execution") return std::nullopt;
  parts.name = cut(rest, '/');
  parts.id = rest;
  if (parts.name.empty() || parts.id.empty()) return std::nullopt;
  return parts;
}

FunctionReference parse_function_reference(std::string_view text) {
  FunctionReference reference;
  if (text.starts_with("arn:")) {
    cut(text, ':');  // arn
    cut(text, ':');  // partition
    cut(text, ':');  // lambda
    reference.region = cut(text, ':');
    reference.account = cut(text, ':');
    cut(text, ':');  // function
  }
  reference.name = cut(text, ':');
  reference.qualifier = text;
  return reference;
}

std::array<char, kTokenSize> encode_token(const TokenParts& parts) {
  std::array<char, kTokenSize> token{};
  put(token.data(), parts.execution, kExecutionDigits);
  put(token.data() + kExecutionDigits, parts.invocation, kInvocationDigits);
  set_token_sequence(token, parts.sequence);
  return token;
}

void set_token_sequence(std::array<char, kTokenSize>& token, std::uint32_t sequence) {
  put(token.data() + kExecutionDigits + kInvocationDigits, sequence, kSequenceDigits);
}

std::optional<TokenParts> decode_token(std::string_view token) {
  if (token.size() != kTokenSize) return std::nullopt;
  const auto execution = take(token.substr(0, kExecutionDigits));
  const auto invocation = take(token.substr(kExecutionDigits, kInvocationDigits));
  const auto sequence = take(token.substr(kExecutionDigits + kInvocationDigits));
  if (!execution || !invocation || !sequence) return std::nullopt;
  return TokenParts{static_cast<std::uint32_t>(*execution), static_cast<std::uint32_t>(*invocation),
                    static_cast<std::uint32_t>(*sequence)};
}

std::optional<std::uint32_t> token_execution(std::string_view token) {
  if (token.size() != kTokenSize) return std::nullopt;
  const auto execution = take(token.substr(0, kExecutionDigits));
  if (!execution) return std::nullopt;
  return static_cast<std::uint32_t>(*execution);
}

std::string encode_marker(std::uint64_t position) {
  std::string marker(8, ' ');
  put(marker.data(), position, marker.size());
  return marker;
}

std::optional<std::uint64_t> decode_marker(std::string_view marker) {
  if (marker.size() != 8) return std::nullopt;
  return take(marker);
}

std::string callback_id(std::string_view arn, std::string_view operation_id) {
  std::string json;
  json.reserve(kCallbackHead.size() + arn.size() + kCallbackMiddle.size() + operation_id.size() +
               kCallbackTail.size());
  json.append(kCallbackHead).append(arn).append(kCallbackMiddle).append(operation_id);
  return base64(json.append(kCallbackTail));
}

std::optional<CallbackTarget> parse_callback_id(std::string_view text) {
  const std::optional<std::string> json = from_base64(text);
  if (!json) return std::nullopt;
  std::string_view rest = *json;
  if (!rest.starts_with(kCallbackHead) || !rest.ends_with(kCallbackTail)) return std::nullopt;
  rest.remove_prefix(kCallbackHead.size());
  const std::size_t middle = rest.find(kCallbackMiddle);
  if (middle == std::string_view::npos) return std::nullopt;
  CallbackTarget target;
  target.arn = std::string(rest.substr(0, middle));
  rest.remove_prefix(middle + kCallbackMiddle.size());
  if (rest.size() < kCallbackTail.size()) return std::nullopt;
  rest.remove_suffix(kCallbackTail.size());
  target.operation_id = std::string(rest);
  return target;
}

// Without branches on the characters: compilers turn that into a few vector instructions, and every
// id of every update comes by here.
bool is_identifier(std::string_view text) {
  if (text.empty() || text.size() > 64) return false;
  bool good = true;
  for (const char c : text) {
    const auto lower = static_cast<char>(c | 0x20);
    good &= ((lower >= 'a') & (lower <= 'z')) | ((c >= '0') & (c <= '9')) | (c == '-') | (c == '_');
  }
  return good;
}

bool is_operation_name(std::string_view text) {
  if (text.empty() || text.size() > 256) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace reprise::internal
