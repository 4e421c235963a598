#include "reprise/choices/choices.h"

#include <cstdlib>

namespace reprise {

std::string_view to_string(PointKind kind) {
  switch (kind) {
    case PointKind::kCheckpoint:
      return "checkpoint";
    case PointKind::kEffect:
      return "effect";
    case PointKind::kResponse:
      return "response";
  }
  std::abort();
}

std::string_view to_string(CheckpointAction action) {
  switch (action) {
    case CheckpointAction::kStart:
      return "start";
    case CheckpointAction::kSucceed:
      return "success";
    case CheckpointAction::kFail:
      return "failure";
    case CheckpointAction::kRetry:
      return "retry";
    case CheckpointAction::kOther:
      return "other";
  }
  std::abort();
}

std::string_view to_string(Moment moment) {
  switch (moment) {
    case Moment::kBefore:
      return "before";
    case Moment::kStored:
      return "stored";
    case Moment::kAfter:
      return "after";
  }
  std::abort();
}

std::string_view to_string(HiddenInput input) {
  switch (input) {
    case HiddenInput::kClock:
      return "clock";
    case HiddenInput::kEnvironment:
      return "environment";
    case HiddenInput::kEntropy:
      return "entropy";
    case HiddenInput::kUnorderedOrder:
      return "unordered order";
  }
  std::abort();
}

std::string_view to_string(ScheduleEvent::Kind kind) {
  switch (kind) {
    case ScheduleEvent::Kind::kCrash:
      return "crash";
    case ScheduleEvent::Kind::kPowerOff:
      return "power-off";
    case ScheduleEvent::Kind::kOverlap:
      return "overlap";
    case ScheduleEvent::Kind::kVary:
      return "vary";
    case ScheduleEvent::Kind::kReorder:
      return "reorder";
  }
  std::abort();
}

std::string describe(const Place& place) {
  const std::string attempt =
      place.attempt > 0 ? ", attempt " + std::to_string(place.attempt) : std::string();
  const std::string invocation =
      place.invocation > 0 ? ", invocation " + std::to_string(place.invocation) : std::string();
  switch (place.kind) {
    case PointKind::kEffect:
      return std::string(to_string(place.moment)) + " effect " + std::to_string(place.effect) +
             " of " + place.operation + attempt + invocation;
    case PointKind::kResponse:
      return "before the response of " + place.operation + invocation;
    case PointKind::kCheckpoint:
      break;
  }
  const std::string what =
      "the " + std::string(to_string(place.action)) + " of " + place.operation + attempt;
  switch (place.moment) {
    case Moment::kBefore:
      return "before " + what + " is stored";
    case Moment::kStored:
      return "after " + what + " is stored, its answer lost";
    case Moment::kAfter:
      return "after the answer to " + what;
  }
  std::abort();
}

std::string describe(const ScheduleEvent& event) {
  switch (event.kind) {
    case ScheduleEvent::Kind::kCrash:
      return "crash " + describe(event.place);
    case ScheduleEvent::Kind::kPowerOff:
      return "power off " + describe(event.place);
    case ScheduleEvent::Kind::kOverlap:
      return event.subject + " starts " + describe(event.place);
    case ScheduleEvent::Kind::kVary:
      return std::string(to_string(event.input)) + " differs between invocations";
    case ScheduleEvent::Kind::kReorder:
      return event.subject + " starts first";
  }
  std::abort();
}

std::string describe(const Schedule& schedule) {
  if (schedule.empty()) return "no event: it fails without any fault";
  std::string text =
      std::to_string(schedule.size()) + (schedule.size() == 1 ? " event: " : " events: ");
  for (std::size_t i = 0; i < schedule.size(); ++i) {
    if (i > 0) text += "; then ";
    text += describe(schedule.events[i]);
  }
  return text;
}

ScheduledChoices::ScheduledChoices(const Schedule& schedule) {
  for (const ScheduleEvent& event : schedule.events) {
    switch (event.kind) {
      case ScheduleEvent::Kind::kVary:
        varies_[static_cast<int>(event.input)] = true;
        break;
      case ScheduleEvent::Kind::kReorder:
        first_ = event.subject;
        break;
      case ScheduleEvent::Kind::kOverlap:
        overlaps_.push_back(event);
        overlap_taken_.push_back(false);
        break;
      case ScheduleEvent::Kind::kCrash:
      case ScheduleEvent::Kind::kPowerOff:
        placed_.push_back(event);
        break;
    }
  }
}

bool ScheduledChoices::matches(const ScheduleEvent& event, const PlaceRef& place) const {
  const Place& wanted = event.place;
  return wanted.kind == place.kind && wanted.moment == place.moment &&
         wanted.action == place.action && wanted.attempt == place.attempt &&
         wanted.effect == place.effect && wanted.invocation == place.invocation &&
         wanted.operation == place.operation();
}

Choices::Alternative ScheduledChoices::at(const PlaceRef& place) {
  for (std::size_t i = 0; i < overlaps_.size(); ++i) {
    if (overlap_taken_[i] || !matches(overlaps_[i], place)) continue;
    overlap_taken_[i] = true;
    overlapping_ = overlaps_[i].subject;
    return Alternative::kOverlap;
  }
  if (next_ == placed_.size() || !matches(placed_[next_], place)) return Alternative::kBenign;
  const bool crash = placed_[next_++].kind == ScheduleEvent::Kind::kCrash;
  return crash ? Alternative::kCrash : Alternative::kPowerOff;
}

bool ScheduledChoices::defers(std::string_view name) const {
  for (const ScheduleEvent& event : overlaps_) {
    if (event.subject == name) return true;
  }
  return false;
}

bool ScheduledChoices::varies(HiddenInput input) const { return varies_[static_cast<int>(input)]; }

std::vector<ScheduleEvent> ScheduledChoices::unreached() const {
  std::vector<ScheduleEvent> events(placed_.begin() + static_cast<std::ptrdiff_t>(next_),
                                    placed_.end());
  for (std::size_t i = 0; i < overlaps_.size(); ++i) {
    if (!overlap_taken_[i]) events.push_back(overlaps_[i]);
  }
  return events;
}

}  // namespace reprise
