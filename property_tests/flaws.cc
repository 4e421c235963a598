#include "property_tests/flaws.h"

#include <cstdlib>
#include <unordered_set>
#include <utility>

#include "property_tests/generated_scenario.h"
#include "reprise/sdk/context.h"

namespace reprise::properties {
namespace {

struct Description {
  Flaw flaw;
  std::string_view name;
  Verdict verdict;
  std::string_view code;  ///< "@" stands for the name of the statement
};

constexpr Description kFlaws[] = {
    {Flaw::kBareEffect, "effect without a key", Verdict::kDuplicateEffect,
     R"(co_await ctx.step("@", [&] { meter.add(0, 1); });)"},
    {Flaw::kMintedKey, "key made in a retried step", Verdict::kDuplicateEffect,
     R"(co_await ctx.step("@", [&] { bank.charge(0, 1, fresh_key()); });)"},
    {Flaw::kRetriedOnce, "at most once per attempt, retried", Verdict::kDuplicateEffect,
     R"(co_await ctx.try_step("@", [&] { meter.add(0, 1); }, at_most_once, retried);)"},
    {Flaw::kEffectOutside, "effect outside any step", Verdict::kDuplicateEffect,
     R"(meter.add(0, 1);  co_await ctx.wait("@", absl::Hours(1));)"},
    {Flaw::kEffectInDestructor, "effect in a destructor", Verdict::kOrphanEffect,
     R"(AddsAtItsEnd guard;  co_await ctx.wait("@", absl::Hours(1));)"},
    {Flaw::kClockInName, "clock decides about an operation", Verdict::kDivergentOp,
     R"(co_await ctx.step("@-at-" + seconds(host.now()), [] {});)"},
    {Flaw::kClockInArgument, "clock in an argument", Verdict::kDivergentArg,
     R"(co_await ctx.wait("@", absl::Hours(1) + seconds(host.now()) % 1000);)"},
    {Flaw::kEntropyInArgument, "payload drawn outside a step", Verdict::kDivergentArg,
     R"(co_await ctx.invoke("@", "echo", host.entropy());)"},
    {Flaw::kEnvironment, "environment decides about an operation", Verdict::kDivergentOp,
     R"(co_await ctx.step("@-in-" + host.env("REGION"), [] {});)"},
    {Flaw::kHostName, "name of the machine in an argument", Verdict::kDivergentArg,
     R"(co_await ctx.invoke("@", "echo", hash(host.name()));)"},
    {Flaw::kUnorderedLoop, "operations in the order of a hash table", Verdict::kDivergentOp,
     R"(for (auto& part : unordered_set{"a" ... "h"}) co_await ctx.step("@" + part, [] {});)"},
    {Flaw::kReplayingFlag, "branch on is_replaying()", Verdict::kDivergentOp,
     R"(if (!ctx.is_replaying()) co_await ctx.step("@", [] {});  co_await ctx.wait("@w", ...);)"},
    {Flaw::kStaticState, "variable that outlives the execution", Verdict::kDivergentOp,
     R"(if (visits++ == 0) co_await ctx.step("@", [] {});  co_await ctx.wait("@w", ...);)"},
    {Flaw::kClosureWrite, "step body writes a local variable", Verdict::kUnstableOutcome,
     R"(int seen = 0;  co_await ctx.step("@", [&] { seen = 7; });  )"
     R"(sum += co_await ctx.step("@r", [&] { return seen; });)"},
    {Flaw::kNotAwaited, "operation that nobody awaits", Verdict::kBoundary,
     R"({ auto lost = ctx.step("@", [] {}); })"},
    {Flaw::kOuterContext, "outer context in a child context", Verdict::kBoundary,
     R"(co_await ctx.run_in_child_context("@", [&](DurableContext) { )"
     R"(co_await ctx.step("@o", [] {}); });)"},
    {Flaw::kStepInStep, "operation in a step body", Verdict::kBoundary,
     R"(co_await ctx.step("@", [&] { auto inner = ctx.step("@i", [] {}); });)"},
    {Flaw::kWaitOfNothing, "wait of zero seconds", Verdict::kBoundary,
     R"(co_await ctx.wait("@", absl::ZeroDuration());)"},
    {Flaw::kNobodyAnswers, "callback that nobody answers", Verdict::kStuck,
     R"(auto open = co_await ctx.create_callback("@");  co_await open.try_result();)"},
    {Flaw::kCheckThenSet, "two branches look first and take then", Verdict::kUnstableOutcome,
     R"(co_await ctx.parallel("@", twice, [&](DurableContext ctx) { )"
     R"(bool free = co_await ctx.step("look", [&] { return meter.at(5) == 0; }); )"
     R"(if (free) co_await ctx.step("take", [&] { meter.add(5, 1, key); }); });)"},
};

const Description& description_of(Flaw flaw) {
  for (const Description& each : kFlaws) {
    if (each.flaw == flaw) return each;
  }
  std::abort();
}

std::int64_t seconds(absl::Time time) { return absl::ToUnixSeconds(time); }

void add_bare(Machine& machine, GeneratedEffect::Key key) {
  GeneratedEffect effect;
  effect.kind = key == GeneratedEffect::Key::kMinted ? GeneratedEffect::Kind::kCharge
                                                     : GeneratedEffect::Kind::kAdd;
  effect.key = key;
  machine.desk.apply(effect, "");
}

struct AddsAtItsEnd {
  Machine& machine;
  ~AddsAtItsEnd() { add_bare(machine, GeneratedEffect::Key::kNone); }
};

Task<int> run_effects(DurableContext ctx, Machine* machine, Flaw flaw, std::string name) {
  if (flaw == Flaw::kEffectOutside) {
    add_bare(*machine, GeneratedEffect::Key::kNone);
    co_await ctx.wait(name, absl::Hours(1));
    co_return 0;
  }
  if (flaw == Flaw::kEffectInDestructor) {
    const AddsAtItsEnd guard{*machine};
    co_await ctx.wait(name, absl::Hours(1));
    co_return 0;
  }
  const auto key =
      flaw == Flaw::kMintedKey ? GeneratedEffect::Key::kMinted : GeneratedEffect::Key::kNone;
  const auto body = [&] { add_bare(*machine, key); };
  StepOptions options;
  if (flaw == Flaw::kRetriedOnce) {
    options.semantics(StepSemantics::kAtMostOncePerRetry).retry(retry::fixed(absl::Seconds(1), 3));
  }
  const auto outcome = co_await ctx.try_step(name, body, options);
  co_return outcome.ok() ? 0 : 1;
}

Task<int> run_hidden_inputs(DurableContext ctx, Machine* machine, Flaw flaw, std::string name) {
  const Host& host = machine->host;
  if (flaw == Flaw::kClockInArgument) {
    const absl::Duration pause = absl::Hours(1) + absl::Seconds(seconds(host.now()) % 1000);
    co_await ctx.wait(name, pause);
    co_return 0;
  }
  if (flaw == Flaw::kEntropyInArgument || flaw == Flaw::kHostName) {
    const std::string payload =
        flaw == Flaw::kHostName ? host.name() : std::to_string(host.entropy());
    const std::string answer = co_await ctx.invoke<std::string>(name, "echo", payload);
    co_return answer.empty() ? 1 : 0;
  }
  std::vector<std::string> names;
  if (flaw == Flaw::kClockInName) {
    names.push_back(name + "-at-" + std::to_string(seconds(host.now())));
  } else if (flaw == Flaw::kEnvironment) {
    names.push_back(name + "-in-" + host.env("REGION"));
  } else {
    std::unordered_set<std::string, SaltedHash> parts(16, SaltedHash(host));
    for (const char* part : {"a", "b", "c", "d", "e", "f", "g", "h"}) parts.insert(name + part);
    names.assign(parts.begin(), parts.end());
  }
  for (const std::string& each : names) co_await ctx.step(each, [] {});
  co_return 0;
}

Task<int> run_state(DurableContext ctx, Machine* machine, Flaw flaw, std::string name) {
  if (flaw == Flaw::kClosureWrite) {
    int seen = 0;
    const std::string read = name + "r";
    co_await ctx.step(name, [&] { seen = 7; });
    const int sum = co_await ctx.step(read, [&] { return seen; });
    co_return sum;
  }
  const bool first = flaw == Flaw::kReplayingFlag ? !ctx.is_replaying() : machine->visits++ == 0;
  const std::string pause = name + "w";
  if (first) co_await ctx.step(name, [] {});
  co_await ctx.wait(pause, absl::Hours(1));
  co_return 0;
}

Task<int> run_misuse(DurableContext ctx, Flaw flaw, std::string name) {
  if (flaw == Flaw::kNotAwaited) {
    auto lost = ctx.step(name, [] {});
    co_return 0;
  }
  if (flaw == Flaw::kOuterContext) {
    const std::string inner = name + "o";
    const auto body = [&](DurableContext) -> Task<int> {
      co_await ctx.step(inner, [] {});
      co_return 0;
    };
    const int value = co_await ctx.run_in_child_context(name, body);
    co_return value;
  }
  if (flaw == Flaw::kStepInStep) {
    const std::string inner = name + "i";
    const auto body = [&] { auto nested = ctx.step(inner, [] {}); };
    co_await ctx.step(name, body);
    co_return 0;
  }
  if (flaw == Flaw::kWaitOfNothing) {
    co_await ctx.wait(name, absl::ZeroDuration());
    co_return 0;
  }
  auto open = co_await ctx.create_callback(name);
  const auto answer = co_await open.try_result();
  co_return answer.ok() ? 0 : 1;
}

Task<int> look_and_take(DurableContext ctx, Machine* machine, std::string key) {
  constexpr int kCell = 5;
  const bool free = co_await ctx.step("look", [&] { return machine->desk.taken(kCell) == 0; });
  if (free) {
    GeneratedEffect take;
    take.kind = GeneratedEffect::Kind::kAdd;
    take.cell = kCell;
    co_await ctx.step("take", [&] { machine->desk.apply(take, key); });
  }
  co_return free ? 1 : 0;
}

Task<int> run_check_then_set(DurableContext ctx, Machine* machine, std::string name) {
  Branches<int> branches;
  for (const char* suffix : {"x", "y"}) {
    const std::string key = name + suffix;
    branches.add(
        key, [machine, key](DurableContext branch) { return look_and_take(branch, machine, key); });
  }
  const BatchResult<int> batch = co_await ctx.parallel(name, branches);
  int sum = 0;
  for (const int each : batch.results()) sum += each;
  co_return sum;
}

}  // namespace

const std::vector<Flaw>& all_flaws() {
  static const std::vector<Flaw> flaws = [] {
    std::vector<Flaw> all;
    for (const Description& each : kFlaws) all.push_back(each.flaw);
    return all;
  }();
  return flaws;
}

std::string_view to_string(Flaw flaw) { return description_of(flaw).name; }
Verdict verdict_of(Flaw flaw) { return description_of(flaw).verdict; }
bool may_be_reported_as(Flaw flaw, Verdict verdict) {
  return verdict == verdict_of(flaw) ||
         (flaw == Flaw::kEffectInDestructor && verdict == Verdict::kDuplicateEffect);
}

std::string show(Flaw flaw, const std::string& name) {
  std::string text;
  for (const char c : description_of(flaw).code) {
    if (c == '@') {
      text += name;
    } else {
      text += c;
    }
  }
  return text + "  // " + std::string(to_string(flaw));
}

Task<int> run_flaw(DurableContext ctx, Machine* machine, Flaw flaw, std::string name) {
  switch (flaw) {
    case Flaw::kBareEffect:
    case Flaw::kMintedKey:
    case Flaw::kRetriedOnce:
    case Flaw::kEffectOutside:
    case Flaw::kEffectInDestructor:
      return run_effects(ctx, machine, flaw, std::move(name));
    case Flaw::kReplayingFlag:
    case Flaw::kStaticState:
    case Flaw::kClosureWrite:
      return run_state(ctx, machine, flaw, std::move(name));
    case Flaw::kNotAwaited:
    case Flaw::kOuterContext:
    case Flaw::kStepInStep:
    case Flaw::kWaitOfNothing:
    case Flaw::kNobodyAnswers:
      return run_misuse(ctx, flaw, std::move(name));
    case Flaw::kCheckThenSet:
      return run_check_then_set(ctx, machine, std::move(name));
    default:
      return run_hidden_inputs(ctx, machine, flaw, std::move(name));
  }
}

}  // namespace reprise::properties
