#include "reprise/choices/choices.h"

#include <algorithm>

namespace reprise {
namespace {

/// "order/pack#1/b#1" leads to "order/pack#1/b#1/print#1" and to itself.
bool is_within(std::string_view operation, std::string_view branch) {
  return operation.substr(0, branch.size()) == branch &&
         (operation.size() == branch.size() || operation[branch.size()] == '/' ||
          operation[branch.size()] == ' ');
}

}  // namespace

ScheduledChoices::ScheduledChoices(const Schedule& schedule) {
  for (const ScheduleEvent& event : schedule.events) {
    switch (event.kind) {
      case ScheduleEvent::Kind::kVary:
        varies_[static_cast<int>(event.input)] = true;
        break;
      case ScheduleEvent::Kind::kReorder:
        first_ = event.subject;
        break;
      case ScheduleEvent::Kind::kLimit:
        limits_.push_back(event);
        break;
      case ScheduleEvent::Kind::kArrival:
        (event.arrival == Arrival::kHere ? anywhere_ : standing_).push_back({event});
        break;
      case ScheduleEvent::Kind::kPrefer:
      case ScheduleEvent::Kind::kSwitch:
        orders_ = true;
        standing_.push_back({event});
        break;
      case ScheduleEvent::Kind::kOverlap:
      case ScheduleEvent::Kind::kFreeze:
      case ScheduleEvent::Kind::kFault:
        anywhere_.push_back({event});
        break;
      case ScheduleEvent::Kind::kCrash:
      case ScheduleEvent::Kind::kPowerOff:
      case ScheduleEvent::Kind::kAssign:
      case ScheduleEvent::Kind::kEnvironment:  // what comes then is not part of this run
        placed_.push_back(event);
        break;
    }
  }
}

bool ScheduledChoices::matches(const ScheduleEvent& event, const PlaceRef& place) {
  const Place& wanted = event.place;
  const bool always = event.kind == ScheduleEvent::Kind::kFault && event.times == 0;
  return wanted.kind == place.kind && wanted.moment == place.moment &&
         wanted.action == place.action && wanted.effect == place.effect &&
         (always || (wanted.attempt == place.attempt && wanted.invocation == place.invocation)) &&
         wanted.operation == place.operation();
}

Choices::Alternative ScheduledChoices::take(Waiting& waiting) {
  ++waiting.taken;
  const ScheduleEvent& event = waiting.event;
  arriving_ = event.subject;
  fault_ = event.fault;
  switch (event.kind) {
    case ScheduleEvent::Kind::kOverlap:
      return Alternative::kOverlap;
    case ScheduleEvent::Kind::kFreeze:
      return Alternative::kFreeze;
    case ScheduleEvent::Kind::kArrival:
      return Alternative::kArrival;
    default:
      return Alternative::kFault;
  }
}

Choices::Alternative ScheduledChoices::at(const PlaceRef& place) {
  // A process that dies here sees nothing else that happens here.
  if (next_ < placed_.size() && matches(placed_[next_], place)) {
    const bool crash = placed_[next_++].kind == ScheduleEvent::Kind::kCrash;
    return crash ? Alternative::kCrash : Alternative::kPowerOff;
  }
  for (Waiting& waiting : anywhere_) {
    const bool fault = waiting.event.kind == ScheduleEvent::Kind::kFault;
    const bool unlimited =
        fault && (waiting.event.times == 0 || waiting.event.place.kind == PointKind::kEffect);
    const bool spent = waiting.taken >= (fault ? waiting.event.times : 1);
    if ((spent && !unlimited) || !matches(waiting.event, place)) continue;
    return take(waiting);
  }
  return Alternative::kBenign;
}

bool ScheduledChoices::defers(std::string_view name) const {
  return std::any_of(anywhere_.begin(), anywhere_.end(), [&](const Waiting& waiting) {
    return waiting.event.kind == ScheduleEvent::Kind::kOverlap && waiting.event.subject == name;
  });
}

bool ScheduledChoices::varies(HiddenInput input) const { return varies_[static_cast<int>(input)]; }

std::optional<Arrival> ScheduledChoices::arrival(std::string_view subject) {
  for (Waiting& waiting : standing_) {
    const bool fits =
        waiting.event.kind == ScheduleEvent::Kind::kArrival && waiting.event.subject == subject;
    if (!fits) continue;
    ++waiting.taken;
    return waiting.event.arrival;
  }
  return std::nullopt;
}

std::optional<std::int64_t> ScheduledChoices::limit(Quota quota) const {
  for (const ScheduleEvent& event : limits_) {
    if (event.quota == quota) return event.value;
  }
  return std::nullopt;
}

std::size_t ScheduledChoices::choose(const std::vector<std::string>& ready) {
  for (Waiting& waiting : standing_) {
    const ScheduleEvent& event = waiting.event;
    if (event.kind == ScheduleEvent::Kind::kSwitch && event.other == ready.front()) {
      const auto found = std::find(ready.begin(), ready.end(), event.subject);
      if (found == ready.end()) continue;
      ++waiting.taken;
      return static_cast<std::size_t>(found - ready.begin());
    }
    if (event.kind == ScheduleEvent::Kind::kPrefer) {
      const auto found = std::find_if(ready.begin(), ready.end(), [&](const std::string& each) {
        return is_within(each, event.subject);
      });
      if (found == ready.end()) continue;
      ++waiting.taken;
      return static_cast<std::size_t>(found - ready.begin());
    }
  }
  return 0;
}

std::size_t ScheduledChoices::assign(const PlaceRef& place,
                                     const std::vector<std::string>& environments) {
  if (next_ >= placed_.size() || placed_[next_].kind != ScheduleEvent::Kind::kAssign ||
      !matches(placed_[next_], place)) {
    return 0;
  }
  const auto found = std::find(environments.begin(), environments.end(), placed_[next_].subject);
  if (found == environments.end()) return 0;
  ++next_;
  return static_cast<std::size_t>(found - environments.begin());
}

std::vector<ScheduleEvent> ScheduledChoices::unreached() const {
  std::vector<ScheduleEvent> events(placed_.begin() + static_cast<std::ptrdiff_t>(next_),
                                    placed_.end());
  for (const std::vector<Waiting>* list : {&anywhere_, &standing_}) {
    for (const Waiting& waiting : *list) {
      if (waiting.taken == 0) events.push_back(waiting.event);
    }
  }
  return events;
}

}  // namespace reprise
