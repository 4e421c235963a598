#include "property_tests/generated_program.h"

#include <algorithm>
#include <functional>
#include <ostream>
#include <stdexcept>
#include <utility>

#include "reprise/world/effect.h"

namespace reprise::properties {
namespace {

using EffectKind = GeneratedEffect::Kind;
using Key = GeneratedEffect::Key;
using Kind = Statement::Kind;
using Statements = std::vector<Statement>;

constexpr int kFailed = -1;  // what a statement gives that failed for good

std::string steady_key(const Statement& statement, std::size_t index) {
  return statement.name() + "." + std::to_string(index + 1);
}

// --- printing

std::string show(const GeneratedEffect& effect, const std::string& key) {
  const std::string quoted = effect.key == Key::kSteady   ? ", \"" + key + "\""
                             : effect.key == Key::kMinted ? ", fresh_key()"
                                                          : "";
  const std::string cell = std::to_string(effect.cell);
  const std::string amount = std::to_string(effect.amount);
  switch (effect.kind) {
    case EffectKind::kCharge:
      return "bank.charge(" + cell + ", " + amount + quoted + ");";
    case EffectKind::kAdd:
      return "meter.add(" + cell + ", " + amount + quoted + ");";
    case EffectKind::kPut:
      return "settings.put(" + cell + ", " + amount + ");";
    case EffectKind::kAppend:
      return "journal.append(" + amount + quoted + ");";
  }
  std::abort();
}

std::string show_effects(const Statement& statement, std::size_t first, std::size_t last) {
  std::string text;
  for (std::size_t i = first; i < last && i < statement.effects.size(); ++i) {
    text += show(statement.effects[i], steady_key(statement, i)) + " ";
  }
  return text;
}

std::string show_step(const Statement& statement) {
  const std::size_t split =
      statement.failures == 0
          ? 0
          : std::min(static_cast<std::size_t>(statement.failing_after), statement.effects.size());
  const bool plain = !statement.at_most_once && statement.failures == 0;
  std::string text =
      plain ? "sum += co_await ctx.step(" : "sum += or_minus_1(co_await ctx.try_step(";
  text += "\"" + statement.name() + "\", [&]";
  text += statement.failures > 0 ? "(StepContext step) { " : " { ";
  text += show_effects(statement, 0, split);
  if (statement.failures > 0) {
    text += "if (step.attempt() <= " + std::to_string(statement.failures) + ") throw Failure(); ";
  }
  text += show_effects(statement, split, statement.effects.size());
  text += "return " + std::to_string(statement.value) + "; }";
  if (statement.at_most_once) {
    text += statement.retried ? ", at_most_once, retried" : ", at_most_once, not_retried";
  }
  return text + (plain ? ");" : "));");
}

std::string show_callback(const Statement& statement) {
  const std::string name = "\"" + statement.name() + "\"";
  return "sum += or_minus_1(co_await ctx.try_wait_for_callback(" + name + ", [&] { " +
         show_effects(statement, 0, statement.effects.size()) + "}));  // " +
         (statement.failures > 0 ? "times out"
          : statement.retried    ? "answered at once: " + std::to_string(statement.value)
                                 : "answered: " + std::to_string(statement.value));
}

std::string show_invoke(const Statement& statement) {
  const std::string name = "\"" + statement.name() + "\"";
  const std::string call =
      statement.failures > 0 ? "or_minus_1(co_await ctx.try_invoke(" : "co_await ctx.invoke(";
  return "sum += " + call + name + ", [&] { " +
         show_effects(statement, 0, statement.effects.size()) +
         (statement.failures > 0 ? "throw Failure(); }));"
                                 : "return " + std::to_string(statement.value) + "; });");
}

void show_block(std::ostream& out, const Statements& statements, const std::string& indent) {
  const std::string deeper = indent + "  ";
  for (const Statement& statement : statements) {
    out << indent;
    switch (statement.kind) {
      case Kind::kStep:
        out << show_step(statement) << "\n";
        break;
      case Kind::kWait:
        out << "co_await ctx.wait(\"" << statement.name() << "\", absl::Hours("
            << statement.value + 1 << "));\n";
        break;
      case Kind::kChild:
        out << "sum += co_await ctx.run_in_child_context(\"" << statement.name()
            << "\", [&](DurableContext ctx) {\n";
        show_block(out, statement.body, deeper);
        out << indent << "});\n";
        break;
      case Kind::kCallback:
        out << show_callback(statement) << "\n";
        break;
      case Kind::kInvoke:
        out << show_invoke(statement) << "\n";
        break;
      case Kind::kIf:
        out << "if (sum % 2 == " << statement.value % 2 << ") {\n";
        show_block(out, statement.body, deeper);
        if (!statement.otherwise.empty()) {
          out << indent << "} else {\n";
          show_block(out, statement.otherwise, deeper);
        }
        out << indent << "}\n";
        break;
    }
  }
}

// --- walking

void number(Statements& statements, int& next) {
  for (Statement& statement : statements) {
    statement.number = statement.kind == Kind::kIf ? 0 : next++;
    number(statement.body, next);
    number(statement.otherwise, next);
  }
}

bool takes_body(const Statement& condition, int sum) {
  return std::abs(sum) % 2 == condition.value % 2;
}

int result_without_faults(const Statement& statement) {
  if (statement.kind == Kind::kWait) return 0;
  const bool fails = statement.kind != Kind::kStep && statement.failures > 0;
  return fails ? kFailed : statement.value;
}

/// Calls `visit` for every statement that the run without faults reaches, and returns the sum.
int walk(Statements& statements, int sum, const std::function<void(Statement&)>& visit) {
  for (Statement& statement : statements) {
    visit(statement);
    if (statement.kind == Kind::kChild) {
      sum += walk(statement.body, 0, visit);
    } else if (statement.kind == Kind::kIf) {
      sum = walk(takes_body(statement, sum) ? statement.body : statement.otherwise, sum, visit);
    } else {
      sum += result_without_faults(statement);
    }
  }
  return sum;
}

/// Code that a crash can make run again.
bool may_run_again(const Statement& statement) {
  if (statement.kind == Kind::kCallback) return true;
  return statement.kind == Kind::kStep && (!statement.at_most_once || statement.retried);
}

// --- shrinking

void add_simpler_statements(const Statement& statement, Statements& simpler) {
  const auto add = [&](auto change) {
    Statement candidate = statement;
    change(candidate);
    simpler.push_back(std::move(candidate));
  };
  for (std::size_t i = 0; i < statement.effects.size(); ++i) {
    add([&](Statement& s) { s.effects.erase(s.effects.begin() + static_cast<std::ptrdiff_t>(i)); });
  }
  const bool nests = statement.kind == Kind::kChild || statement.kind == Kind::kIf;
  if (statement.kind != Kind::kStep && !nests) add([](Statement& s) { s.kind = Kind::kStep; });
  if (statement.failures > 0) {
    add([](Statement& s) { s.failures = 0, s.failing_after = 0; });
    if (statement.failures > 1) add([](Statement& s) { --s.failures; });
    if (statement.failing_after > 0) add([](Statement& s) { --s.failing_after; });
  }
  if (statement.at_most_once) add([](Statement& s) { s.at_most_once = s.retried = false; });
  if (statement.retried) add([](Statement& s) { s.retried = false; });
  if (statement.value > 0) add([](Statement& s) { s.value = 0; });
  for (std::size_t i = 0; i < statement.effects.size(); ++i) {
    const GeneratedEffect& effect = statement.effects[i];
    if (effect.cell > 0) add([&](Statement& s) { s.effects[i].cell = 0; });
    if (effect.amount > 1) add([&](Statement& s) { s.effects[i].amount = 1; });
    if (effect.planted && effect.kind != EffectKind::kAdd) {
      add([&](Statement& s) {
        s.effects[i].kind = EffectKind::kAdd, s.effects[i].key = Key::kNone;
      });
    }
    if (effect.kind != EffectKind::kCharge && !effect.planted) {
      add([&](Statement& s) { s.effects[i].kind = EffectKind::kCharge; });
    }
  }
}

std::vector<Statements> smaller_blocks(const Statements& statements) {
  std::vector<Statements> smaller;
  const auto replace = [&](std::size_t at, const Statements& by) {
    Statements block(statements.begin(), statements.begin() + static_cast<std::ptrdiff_t>(at));
    block.insert(block.end(), by.begin(), by.end());
    block.insert(block.end(), statements.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                 statements.end());
    smaller.push_back(std::move(block));
  };
  for (std::size_t i = 0; i < statements.size(); ++i) replace(i, {});
  for (std::size_t i = 0; i < statements.size(); ++i) {
    const Statement& statement = statements[i];
    if (!statement.body.empty()) replace(i, statement.body);
    if (!statement.otherwise.empty()) replace(i, statement.otherwise);
    for (Statements& body : smaller_blocks(statement.body)) {
      Statement candidate = statement;
      candidate.body = std::move(body);
      replace(i, {candidate});
    }
    for (Statements& otherwise : smaller_blocks(statement.otherwise)) {
      Statement candidate = statement;
      candidate.otherwise = std::move(otherwise);
      replace(i, {candidate});
    }
    Statements simpler;
    add_simpler_statements(statement, simpler);
    for (const Statement& each : simpler) replace(i, {each});
  }
  return smaller;
}

/// An effect without a key is sound only where nothing runs again; simplifying a statement may move
/// it.
bool unsound_by_accident(const Statements& statements) {
  return std::any_of(statements.begin(), statements.end(), [](const Statement& statement) {
    const bool bare = std::any_of(
        statement.effects.begin(), statement.effects.end(), [](const GeneratedEffect& effect) {
          return effect.key != Key::kSteady && !effect.planted && effect.kind != EffectKind::kPut;
        });
    return (bare && may_run_again(statement)) || unsound_by_accident(statement.body) ||
           unsound_by_accident(statement.otherwise);
  });
}

std::vector<GeneratedProgram> smaller_programs(const GeneratedProgram& program, bool flawed) {
  std::vector<GeneratedProgram> smaller;
  for (Statements& statements : smaller_blocks(program.statements)) {
    GeneratedProgram candidate = numbered({std::move(statements)});
    if (unsound_by_accident(candidate.statements)) continue;
    if (flawed && !shows_its_flaw(candidate)) continue;
    smaller.push_back(std::move(candidate));
  }
  return smaller;
}

/// `make` draws a program; it is shrunk as a whole.
template <class Make>
rc::Gen<GeneratedProgram> programs(Make make, bool flawed) {
  const rc::Gen<GeneratedProgram> drawn = rc::gen::exec(make);
  return [drawn, flawed](const rc::Random& random, int size) {
    return rc::shrinkable::shrinkRecur(drawn(random, size).value(), [flawed](const auto& program) {
      return rc::seq::fromContainer(smaller_programs(program, flawed));
    });
  };
}

// --- generating

// At its full range from the first program on: programs are bounded by what they may hold.
int draw(int from, int to) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(from, to + 1));
}
bool one_in(int n) { return draw(1, n) == 1; }

