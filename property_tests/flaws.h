#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/record/finding.h"
#include "reprise/sdk/context.h"

namespace reprise::properties {

struct Machine;

/// The mistakes that a generator plants as statements of their own.
enum class Flaw : std::uint8_t {
  kNone,
  kBareEffect,          ///< an effect without a key in a step
  kMintedKey,           ///< a key that each attempt of a step makes anew
  kRetriedOnce,         ///< an effect without a key in a step that is at most once per attempt
  kEffectOutside,       ///< an effect outside any step
  kEffectInDestructor,  ///< an effect that a destructor makes
  kClockInName,         ///< the clock decides which operation comes
  kClockInArgument,     ///< the clock decides how long is waited
  kEntropyInArgument,   ///< a payload is drawn outside a step
  kEnvironment,         ///< an environment variable that a deployment changes decides
  kHostName,            ///< the name of the machine is a payload
  kUnorderedLoop,       ///< operations in the order of a hash table
  kReplayingFlag,       ///< is_replaying() decides which operation comes
  kStaticState,         ///< a variable that outlives the execution decides
  kClosureWrite,        ///< a step body writes what another one reads
  kNotAwaited,          ///< an operation that nobody awaits
  kOuterContext,        ///< the outer context in a child context
  kStepInStep,          ///< an operation in a step body
  kWaitOfNothing,       ///< a wait of zero seconds
  kNobodyAnswers,       ///< a callback without a deadline that nobody answers
  kCheckThenSet,        ///< two branches look first and take then
};
/// All but kNone.
const std::vector<Flaw>& all_flaws();
/// "clock in name".
std::string_view to_string(Flaw flaw);
/// What must be reported.
Verdict verdict_of(Flaw flaw);
/// True for that, and for what is true of it as well: an effect of a destructor is outside any step
/// where the handler goes on, and orphaned where it does not.
bool may_be_reported_as(Flaw flaw, Verdict verdict);
/// The statement as C++; `name` is that of the statement.
std::string show(Flaw flaw, const std::string& name);
/// Runs it.
Task<int> run_flaw(DurableContext ctx, Machine* machine, Flaw flaw, std::string name);

}  // namespace reprise::properties
