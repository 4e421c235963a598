#include "reprise/record/upgrade.h"

#include <absl/strings/str_join.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "reprise/record/internal/operation_log.h"
#include "reprise/record/internal/operation_words.h"
#include "reprise/record/internal/prefix_replay.h"
#include "reprise/record/internal/recorded_arguments.h"

namespace reprise {
namespace {

namespace fs = std::filesystem;
using internal::OperationLog;
using internal::PrefixReplay;

std::string words(const OperationLog& log, const Operation& record) {
  return internal::operation_words(record.type, record.sub_type.view(), log.path(record));
}

bool starts_something(EventType type) {
  return type == EventType::kContextStarted || type == EventType::kWaitStarted ||
         type == EventType::kStepStarted || type == EventType::kChainedInvokeStarted ||
         type == EventType::kCallbackStarted;
}

bool ends_execution(const Event& event) {
  return event.type != EventType::kInvocationCompleted && !internal::is_operation_event(event);
}

/// What the last event of `log` says.
std::string place_of(const OperationLog& log, const Event& event) {
  if (event.type == EventType::kExecutionStarted) return "the start";
  const Operation& record = *log.find(*event.id);
  const std::string operation = words(log, record);
  if (record.status == OperationStatus::kPending) return "the retry of " + operation;
  if (!starts_something(event.type)) return "the end of " + operation;
  if (record.attempt == 0) return operation;
  return "attempt " + std::to_string(record.attempt + 1) + " of " + operation;
}

/// What a suspended execution waits for (F-1).
std::vector<std::string> pending(const OperationLog& log) {
  std::vector<std::string> waits;
  for (const OperationPtr& record : log.operations()) {
    if (is_terminal(record->status) || record->type == OperationType::kContext) continue;
    const bool begun =
        record->type == OperationType::kStep && record->status == OperationStatus::kStarted;
    if (!begun) waits.push_back(words(log, *record));
  }
  return waits;
}

/// How the history goes on behind `log`.
PrefixReplay::Continuation continuation(const OperationLog& log, const OperationLog& whole,
                                        const History& history) {
  const std::vector<OperationPtr>& operations = whole.operations();
  const std::size_t known = log.operations().size();
  if (known < operations.size()) {
    const Operation& next = *operations[known];
    return {words(whole, next), whole.path(next), next.id};
  }
  const bool succeeded = history.events.back().type == EventType::kExecutionSucceeded;
  if (succeeded) return {"the end of an execution that succeeds", "", {}};
  return {};
}

void add_to(std::vector<UpgradeRange>& ranges, std::size_t cut) {
  if (!ranges.empty() && ranges.back().last + 1 == cut) {
    ranges.back().last = cut;
  } else {
    ranges.push_back({cut, cut});
  }
}

void add_note(HistoryUpgrade& result, std::string note) {
  if (std::find(result.notes.begin(), result.notes.end(), note) != result.notes.end()) return;
  result.notes.push_back(std::move(note));
}

/// The upgrade of one history.
class HistoryCheck {
 public:
  HistoryCheck(const NamedHistory& named, const HandlerFunction& handler,
               const UpgradeOptions& options)
      : history_(named.history),
        handler_(handler),
        options_(options),
        arguments_(named.history.events),
        who_(options.direction == UpgradeDirection::kForward ? "the new handler"
                                                             : "the old handler") {
    result_.name = named.name;
  }

  HistoryUpgrade run() {
    result_.status = check_history(history_);
    for (const Event& event : history_.events) {
      if (result_.status.ok()) result_.status = whole_.apply(event);
    }
    if (!result_.status.ok()) return std::move(result_);
    OperationLog log;
    for (std::size_t i = 0; i < history_.events.size(); ++i) {
      const Event& event = history_.events[i];
      result_.status = log.apply(event);
      if (event.type == EventType::kInvocationCompleted) {
        const bool last = i + 1 < history_.events.size() && ends_execution(history_.events[i + 1]);
        if (!event.details.error && !last) result_.cuts.back().waits_for = pending(log);
      } else if (i == 0 || internal::is_operation_event(event)) {
        replay(log, event);
      }
    }
    return std::move(result_);
  }

 private:
  void replay(const OperationLog& log, const Event& last) {
    const std::size_t cut = result_.cuts.size();
    result_.cuts.push_back({last.event_id, place_of(log, last), {}});
    const PrefixReplay::Continuation next = continuation(log, whole_, history_);
    PrefixReplay run(log, arguments_, next, who_);
    run.run(handler_, options_.durable_execution_arn);
    for (const std::string& note : run.notes()) add_note(result_, note);
    bool breaks = false;
    for (const UpgradeReason& reason : run.reasons()) {
      if (options_.accept && options_.accept(reason)) {
        add_note(result_, "accepted: " + reason.what);
      } else {
        breaks = true;
        add_break(reason, cut);
      }
    }
    if (!breaks) add_to(result_.safe, cut);
  }

  void add_break(const UpgradeReason& reason, std::size_t cut) {
    for (UpgradeBreak& known : result_.breaks) {
      if (known.reason == reason) return add_to(known.ranges, cut);
    }
    result_.breaks.push_back({reason, {{cut, cut}}});
  }

