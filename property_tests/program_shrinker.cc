// Simpler programs.

#include <algorithm>
#include <cstddef>
#include <utility>

#include "property_tests/generated_program.h"

namespace reprise::properties {
namespace {

using EffectKind = GeneratedEffect::Kind;
using Key = GeneratedEffect::Key;
using Kind = Statement::Kind;

bool is_block(Kind kind) {
  return !has_effects(kind) && kind != Kind::kWait && kind != Kind::kFlaw;
}

template <class Change>
void add(const Statement& statement, Statements& simpler, Change change) {
  Statement candidate = statement;
  change(candidate);
  simpler.push_back(std::move(candidate));
}

void add_simpler_effects(const Statement& statement, Statements& simpler) {
  for (std::size_t i = 0; i < statement.effects.size(); ++i) {
    const GeneratedEffect& effect = statement.effects[i];
    if (effect.cell > 0) add(statement, simpler, [&](Statement& s) { s.effects[i].cell = 0; });
    if (effect.amount != 1) add(statement, simpler, [&](Statement& s) { s.effects[i].amount = 1; });
    if (effect.planted && effect.kind != EffectKind::kAdd) {
      add(statement, simpler, [&](Statement& s) {
        s.effects[i].kind = EffectKind::kAdd, s.effects[i].key = Key::kNone;
      });
    }
    if (effect.kind != EffectKind::kCharge && !effect.planted) {
      add(statement, simpler, [&](Statement& s) { s.effects[i].kind = EffectKind::kCharge; });
    }
  }
}

void add_simpler_statements(const Statement& statement, Statements& simpler) {
  const auto change = [&](auto how) { add(statement, simpler, how); };
  for (std::size_t i = 0; i < statement.effects.size(); ++i) {
    change(
        [&](Statement& s) { s.effects.erase(s.effects.begin() + static_cast<std::ptrdiff_t>(i)); });
  }
  if (statement.kind != Kind::kStep && statement.kind != Kind::kFlaw && !is_block(statement.kind)) {
    change([](Statement& s) { s.kind = Kind::kStep; });
  }
  if (statement.fatal) change([](Statement& s) { s.fatal = false; });
  if (statement.failures > 0) {
    change([](Statement& s) { s.failures = 0, s.failing_after = 0; });
    if (statement.failures > 1) change([](Statement& s) { --s.failures; });
    if (statement.failing_after > 0) change([](Statement& s) { --s.failing_after; });
  }
  if (statement.at_most_once) change([](Statement& s) { s.at_most_once = s.retried = false; });
  if (statement.retried) change([](Statement& s) { s.retried = false; });
  if (statement.flat) change([](Statement& s) { s.flat = false; });
  if (statement.in_flight > 0) change([](Statement& s) { s.in_flight = 0; });
  if (statement.width > 0) change([](Statement& s) { --s.width; });
  if (statement.value > 0) change([](Statement& s) { s.value = 0; });
  add_simpler_effects(statement, simpler);
}

std::vector<Statements> smaller_blocks(const Statements& statements, bool branches);

/// The statements in the place of a block: without the block.
Statements unwrapped(const Statement& statement) {
  if (statement.kind != Kind::kParallel) return statement.body;
  Statements all;
  for (const Statement& branch : statement.body) {
    all.insert(all.end(), branch.body.begin(), branch.body.end());
  }
  return all;
}

std::vector<Statements> smaller_blocks(const Statements& statements, bool branches) {
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
    if (!branches && !statement.body.empty()) replace(i, unwrapped(statement));
    if (!statement.otherwise.empty()) replace(i, statement.otherwise);
    for (Statements& body : smaller_blocks(statement.body, statement.kind == Kind::kParallel)) {
      Statement candidate = statement;
      candidate.body = std::move(body);
      replace(i, {candidate});
    }
    const bool decided = statement.kind == Kind::kAny || statement.kind == Kind::kRace;
    for (Statements& otherwise :
         decided ? std::vector<Statements>() : smaller_blocks(statement.otherwise, false)) {
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
/// it.  A loser of a race may not make effects.
bool unsound_by_accident(const Statements& statements) {
  bool unsound = false;
  for_each(statements, [&](const Statement& statement) {
    const bool bare = std::any_of(
        statement.effects.begin(), statement.effects.end(), [](const GeneratedEffect& effect) {
          return effect.key != Key::kSteady && !effect.planted && effect.kind != EffectKind::kPut;
        });
    unsound = unsound || (bare && may_run_again(statement));
  });
  return unsound;
}

}  // namespace

std::vector<GeneratedProgram> smaller_programs(const GeneratedProgram& program, bool flawed) {
  std::vector<GeneratedProgram> smaller;
  for (Statements& statements : smaller_blocks(program.statements, false)) {
    GeneratedProgram candidate = numbered({std::move(statements)});
    if (unsound_by_accident(candidate.statements)) continue;
    if (flawed && !shows_its_flaw(candidate)) continue;
    smaller.push_back(std::move(candidate));
  }
  return smaller;
}

}  // namespace reprise::properties
