// Programs as the C++ that the interpreter runs.

#include <algorithm>
#include <cstdlib>
#include <ostream>

#include "property_tests/generated_program.h"

namespace reprise::properties {
namespace {

using EffectKind = GeneratedEffect::Kind;
using Key = GeneratedEffect::Key;
using Kind = Statement::Kind;

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

std::string show_effects(const Statement& statement) {
  return show_effects(statement, 0, statement.effects.size());
}

std::string quoted_name(const Statement& statement) { return "\"" + statement.name() + "\""; }

std::string show_step(const Statement& statement) {
  const std::size_t split =
      statement.failures == 0
          ? 0
          : std::min(static_cast<std::size_t>(statement.failing_after), statement.effects.size());
  const bool plain = statement.fatal || (!statement.at_most_once && statement.failures == 0);
  std::string text =
      plain ? "sum += co_await ctx.step(" : "sum += or_minus_1(co_await ctx.try_step(";
  text += quoted_name(statement) + ", [&]";
  if (statement.fatal) {
    return text + " { " + show_effects(statement) + "throw Failure(); }, not_retried);";
  }
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

std::string how_answered(const Statement& statement) {
  return statement.failures > 0 ? "times out"
         : statement.retried    ? "answered at once: " + std::to_string(statement.value)
                                : "answered: " + std::to_string(statement.value);
}

std::string show_wait_for_callback(const Statement& statement) {
  return "sum += or_minus_1(co_await ctx.try_wait_for_callback(" + quoted_name(statement) +
         ", [&] { " + show_effects(statement) + "}));  // " + how_answered(statement);
}

std::string show_callback(const Statement& statement) {
  return "auto callback = co_await ctx.create_callback(" + quoted_name(statement) +
         ");  co_await ctx.step(\"" + statement.name() + "-send\", [&] { " +
         show_effects(statement) + "});  sum += or_minus_1(co_await callback.try_result());  // " +
         how_answered(statement);
}

std::string show_invoke(const Statement& statement) {
  const std::string call =
      statement.failures > 0 ? "or_minus_1(co_await ctx.try_invoke(" : "co_await ctx.invoke(";
  return "sum += " + call + quoted_name(statement) + ", [&] { " + show_effects(statement) +
         (statement.failures > 0 ? "throw Failure(); }));"
                                 : "return " + std::to_string(statement.value) + "; });");
}

std::string show_condition(const Statement& statement) {
  return "sum += co_await ctx.wait_for_condition(" + quoted_name(statement) +
         ", 0, [&](int checks) { " + show_effects(statement) +
         "return checks + 1; }, until >= " + std::to_string(statement.failures + 1) + ");";
}

std::string batch_options(const Statement& statement) {
  std::string text;
  if (statement.in_flight > 0) text += ", in_flight=" + std::to_string(statement.in_flight);
  if (statement.flat) text += ", flat";
  return text;
}

void show_block(std::ostream& out, const Statements& statements, const std::string& indent);

void show_nested(std::ostream& out, const std::string& opening, const Statements& body,
                 const std::string& closing, const std::string& indent) {
  out << indent << opening << "\n";
  show_block(out, body, indent + "  ");
  out << indent << closing << "\n";
}

std::string_view combinator(Kind kind) {
  return kind == Kind::kAll          ? "all"
         : kind == Kind::kAllSettled ? "all_settled"
         : kind == Kind::kAny        ? "any"
                                     : "race";
}

void show_combinator(std::ostream& out, const Statement& statement, const std::string& indent) {
  const std::string name = statement.name();
  show_nested(
      out,
      "auto " + name + "a = ctx.run_in_child_context(\"" + name + "a\", [&](DurableContext ctx) {",
      statement.body, "});", indent);
  show_nested(
      out,
      "auto " + name + "b = ctx.run_in_child_context(\"" + name + "b\", [&](DurableContext ctx) {",
      statement.otherwise, "});", indent);
  const bool tries = statement.kind == Kind::kAll;
  out << indent << "sum += " << (tries ? "or_minus_1(co_await ctx.try_" : "total(co_await ctx.")
      << combinator(statement.kind) << "(" << quoted_name(statement) << ", " << name << "a, "
      << name << "b));\n";
}

void show_statement(std::ostream& out, const Statement& statement, const std::string& indent) {
  const std::string name = quoted_name(statement);
  switch (statement.kind) {
    case Kind::kStep:
      out << indent << show_step(statement) << "\n";
      return;
    case Kind::kWait:
      out << indent << "co_await ctx.wait(" << name << ", absl::Hours(" << statement.value + 1
          << "));\n";
      return;
    case Kind::kChild:
      return show_nested(out,
                         "sum += or_minus_1(co_await ctx.try_run_in_child_context(" + name +
                             ", [&](DurableContext ctx) {",
                         statement.body, statement.flat ? "}, is_virtual));" : "}));", indent);
    case Kind::kWaitForCallback:
      out << indent << show_wait_for_callback(statement) << "\n";
      return;
    case Kind::kCallback:
      out << indent << show_callback(statement) << "\n";
      return;
    case Kind::kInvoke:
      out << indent << show_invoke(statement) << "\n";
      return;
    case Kind::kCondition:
      out << indent << show_condition(statement) << "\n";
      return;
    case Kind::kDurableInvoke:
      return show_nested(
          out, "sum += or_minus_1(co_await ctx.try_invoke(" + name + ", [&](DurableContext ctx) {",
          statement.body, "}));", indent);
    case Kind::kIf:
      out << indent << "if (sum % 2 == " << statement.value % 2 << ") {\n";
      show_block(out, statement.body, indent + "  ");
      if (!statement.otherwise.empty()) {
        out << indent << "} else {\n";
        show_block(out, statement.otherwise, indent + "  ");
      }
      out << indent << "}\n";
      return;
    case Kind::kParallel:
      out << indent << "sum += total(co_await ctx.parallel(" << name << ", {\n";
      for (const Statement& branch : statement.body) {
        show_nested(out, "\"" + branch.name() + "\", [&](DurableContext ctx) {", branch.body, "},",
                    indent + "  ");
      }
      out << indent << "}" << batch_options(statement) << "));\n";
      return;
    case Kind::kMap:
      return show_nested(out,
                         "sum += total(co_await ctx.map(" + name + ", items(" +
                             std::to_string(statement.width) + "), [&](DurableContext ctx) {",
                         statement.body, "}" + batch_options(statement) + "));", indent);
    case Kind::kAll:
    case Kind::kAllSettled:
    case Kind::kAny:
    case Kind::kRace:
      return show_combinator(out, statement, indent);
    case Kind::kFlaw:
      out << indent << show(statement.flaw, statement.name()) << "\n";
      return;
  }
}

void show_block(std::ostream& out, const Statements& statements, const std::string& indent) {
  for (const Statement& statement : statements) show_statement(out, statement, indent);
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const GeneratedProgram& program) {
  out << "Task<int> program(DurableContext ctx) {\n  int sum = 0;\n";
  show_block(out, program.statements, "  ");
  return out << "  co_return sum;\n}";
}

}  // namespace reprise::properties
