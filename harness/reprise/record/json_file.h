#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace reprise {

/// Bounds on a JSON text that somebody else wrote; reaching one is an error, whatever comes behind
/// it.
struct JsonLimits {
  std::size_t bytes_max = std::size_t{64} * 1024 * 1024;
  std::size_t depth_max = 200;  ///< objects and arrays inside each other
  std::size_t values_max =
      4'000'000;  ///< numbers, texts, arrays, ...: a value may take 60 bytes of memory
};

/// Reads the JSON file at `path`.
///
///     absl::StatusOr<nlohmann::json> schedule = read_json_file("fixtures/schedule.json");
///
/// Strict where a lenient reader would lose or guess something: duplicate member names, invalid
/// UTF-8, lone surrogates, NaN, comments, numbers too big for a double and text behind the value
/// are errors, like truncated text.  Hostile input costs no stack, and no more memory than the
/// limits allow.
///
/// A message begins with the path.  A mistake of syntax is then given by line and column (both from
/// 1, the column in bytes), a mistake of content by JSON pointer:
///
///     fixtures/schedule.json: 12:3: unexpected end of input; expected ']'
///     fixtures/schedule.json: /steps/2/at: duplicate member name
///
/// NotFound: no such file.  ResourceExhausted: a limit was reached.  InvalidArgument: not the JSON
/// described above.  Other codes: the system refused to read (a directory, no permission).
absl::StatusOr<nlohmann::json> read_json_file(const std::string& path,
                                              const JsonLimits& limits = {});

/// The same for a text in memory; messages begin with `name` in place of the path.
absl::StatusOr<nlohmann::json> parse_json(std::string_view text, std::string_view name,
                                          const JsonLimits& limits = {});

/// Writes `text` to the file at `path`, replacing what was there.  After an error the file may be
/// missing or incomplete; the message begins with the path.
absl::Status write_text_file(const std::string& path, std::string_view text);

}  // namespace reprise
