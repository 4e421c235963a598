#include "property_tests/generated_program.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace reprise::properties {

using Kind = Statement::Kind;

bool has_effects(Kind kind) {
  switch (kind) {
    case Kind::kStep:
    case Kind::kWaitForCallback:
    case Kind::kCallback:
    case Kind::kInvoke:
    case Kind::kCondition:
      return true;
    default:
      return false;
  }
}

bool may_run_again(const Statement& statement) {
  if (statement.kind == Kind::kStep) return !statement.at_most_once || statement.retried;
  return has_effects(statement.kind) && statement.kind != Kind::kInvoke;
}

bool takes_body(const Statement& condition, int sum) {
  return std::abs(sum) % 2 == condition.value % 2;
}

std::string steady_key(const Statement& statement, std::size_t index) {
  return statement.name() + "." + std::to_string(index + 1);
}

namespace {

bool runs_beside(Kind kind) {
  switch (kind) {
    case Kind::kParallel:
    case Kind::kMap:
    case Kind::kAll:
    case Kind::kAllSettled:
    case Kind::kAny:
    case Kind::kRace:
      return true;
    default:
      return false;
  }
}

void number(Statements& statements, int& next, bool concurrent) {
  for (Statement& statement : statements) {
    statement.number = statement.kind == Kind::kIf ? 0 : next++;
    statement.concurrent = concurrent;
    const bool inside = concurrent || runs_beside(statement.kind);
    number(statement.body, next, inside);
    number(statement.otherwise, next, inside);
  }
}

constexpr int kFailed = -1;  // what a statement gives that failed for good

/// What the run without faults gives: a sum, and whether a failure ended the block.
struct Walked {
  int sum = 0;
  bool failed = false;
};

using Visit = std::function<void(const Statement&)>;

Walked walk(const Statements& statements, int sum, const Visit& visit);

int walk_child(const Statements& body, const Visit& visit) {
  const Walked walked = walk(body, 0, visit);
  return walked.failed ? kFailed : walked.sum;
}

int walk_pair(const Statement& statement, const Visit& visit) {
  const Walked first = walk(statement.body, 0, visit);
  const Walked second = walk(statement.otherwise, 0, visit);
  if (statement.kind == Kind::kAny || statement.kind == Kind::kRace) return first.sum;
  if (statement.kind == Kind::kAllSettled) {
    return (first.failed ? kFailed : first.sum) + (second.failed ? kFailed : second.sum);
  }
  return first.failed || second.failed ? kFailed : first.sum + second.sum;
}

int result_of(const Statement& statement, const Visit& visit) {
  switch (statement.kind) {
    case Kind::kWait:
    case Kind::kIf:
      return 0;
    case Kind::kStep:
      return statement.value;
    case Kind::kCallback:
    case Kind::kWaitForCallback:
    case Kind::kInvoke:
      return statement.failures > 0 ? kFailed : statement.value;
    case Kind::kCondition:
      return statement.failures + 1;
    case Kind::kChild:
    case Kind::kDurableInvoke:
      return walk_child(statement.body, visit);
    case Kind::kParallel: {
      int sum = 0;
      for (const Statement& branch : statement.body) sum += walk_child(branch.body, visit);
      return sum;
    }
    case Kind::kMap:
      return statement.width == 0 ? 0 : statement.width * walk_child(statement.body, visit);
    case Kind::kAll:
    case Kind::kAllSettled:
    case Kind::kAny:
    case Kind::kRace:
      return walk_pair(statement, visit);
    case Kind::kFlaw:
      return 0;
  }
  std::abort();
}

/// Calls `visit` for every statement that the run without faults reaches.
Walked walk(const Statements& statements, int sum, const Visit& visit) {
  for (const Statement& statement : statements) {
    visit(statement);
    if (statement.kind == Kind::kIf) {
      const Statements& taken = takes_body(statement, sum) ? statement.body : statement.otherwise;
      const Walked inside = walk(taken, sum, visit);
      if (inside.failed) return inside;
      sum = inside.sum;
    } else {
      sum += result_of(statement, visit);
    }
    if (statement.kind == Kind::kStep && statement.fatal) return {sum, true};
  }
  return {sum, false};
}

}  // namespace

GeneratedProgram numbered(GeneratedProgram program) {
  int next = 1;
  number(program.statements, next, false);
  return program;
}

void for_each(const Statements& statements, const Visit& visit) {
  for (const Statement& statement : statements) {
    visit(statement);
    for_each(statement.body, visit);
    for_each(statement.otherwise, visit);
  }
}

bool has_branches(const GeneratedProgram& program) {
  bool has = false;
  for_each(program.statements, [&](const Statement& statement) {
    has = has || runs_beside(statement.kind) || statement.flaw == Flaw::kCheckThenSet;
  });
  return has;
}

bool shows_its_flaw(const GeneratedProgram& program) {
  bool shows = false;
  walk(program.statements, 0, [&](const Statement& statement) {
    const bool planted = std::any_of(statement.effects.begin(), statement.effects.end(),
                                     [](const GeneratedEffect& effect) { return effect.planted; });
    shows = shows || statement.kind == Kind::kFlaw || (planted && may_run_again(statement));
  });
  return shows;
}

}  // namespace reprise::properties
