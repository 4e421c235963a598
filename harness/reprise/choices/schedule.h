#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/choices/place.h"

namespace reprise {

/// Things that must not matter, because no history records them.  One switch each.
enum class HiddenInput : std::uint8_t {
  kClock,           ///< another host's clock is ahead or behind
  kEnvironment,     ///< environment variables
  kEntropy,         ///< random numbers
  kUnorderedOrder,  ///< the order of hash tables
  kClockRate,       ///< the clock runs faster
  kClockDirection,  ///< the clock of a later invocation shows an earlier time
  kTieOrder,        ///< the order of what a sort finds equal
  kHostName,        ///< the name of the machine
  kTimeZone,
  kLocale,
  kHeapPlacement,  ///< where allocations lie
  kMemoryFill,     ///< what fresh memory holds, on heap and stack
  kRounding,       ///< the rounding mode of floating-point operations
};
inline constexpr int kHiddenInputCount = 13;
inline constexpr HiddenInput kHiddenInputs[kHiddenInputCount] = {
    HiddenInput::kClock,          HiddenInput::kEnvironment,   HiddenInput::kEntropy,
    HiddenInput::kUnorderedOrder, HiddenInput::kClockRate,     HiddenInput::kClockDirection,
    HiddenInput::kTieOrder,       HiddenInput::kHostName,      HiddenInput::kTimeZone,
    HiddenInput::kLocale,         HiddenInput::kHeapPlacement, HiddenInput::kMemoryFill,
    HiddenInput::kRounding};
/// Those that belong to a reprise::Host: varied in every run of an exploration.
inline constexpr HiddenInput kHostInputs[] = {HiddenInput::kClock,     HiddenInput::kEnvironment,
                                              HiddenInput::kEntropy,   HiddenInput::kUnorderedOrder,
                                              HiddenInput::kClockRate, HiddenInput::kClockDirection,
                                              HiddenInput::kTieOrder,  HiddenInput::kHostName};
/// Those that belong to the process, and are changed while code of the handler runs: in runs of
/// their own.
inline constexpr HiddenInput kProcessInputs[] = {HiddenInput::kTimeZone, HiddenInput::kLocale,
                                                 HiddenInput::kHeapPlacement,
                                                 HiddenInput::kMemoryFill, HiddenInput::kRounding};
std::string_view to_string(HiddenInput input);

/// What can go wrong at a place besides a crash.
enum class Fault : std::uint8_t {
  kThrottled,    ///< checkpoint, state page: refused with 429 before it is stored
  kServerError,  ///< checkpoint, state page: refused with 500 before it is stored
  kStaleToken,   ///< checkpoint: its token is refused
  kAnswerLost,   ///< checkpoint, effect: it takes effect, and its answer is lost
  kSentAgain,    ///< checkpoint: stored, its answer is lost, and the client sends it again
  kFails,        ///< effect: it does not happen, the call fails
};
std::string_view to_string(Fault fault);

/// When something from outside arrives, instead of on time.
enum class Arrival : std::uint8_t {
  kHere,                ///< at the place of the event
  kAtOnce,              ///< as soon as somebody can wait for it, while the invocation still runs
  kLate,                ///< after everything else that is on its way
  kBeforeDeadline,      ///< one millisecond before the deadline
  kAtDeadline,          ///< in the same millisecond
  kAfterDeadline,       ///< one millisecond after it
  kTwice,               ///< on time, and once more
  kContradicted,        ///< on time, and then the opposite
  kContradictionFirst,  ///< the opposite first
  kNever,
};
std::string_view to_string(Arrival arrival);

/// Subject of the arrival that is late when the bodies of all steps take long.
inline constexpr const char* kEveryStep = "the end of every step";

/// Quotas that a handler must not notice: an exploration lowers them to where its data lies.
enum class Quota : std::uint8_t {
  kInlineContext,  ///< bytes of a context's result that is stored with its record
  kResponse,       ///< bytes of a result that is answered and not checkpointed
  kStatePage,      ///< operations that come with an invocation; the rest comes in pages
};
std::string_view to_string(Quota quota);

/// The process in which the next invocation of an execution runs, instead of the one before.
enum class Environment : std::uint8_t {
  kFresh,    ///< one that has run nothing yet, after one that had run the same before
  kForeign,  ///< one that has run something else
};
std::string_view to_string(Environment environment);

/// One deviation of a run from the benign one.
struct ScheduleEvent {
  enum class Kind : std::uint8_t {
    kCrash,     ///< the process that passes `place` dies there
    kPowerOff,  ///< everything stops at `place`, and the run ends; for runs that are resumed later
    kOverlap,   ///< the start `subject` comes at `place` and runs while the body there stands still
    kVary,      ///< `input` differs from invocation to invocation, outside step bodies
    kReorder,   ///< the start `subject` comes first of all
    kFault,     ///< `fault` at `place`
    kFreeze,    ///< the service gives up on the invocation at `place` and its successor runs; then
                ///< the old process goes on
    kArrival,   ///< what `subject` waits for arrives as `arrival` says (kHere: at `place`)
    kPrefer,    ///< the branch `subject` goes first whenever it can
    kSwitch,    ///< the operation `subject` goes before `other`, which would go first
    kLimit,     ///< `quota` is `value`
    kEnvironment,  ///< the environment is lost at `place`; what follows is the replay of what is
                   ///< recorded by then, in a process that `environment` tells of
    kAssign,       ///< the invocation that begins at `place` is served by the environment `subject`
  };
  Kind kind = Kind::kCrash;
  Place place;
  std::string subject;
  HiddenInput input = HiddenInput::kClock;
  Fault fault = Fault::kFails;
  /// kFault: how often in a row; 0: always.  A fault of an effect belongs to its attempt: with 1 it
  /// happens whenever that attempt comes there, with 0 in all attempts.
  int times = 1;
  Arrival arrival = Arrival::kNever;
  std::string other;
  Quota quota = Quota::kInlineContext;
  std::int64_t value = 0;
  Environment environment = Environment::kFresh;

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
