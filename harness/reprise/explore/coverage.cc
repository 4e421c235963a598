#include "reprise/explore/coverage.h"

#include <algorithm>

namespace reprise {
namespace {

std::string phase_of(const Place& place) {
  switch (place.kind) {
    case PointKind::kCheckpoint:
      return std::string(to_string(place.action));
    case PointKind::kEffect:
      return "effect " + std::to_string(place.effect);
    case PointKind::kResponse:
    case PointKind::kState:
    case PointKind::kInvocation:
      return std::string(to_string(place.kind));
  }
  return {};
}

}  // namespace

std::string to_string(const CoverageTuple& tuple) {
  return tuple.operation + " x " + tuple.phase + " x " + tuple.outcome;
}

CoverageTuple tuple_of(const ScheduleEvent& event) {
  switch (event.kind) {
    case ScheduleEvent::Kind::kCrash:
    case ScheduleEvent::Kind::kPowerOff:
      return {event.place.operation, phase_of(event.place),
              "crash " + std::string(to_string(event.place.moment))};
    case ScheduleEvent::Kind::kFault: {
      const std::string often = event.times == 0  ? " always"
                                : event.times > 1 ? " " + std::to_string(event.times) + " times"
                                                  : "";
      return {event.place.operation, phase_of(event.place),
              std::string(to_string(event.fault)) + often};
    }
    case ScheduleEvent::Kind::kFreeze:
      return {event.place.operation, phase_of(event.place),
              "frozen " + std::string(to_string(event.place.moment))};
    case ScheduleEvent::Kind::kEnvironment:
      return {event.place.operation, phase_of(event.place),
              std::string(to_string(event.environment)) + " environment"};
    case ScheduleEvent::Kind::kAssign:
      return {event.place.operation, phase_of(event.place), "runs in " + event.subject};
    case ScheduleEvent::Kind::kOverlap:
      return {event.place.operation, phase_of(event.place),
              event.subject + " starts " + std::string(to_string(event.place.moment))};
    case ScheduleEvent::Kind::kArrival:
      if (event.arrival == Arrival::kHere) {
        return {event.place.operation, phase_of(event.place),
                event.subject + " arrives " + std::string(to_string(event.place.moment))};
      }
      return {event.subject, "arrival", std::string(to_string(event.arrival))};
    case ScheduleEvent::Kind::kPrefer:
      return {event.subject, "branch", "first"};
    case ScheduleEvent::Kind::kSwitch:
      return {event.subject, "branch", "before " + event.other};
    case ScheduleEvent::Kind::kReorder:
      return {event.subject, "start", "first"};
    case ScheduleEvent::Kind::kVary:
      return {"hidden inputs", "vary", std::string(to_string(event.input))};
    case ScheduleEvent::Kind::kLimit:
      return {std::string(to_string(event.quota)), "limit", std::to_string(event.value)};
  }
  return {};
}

std::int64_t Coverage::hits() const {
  return std::count_if(tuples_.begin(), tuples_.end(),
                       [](const auto& each) { return each.second; });
}

std::vector<CoverageTuple> Coverage::missed() const {
  std::vector<CoverageTuple> missed;
  for (const auto& [tuple, hit] : tuples_) {
    if (!hit) missed.push_back(tuple);
  }
  return missed;
}

int Coverage::percent() const {
  return tuples_.empty() ? 100 : static_cast<int>(100 * hits() / declared());
}

std::string Coverage::text() const {
  return std::to_string(hits()) + "/" + std::to_string(declared()) + " of what can happen where";
}

}  // namespace reprise
