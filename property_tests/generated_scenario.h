#pragma once

#include <string_view>

#include "property_tests/generated_program.h"
#include "property_tests/generated_world.h"
#include "reprise/testing/scenario.h"
#include "reprise/world/host.h"

namespace reprise::properties {

/// What generated handlers run on.
struct Machine {
  Desk desk;
  Host host;
  int visits = 0;  ///< outlives executions and is no part of the world: Flaw::kStaticState
};

/// What steps of generated handlers give: a number that counts how many of its kind live, so that a
/// law can say that a crash leaves none behind.
class Counted {
 public:
  explicit Counted(int number = 0) : number_(number) { ++live_; }
  Counted(const Counted& other) : number_(other.number_) { ++live_; }
  Counted& operator=(const Counted&) = default;
  ~Counted() { --live_; }

  int number() const { return number_; }
  static int live() { return live_; }

 private:
  static inline int live_ = 0;
  int number_;
};
void to_json(nlohmann::json& json, const Counted& counted);
void from_json(const nlohmann::json& json, Counted& counted);

/// A program with its world, ready to be explored.  Stays where it is.
class GeneratedScenario {
 public:
  explicit GeneratedScenario(GeneratedProgram program);
  GeneratedScenario(const GeneratedScenario&) = delete;

  Scenario& scenario() { return scenario_; }
  Program& program() { return scenario_.program(); }
  const GeneratedProgram& source() const { return program_; }

  /// True for the planted effect: the `number`th of a body of `operation` ("program/s3#1").
  bool is_planted(std::string_view operation, int number) const;

 private:
  void register_targets(const Statements& statements);

  GeneratedProgram program_;
  Machine machine_;
  Scenario scenario_;
};

}  // namespace reprise::properties
