#include "reprise/fakes/condition.h"

#include <string_view>

#include "reprise/fakes/internal/text.h"
#include "reprise/protocol/internal/planted_fault.h"

namespace reprise::fakes {
namespace {

using nlohmann::json;

// Null when the item has no such attribute, or is no item at all.
const json* find_attribute(const json& item, const std::string& name) {
  if (!item.is_object()) return nullptr;
  const auto found = item.find(name);
  return found == item.end() ? nullptr : &*found;
}

bool ordered(const json& a, const json& b) {
  return (a.is_number() && b.is_number()) || (a.is_string() && b.is_string());
}

template <class Compare>
Condition comparison(const std::string& name, std::string_view sign, const json& value,
                     Compare compare) {
  std::string text = name;
  text += ' ';
  text += sign;
  text += ' ';
  text += internal::short_text(value);
  return Condition(std::move(text), [name, value, compare](const json& item) {
    return compare(find_attribute(item, name), value);
  });
}

template <class Compare>
Condition ordering(const std::string& name, std::string_view sign, const json& value,
                   Compare compare) {
  return comparison(name, sign, value, [compare](const json* found, const json& wanted) {
    return found != nullptr && ordered(*found, wanted) && compare(*found, wanted);
  });
}

}  // namespace

Condition operator==(const Attribute& attribute, const json& value) {
  return comparison(attribute.name_, "==", value, [](const json* found, const json& wanted) {
    return found != nullptr && *found == wanted;
  });
}

Condition operator!=(const Attribute& attribute, const json& value) {
  return comparison(attribute.name_, "!=", value, [](const json* found, const json& wanted) {
    if (REPRISE_FAULT(missing_attribute_differs_from_nothing) && found == nullptr) return false;
    return found == nullptr || *found != wanted;
  });
}

Condition operator<(const Attribute& attribute, const json& value) {
  return ordering(attribute.name_, "<", value, [](const json& a, const json& b) { return a < b; });
}

Condition operator<=(const Attribute& attribute, const json& value) {
  return ordering(attribute.name_, "<=", value,
                  [](const json& a, const json& b) { return a <= b; });
}

Condition operator>(const Attribute& attribute, const json& value) {
  return ordering(attribute.name_, ">", value, [](const json& a, const json& b) { return a > b; });
}

Condition operator>=(const Attribute& attribute, const json& value) {
  return ordering(attribute.name_, ">=", value,
                  [](const json& a, const json& b) { return a >= b; });
}

Condition operator&&(const Condition& a, const Condition& b) {
  if (a.always()) return b;
  if (b.always()) return a;
  return Condition(
      a.operand_text() + " && " + b.operand_text(),
      [p = a.predicate_, q = b.predicate_](const json& item) { return p(item) && q(item); }, true);
}

Condition operator||(const Condition& a, const Condition& b) {
  if (a.always() || b.always()) return Condition();
  return Condition(
      a.operand_text() + " || " + b.operand_text(),
      [p = a.predicate_, q = b.predicate_](const json& item) { return p(item) || q(item); }, true);
}

Condition operator!(const Condition& condition) {
  if (condition.always()) return satisfies("never", [](const json&) { return false; });
  return Condition("!(" + condition.text_ + ")",
                   [p = condition.predicate_](const json& item) { return !p(item); });
}

Condition attribute_exists(std::string name) {
  std::string text = "attribute_exists(" + name + ")";
  return Condition(std::move(text), [name = std::move(name)](const json& item) {
    return find_attribute(item, name) != nullptr;
  });
}

Condition attribute_not_exists(std::string name) {
  std::string text = "attribute_not_exists(" + name + ")";
  return Condition(std::move(text), [name = std::move(name)](const json& item) {
    return find_attribute(item, name) == nullptr;
  });
}

Condition begins_with(std::string name, std::string prefix) {
  std::string text = "begins_with(" + name + ", " + internal::quoted_text(prefix) + ")";
  return Condition(std::move(text),
                   [name = std::move(name), prefix = std::move(prefix)](const json& item) {
                     const json* found = find_attribute(item, name);
                     return found != nullptr && found->is_string() &&
                            found->get_ref<const std::string&>().starts_with(prefix);
                   });
}

Condition item_exists() {
  return Condition("item_exists()", [](const json& item) { return !item.is_null(); });
}

Condition item_not_exists() {
  return Condition("item_not_exists()", [](const json& item) { return item.is_null(); });
}

Condition satisfies(std::string text, Condition::Predicate predicate) {
  return Condition(std::move(text), std::move(predicate));
}

}  // namespace reprise::fakes
