#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace reprise::corpus {

/// What the check of one recording found.
struct RecordingResult {
  std::string id;
  bool parsed = false;
  bool round_trip = false;
  bool has_handler = false;
  bool reproduced = false;
  bool replayed = false;
  std::int64_t prefixes = 0;       ///< cuts of check_upgrade
  std::int64_t prefixes_safe = 0;  ///< of those, on the handler that has made the recording
  /// Why something is missing, in one line; "" when nothing is.
  std::string reason;
  /// The first difference in full.
  std::string difference;

  bool complete() const {
    return parsed && round_trip && reproduced && replayed && prefixes_safe == prefixes;
  }
  /// False: the corpus or Reprise is broken.  A missing operation is no failure.
  bool acceptable() const;
};

/// Checks `<directory>/histories/*.json`, sorted by name.  An error when there is no such directory
/// or nothing in it.
absl::StatusOr<std::vector<RecordingResult>> check_corpus(const std::string& directory);

/// "histories: parsed 84/84, round-trip 84/84, reproduced 51/84, replayed 51/84".
std::string summary(const std::vector<RecordingResult>& results);

/// "prefixes: 480/480 safe": each recording that has a handler, cut at every point, on that
/// handler.
std::string prefix_summary(const std::vector<RecordingResult>& results);

/// The recordings that are not complete, sorted by reason, a line each: "  <id>: <reason>".
std::string remainder(const std::vector<RecordingResult>& results, bool verbose);

}  // namespace reprise::corpus