  const History& history_;
  const HandlerFunction& handler_;
  const UpgradeOptions& options_;
  const internal::RecordedArguments arguments_;
  const std::string who_;
  OperationLog whole_;
  HistoryUpgrade result_;
};

std::string range_text(const HistoryUpgrade& history, const UpgradeRange& range) {
  const std::vector<UpgradeCut>& cuts = history.cuts;
  const bool from_start = range.first == 0;
  const bool to_end = range.last + 1 == cuts.size();
  std::string text;
  if (from_start && to_end) {
    text = "everywhere";
  } else if (from_start) {
    text = "before " + cuts[range.last + 1].at;
  } else if (to_end) {
    text = "from " + cuts[range.first].at + " on";
  } else if (range.first == range.last) {
    text = "at " + cuts[range.first].at;
  } else {
    text = "from " + cuts[range.first].at + " to " + cuts[range.last].at;
  }
  std::vector<std::string> waits;
  for (std::size_t i = range.first; i <= range.last; ++i) {
    for (const std::string& wait : cuts[i].waits_for) {
      if (std::find(waits.begin(), waits.end(), wait) == waits.end()) waits.push_back(wait);
    }
  }
  return waits.empty() ? text : text + " (suspended at " + absl::StrJoin(waits, ", ") + ")";
}

}  // namespace

bool operator==(const UpgradeReason& a, const UpgradeReason& b) {
  return a.verdict == b.verdict && a.operation == b.operation && a.id == b.id && a.what == b.what &&
         a.recorded == b.recorded && a.current == b.current &&
         short_location(a.location) == short_location(b.location);
}

bool UpgradeReport::ok() const {
  return !histories.empty() && std::all_of(histories.begin(), histories.end(),
                                           [](const HistoryUpgrade& each) { return each.ok(); });
}

std::size_t UpgradeReport::cuts() const {
  std::size_t count = 0;
  for (const HistoryUpgrade& history : histories) count += history.cuts.size();
  return count;
}

absl::StatusOr<std::vector<NamedHistory>> load_histories(const std::string& path) {
  std::error_code error;
  std::vector<fs::path> files;
  if (fs::is_directory(path, error)) {
    for (fs::recursive_directory_iterator it(path, error), end; !error && it != end;
         it.increment(error)) {
      if (it->path().extension() == ".json") files.push_back(it->path());
    }
    if (!error && files.empty()) {
      return absl::NotFoundError(path + ": there is no history file (*.json) in this folder");
    }
  } else {
    files.emplace_back(path);
  }
  if (error) return absl::NotFoundError(path + ": " + error.message());
  std::sort(files.begin(), files.end());  // the order of a directory is not reproducible
  std::vector<NamedHistory> histories;
  std::vector<std::string> problems;
  for (const fs::path& file : files) {
    absl::StatusOr<History> history = load_history(file.string());
    if (!history.ok()) {
      problems.emplace_back(history.status().message());
      continue;
    }
    const std::string name =
        file == fs::path(path) ? file.filename().string() : file.lexically_relative(path).string();
    histories.push_back({name, *std::move(history)});
  }
  if (!problems.empty()) return absl::InvalidArgumentError(absl::StrJoin(problems, "\n"));
  return histories;
}

UpgradeReport check_upgrade(const std::vector<NamedHistory>& histories,
                            const HandlerFunction& handler, const UpgradeOptions& options) {
  UpgradeReport report;
  report.histories.reserve(histories.size());
  for (const NamedHistory& history : histories) {
    report.histories.push_back(HistoryCheck(history, handler, options).run());
  }
  return report;
}

absl::StatusOr<UpgradeReport> check_upgrade(const std::string& path, const HandlerFunction& handler,
                                            const UpgradeOptions& options) {
  const absl::StatusOr<std::vector<NamedHistory>> histories = load_histories(path);
  if (!histories.ok()) return histories.status();
  return check_upgrade(*histories, handler, options);
}

std::string describe(const HistoryUpgrade& history, const std::vector<UpgradeRange>& ranges) {
  return absl::StrJoin(ranges, " and ", [&](std::string* out, const UpgradeRange& range) {
    out->append(range_text(history, range));
  });
}

std::string describe(const HistoryUpgrade& history) {
  std::string text = history.name + ": ";
  if (!history.status.ok()) return text + std::string(history.status.message()) + "\n";
  std::vector<std::string> parts;
  if (!history.safe.empty()) parts.push_back("safe " + describe(history, history.safe));
  for (const UpgradeBreak& broken : history.breaks) {
    parts.push_back("breaks " + describe(history, broken.ranges) + ", because " +
                    broken.reason.what);
    if (broken.reason.location.line() != 0) {
      parts.back() += " (" + short_location(broken.reason.location) + ")";
    }
  }
  text += absl::StrJoin(parts, "; ") + "\n";
  for (const std::string& note : history.notes) text += "  note: " + note + "\n";
  return text;
}

std::string describe(const UpgradeReport& report) {
  if (report.histories.empty()) return "there is no history to check\n";
  std::string text;
  std::size_t safe = 0;
  for (const HistoryUpgrade& history : report.histories) {
    for (const UpgradeRange& range : history.safe) safe += range.last - range.first + 1;
    if (!history.ok() || !history.notes.empty()) text += describe(history);
  }
  return text + "prefixes: " + std::to_string(safe) + "/" + std::to_string(report.cuts()) +
         " safe, of " + std::to_string(report.histories.size()) +
         (report.histories.size() == 1 ? " history\n" : " histories\n");
}

}  // namespace reprise
