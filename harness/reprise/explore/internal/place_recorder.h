#pragma once

#include <string>
#include <vector>

#include "reprise/choices/choices.h"

namespace reprise::internal {

/// Takes the events of a schedule, and writes down the places that come after the last crash of it
/// and the operations among which somebody had to go first.
class PlaceRecorder : public ScheduledChoices {
 public:
  explicit PlaceRecorder(const Schedule& schedule) : ScheduledChoices(schedule) {
    for (const ScheduleEvent& event : schedule.events) {
      if (event.kind == ScheduleEvent::Kind::kCrash) ++pending_;
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

  const std::vector<Place>& places() const { return places_; }
  /// One entry per branch point.
  const std::vector<std::vector<std::string>>& ready() const { return ready_; }

 private:
  int pending_ = 0;
  std::vector<Place> places_;
  std::vector<std::vector<std::string>> ready_;
};

}  // namespace reprise::internal
