#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "reprise/service/internal/execution_book.h"

namespace reprise::internal {

inline constexpr std::int64_t kMsPerSecond = 1000;
/// Checkpoint sequences count within 30 bits: five characters of a token.
inline constexpr std::uint32_t kSequenceMask = (1U << 30U) - 1;

inline constexpr std::string_view kRegion = "us-east-1";
inline constexpr std::string_view kAccount = "123456789012";
inline constexpr std::string_view kFunctionArnPrefix =
    "arn:aws:lambda:us-east-1:123456789012:function:";

/// A text of the form of a UUID, a pure function of `seed`.
std::string uuid_from(std::uint64_t seed);

/// PROTOCOL 10.1.
std::string execution_arn(std::string_view function, std::string_view version,
                          std::string_view name, std::string_view id);

/// The parts of an execution's ARN; views into it.
struct ExecutionArnParts {
  std::string_view function;
  std::string_view version;
  std::string_view name;
  std::string_view id;
};
std::optional<ExecutionArnParts> parse_execution_arn(std::string_view arn);

/// "name", "name:qualifier", or an ARN with or without qualifier.
struct FunctionReference {
  std::string_view name;
  std::string_view qualifier;  ///< empty: unqualified
  std::string_view region;     ///< empty: not an ARN
  std::string_view account;    ///< empty: not an ARN
};
FunctionReference parse_function_reference(std::string_view text);

/// Checkpoint tokens (F-9): opaque text of the base64 alphabet that holds execution, invocation and
/// sequence.
struct TokenParts {
  std::uint32_t execution = 0;   ///< 24 bits
  std::uint32_t invocation = 0;  ///< 18 bits, wraps around
  std::uint32_t sequence = 0;    ///< 30 bits, wraps around
  friend bool operator==(const TokenParts&, const TokenParts&) = default;
};
std::array<char, kTokenSize> encode_token(const TokenParts& parts);
/// Writes another sequence number into a token.
void set_token_sequence(std::array<char, kTokenSize>& token, std::uint32_t sequence);
std::optional<TokenParts> decode_token(std::string_view token);
/// The execution alone: all that is needed to find the token to compare with.
std::optional<std::uint32_t> token_execution(std::string_view token);

/// Markers of pages: opaque text that holds a position.
std::string encode_marker(std::uint64_t position);
std::optional<std::uint64_t> decode_marker(std::string_view marker);

/// PROTOCOL 6.3.2: base64 of {"arn":...,"op":...}.
std::string callback_id(std::string_view arn, std::string_view operation_id);
struct CallbackTarget {
  std::string arn;
  std::string operation_id;
};
std::optional<CallbackTarget> parse_callback_id(std::string_view text);

/// 1..64 characters of [a-zA-Z0-9-_]: ids of operations, names of executions.
bool is_identifier(std::string_view text);
/// 1..256 printable ASCII characters.
bool is_operation_name(std::string_view text);

}  // namespace reprise::internal
