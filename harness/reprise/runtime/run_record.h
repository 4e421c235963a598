#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <source_location>
#include <string>
#include <vector>

#include "reprise/choices/schedule.h"
#include "reprise/protocol/event.h"
#include "reprise/sdk/observer.h"
#include "reprise/world/ambient.h"
#include "reprise/world/ledger.h"

namespace reprise {

/// How one execution ended.
struct ExecutionOutcome {
  std::string name;
  ExecutionStatus status = ExecutionStatus::kRunning;
  SharedText result;
  ErrorPtr error;

  friend bool operator==(const ExecutionOutcome& a, const ExecutionOutcome& b) {
    return a.name == b.name && a.status == b.status && a.result == b.result &&
           same_error(a.error, b.error);
  }
};
using Outcomes = std::vector<ExecutionOutcome>;

/// What is appended to the name of an execution that exists only because its caller started again.
inline constexpr const char* kRepetition = "-again";

enum class RunEnd : std::uint8_t {
  kCompleted,   ///< every execution has ended
  kStuck,       ///< nothing can happen any more, and an execution has not ended
  kRunaway,     ///< a bound of RunLimits was reached
  kPoweredOff,  ///< a power-off stopped it
};
std::string_view to_string(RunEnd end);

/// Something the SDK reported while the handler ran.
struct Incident {
  enum class Kind : std::uint8_t {
    kDivergence,       ///< S-10: another operation than the record holds
    kArguments,        ///< S-11: the same operation with other arguments
    kUnvisited,        ///< a record that a replay never asked for
    kMisuse,           ///< the API contract
    kLeak,             ///< a canary of one execution in another
    kRoundTrip,        ///< a result that is another one after encoding and decoding
    kServiceRejected,  ///< the service refused an update of the SDK: a defect of Reprise or of a
                       ///< foreign service
  };
  Kind kind = Kind::kDivergence;
  Misuse misuse = Misuse::kNestedOperation;
  std::string operation;  ///< "order/charge#1"
  std::string scope;      ///< kDivergence: the execution or context it was called in
  int number = 0;         ///< kDivergence: which operation of that scope, from 1
  std::string message;
  std::string recorded;  ///< what the record holds
  std::string current;   ///< what the handler did
  std::source_location location;
  int invocation = 0;

  friend bool operator==(const Incident&, const Incident&);
};

/// A body touched an object of a fake.
struct Access {
  std::string operation;         ///< "order/pack#1/a#1/print#1"
  std::string target;            ///< the fake; "": the body touched nothing that a fake told of
  std::string object;            ///< "": all of it
  bool changes = false;          ///< it did not only read
  std::size_t branch_point = 0;  ///< how many branch points had been passed
};

struct InvariantViolation {
  std::size_t invariant = 0;  ///< index in Program::invariants
  std::string after;          ///< what had just happened
  std::string detail;         ///< Invariant::detail at that moment
};

/// One mark on the timeline of a run.
struct TimelineMark {
  enum class Kind : std::uint8_t {
    kInvocation,  ///< an invocation of `operation` (the execution) starts
    kCall,        ///< a step body starts
    kReplayed,    ///< an operation is answered from its record
    kStarted,     ///< an operation other than a step is started
    kEffect,
    kRecorded,  ///< the end of an operation is recorded
    kFailed,    ///< ... its failure
    kCrash,
    kSuspended,
    kReturned,
    kThrew,
    kPlain,    ///< a plain function runs
    kFault,    ///< a call fails, an answer is lost
    kArrived,  ///< something from outside
  };
  Kind kind = Kind::kInvocation;
  std::string label;
  int invocation = 0;
};

/// A call that handler code made outside steps, past the world; only with reprise::guard.
struct AmbientNote {
  AmbientKind kind = AmbientKind::kClock;
  std::string function;  ///< "clock_gettime"
  std::string location;  ///< "order.cpp:17"; without debug information "order_test+0x1f30"
  std::string symbol;    ///< mangled name of the function that called
  std::string execution;
  int invocation = 0;  ///< of the run, from 1
};
/// "reads the clock: clock_gettime called at order.cpp:17".
std::string describe(const AmbientNote& note);
/// True for what cannot be right in handler code whatever follows from it: sleeping, and starting
/// threads.
bool is_always_wrong(const AmbientNote& note);

struct LogLine {
  LogLevel level = LogLevel::kInfo;
  std::string path;  ///< of the context or step that wrote it; "" for the handler itself
  std::string message;
  std::string execution;
};

/// What a run did: enough to judge it, to show it and to run it again.
struct RunRecord {
  Schedule schedule;
  std::vector<ScheduleEvent> unreached;  ///< events of the schedule whose place was never passed
  RunEnd end = RunEnd::kCompleted;
  std::string end_reason;  ///< kStuck, kRunaway: in words
  Outcomes outcomes;
  Ledger ledger;
  std::vector<Access> accesses;  ///< when branches are ordered
  bool abandoned = false;        ///< branches were given up because nobody waited for them any more
  std::vector<Incident> incidents;
  std::vector<InvariantViolation> violations;
  std::vector<bool> sometimes;  ///< per invariant: it held at some moment
  std::vector<TimelineMark> timeline;
  std::vector<LogLine> logs;
  std::map<std::string, std::vector<Event>> histories;  ///< by execution name
  /// Where each operation was called in the source, by "order/charge#1".
  std::map<std::string, std::source_location> call_sites;
  /// Callbacks that the outside answered, as CallbackResponder names them: true with a deadline.
  std::map<std::string, bool> answered;
  std::vector<AmbientNote> ambient;  ///< each function and location once
  int invocations = 0;
  int crashes = 0;
  std::int64_t places_passed = 0;
  std::int64_t virtual_ms = 0;  ///< how much virtual time went by
  /// Crashes that hit an at-most-once step whose effects are unknown for that reason (the third
  /// value, maybe).
  std::vector<std::size_t> maybe_events;      ///< which of the schedule's crashes, from 0
  std::vector<std::string> maybe_operations;  ///< the operations that they hit: "order/charge#1"
};

}  // namespace reprise