GeneratedEffect draw_effect(bool may_be_bare) {
  GeneratedEffect effect;
  effect.kind = static_cast<EffectKind>(draw(0, 3));
  effect.key =
      effect.kind == EffectKind::kPut || (may_be_bare && one_in(2)) ? Key::kNone : Key::kSteady;
  effect.cell = draw(0, 1);
  effect.amount = draw(1, 3);
  return effect;
}

void draw_effects(Statement& statement, int count_max) {
  const bool may_be_bare = !may_run_again(statement);
  for (int count = draw(0, count_max); count > 0; --count) {
    statement.effects.push_back(draw_effect(may_be_bare));
  }
}

Statements draw_block(int count_max, int depth);

Statement draw_statement(int depth) {
  Statement statement;
  statement.value = draw(0, 3);
  const int dice = draw(0, 15);
  if (dice < 8) {
    statement.at_most_once = one_in(4);
    statement.failures = one_in(4) ? draw(1, 2) : 0;
    if (statement.at_most_once && statement.failures == 0) {
      statement.retried = one_in(2);
    } else {
      statement.retried = statement.failures > 0;
    }
    draw_effects(statement, 3);
    if (statement.failures > 0) {
      statement.failing_after = draw(0, static_cast<int>(statement.effects.size()));
    }
  } else if (dice == 8) {
    statement.kind = Kind::kWait;
  } else if (dice < 11) {
    statement.kind = Kind::kCallback;
    statement.failures = one_in(4) ? 1 : 0;
    statement.retried = one_in(3);
    draw_effects(statement, 2);
  } else if (dice < 13) {
    statement.kind = Kind::kInvoke;
    statement.failures = one_in(4) ? 1 : 0;
    draw_effects(statement, 2);
  } else if (depth > 0) {
    statement.kind = dice < 15 ? Kind::kChild : Kind::kIf;
    statement.body = draw_block(2, depth - 1);
    if (statement.kind == Kind::kIf) statement.otherwise = draw_block(1, depth - 1);
  }
  return statement;
}

