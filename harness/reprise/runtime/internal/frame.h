#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "reprise/runtime/simulation.h"

namespace reprise {

namespace internal {
/// What an invocation gets that finds no environment.
inline ErrorPtr throttled_error() {
  return make_error("TooManyRequestsException", "Rate Exceeded.");
}
/// It is not the environment that serves the invocation without faults.
inline bool is_unusual(const EnvironmentPool* pool, const ArrivingInvocation& invocation,
                       const std::string& environment) {
  return pool != nullptr && pool->candidates(invocation).front() != environment;
}
}  // namespace internal

/// A process that is running: one invocation of a handler, or one call of a plain function.
struct Simulation::Frame {
  std::size_t execution = 0;
  const OperationCall* call = nullptr;  // the step whose body runs
  int attempt = 0;
  int effects = 0;
  int pages = 0;       // of the state, read so far
  int number = 0;      // of the invocation, since the last crash
  int invocation = 0;  // of the invocation, in the run
  bool dead = false;
  bool fenced = false;  // the service has given up on it
  bool teardown = false;
  bool unwinds = false;         // the end of the process has been thrown into the body that runs
  std::string plain_operation;  // set: a plain function
  std::optional<std::size_t> source;  // set: and this event source has invoked it, no execution
  SharedText operation;               // of the body that runs, once somebody asked
  std::uint64_t entropy_count = 0;
  std::int64_t clock_readings = 0;                // outside bodies
  std::size_t accesses_before = 0;                // of the record, when the body began
  std::map<std::string, int, std::less<>> turns;  // of operations that went on, when asked
  std::int64_t busy_ms = 0;   // virtual time that the body has taken, and that has not passed yet
  AmbientState ambient;       // of the process
  AmbientState body_ambient;  // of the body that runs, or of the plain function

  bool owned() const { return call != nullptr || !plain_operation.empty(); }
};

/// Makes a frame the innermost one for as long as it lives.
class Simulation::Scope {
 public:
  Scope(Simulation& simulation, Frame& frame) : simulation_(simulation) {
    simulation_.frames_.push_back(&frame);
  }
  Scope(const Scope&) = delete;
  ~Scope() { simulation_.frames_.pop_back(); }

 private:
  Simulation& simulation_;
};

/// The environment of a frame, for as long as it lives.
class Simulation::Occupied {
 public:
  Occupied(EnvironmentPool* pool, const ArrivingInvocation& invocation,
           const std::string& environment, const Frame& frame)
      : pool_(pool), frame_(frame) {
    if (pool_ != nullptr) pool_->occupy(invocation, environment);
  }
  Occupied(const Occupied&) = delete;
  ~Occupied() {
    if (pool_ != nullptr) pool_->release(!frame_.dead && !frame_.fenced);
  }

 private:
  EnvironmentPool* pool_;
  const Frame& frame_;
};

/// What a run needs of this object, for as long as it lasts.
class Simulation::Current {
 public:
  explicit Current(Simulation& simulation)
      : simulation_(simulation), before_(exchange_current(&simulation)) {}
  Current(const Current&) = delete;
  ~Current() {
    exchange_current(before_);
    simulation_.choices_ = nullptr;
    simulation_.record_ = nullptr;
  }

 private:
  Simulation& simulation_;
  EffectSink* before_;
};

}  // namespace reprise
