#pragma once

#include <absl/status/statusor.h>

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
  /// Why something is missing, in one line; "" when nothing is.
  std::string reason;
  /// The first difference in full.
  std::string difference;

  bool complete() const { return parsed && round_trip && reproduced && replayed; }
  /// False: the corpus or Reprise is broken.  A missing operation is no failure.
  bool acceptable() const;
};

/// Checks `<directory>/histories/*.json`, sorted by name.  An error when there is no such directory
/// or nothing in it.
absl::StatusOr<std::vector<RecordingResult>> check_corpus(const std::string& directory);

/// "histories: parsed 84/84, round-trip 84/84, reproduced 51/84, replayed 51/84".
std::string summary(const std::vector<RecordingResult>& results);

/// The recordings that are not complete, sorted by reason, a line each: "  <id>: <reason>".
std::string remainder(const std::vector<RecordingResult>& results, bool verbose);

}  // namespace reprise::corpus