Statements draw_block(int count_max, int depth) {
  Statements statements;
  for (int count = draw(1, count_max); count > 0; --count)
    statements.push_back(draw_statement(depth));
  return statements;
}

GeneratedProgram draw_sound(ProgramSize size) {
  return numbered({draw_block(size.statements_max, size.depth_max)});
}

void make_repeating(Statements& statements) {
  for (Statement& statement : statements) {
    if (statement.kind == Kind::kInvoke) statement.kind = Kind::kStep;
    statement.at_most_once = false;
    for (GeneratedEffect& effect : statement.effects) {
      if (effect.kind != EffectKind::kPut) effect.key = Key::kSteady;
    }
    make_repeating(statement.body);
    make_repeating(statement.otherwise);
  }
}

GeneratedProgram repeating(GeneratedProgram program) {
  make_repeating(program.statements);
  return program;
}

GeneratedEffect draw_flaw() {
  GeneratedEffect flaw;
  flaw.planted = true;
  flaw.cell = draw(0, 1);
  flaw.amount = draw(1, 3);
  flaw.key = Key::kNone;
  const int dice = draw(0, 3);
  if (dice == 0) {
    flaw.kind = EffectKind::kAppend;
  } else if (dice == 1) {
    flaw.kind = EffectKind::kCharge;
    flaw.key = Key::kMinted;
  } else {
    flaw.kind = EffectKind::kAdd;
  }
  return flaw;
}

