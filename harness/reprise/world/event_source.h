#pragma once

#include <optional>
#include <string>

#include "reprise/service/fake_service.h"

namespace reprise {

/// Something outside that invokes a plain function whenever it has work for it, and is told how
/// that ended: an event source mapping over a queue, a rule, a gateway that tries again.
///
///     scenario.function("intermediary", intermediary).event_source(mapping).world(queue, mapping);
///
/// The run asks it for work when no execution can go on, before virtual time moves; one invocation
/// at a time.  Each is a process: the effects of the function are fault points, under the operation
/// "<source>/<function>", and their attempt is the number of the invocation, from 1.  A crash ends
/// it with the error "Runtime.ExitError", and what the source does then is its own affair.
///
/// A part of the world: what changes in it changes in `take` and `finish`, which are no effects.
/// States are told apart by the time that is left until `next_due`.
class EventSource {
 public:
  virtual ~EventSource() = default;

  /// What places and reports call it.
  virtual std::string source_name() const = 0;
  /// The plain function that it invokes.  It may also be a durable function, if the service refuses
  /// to start that synchronously: then the error is all it ever gets.
  virtual std::string function_name() const = 0;
  /// When it has work; not later than `now`: now.  nullopt: not before something else has happened.
  virtual std::optional<TimestampMs> next_due(TimestampMs now) const = 0;
  /// Takes work and gives the payload of the next invocation; nullopt: there was none after all.
  /// Afterwards it is due later, or never, so that the run comes to an end.
  virtual std::optional<SharedText> take(TimestampMs now) = 0;
  /// How the invocation for what was taken last has ended.
  virtual void finish(const PlainOutcome& outcome, TimestampMs now) = 0;

  bool operator==(const EventSource&) const = default;  ///< what it has itself: nothing

 protected:
  EventSource() = default;
  EventSource(const EventSource&) = default;
  EventSource& operator=(const EventSource&) = default;
};

}  // namespace reprise
