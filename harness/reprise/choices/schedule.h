#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/choices/place.h"

namespace reprise {

/// Things that must not matter, because no history records them.  One switch each.
enum class HiddenInput : std::uint8_t { kClock, kEnvironment, kEntropy, kUnorderedOrder };
inline constexpr int kHiddenInputCount = 4;
inline constexpr HiddenInput kHiddenInputs[kHiddenInputCount] = {
    HiddenInput::kClock, HiddenInput::kEnvironment, HiddenInput::kEntropy,
    HiddenInput::kUnorderedOrder};
std::string_view to_string(HiddenInput input);

/// One deviation of a run from the benign one.
struct ScheduleEvent {
  enum class Kind : std::uint8_t {
    kCrash,     ///< the process that passes `place` dies there
    kPowerOff,  ///< everything stops at `place`, and the run ends; for runs that are resumed later
    kOverlap,   ///< the start `subject` comes at `place` and runs while the body there stands still
    kVary,      ///< `input` differs from invocation to invocation, outside step bodies
    kReorder,   ///< the start `subject` comes first of all
  };
  Kind kind = Kind::kCrash;
  Place place;
  std::string subject;
  HiddenInput input = HiddenInput::kClock;

  friend bool operator==(const ScheduleEvent&, const ScheduleEvent&) = default;
};
std::string_view to_string(ScheduleEvent::Kind kind);

/// "crash after effect 1 of order/charge#1, attempt 1".
std::string describe(const ScheduleEvent& event);

/// The list of places where a run deviates from benign, in the order in which it does.
struct Schedule {
  std::vector<ScheduleEvent> events;

  bool empty() const { return events.empty(); }
  std::size_t size() const { return events.size(); }
  friend bool operator==(const Schedule&, const Schedule&) = default;
};

/// "2 events: ...; ...", or "no event".
std::string describe(const Schedule& schedule);

}  // namespace reprise