void plant(Statement& statement) {
  std::vector<GeneratedEffect>& effects = statement.effects;
  const auto position = [&](int from) { return draw(from, static_cast<int>(effects.size())); };
  GeneratedEffect flaw = draw_flaw();
  const int at = position(0);
  effects.insert(effects.begin() + at, flaw);
  // There and back: before and after the pair the world is the same.
  if (flaw.kind == EffectKind::kAdd && one_in(3)) {
    flaw.amount = -flaw.amount;
    effects.insert(effects.begin() + position(at + 1), flaw);
  }
}

GeneratedProgram draw_flawed(ProgramSize size) {
  GeneratedProgram program{draw_block(size.statements_max, size.depth_max)};
  std::vector<Statement*> targets;
  const auto collect = [&](Statement& statement) {
    if (may_run_again(statement)) targets.push_back(&statement);
  };
  walk(program.statements, 0, collect);
  if (targets.empty()) targets.push_back(&program.statements.emplace_back());
  plant(*targets[static_cast<std::size_t>(draw(0, static_cast<int>(targets.size()) - 1))]);
  return numbered(std::move(program));
}

// --- running

class Failure : public std::runtime_error {
 public:
  Failure() : std::runtime_error("as the program says") {}
};

void make_effects(Desk& desk, const Statement& statement, std::size_t first, std::size_t last) {
  for (std::size_t i = first; i < last && i < statement.effects.size(); ++i) {
    desk.apply(statement.effects[i], steady_key(statement, i));
  }
}

Task<int> run_block(DurableContext ctx, Desk* desk, const Statements* statements, int sum);

