// Programs that are drawn.

#include <algorithm>
#include <cstddef>
#include <utility>

#include "property_tests/generated_program.h"

namespace reprise::properties {
namespace {

using EffectKind = GeneratedEffect::Kind;
using Key = GeneratedEffect::Key;
using Kind = Statement::Kind;

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

// At its full range from the first program on: programs are bounded by what they may hold.
int draw(int from, int to) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(from, to + 1));
}
bool one_in(int n) { return draw(1, n) == 1; }

/// What may stand in a block.
struct Surroundings {
  int depth = 0;
  /// Beside others: what a crash leaves in doubt would be in doubt for each order of them.
  bool concurrent = false;
  bool effects = true;
};

GeneratedEffect draw_effect(bool may_be_bare) {
  GeneratedEffect effect;
  effect.kind = static_cast<EffectKind>(draw(0, 3));
  effect.key =
      effect.kind == EffectKind::kPut || (may_be_bare && one_in(2)) ? Key::kNone : Key::kSteady;
  effect.cell = draw(0, 1);
  effect.amount = draw(1, 3);
  return effect;
}

void draw_effects(Statement& statement, const Surroundings& where, int count_max) {
  if (!where.effects) return;
  const bool may_be_bare = !may_run_again(statement);
  for (int count = draw(0, count_max); count > 0; --count) {
    statement.effects.push_back(draw_effect(may_be_bare));
  }
}

Statements draw_block(int count_max, const Surroundings& where);

void draw_step(Statement& statement, const Surroundings& where) {
  statement.at_most_once = !where.concurrent && one_in(4);
  statement.failures = one_in(4) ? draw(1, 2) : 0;
  if (statement.at_most_once && statement.failures == 0) {
    statement.retried = one_in(2);
  } else {
    statement.retried = statement.failures > 0;
  }
  draw_effects(statement, where, 3);
  if (statement.failures > 0) {
    statement.failing_after = draw(0, static_cast<int>(statement.effects.size()));
  } else if (!statement.at_most_once && one_in(12)) {
    statement.fatal = true;
  }
}

void draw_callback(Statement& statement, const Surroundings& where, Kind kind) {
  statement.kind = kind;
  statement.failures = one_in(4) ? 1 : 0;
  statement.retried = one_in(3);
  draw_effects(statement, where, 2);
}

void draw_batch(Statement& statement, const Surroundings& inside) {
  statement.kind = one_in(2) ? Kind::kParallel : Kind::kMap;
  statement.in_flight = one_in(3) ? draw(1, 2) : 0;
  statement.flat = one_in(4);
  if (statement.kind == Kind::kMap) {
    statement.width = draw(0, 3);
    statement.body = draw_block(1, inside);
    return;
  }
  for (int count = draw(1, 3); count > 0; --count) {
    Statement branch;
    branch.kind = Kind::kChild;
    branch.body = draw_block(1, inside);
    statement.body.push_back(std::move(branch));
  }
}

void never_fails(Statements& statements) {
  for (Statement& each : statements) {
    each.fatal = false;
    if (each.kind != Kind::kIf) continue;
    never_fails(each.body);
    never_fails(each.otherwise);
  }
}

void draw_combinator(Statement& statement, Surroundings inside) {
  statement.kind =
      static_cast<Kind>(draw(static_cast<int>(Kind::kAll), static_cast<int>(Kind::kRace)));
  if (statement.kind == Kind::kAll || statement.kind == Kind::kAllSettled) {
    statement.body = draw_block(1, inside);
    statement.otherwise = draw_block(1, inside);
    // The first failure ends all(); what has not come to its end then is left.
    if (statement.kind == Kind::kAll) {
      never_fails(statement.body);
      never_fails(statement.otherwise);
    }
    return;
  }
  inside.effects = false;
  Statement first;
  first.value = draw(0, 3);
  first.kind = one_in(2) ? Kind::kStep : Kind::kWait;
  Statement second;
  second.kind = Kind::kWait;
  second.value = 100;
  statement.body = {first};
  statement.otherwise = {second};
}

Statement draw_statement(const Surroundings& where) {
  Statement statement;
  statement.value = draw(0, 3);
  Surroundings inside = where;
  --inside.depth;
  const int dice = draw(0, where.depth > 0 ? 23 : 15);
  if (dice < 8) {
    draw_step(statement, where);
  } else if (dice == 8) {
    statement.kind = Kind::kWait;
  } else if (dice < 11) {
    draw_callback(statement, where, Kind::kWaitForCallback);
  } else if (dice == 11) {
    draw_callback(statement, where, Kind::kCallback);
  } else if (dice < 14) {
    if (where.concurrent) return draw_step(statement, where), statement;
    statement.kind = Kind::kInvoke;
    statement.failures = one_in(4) ? 1 : 0;
    draw_effects(statement, where, 2);
  } else if (dice < 16) {
    statement.kind = Kind::kCondition;
    statement.failures = draw(0, 2);
    draw_effects(statement, where, 2);
  } else if (dice < 20) {
    statement.kind = dice < 18 ? Kind::kChild : dice == 18 ? Kind::kIf : Kind::kDurableInvoke;
    if (statement.kind == Kind::kDurableInvoke && where.concurrent) statement.kind = Kind::kChild;
    statement.flat = statement.kind == Kind::kChild && one_in(4);
    statement.body = draw_block(2, inside);
    if (statement.kind == Kind::kIf) statement.otherwise = draw_block(1, inside);
  } else {
    inside.concurrent = true;
    if (dice < 22) {
      draw_batch(statement, inside);
    } else {
      draw_combinator(statement, inside);
    }
  }
  return statement;
}

