#include "conformance/crash_histories.h"

#include <absl/strings/str_cat.h>

#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "reprise/protocol/json.h"
#include "reprise/record/history_file.h"
#include "reprise/runtime/simulation.h"

namespace reprise::corpus {
namespace {

/// Takes nothing, and writes down where something could happen.
class PlaceList final : public Choices {
 public:
  Alternative at(const PlaceRef& place) override {
    places.push_back(place.spell());
    return Alternative::kBenign;
  }
  std::vector<Place> places;
};

enum class Stage : std::uint8_t { kNone, kStart, kAttempt, kEnd };

/// What an event says of its operation; kAttempt: another one follows.
Stage stage_of(const Event& event) {
  if (!event.id) return Stage::kNone;
  switch (event.type) {
    case EventType::kStepStarted:
    case EventType::kWaitStarted:
    case EventType::kContextStarted:
    case EventType::kCallbackStarted:
    case EventType::kChainedInvokeStarted:
      return Stage::kStart;
    case EventType::kStepSucceeded:
    case EventType::kStepFailed: {
      const std::optional<RetryDetails>& retry = event.details.retry_details;
      return retry && retry->next_attempt_delay_seconds ? Stage::kAttempt : Stage::kEnd;
    }
    case EventType::kExecutionStarted:
    case EventType::kExecutionSucceeded:
    case EventType::kExecutionFailed:
    case EventType::kExecutionTimedOut:
    case EventType::kExecutionStopped:
    case EventType::kInvocationCompleted:
      return Stage::kNone;
    default:
      return Stage::kEnd;
  }
}

struct OperationStory {
  int starts = 0;
  std::int64_t attempts = 0;
  const Event* end = nullptr;
};

std::map<std::string, OperationStory> ends_of(const std::vector<Event>& history) {
  std::map<std::string, OperationStory> stories;
  for (const Event& event : history) {
    if (stage_of(event) == Stage::kEnd) stories[*event.id].end = &event;
  }
  return stories;
}

/// How an operation ended, without what a crash may change: when, and as which event.
nlohmann::json end_of(const Event& event) {
  nlohmann::json json = event_to_json(event);
  json.erase("EventId");
  json.erase("EventTimestamp");
  return json;
}

Schedule crash_at(const Place& place) {
  ScheduleEvent crash;
  crash.kind = ScheduleEvent::Kind::kCrash;
  crash.place = place;
  return Schedule{{std::move(crash)}};
}

void compare_ends(const std::vector<Event>& plain, const std::vector<Event>& crashed,
                  std::vector<std::string>& problems) {
  const std::map<std::string, OperationStory> before = ends_of(plain);
  for (const auto& [id, story] : ends_of(crashed)) {
    const auto found = before.find(id);
    if (found == before.end()) continue;
    const nlohmann::json was = end_of(*found->second.end);
    const nlohmann::json is = end_of(*story.end);
    if (was == is) continue;
    problems.push_back(
        absl::StrCat("an operation ends as ", is.dump(), " and without a crash as ", was.dump()));
  }
}

}  // namespace

std::vector<std::string> illegal_history(const std::vector<Event>& history) {
  std::vector<std::string> problems;
  History whole;
  whole.events = history;
  const absl::Status form = check_history(whole);
  if (!form.ok()) problems.emplace_back(form.message());
  std::map<std::string, OperationStory> stories;
  for (const Event& event : history) {
    const Stage stage = stage_of(event);
    if (stage == Stage::kNone) continue;
    OperationStory& story = stories[*event.id];
    const std::string which =
        absl::StrCat("event ", event.event_id, ", ", std::string(to_string(event.type)), ": ");
    if (story.end != nullptr) problems.push_back(which + "its operation has ended before");
    if (stage == Stage::kStart) {
      const bool again =
          event.type == EventType::kStepStarted ? story.starts > story.attempts : story.starts > 0;
      if (again) problems.push_back(which + "its operation is started already");
      // A start may be missing (PROTOCOL 13.4); then the next attempt's comes early.
      story.starts = static_cast<int>(story.attempts) + 1;
      continue;
    }
    const std::optional<RetryDetails>& retry = event.details.retry_details;
    ++story.attempts;
    if (retry && retry->current_attempt && *retry->current_attempt != story.attempts) {
      problems.push_back(absl::StrCat(which, "expected attempt ", story.attempts, ", found ",
                                      *retry->current_attempt));
    }
    if (stage == Stage::kEnd) story.end = &event;
  }
  return problems;
}

std::vector<std::string> check_crash_histories(Program& program, const std::string& execution) {
  Simulation simulation(program);
  PlaceList list;
  const RunRecord plain = simulation.run(list, RecordLevel::kFull);
  std::vector<std::string> problems;
  for (const Place& place : list.places) {
    const Schedule schedule = crash_at(place);
    const RunRecord crashed = simulation.run(schedule);
    std::vector<std::string> found = illegal_history(crashed.histories.at(execution));
    if (!crashed.unreached.empty()) found.emplace_back("the place is not reached again");
    if (crashed.maybe_events.empty()) {
      compare_ends(plain.histories.at(execution), crashed.histories.at(execution), found);
    }
    for (const std::string& each : found) {
      problems.push_back(absl::StrCat(describe(schedule), ": ", each));
    }
  }
  return problems;
}

}  // namespace reprise::corpus
