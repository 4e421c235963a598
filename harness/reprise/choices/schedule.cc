#include "reprise/choices/schedule.h"

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
    case PointKind::kState:
      return "state";
    case PointKind::kInvocation:
      return "invocation";
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
    case HiddenInput::kClockRate:
      return "clock rate";
    case HiddenInput::kClockDirection:
      return "clock direction";
    case HiddenInput::kTieOrder:
      return "tie order";
    case HiddenInput::kHostName:
      return "host name";
    case HiddenInput::kTimeZone:
      return "time zone";
    case HiddenInput::kLocale:
      return "locale";
    case HiddenInput::kHeapPlacement:
      return "heap placement";
    case HiddenInput::kMemoryFill:
      return "memory fill";
    case HiddenInput::kRounding:
      return "rounding";
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
    case ScheduleEvent::Kind::kFault:
      return "fault";
    case ScheduleEvent::Kind::kFreeze:
      return "freeze";
    case ScheduleEvent::Kind::kArrival:
      return "arrival";
    case ScheduleEvent::Kind::kPrefer:
      return "prefer";
    case ScheduleEvent::Kind::kSwitch:
      return "switch";
    case ScheduleEvent::Kind::kLimit:
      return "limit";
    case ScheduleEvent::Kind::kEnvironment:
      return "environment";
    case ScheduleEvent::Kind::kAssign:
      return "assign";
  }
  std::abort();
}

std::string_view to_string(Environment environment) {
  switch (environment) {
    case Environment::kFresh:
      return "fresh";
    case Environment::kForeign:
      return "foreign";
  }
  std::abort();
}

std::string_view to_string(Fault fault) {
  switch (fault) {
    case Fault::kThrottled:
      return "throttled";
    case Fault::kServerError:
      return "server error";
    case Fault::kStaleToken:
      return "stale token";
    case Fault::kAnswerLost:
      return "answer lost";
    case Fault::kSentAgain:
      return "sent again";
    case Fault::kFails:
      return "fails";
  }
  std::abort();
}

std::string_view to_string(Arrival arrival) {
  switch (arrival) {
    case Arrival::kHere:
      return "here";
    case Arrival::kAtOnce:
      return "at once";
    case Arrival::kLate:
      return "late";
    case Arrival::kBeforeDeadline:
      return "just before the deadline";
    case Arrival::kAtDeadline:
      return "at the deadline";
    case Arrival::kAfterDeadline:
      return "just after the deadline";
    case Arrival::kTwice:
      return "twice";
    case Arrival::kContradicted:
      return "contradicted";
    case Arrival::kContradictionFirst:
      return "contradiction first";
    case Arrival::kNever:
      return "never";
  }
  std::abort();
}

std::string_view to_string(Quota quota) {
  switch (quota) {
    case Quota::kInlineContext:
      return "inline context";
    case Quota::kResponse:
      return "response";
    case Quota::kStatePage:
      return "state page";
  }
  std::abort();
}

namespace {

std::string describe_fault(const ScheduleEvent& event) {
  const Place& place = event.place;
  const std::string often = event.times == 0   ? ", always"
                            : event.times == 1 ? ""
                                               : ", " + std::to_string(event.times) + " times";
  if (place.kind == PointKind::kEffect) {
    const std::string what = "effect " + std::to_string(place.effect) + " of " + place.operation;
    const std::string attempt = place.attempt > 0 && event.times != 0
                                    ? ", attempt " + std::to_string(place.attempt)
                                    : std::string();
    if (event.fault == Fault::kFails) return what + attempt + " fails" + often;
    return what + attempt + " happens and its answer is lost" + often;
  }
  std::string at = describe(place);
  if (place.kind == PointKind::kCheckpoint) {  // what the moment says is part of the fault
    at = "the " + std::string(to_string(place.action)) + " of " + place.operation +
         (place.attempt > 0 ? ", attempt " + std::to_string(place.attempt) : std::string());
  }
  switch (event.fault) {
    case Fault::kThrottled:
      return "the service throttles " + at + often;
    case Fault::kServerError:
      return "the service answers 500 to " + at + often;
    case Fault::kStaleToken:
      return "the service refuses the token of " + at + often;
    case Fault::kAnswerLost:
      return "the answer to " + at + " is lost" + often;
    case Fault::kSentAgain:
      return "the answer to " + at + " is lost, and the client sends it again" + often;
    case Fault::kFails:
      break;
  }
  return at + " fails" + often;
}

std::string describe_arrival(const ScheduleEvent& event) {
  const std::string what = "what " + event.subject + " waits for";
  switch (event.arrival) {
    case Arrival::kHere:
      return event.subject + " arrives " + describe(event.place);
    case Arrival::kAtOnce:
      return what + " arrives at once";
    case Arrival::kLate:
      return what + " arrives after everything else";
    case Arrival::kBeforeDeadline:
    case Arrival::kAtDeadline:
    case Arrival::kAfterDeadline:
      return what + " arrives " + std::string(to_string(event.arrival));
    case Arrival::kTwice:
      return what + " arrives twice";
    case Arrival::kContradicted:
      return what + " arrives, and then the opposite";
    case Arrival::kContradictionFirst:
      return "the opposite of " + what + " arrives first";
    case Arrival::kNever:
      return what + " never arrives";
  }
  std::abort();
}

}  // namespace

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
    case PointKind::kState:
      return "before page " + std::to_string(place.effect) + " of the state of " + place.operation +
             invocation;
    case PointKind::kInvocation:
      return "at the beginning of " + place.operation + invocation;
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
    case ScheduleEvent::Kind::kFault:
      return describe_fault(event);
    case ScheduleEvent::Kind::kFreeze:
      return "the invocation times out " + describe(event.place) +
             ", its successor runs, then it goes on";
    case ScheduleEvent::Kind::kArrival:
      return describe_arrival(event);
    case ScheduleEvent::Kind::kPrefer:
      return event.subject + " goes before all other branches";
    case ScheduleEvent::Kind::kSwitch:
      return event.subject + " goes before " + event.other;
    case ScheduleEvent::Kind::kLimit:
      return "the limit \"" + std::string(to_string(event.quota)) + "\" is " +
             std::to_string(event.value);
    case ScheduleEvent::Kind::kEnvironment:
      return "the environment is lost " + describe(event.place) + ", the next one " +
             (event.environment == Environment::kFresh ? "is fresh"
                                                       : "has run something else before");
    case ScheduleEvent::Kind::kAssign:
      return (event.place.invocation > 0
                  ? "invocation " + std::to_string(event.place.invocation) + " of "
                  : std::string()) +
             event.place.operation + " runs in " + event.subject;
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

}  // namespace reprise