Statements draw_block(int count_max, const Surroundings& where) {
  Statements statements;
  for (int count = draw(1, count_max); count > 0; --count) {
    statements.push_back(draw_statement(where));
  }
  return statements;
}

GeneratedProgram draw_sound(ProgramSize size) {
  Surroundings where;
  where.depth = size.depth_max;
  return numbered({draw_block(size.statements_max, where)});
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

GeneratedEffect draw_bare_effect() {
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
  GeneratedEffect flaw = draw_bare_effect();
  // What the world holds by now is up to other branches: keys made of it would meet.
  if (flaw.key == Key::kMinted && statement.concurrent) flaw.key = Key::kNone;
  const int at = position(0);
  effects.insert(effects.begin() + at, flaw);
  // There and back: before and after the pair the world is the same.
  if (flaw.kind == EffectKind::kAdd && one_in(3)) {
    flaw.amount = -flaw.amount;
    effects.insert(effects.begin() + position(at + 1), flaw);
  }
}

/// Where an effect can be planted: in code that may run again, and once in a run.
void collect_targets(Statements& statements, std::vector<Statement*>& targets) {
  for (Statement& statement : statements) {
    if (statement.kind == Kind::kIf || statement.kind == Kind::kMap) continue;
    if (may_run_again(statement) && statement.kind != Kind::kCondition) {
      targets.push_back(&statement);
    }
    collect_targets(statement.body, targets);
  }
}

GeneratedProgram draw_flawed(ProgramSize size) {
  const GeneratedProgram sound = draw_sound(size);
  GeneratedProgram program = sound;
  std::vector<Statement*> targets;
  collect_targets(program.statements, targets);
  if (!targets.empty()) {
    plant(*targets[static_cast<std::size_t>(draw(0, static_cast<int>(targets.size()) - 1))]);
    program = numbered(program);
    if (shows_its_flaw(program)) return program;
  }
  // It would be behind a failure, or there is no place: a step of its own comes first.
  program.statements.assign(1, Statement());
  plant(program.statements.front());
  program.statements.insert(program.statements.end(), sound.statements.begin(),
                            sound.statements.end());
  return numbered(program);
}

/// Blocks in which a statement may be put: not beside others, not behind a condition.
void collect_blocks(Statements& statements, std::vector<Statements*>& blocks) {
  blocks.push_back(&statements);
  for (Statement& statement : statements) {
    if (statement.kind == Kind::kChild) collect_blocks(statement.body, blocks);
  }
}

GeneratedProgram draw_with_flaw(Flaw flaw, ProgramSize size) {
  // A second set of branches would take its references away (docs/what-the-laws-found.md).
  if (flaw == Flaw::kCheckThenSet) size.depth_max = 0;
  GeneratedProgram program = draw_sound(size);
  std::vector<Statements*> blocks;
  collect_blocks(program.statements, blocks);
  Statements& block =
      *blocks[static_cast<std::size_t>(draw(0, static_cast<int>(blocks.size()) - 1))];
  Statement planted;
  planted.kind = Kind::kFlaw;
  planted.flaw = flaw;
  // Before anything that may end the block.
  const auto fatal = std::find_if(block.begin(), block.end(), [](const Statement& each) {
    return each.fatal || each.kind == Kind::kIf || each.kind == Kind::kInvoke;
  });
  block.insert(block.begin() + draw(0, static_cast<int>(fatal - block.begin())), planted);
  // What goes wrong is in the sum, so nothing may fail or branch behind it.
  if (flaw == Flaw::kClosureWrite) {
    program = draw_sound(size);
    never_fails(program.statements);
    program.statements.push_back(planted);
    return numbered(std::move(program));
  }
  GeneratedProgram made = numbered(program);
  // Behind the loser of a race, which stays open, nothing counts as a replay.
  if (flaw == Flaw::kReplayingFlag) {
    program = draw_sound(size);
  } else if (shows_its_flaw(made)) {
    return made;
  }
  program.statements.insert(program.statements.begin(), planted);
  return numbered(std::move(program));
}

}  // namespace

rc::Gen<GeneratedProgram> sound_programs(ProgramSize size) {
  return programs([size] { return draw_sound(size); }, false);
}
rc::Gen<GeneratedProgram> repeating_programs(ProgramSize size) {
  const auto make = [size] {
    GeneratedProgram program = draw_sound(size);
    make_repeating(program.statements);
    return program;
  };
  return programs(make, false);
}
rc::Gen<GeneratedProgram> flawed_programs(ProgramSize size) {
  return programs([size] { return draw_flawed(size); }, true);
}
rc::Gen<GeneratedProgram> programs_with_flaw(Flaw flaw, ProgramSize size) {
  return programs([flaw, size] { return draw_with_flaw(flaw, size); }, true);
}
rc::Gen<GeneratedProgram> programs_with_any_flaw(ProgramSize size) {
  const auto make = [size] {
    const std::vector<Flaw>& flaws = all_flaws();
    const int which = draw(0, static_cast<int>(flaws.size()) - 1);
    return draw_with_flaw(flaws[static_cast<std::size_t>(which)], size);
  };
  return programs(make, true);
}

}  // namespace reprise::properties
