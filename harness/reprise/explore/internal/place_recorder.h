#pragma once

#include <string>
#include <vector>

#include "reprise/choices/choices.h"
#include "reprise/explore/internal/events.h"

namespace reprise::internal {

/// Takes the events of a schedule, and writes down what comes after the last crash or choice of an
/// environment in it: the places, the environments that could be chosen, and the operations among
/// which somebody had to go first.
class PlaceRecorder final : public ScheduledChoices {
 public:
  explicit PlaceRecorder(const Schedule& schedule) : ScheduledChoices(schedule) {
    for (const ScheduleEvent& event : schedule.events) {
      if (event.kind == ScheduleEvent::Kind::kCrash || event.kind == ScheduleEvent::Kind::kAssign) {
        ++pending_;
      }
    }
  }

  bool active() const override { return true; }
  Alternative at(const PlaceRef& place) override {
    const Alternative alternative = ScheduledChoices::at(place);
    if (alternative == Alternative::kCrash) {
      --pending_;
    } else if (pending_ == 0) {
      places_.push_back(place.spell());
    }
    return alternative;
  }
  bool orders() const override { return true; }
  std::size_t choose(const std::vector<std::string>& ready) override {
    ready_.push_back(ready);
    return ScheduledChoices::choose(ready);
  }

  std::size_t assign(const PlaceRef& place, const std::vector<std::string>& environments) override {
    const std::size_t chosen = ScheduledChoices::assign(place, environments);
    if (chosen > 0) {
      --pending_;
    } else if (pending_ == 0) {
      for (std::size_t i = 1; i < environments.size(); ++i) {
        assignments_.push_back(assign_at(place.spell(), environments[i]));
      }
    }
    return chosen;
  }

  const std::vector<Place>& places() const { return places_; }
  const std::vector<ScheduleEvent>& assignments() const { return assignments_; }
  /// One entry per branch point.
  const std::vector<std::vector<std::string>>& ready() const { return ready_; }

 private:
  int pending_ = 0;
  std::vector<Place> places_;
  std::vector<ScheduleEvent> assignments_;
  std::vector<std::vector<std::string>> ready_;
};

}  // namespace reprise::internal
