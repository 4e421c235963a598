#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "reprise/protocol/limits.h"
#include "reprise/runtime/mechanism.h"
#include "reprise/sdk/handler.h"
#include "reprise/service/fake_service.h"
#include "reprise/world/environment_pool.h"
#include "reprise/world/world.h"

namespace reprise {

class EventSource;

/// The code of a plain (not durable) function: payload in, payload out; a std::exception is its
/// failure.
using PlainCode = std::function<SharedText(const SharedText& payload)>;

/// A registered function with its code.
struct Function {
  FunctionConfig config;
  HandlerFunction handler;  ///< durable
  PlainCode plain;          ///< not durable
};

/// An execution that the run starts at its beginning.
struct Start {
  std::string function;  ///< qualified: "order:$LATEST"
  std::string name;      ///< execution name; how places and reports call it
  SharedText payload;
  std::optional<std::string> tenant_id;
  /// The caller gives the service no name, so when he starts again there is a second execution.
  bool unnamed = false;
};

/// Something that the outside world does once, when its time has come: a message that arrives, a
/// person who answers.
struct ExternalEvent {
  std::string name;
  std::function<bool()> ready;  ///< whether it can happen now
  std::function<void()> happen;
};

/// How the outside world answers callbacks.
struct CallbackResponder {
  /// Path of the operation whose callback this is ("order/approve#1"): the create_callback, or the
  /// wait_for_callback around it.
  std::string operation;
  enum class When : std::uint8_t {
    kCreated,    ///< counted from the moment the callback exists
    kSubmitted,  ///< counted from the success of the submitter of a wait_for_callback
  };
  When when = When::kCreated;
  std::int64_t delay_ms = 1000;  ///< virtual; 0: while the invocation still runs
  CallbackAnswer answer;
};

/// Something that must hold, said by the author of a test.
struct Invariant {
  enum class Kind : std::uint8_t {
    kAlways,     ///< after every effect and every operation
    kAtEnd,      ///< when every execution has ended
    kSometimes,  ///< in at least one of the runs explored
  };
  Kind kind = Kind::kAtEnd;
  std::string name;
  /// The verdict under which a violation is reported (docs/verdicts); "" for INVARIANT.
  std::string verdict;
  std::function<bool()> holds;
  /// What to tell about a violation, besides the name; may be empty.
  std::function<std::string()> detail;
};

/// A value that belongs to one execution and to no other.
struct Canary {
  std::string start;  ///< name of the execution that it belongs to
  std::string text;
};

/// What bounds a run; reaching a bound is a verdict.
struct RunLimits {
  int invocations_max = 20000;
  int effects_max = 1000000;
};

/// All that a run is a function of, besides its choices: handlers, inputs, world, environment.
struct Program {
  std::string name;
  std::vector<Function> functions;
  std::vector<Start> starts;
  std::vector<CallbackResponder> responders;
  std::vector<ExternalEvent> external_events;
  std::vector<EventSource*> event_sources;  ///< parts of the world
  std::vector<Invariant> invariants;
  std::vector<Canary> canaries;
  World world;
  /// Where invocations run, a part of the world; null: nothing is told of processes that stay warm.
  EnvironmentPool* environments = nullptr;
  Limits limits;
  RunLimits run_limits;
  MechanismSet without;  ///< switched off
  /// Called before each run, after the world was put in place; may be empty.
  std::function<void()> on_run_start;
};

}  // namespace reprise
