#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace reprise::fakes {

/// What must hold of an item of a Table for a write to take place.
///
///     attr("stockLevel") >= 3 && !attribute_exists("discontinued")
///     item_not_exists() || attr("status") == "cancelled"
///     satisfies("total matches lines", [](const nlohmann::json& item) { return adds_up(item); })
///
/// The language is that of DynamoDB's condition expressions, over the members at the top of an
/// item:
/// - numbers compare with numbers and texts with texts (by bytes); between other types, and where
///   the attribute is missing, `==`, `<`, `<=`, `>` and `>=` do not hold, and `!=` holds;
/// - `attribute_exists` is true of an attribute whose value is null.
///
/// Left out: paths into an attribute, comparing two attributes, `size`, `contains`, `IN`,
/// `BETWEEN`; write them as a predicate with `satisfies`.
///
/// `&&` and `||` build a bigger condition, so both sides are always built.  A value; copies are
/// cheap.
class Condition {
 public:
  /// Whether it holds of an item; of null when there is no item.
  using Predicate = std::function<bool(const nlohmann::json& item)>;

  /// Holds always.
  Condition() = default;
  /// `text` is how reports call it.
  Condition(std::string text, Predicate predicate)
      : text_(std::move(text)), predicate_(std::move(predicate)) {}

  bool always() const { return predicate_ == nullptr; }
  /// Whether it holds of `item`; null stands for "there is no such item".
  bool holds(const nlohmann::json& item) const { return always() || predicate_(item); }
  /// "stockLevel >= 3"; "" when it holds always.
  const std::string& text() const { return text_; }

  friend Condition operator&&(const Condition& a, const Condition& b);
  friend Condition operator||(const Condition& a, const Condition& b);
  friend Condition operator!(const Condition& condition);

 private:
  Condition(std::string text, Predicate predicate, bool compound)
      : text_(std::move(text)), predicate_(std::move(predicate)), compound_(compound) {}
  std::string operand_text() const { return compound_ ? "(" + text_ + ")" : text_; }

  std::string text_;
  Predicate predicate_;
  bool compound_ = false;
};

/// An attribute to compare with a value; made by `attr`.
class Attribute {
 public:
  explicit Attribute(std::string name) : name_(std::move(name)) {}

  friend Condition operator==(const Attribute& attribute, const nlohmann::json& value);
  friend Condition operator!=(const Attribute& attribute, const nlohmann::json& value);
  friend Condition operator<(const Attribute& attribute, const nlohmann::json& value);
  friend Condition operator<=(const Attribute& attribute, const nlohmann::json& value);
  friend Condition operator>(const Attribute& attribute, const nlohmann::json& value);
  friend Condition operator>=(const Attribute& attribute, const nlohmann::json& value);

 private:
  std::string name_;
};

inline Attribute attr(std::string name) { return Attribute(std::move(name)); }

Condition attribute_exists(std::string name);
Condition attribute_not_exists(std::string name);
/// The attribute is a text that begins with `prefix`.
Condition begins_with(std::string name, std::string prefix);
/// Keys are not attributes here: what DynamoDB writes as attribute_exists(<key>).
Condition item_exists();
Condition item_not_exists();
/// Any predicate, under a text for the reports.  It must depend on the item alone; null: there is
/// none.
Condition satisfies(std::string text, Condition::Predicate predicate);

}  // namespace reprise::fakes
