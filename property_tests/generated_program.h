#pragma once

#include <rapidcheck.h>

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "property_tests/flaws.h"

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
  enum class Kind : std::uint8_t {
    kStep,
    kWait,
    kChild,
    kWaitForCallback,
    kInvoke,  ///< of a plain function
    kIf,
    kCallback,       ///< create_callback, a step that sends its id, the result
    kDurableInvoke,  ///< of a durable function, whose code is `body`
    kCondition,      ///< wait_for_condition, met after `failures` + 1 checks
    kParallel,       ///< `body`: its branches, each a kChild
    kMap,            ///< `body` for each of `width` items
    kAll,            ///< `body` and `otherwise` in child contexts, joined
    kAllSettled,
    kAny,  ///< the same, but the second waits for days, and neither makes effects
    kRace,
    kFlaw,  ///< the flaw of a flawed program, where it is no effect
  };
  Kind kind = Kind::kStep;
  int number = 0;  ///< its name is "s<number>"; see numbered()
  int value = 0;   ///< what it gives; of kIf: the parity of the sum that takes the first branch
  std::vector<GeneratedEffect> effects;  ///< kStep, kCondition (of each check), callbacks (of what
                                         ///< sends the id), kInvoke (of the target)
  bool at_most_once = false;             ///< kStep
  bool retried = false;                  ///< kStep: more attempts than failures are allowed
  bool fatal = false;  ///< kStep: not so; it fails for good, and nobody catches it
  int failures = 0;    ///< kStep: so many attempts fail first; kInvoke, callbacks: 1 fails for good
  int failing_after = 0;    ///< kStep: effects that a failing attempt makes before it fails
  int width = 0;            ///< kMap: items; kMap, kParallel: 0 in flight is no bound
  int in_flight = 0;        ///< kMap, kParallel: at a time; 0: no bound
  bool flat = false;        ///< kMap, kParallel: FLAT nesting; kChild: virtual
  bool concurrent = false;  ///< set by numbered(): beside others
  Flaw flaw = Flaw::kNone;  ///< kFlaw
  std::vector<Statement> body;
  std::vector<Statement> otherwise;  ///< kIf, kAll, kAllSettled, kAny, kRace

  std::string name() const { return "s" + std::to_string(number); }
  friend bool operator==(const Statement&, const Statement&) = default;
};
using Statements = std::vector<Statement>;

/// True for the kinds that have effects of their own.
bool has_effects(Statement::Kind kind);
/// True when a crash can make the code of its effects run again.
bool may_run_again(const Statement& statement);
bool takes_body(const Statement& condition, int sum);
/// The key of an effect of this statement, the same on every attempt.
std::string steady_key(const Statement& statement, std::size_t index);

/// A handler as a value: generated, shrunk, printed as C++, and run by an interpreter.
struct GeneratedProgram {
  Statements statements;
  friend bool operator==(const GeneratedProgram&, const GeneratedProgram&) = default;
};

/// Prints a program as the handler that the interpreter runs.
std::ostream& operator<<(std::ostream& out, const GeneratedProgram& program);

/// The program with its statements named s1, s2, ... in the order in which they are written.
GeneratedProgram numbered(GeneratedProgram program);

/// Calls `visit` for every statement.
void for_each(const Statements& statements, const std::function<void(const Statement&)>& visit);

/// True when some of its statements run beside others.
bool has_branches(const GeneratedProgram& program);

/// True when the run without faults comes to the planted flaw; if it is an effect, then in code
/// that may be run again.
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
/// once, no invoke of a plain function.  After a crash they end as if there had been none.
rc::Gen<GeneratedProgram> repeating_programs(ProgramSize size = {});

/// Sound programs but for one step, which the run without faults reaches: among its effects there
/// is one that is not idempotent, or a pair of those that cancel out.
rc::Gen<GeneratedProgram> flawed_programs(ProgramSize size = {});

/// Sound programs but for one statement that has a known flaw: `flaw`, or any.
rc::Gen<GeneratedProgram> programs_with_flaw(Flaw flaw, ProgramSize size = {});
rc::Gen<GeneratedProgram> programs_with_any_flaw(ProgramSize size = {});

/// Simpler programs that still are what their generator promises.
std::vector<GeneratedProgram> smaller_programs(const GeneratedProgram& program, bool flawed);

}  // namespace reprise::properties
