// The interpreter of generated programs: public API only.

#include <memory>
#include <stdexcept>
#include <utility>

#include "property_tests/generated_scenario.h"
#include "reprise/sdk/context.h"

namespace reprise::properties {
namespace {

using Kind = Statement::Kind;

constexpr int kFailed = -1;  // what a statement gives that failed for good

class Failure : public std::runtime_error {
 public:
  Failure() : std::runtime_error("as the program says") {}
};

/// Where a statement runs.
struct Where {
  Where(Machine* on, std::string inside) : machine(on), scope(std::move(inside)) {}
  Machine* machine;
  std::string scope;  ///< tells the items of maps apart: "s1.0/"
};

void make_effects(const Where& place, const Statement& statement, std::size_t first,
                  std::size_t last) {
  for (std::size_t i = first; i < last && i < statement.effects.size(); ++i) {
    GeneratedEffect effect = statement.effects[i];
    // Of two branches either may write last.
    if (effect.kind == GeneratedEffect::Kind::kPut && statement.concurrent) {
      effect.cell = 10 * statement.number + effect.cell;
      effect.amount = 1;
    }
    place.machine->desk.apply(effect, place.scope + steady_key(statement, i));
  }
}

void make_effects(const Where& place, const Statement& statement) {
  make_effects(place, statement, 0, statement.effects.size());
}

int number_of(const Outcome<Counted>& outcome) {
  return outcome.ok() ? outcome.value().number() : kFailed;
}

int total(const BatchResult<Counted>& batch) {
  int sum = kFailed * static_cast<int>(batch.failure_count());
  for (const Counted& each : batch.results()) sum += each.number();
  return sum;
}

Task<Counted> run_block(DurableContext ctx, Where place, const Statements* statements, int sum);

StepOptions options_of(const Statement& statement) {
  StepOptions options;
  // At most once per attempt: an interrupted attempt is used up, so one more is allowed.
  const int attempts =
      1 + statement.failures + (statement.at_most_once && statement.retried ? 1 : 0);
  options.retry(attempts == 1 ? retry::none() : retry::fixed(absl::Seconds(1), attempts));
  if (statement.at_most_once) options.semantics(StepSemantics::kAtMostOncePerRetry);
  return options;
}

Task<int> run_step(DurableContext ctx, Where place, const Statement* statement) {
  const std::size_t count = statement->effects.size();
  const auto body = [&](StepContext step) {
    std::size_t split = 0;
    if (statement->fatal) {
      make_effects(place, *statement);
      throw Failure();
    }
    if (step.attempt() <= statement->failures) {
      split = static_cast<std::size_t>(statement->failing_after);
      make_effects(place, *statement, 0, split);
      throw Failure();
    }
    make_effects(place, *statement, split, count);
    return Counted(statement->value);
  };
  const std::string name = statement->name();
  const StepOptions options = options_of(*statement);
  if (statement->fatal || (!statement->at_most_once && statement->failures == 0)) {
    const Counted value = co_await ctx.step(name, body, options);
    co_return value.number();
  }
  const Outcome<Counted> outcome = co_await ctx.try_step(name, body, options);
  co_return number_of(outcome);
}

Task<int> run_wait_for_callback(DurableContext ctx, Where place, const Statement* statement) {
  const std::string name = statement->name();
  const auto submit = [&](const std::string&) { make_effects(place, *statement); };
  CallbackOptions options;
  options.timeout(absl::Hours(1));
  const Outcome<Counted> outcome =
      co_await ctx.try_wait_for_callback<Counted>(name, submit, options);
  co_return number_of(outcome);
}

Task<int> run_callback(DurableContext ctx, Where place, const Statement* statement) {
  const std::string name = statement->name();
  const std::string send_name = name + "-send";
  const auto send = [&] { make_effects(place, *statement); };
  CallbackOptions options;
  options.timeout(absl::Hours(1));
  Callback<Counted> callback = co_await ctx.create_callback<Counted>(name, options);
  co_await ctx.step(send_name, send);
  const Outcome<Counted> outcome = co_await callback.try_result();
  co_return number_of(outcome);
}

Task<int> run_invoke(DurableContext ctx, const Statement* statement) {
  const std::string name = statement->name();
  const bool plain = statement->kind == Kind::kInvoke;
  const std::string target = plain ? "plain-" + name : "run-" + name + ":$LATEST";
  if (statement->failures == 0 && plain) {
    const Counted value = co_await ctx.invoke<Counted>(name, target, statement->value);
    co_return value.number();
  }
  const Outcome<Counted> outcome = co_await ctx.try_invoke<Counted>(name, target, statement->value);
  co_return number_of(outcome);
}

Task<int> run_child(DurableContext ctx, Where place, const Statement* statement) {
  const std::string name = statement->name();
  const auto body = [&](DurableContext child) {
    return run_block(child, place, &statement->body, 0);
  };
  ChildContextOptions options;
  options.is_virtual(statement->flat);
  const Outcome<Counted> outcome = co_await ctx.try_run_in_child_context(name, body, options);
  co_return number_of(outcome);
}

Task<int> run_condition(DurableContext ctx, Where place, const Statement* statement) {
  const std::string name = statement->name();
  const int wanted = statement->failures + 1;
  const auto check = [&](int checks) {
    make_effects(place, *statement);
    return checks + 1;
  };
  PollUntil<int> until([wanted](const int& checks) { return checks >= wanted; });
  until.jitter(Jitter::kNone);
  const ConditionOptions<int> options(until);
  const int checks = co_await ctx.wait_for_condition(name, 0, check, options);
  co_return checks;
}

BatchOptions batch_options(const Statement& statement) {
  BatchOptions options;
  options.completion(CompletionConfig::all_completed());
  if (statement.in_flight > 0) options.max_concurrency(statement.in_flight);
  if (statement.flat) options.nesting(BatchNesting::kFlat);
  return options;
}

Task<int> run_parallel(DurableContext ctx, Where place, const Statement* statement) {
  const std::string name = statement->name();
  Branches<Counted> branches;
  for (const Statement& branch : statement->body) {
    const Statements* body = &branch.body;
    branches.add(branch.name(),
                 [place, body](DurableContext child) { return run_block(child, place, body, 0); });
  }
  const BatchOptions options = batch_options(*statement);
  const BatchResult<Counted> batch = co_await ctx.parallel(name, branches, options);
  co_return total(batch);
}

Task<int> run_map(DurableContext ctx, Where place, const Statement* statement) {
  const std::string name = statement->name();
  std::vector<int> items;
  for (int i = 0; i < statement->width; ++i) items.push_back(i);
  const auto body = [&](DurableContext child, int item) {
    const Where inside(place.machine, place.scope + name + "." + std::to_string(item) + "/");
    return run_block(child, inside, &statement->body, 0);
  };
  const BatchOptions options = batch_options(*statement);
  const BatchResult<Counted> batch = co_await ctx.map(name, items, body, options);
  co_return total(batch);
}

Task<int> run_combinator(DurableContext ctx, Where place, const Statement* statement) {
  const std::string name = statement->name();
  const std::string first_name = name + "a";
  const std::string second_name = name + "b";
  const auto first_body = [&](DurableContext child) {
    return run_block(child, place, &statement->body, 0);
  };
  const auto second_body = [&](DurableContext child) {
    return run_block(child, place, &statement->otherwise, 0);
  };
  auto first = ctx.run_in_child_context(first_name, first_body);
  auto second = ctx.run_in_child_context(second_name, second_body);
  if (statement->kind == Kind::kAll) {
    const auto both = co_await ctx.try_all(name, first, second);
    if (!both.ok()) co_return kFailed;
    co_return std::get<0>(*both).number() + std::get<1>(*both).number();
  }
  if (statement->kind == Kind::kAllSettled) {
    const auto both = co_await ctx.all_settled(name, first, second);
    co_return number_of(std::get<0>(both)) + number_of(std::get<1>(both));
  }
  if (statement->kind == Kind::kAny) {
    const Counted one = co_await ctx.any(name, first, second);
    co_return one.number();
  }
  const Counted one = co_await ctx.race(name, first, second);
  co_return one.number();
}

Task<int> run_statement(DurableContext ctx, Where place, const Statement* statement) {
  switch (statement->kind) {
    case Kind::kStep:
      return run_step(ctx, place, statement);
    case Kind::kChild:
      return run_child(ctx, place, statement);
    case Kind::kWaitForCallback:
      return run_wait_for_callback(ctx, place, statement);
    case Kind::kCallback:
      return run_callback(ctx, place, statement);
    case Kind::kInvoke:
    case Kind::kDurableInvoke:
      return run_invoke(ctx, statement);
    case Kind::kCondition:
      return run_condition(ctx, place, statement);
    case Kind::kParallel:
      return run_parallel(ctx, place, statement);
    case Kind::kMap:
      return run_map(ctx, place, statement);
    case Kind::kFlaw:
      return run_flaw(ctx, place.machine, statement->flaw, statement->name());
    default:
      return run_combinator(ctx, place, statement);
  }
}

Task<Counted> run_block(DurableContext ctx, Where place, const Statements* statements, int sum) {
  for (const Statement& statement : *statements) {
    if (statement.kind == Kind::kWait) {
      const std::string name = statement.name();
      co_await ctx.wait(name, absl::Hours(statement.value + 1));
    } else if (statement.kind == Kind::kIf) {
      const Statements* branch =
          takes_body(statement, sum) ? &statement.body : &statement.otherwise;
      const Counted inside = co_await run_block(ctx, place, branch, sum);
      sum = inside.number();
    } else {
      const int value = co_await run_statement(ctx, place, &statement);
      sum += value;
    }
  }
  co_return Counted(sum);
}

/// The statement whose name an operation's path holds: "s3" for "program/s1#1/s3#1/Step#1".
const Statement* find_by_path(const Statements& statements, const std::string& path) {
  const Statement* found = nullptr;
  for_each(statements, [&](const Statement& statement) {
    const bool named = path.find("/" + statement.name() + "#") != std::string::npos ||
                       path.find("/" + statement.name() + "-send#") != std::string::npos;
    if (named && has_effects(statement.kind)) found = &statement;
  });
  return found;
}

}  // namespace

void to_json(nlohmann::json& json, const Counted& counted) { json = counted.number(); }
void from_json(const nlohmann::json& json, Counted& counted) { counted = Counted(json.get<int>()); }

GeneratedScenario::GeneratedScenario(GeneratedProgram program)
    : program_(std::move(program)),
      scenario_(
          "program",
          [this](DurableContext ctx, int sum) {
            return run_block(ctx, Where(&machine_, ""), &program_.statements, sum);
          },
          0) {
  machine_.host.set_env("REGION", "old", "new");
  scenario_.world(machine_.desk, machine_.host);
  scenario_.function("echo", [](const std::string& payload) { return payload; });
  register_targets(program_.statements);
}

bool GeneratedScenario::is_planted(std::string_view operation, int number) const {
  const Statement* statement = find_by_path(program_.statements, std::string(operation));
  const auto index = static_cast<std::size_t>(number) - 1;
  return statement != nullptr && index < statement->effects.size() &&
         statement->effects[index].planted;
}

void GeneratedScenario::register_targets(const Statements& statements) {
  for_each(statements, [this](const Statement& statement) {
    const Statement* target = &statement;
    const bool callback =
        statement.kind == Kind::kWaitForCallback || statement.kind == Kind::kCallback;
    if (callback) {
      // What times out is answered too late.
      const absl::Duration delay = statement.failures > 0 ? absl::Hours(2)
                                   : statement.retried    ? absl::ZeroDuration()
                                                          : absl::Seconds(1);
      scenario_.answer_callback(statement.name(), std::to_string(statement.value), delay);
    }
    if (statement.kind == Kind::kInvoke) {
      scenario_.function("plain-" + statement.name(), [this, target](int value) {
        make_effects(Where(&machine_, ""), *target);
        if (target->failures > 0) throw Failure();
        return value;
      });
    }
    if (statement.kind == Kind::kDurableInvoke) {
      scenario_.durable_function(
          "run-" + statement.name(), [this, target](DurableContext ctx, int) {
            return run_block(ctx, Where(&machine_, target->name() + "/"), &target->body, 0);
          });
    }
  });
}

}  // namespace reprise::properties
