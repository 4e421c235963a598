#pragma once

#include <rapidcheck.h>

#include <compare>
#include <iosfwd>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "reprise/sdk/context.h"
#include "reprise/testing/scenario.h"

namespace reprise::properties {

/// One change that a generated handler makes to its world.
struct GeneratedEffect {
  enum class Kind : std::uint8_t {
    kCharge,  ///< counted unless its key is known
    kAdd,     ///< an accumulation; without a key, doing it twice shows
    kPut,     ///< absolute: doing it twice is doing it once
    kAppend,  ///< a line in a journal, dropped when its key is known
  };
  enum class Key : std::uint8_t {
    kSteady,  ///< the same on every attempt
    kNone,
    kMinted,  ///< made from what the world holds by now: another one on every attempt
  };
  Kind kind = Kind::kCharge;
  Key key = Key::kSteady;
  int cell = 0;
  int amount = 1;
  bool planted = false;  ///< the flaw of a flawed program

  friend bool operator==(const GeneratedEffect&, const GeneratedEffect&) = default;
};

/// One statement of a generated handler.  Members that its kind does not use keep their defaults.
struct Statement {
  enum class Kind : std::uint8_t { kStep, kWait, kChild, kCallback, kInvoke, kIf };
  Kind kind = Kind::kStep;
  int number = 0;  ///< its name is "s<number>"; see numbered()
  int value = 0;   ///< what it gives; of kIf: the parity of the sum that takes the first branch
  std::vector<GeneratedEffect>
      effects;                ///< kStep, kCallback (of its submitter), kInvoke (of the target)
  bool at_most_once = false;  ///< kStep
  bool retried = false;       ///< kStep: more attempts than failures are allowed
  int failures = 0;  ///< kStep: so many attempts fail first; kInvoke, kCallback: 1 fails for good
  int failing_after = 0;        ///< kStep: effects that a failing attempt makes before it fails
  std::vector<Statement> body;  ///< kChild, kIf
  std::vector<Statement> otherwise;  ///< kIf

  std::string name() const { return "s" + std::to_string(number); }
};

/// A sequential handler as a value: generated, shrunk, printed as C++, and run by an interpreter.
struct GeneratedProgram {
  std::vector<Statement> statements;
};

/// Prints a program as the handler that the interpreter runs.
std::ostream& operator<<(std::ostream& out, const GeneratedProgram& program);

/// The program with its statements named s1, s2, ... in the order in which they are written.
GeneratedProgram numbered(GeneratedProgram program);

/// True when the run without faults makes the planted effect, in a step that may be run again.
bool shows_its_flaw(const GeneratedProgram& program);

/// How large programs are drawn.
struct ProgramSize {
  int statements_max = 4;  ///< of the handler; a nested block has two at most
  int depth_max = 2;       ///< of blocks within blocks
};
/// For laws that run every pair of crashes.
inline constexpr ProgramSize kSmall{2, 1};

/// Programs whose every effect is idempotent, or in a step that runs at most once.
rc::Gen<GeneratedProgram> sound_programs(ProgramSize size = {});

/// Those of them in which everything that a crash interrupts is repeated: no step that runs at most
/// once, no invoke.  After a crash they end as if there had been none.
rc::Gen<GeneratedProgram> repeating_programs(ProgramSize size = {});

/// Sound programs but for one step, which the run without faults reaches: among its effects there
/// is one that is not idempotent, or a pair of those that cancel out.
rc::Gen<GeneratedProgram> flawed_programs(ProgramSize size = {});

/// The world of generated programs: a copyable value.
class Desk {
 public:
  void apply(const GeneratedEffect& effect, const std::string& steady_key);

  friend bool operator==(const Desk&, const Desk&) = default;

 private:
  bool is_new(const std::string& key);

  std::map<int, int> accounts_;
  std::map<int, int> meters_;
  std::map<int, int> settings_;
  std::vector<std::string> journal_;
  std::set<std::string> keys_;
  int charges_ = 0;
};

/// A program with its world, ready to be explored.  Stays where it is.
class GeneratedScenario {
 public:
  explicit GeneratedScenario(GeneratedProgram program);
  GeneratedScenario(const GeneratedScenario&) = delete;

  Scenario& scenario() { return scenario_; }
  Program& program() { return scenario_.program(); }

  /// True for the planted effect: the `number`th of a body of `operation` ("program/s3#1").
  bool is_planted(std::string_view operation, int number) const;

 private:
  void register_targets(const std::vector<Statement>& statements);

  GeneratedProgram program_;
  Desk desk_;
  Scenario scenario_;
};

}  // namespace reprise::properties