StepOptions options_of(const Statement& statement) {
  StepOptions options;
  // At most once per attempt: an interrupted attempt is used up, so one more is allowed.
  const int attempts =
      1 + statement.failures + (statement.at_most_once && statement.retried ? 1 : 0);
  options.retry(attempts == 1 ? retry::none() : retry::fixed(absl::Seconds(1), attempts));
  if (statement.at_most_once) options.semantics(StepSemantics::kAtMostOncePerRetry);
  return options;
}

Task<int> run_step(DurableContext ctx, Desk* desk, const Statement* statement) {
  const std::size_t count = statement->effects.size();
  const auto body = [&](StepContext step) {
    std::size_t split = 0;
    if (step.attempt() <= statement->failures) {
      split = static_cast<std::size_t>(statement->failing_after);
      make_effects(*desk, *statement, 0, split);
      throw Failure();
    }
    make_effects(*desk, *statement, split, count);
    return statement->value;
  };
  const std::string name = statement->name();
  if (!statement->at_most_once && statement->failures == 0) {
    const int value = co_await ctx.step(name, body);
    co_return value;
  }
  const StepOptions options = options_of(*statement);
  const Outcome<int> outcome = co_await ctx.try_step(name, body, options);
  if (outcome.ok()) co_return outcome.value();
  co_return kFailed;
}

Task<int> run_callback(DurableContext ctx, Desk* desk, const Statement* statement) {
  const std::string name = statement->name();
  const auto submit = [&](const std::string&) {
    make_effects(*desk, *statement, 0, statement->effects.size());
  };
  CallbackOptions options;
  options.timeout(absl::Hours(1));
  const Outcome<int> outcome = co_await ctx.try_wait_for_callback<int>(name, submit, options);
  if (outcome.ok()) co_return outcome.value();
  co_return kFailed;
}

Task<int> run_invoke(DurableContext ctx, const Statement* statement) {
  const std::string name = statement->name();
  if (statement->failures == 0) {
    const int value = co_await ctx.invoke<int>(name, "run-" + name, statement->value);
    co_return value;
  }
  const Outcome<int> outcome = co_await ctx.try_invoke<int>(name, "run-" + name, statement->value);
  if (outcome.ok()) co_return outcome.value();
  co_return kFailed;
}

Task<int> run_child(DurableContext ctx, Desk* desk, const Statement* statement) {
  const std::string name = statement->name();
  const auto body = [&](DurableContext child) {
    return run_block(child, desk, &statement->body, 0);
  };
  const int sum = co_await ctx.run_in_child_context(name, body);
  co_return sum;
}

Task<int> run_block(DurableContext ctx, Desk* desk, const Statements* statements, int sum) {
  for (const Statement& statement : *statements) {
    int value = 0;
    if (statement.kind == Kind::kStep) {
      value = co_await run_step(ctx, desk, &statement);
    } else if (statement.kind == Kind::kWait) {
      const std::string name = statement.name();
      co_await ctx.wait(name, absl::Hours(statement.value + 1));
    } else if (statement.kind == Kind::kChild) {
      value = co_await run_child(ctx, desk, &statement);
    } else if (statement.kind == Kind::kCallback) {
      value = co_await run_callback(ctx, desk, &statement);
    } else if (statement.kind == Kind::kInvoke) {
      value = co_await run_invoke(ctx, &statement);
    } else {
      const Statements* branch =
          takes_body(statement, sum) ? &statement.body : &statement.otherwise;
      sum = co_await run_block(ctx, desk, branch, sum);
    }
    sum += value;
  }
  co_return sum;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const GeneratedProgram& program) {
  out << "Task<int> program(DurableContext ctx) {\n  int sum = 0;\n";
  show_block(out, program.statements, "  ");
  return out << "  co_return sum;\n}";
}

GeneratedProgram numbered(GeneratedProgram program) {
  int next = 1;
  number(program.statements, next);
  return program;
}

bool shows_its_flaw(const GeneratedProgram& program) {
  bool shows = false;
  Statements statements = program.statements;
  walk(statements, 0, [&](Statement& statement) {
    const bool planted = std::any_of(statement.effects.begin(), statement.effects.end(),
                                     [](const GeneratedEffect& effect) { return effect.planted; });
    shows = shows || (planted && may_run_again(statement));
  });
  return shows;
}

