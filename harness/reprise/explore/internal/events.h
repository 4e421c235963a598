#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "reprise/choices/schedule.h"

namespace reprise::internal {

// The events that explorations put into schedules.

inline ScheduleEvent event_at(ScheduleEvent::Kind kind, Place place) {
  ScheduleEvent event;
  event.kind = kind;
  event.place = std::move(place);
  return event;
}

inline ScheduleEvent crash_at(Place place) {
  return event_at(ScheduleEvent::Kind::kCrash, std::move(place));
}

inline ScheduleEvent environment_at(Place place, Environment environment) {
  ScheduleEvent event = event_at(ScheduleEvent::Kind::kEnvironment, std::move(place));
  event.environment = environment;
  return event;
}

inline ScheduleEvent assign_at(Place place, std::string environment) {
  ScheduleEvent event = event_at(ScheduleEvent::Kind::kAssign, std::move(place));
  event.subject = std::move(environment);
  return event;
}

inline ScheduleEvent fault_at(Place place, Fault fault, int times = 1) {
  ScheduleEvent event = event_at(ScheduleEvent::Kind::kFault, std::move(place));
  event.fault = fault;
  event.times = times;
  return event;
}

inline ScheduleEvent event_of(ScheduleEvent::Kind kind, std::string subject) {
  ScheduleEvent event;
  event.kind = kind;
  event.subject = std::move(subject);
  return event;
}

inline ScheduleEvent prefer(std::string branch) {
  return event_of(ScheduleEvent::Kind::kPrefer, std::move(branch));
}

inline ScheduleEvent reorder(std::string start) {
  return event_of(ScheduleEvent::Kind::kReorder, std::move(start));
}

inline ScheduleEvent arrival_of(std::string subject, Arrival arrival) {
  ScheduleEvent event = event_of(ScheduleEvent::Kind::kArrival, std::move(subject));
  event.arrival = arrival;
  return event;
}

inline ScheduleEvent vary(HiddenInput input) {
  ScheduleEvent event;
  event.kind = ScheduleEvent::Kind::kVary;
  event.input = input;
  return event;
}

inline ScheduleEvent limit(Quota quota, std::int64_t value) {
  ScheduleEvent event;
  event.kind = ScheduleEvent::Kind::kLimit;
  event.quota = quota;
  event.value = value;
  return event;
}

}  // namespace reprise::internal
