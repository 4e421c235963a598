#include "corpus_check.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "comparison.h"
#include "corpus_handlers.h"
#include "reprise/record/history_file.h"
#include "reprise/record/replay.h"
#include "reprise/record/upgrade.h"
#include "reproduction.h"

namespace reprise::corpus {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return std::move(text).str();
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

void fail(RecordingResult& result, const std::string& reason, const std::string& difference) {
  if (!result.reason.empty()) return;  // the first one says enough
  result.reason = first_line(reason);
  result.difference = difference;
}

void check_reproduction(RecordingResult& result, const CorpusHandler& handler,
                        const History& recorded) {
  const absl::StatusOr<History> produced = reproduce(handler, recorded);
  if (!produced.ok()) {
    const std::string message(produced.status().message());
    fail(result, absl::StrCat("not reproduced: ", message), message);
    return;
  }
  const std::optional<HistoryDifference> difference =
      compare_histories(recorded, *produced, handler.masks);
  result.reproduced = !difference;
  if (!difference) return;
  fail(result, absl::StrCat("not reproduced: event ", difference->event_id, " differs"),
       absl::StrCat("recorded ", difference->recorded, "\nproduced ", difference->produced));
}

void check_replay(RecordingResult& result, const CorpusHandler& handler, const History& recorded) {
  const ReplayResult replay =
      replay_history(handler.handler, recorded, replay_options(recorded, handler.masks));
  result.replayed = replay.compatible();
  if (result.replayed) return;
  if (!replay.status.ok()) {
    const std::string message(replay.status.message());
    fail(result, absl::StrCat("not replayed: ", message), message);
    return;
  }
  const std::string message = describe(*replay.difference);
  fail(result,
       absl::StrCat("not replayed: event ", replay.difference->event_id, ", ",
                    std::string(to_string(replay.difference->kind))),
       message);
}

/// Nothing has changed, so every cut must be safe.
void check_prefixes(RecordingResult& result, const CorpusHandler& handler,
                    const History& recorded) {
  const UpgradeReport report = check_upgrade({{result.id, recorded}}, handler.handler);
  const HistoryUpgrade& upgrade = report.histories.front();
  result.prefixes = static_cast<std::int64_t>(upgrade.cuts.size());
  for (const UpgradeRange& range : upgrade.safe) {
    result.prefixes_safe += static_cast<std::int64_t>(range.last - range.first + 1);
  }
  if (!report.ok()) fail(result, "not every prefix is safe", describe(upgrade));
}

RecordingResult check_recording(const std::filesystem::path& path) {
  RecordingResult result;
  result.id = path.stem().string();
  const std::string source = read_file(path);
  const absl::StatusOr<History> recorded = parse_history(source, path.filename().string());
  if (!recorded.ok()) {
    const std::string message(recorded.status().message());
    fail(result, absl::StrCat("not parsed: ", message), message);
    return result;
  }
  result.parsed = true;
  const std::string canonical = nlohmann::json::parse(source).dump(2) + "\n";
  result.round_trip = write_history(*recorded) == canonical;
  if (!result.round_trip)
    fail(result, "no round trip", "the rewritten history has another content");
  const CorpusHandler* handler = find_corpus_handler(result.id);
  if (handler == nullptr) {
    const std::string unknown = unknown_sub_types(*recorded);
    std::string reason = "no handler";
    if (joins_by_a_step(*recorded)) reason = "a combinator recorded as a step, by an older SDK";
    if (!unknown.empty()) {
      reason = absl::StrCat("no operation of the SDK writes the sub type ", unknown);
    }
    fail(result, std::move(reason), "");
    return result;
  }
  result.has_handler = true;
  check_reproduction(result, *handler, *recorded);
  check_replay(result, *handler, *recorded);
  check_prefixes(result, *handler, *recorded);
  return result;
}

}  // namespace

bool RecordingResult::acceptable() const {
  return parsed && round_trip &&
         (!has_handler || (reproduced && replayed && prefixes_safe == prefixes));
}

absl::StatusOr<std::vector<RecordingResult>> check_corpus(const std::string& directory) {
  namespace fs = std::filesystem;
  const fs::path histories = fs::path(directory) / "histories";
  std::error_code error;
  std::vector<fs::path> paths;
  for (fs::directory_iterator file(histories, error), end; !error && file != end;
       file.increment(error)) {
    if (file->path().extension() == ".json") paths.push_back(file->path());
  }
  if (error) {
    return absl::NotFoundError(absl::StrCat(histories.string(), ": ", error.message(),
                                            "; a corpus has its recordings in histories/*.json"));
  }
  if (paths.empty()) {
    return absl::NotFoundError(absl::StrCat(histories.string(), ": no recording (*.json) in it"));
  }
  std::sort(paths.begin(), paths.end());
  std::vector<RecordingResult> results;
  results.reserve(paths.size());
  for (const fs::path& path : paths) results.push_back(check_recording(path));
  return results;
}

std::string summary(const std::vector<RecordingResult>& results) {
  const auto count = [&](bool RecordingResult::*what) {
    return absl::StrCat(std::count_if(results.begin(), results.end(),
                                      [&](const RecordingResult& each) { return each.*what; }),
                        "/", results.size());
  };
  return absl::StrCat("histories: parsed ", count(&RecordingResult::parsed), ", round-trip ",
                      count(&RecordingResult::round_trip), ", reproduced ",
                      count(&RecordingResult::reproduced), ", replayed ",
                      count(&RecordingResult::replayed));
}

std::string prefix_summary(const std::vector<RecordingResult>& results) {
  std::int64_t prefixes = 0;
  std::int64_t safe = 0;
  for (const RecordingResult& result : results) {
    prefixes += result.prefixes;
    safe += result.prefixes_safe;
  }
  return absl::StrCat("prefixes: ", safe, "/", prefixes, " safe");
}

std::string remainder(const std::vector<RecordingResult>& results, bool verbose) {
  std::map<std::string, std::vector<const RecordingResult*>> by_reason;
  for (const RecordingResult& result : results) {
    if (!result.complete()) by_reason[result.reason].push_back(&result);
  }
  std::string text;
  for (const auto& [reason, some] : by_reason) {
    for (const RecordingResult* result : some) {
      absl::StrAppend(&text, "  ", result->id, ": ", reason, "\n");
      if (!verbose || result->difference.empty()) continue;
      std::istringstream lines(result->difference);
      for (std::string line; std::getline(lines, line);)
        absl::StrAppend(&text, "      ", line, "\n");
    }
  }
  return text;
}

}  // namespace reprise::corpus