rc::Gen<GeneratedProgram> sound_programs(ProgramSize size) {
  return programs([size] { return draw_sound(size); }, false);
}
rc::Gen<GeneratedProgram> repeating_programs(ProgramSize size) {
  return programs([size] { return repeating(draw_sound(size)); }, false);
}
rc::Gen<GeneratedProgram> flawed_programs(ProgramSize size) {
  return programs([size] { return draw_flawed(size); }, true);
}

// --- the world

bool Desk::is_new(const std::string& key) { return key.empty() || keys_.insert(key).second; }

void Desk::apply(const GeneratedEffect& what, const std::string& steady_key) {
  const std::string minted = "minted" + std::to_string(charges_);
  const std::string key = what.key == Key::kSteady   ? steady_key
                          : what.key == Key::kMinted ? minted
                                                     : std::string();
  const std::string amount = std::to_string(what.amount);
  const std::string arguments = std::to_string(what.cell) + ", " + amount;
  const auto unless_known = [&](auto change) {
    return [&, change](EffectOutcome& outcome) {
      if (is_new(key)) {
        change();
      } else {
        outcome.unchanged();
      }
    };
  };
  switch (what.kind) {
    case EffectKind::kCharge:
      effect({.target = "bank", .action = "charge", .arguments = arguments, .key = key},
             unless_known([&] { accounts_[what.cell] -= what.amount, ++charges_; }));
      return;
    case EffectKind::kAdd:
      effect({.target = "meter", .action = "add", .arguments = arguments, .key = key},
             unless_known([&] { meters_[what.cell] += what.amount; }));
      return;
    case EffectKind::kPut:
      effect({.target = "settings", .action = "put", .arguments = arguments, .repeatable = true},
             [&](EffectOutcome&) { settings_[what.cell] = what.amount; });
      return;
    case EffectKind::kAppend:
      effect({.target = "journal", .action = "append", .arguments = amount, .key = key},
             unless_known([&] { journal_.push_back(amount); }));
      return;
  }
}

// --- the scenario

GeneratedScenario::GeneratedScenario(GeneratedProgram program)
    : program_(std::move(program)),
      scenario_(
          "program",
          [this](DurableContext ctx, int sum) {
            return run_block(ctx, &desk_, &program_.statements, sum);
          },
          0) {
  scenario_.world(desk_);
  register_targets(program_.statements);
}

namespace {

/// The statement whose name an operation's path holds: "s3" for "program/s1#1/s3#1/Step#1".
const Statement* find_by_path(const Statements& statements, const std::string& path) {
  for (const Statement& statement : statements) {
    const bool named = path.find("/" + statement.name() + "#") != std::string::npos;
    if (named && statement.kind != Kind::kChild && statement.kind != Kind::kIf) return &statement;
    const Statement* inside = find_by_path(statement.body, path);
    if (inside == nullptr) inside = find_by_path(statement.otherwise, path);
    if (inside != nullptr) return inside;
  }
  return nullptr;
}

}  // namespace

bool GeneratedScenario::is_planted(std::string_view operation, int number) const {
  const Statement* statement = find_by_path(program_.statements, std::string(operation));
  const auto index = static_cast<std::size_t>(number) - 1;
  return statement != nullptr && index < statement->effects.size() &&
         statement->effects[index].planted;
}

void GeneratedScenario::register_targets(const std::vector<Statement>& statements) {
  for (const Statement& statement : statements) {
    const Statement* target = &statement;
    if (statement.kind == Kind::kCallback && statement.failures == 0) {
      scenario_.answer_callback(statement.name(), std::to_string(statement.value),
                                statement.retried ? absl::ZeroDuration() : absl::Seconds(1));
    }
    if (statement.kind == Kind::kInvoke) {
      scenario_.function("run-" + statement.name(), [this, target](int value) {
        make_effects(desk_, *target, 0, target->effects.size());
        if (target->failures > 0) throw Failure();
        return value;
      });
    }
    register_targets(statement.body);
    register_targets(statement.otherwise);
  }
}

}  // namespace reprise::properties
