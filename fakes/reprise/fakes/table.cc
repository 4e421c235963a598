#include "reprise/fakes/table.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>

#include "reprise/fakes/internal/text.h"
#include "reprise/protocol/internal/planted_fault.h"
#include "reprise/sdk/errors.h"

namespace reprise::fakes {
namespace {

using nlohmann::json;

constexpr std::size_t kTransactionMax = 100;
constexpr double kExactIntegerMax = 9007199254740992.0;  // 2^53

[[noreturn]] void refuse(const std::string& message) {
  throw ApplicationError("ValidationException", message);
}

// Brings numbers to the one form in which they are stored, so that equal items read back equal
// texts.
void normalise(json& value) {
  if (value.is_structured()) {
    for (json& element : value) normalise(element);
  } else if (value.is_number_float()) {
    const double number = value.get<double>();
    if (!std::isfinite(number)) refuse("a number must be finite");
    if (std::abs(number) <= kExactIntegerMax && std::trunc(number) == number) {
      value = static_cast<std::int64_t>(number);
    }
  } else if (value.is_discarded()) {
    refuse("the value is the rest of a text that is no JSON");
  }
}

std::optional<std::int64_t> exact_integer(const json& number) {
  if (number.is_number_unsigned()) {
    const auto value = number.get<std::uint64_t>();
    if (value > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
    return static_cast<std::int64_t>(value);
  }
  if (number.is_number_integer()) return number.get<std::int64_t>();
  return std::nullopt;
}

json sum(const json& a, const json& b, const std::string& attribute) {
  if (!a.is_number() || !b.is_number()) {
    refuse("add needs numbers: " + attribute + " is " + internal::short_text(a) + ", added is " +
           internal::short_text(b));
  }
  const std::optional<std::int64_t> x = exact_integer(a);
  const std::optional<std::int64_t> y = exact_integer(b);
  if (!x || !y) return a.get<double>() + b.get<double>();
  std::int64_t total = 0;
  if (__builtin_add_overflow(*x, *y, &total)) refuse(attribute + " would overflow");
  return total;
}

void append(std::string& text, std::string_view part) {
  if (!text.empty()) text += ", ";
  text += part;
}

}  // namespace

std::string_view to_string(WriteStatus status) {
  switch (status) {
    case WriteStatus::kNoAnswer:
      return "NoAnswer";
    case WriteStatus::kOk:
      return "Ok";
    case WriteStatus::kConditionalCheckFailed:
      return "ConditionalCheckFailed";
  }
  return "";
}

void to_json(json& to, const WriteResult& result) {
  to = {{"status", to_string(result.status)}, {"item", result.item}, {"failed", result.failed}};
}

void from_json(const json& from, WriteResult& result) {
  const std::string status = from.at("status").get<std::string>();
  result.item = from.at("item");
  from.at("failed").get_to(result.failed);
  for (const WriteStatus known :
       {WriteStatus::kNoAnswer, WriteStatus::kOk, WriteStatus::kConditionalCheckFailed}) {
    if (status != to_string(known)) continue;
    result.status = known;
    return;
  }
  throw std::invalid_argument("\"" + status + "\" is no status of a write");
}

Update& Update::set(std::string attribute, json value) {
  clauses_.push_back({Kind::kSet, std::move(attribute), std::move(value)});
  return *this;
}

Update& Update::add(std::string attribute, json number) {
  clauses_.push_back({Kind::kAdd, std::move(attribute), std::move(number)});
  return *this;
}

Update& Update::remove(std::string attribute) {
  clauses_.push_back({Kind::kRemove, std::move(attribute), json()});
  return *this;
}

bool Update::absolute() const {
  return std::none_of(clauses_.begin(), clauses_.end(),
                      [](const Clause& clause) { return clause.kind == Kind::kAdd; });
}

bool Update::only_removes() const {
  return !clauses_.empty() && std::all_of(clauses_.begin(), clauses_.end(),
                                          [](const Clause& c) { return c.kind == Kind::kRemove; });
}

std::string Update::text() const {
  std::string text;
  for (const Clause& clause : clauses_) {
    switch (clause.kind) {
      case Kind::kSet:
        append(text, "set " + clause.attribute + "=" + internal::short_text(clause.value));
        break;
      case Kind::kAdd:
        append(text, "add " + clause.attribute + " " + internal::short_text(clause.value));
        break;
      case Kind::kRemove:
        append(text, "remove " + clause.attribute);
        break;
    }
  }
  return text;
}

json Update::applied_to(json item) const {
  std::set<std::string_view> named;
  for (const Clause& clause : clauses_) {
    if (!named.insert(clause.attribute).second) refuse("named twice: " + clause.attribute);
    switch (clause.kind) {
      case Kind::kSet:
        item[clause.attribute] = clause.value;
        break;
      case Kind::kAdd: {
        const auto found = item.find(clause.attribute);
        const json before = found == item.end() ? json(0) : *found;
        item[clause.attribute] = sum(before, clause.value, clause.attribute);
        break;
      }
      case Kind::kRemove:
        item.erase(clause.attribute);
        break;
    }
  }
  return item;
}

TableWrite TableWrite::put(std::string key, json item, Condition condition) {
  TableWrite write(Kind::kPut, std::move(key), std::move(condition));
  write.item_ = std::move(item);
  return write;
}

TableWrite TableWrite::update(std::string key, Update update, Condition condition) {
  TableWrite write(Kind::kUpdate, std::move(key), std::move(condition));
  write.update_ = std::move(update);
  return write;
}

TableWrite TableWrite::remove(std::string key, Condition condition) {
  return TableWrite(Kind::kRemove, std::move(key), std::move(condition));
}

TableWrite TableWrite::check(std::string key, Condition condition) {
  return TableWrite(Kind::kCheck, std::move(key), std::move(condition));
}

std::string_view TableWrite::action() const {
  switch (kind_) {
    case Kind::kPut:
      return "put";
    case Kind::kUpdate:
      return "update";
    case Kind::kRemove:
      return "remove";
    case Kind::kCheck:
      return "check";
  }
  return "";
}

std::string TableWrite::text() const {
  std::string text = key_;
  if (kind_ == Kind::kPut) append(text, internal::short_text(item_));
  if (kind_ == Kind::kUpdate) append(text, update_.text());
  if (!condition_.always()) append(text, "if " + condition_.text());
  return text;
}

const json& Table::find(const std::string& key) const {
  static const json kNone;
  const auto found = items_.find(key);
  return found == items_.end() ? kNone : *found->second.item;
}

json Table::get(const std::string& key) const { return find(key); }

std::int64_t Table::version(const std::string& key) const {
  const auto found = items_.find(key);
  return found == items_.end() ? 0 : found->second.version;
}

std::vector<Table::Row> Table::scan(std::string_view key_prefix, const Condition& filter) const {
  std::vector<Row> rows;
  for (auto it = items_.lower_bound(std::string(key_prefix)); it != items_.end(); ++it) {
    if (!std::string_view(it->first).starts_with(key_prefix)) break;
    const json& item = *it->second.item;
    if (filter.holds(item)) rows.push_back({it->first, item});
  }
  return rows;
}

// Computes and does not store, so that a transaction can still be refused.
Table::Content Table::content_after(TableWrite& write) const {
  const auto found = items_.find(write.key_);
  const bool exists = found != items_.end();
  switch (write.kind_) {
    case TableWrite::Kind::kPut:
      if (!write.item_.is_object()) refuse("an item must be a JSON object");
      normalise(write.item_);
      return std::make_shared<const json>(std::move(write.item_));
    case TableWrite::Kind::kUpdate: {
      json item = write.update_.applied_to(exists ? *found->second.item : json::object());
      if (!exists && write.update_.only_removes()) return nullptr;
      normalise(item);
      return std::make_shared<const json>(std::move(item));
    }
    case TableWrite::Kind::kRemove:
      return nullptr;
    case TableWrite::Kind::kCheck:
      break;
  }
  return exists ? found->second.item : nullptr;
}

// True when the content changed.
bool Table::store(const std::string& key, Content content) {
  const auto found = items_.find(key);
  if (found == items_.end()) {
    if (content == nullptr) return false;
    items_.emplace(key, Stored{std::move(content)});
    return true;
  }
  if (content == nullptr) {
    items_.erase(found);
    return true;
  }
  Stored& stored = found->second;
  if (REPRISE_FAULT(same_item_counts_as_change)) {
    stored.item = std::move(content);
    return true;
  }
  if (stored.item == content || *stored.item == *content) return false;
  stored.item = std::move(content);
  ++stored.version;
  return true;
}

WriteResult Table::write(TableWrite write, const std::source_location& location) {
  const EffectCall call{.target = name_,
                        .action = write.action(),
                        .arguments = write.text(),
                        .key = {},
                        .repeatable = write.repeatable(),
                        .location = location};
  // Everything is looked at inside: another process may have written while this one stood at the
  // fault point.
  return effect(call, [&](EffectOutcome& outcome) {
    if (write.key_.empty()) refuse("the key must not be empty");
    WriteResult result;
    if (!write.condition_.holds(find(write.key_))) {
      outcome.unchanged();
      result.status = WriteStatus::kConditionalCheckFailed;
    } else {
      if (!store(write.key_, content_after(write))) outcome.unchanged();
      result.status = WriteStatus::kOk;
    }
    result.item = find(write.key_);
    return result;
  });
}

WriteResult Table::put(std::string key, json item, const Condition& condition,
                       std::source_location location) {
  return write(TableWrite::put(std::move(key), std::move(item), condition), location);
}

WriteResult Table::update(std::string key, const Update& update, const Condition& condition,
                          std::source_location location) {
  return write(TableWrite::update(std::move(key), update, condition), location);
}

WriteResult Table::remove(std::string key, const Condition& condition,
                          std::source_location location) {
  return write(TableWrite::remove(std::move(key), condition), location);
}

WriteResult Table::transact(std::vector<TableWrite> writes, std::source_location location) {
  EffectCall call{.target = name_,
                  .action = "transact",
                  .arguments = {},
                  .key = {},
                  .repeatable = true,
                  .location = location};
  for (const TableWrite& write : writes) {
    if (!call.arguments.empty()) call.arguments += "; ";
    call.arguments += write.action();
    call.arguments += ' ';
    call.arguments += write.text();
    call.repeatable = call.repeatable && write.repeatable();
  }
  return effect(call, [&](EffectOutcome& outcome) {
    if (writes.empty() || writes.size() > kTransactionMax) {
      refuse("a transaction has 1 to 100 writes, not " + std::to_string(writes.size()));
    }
    std::set<std::string_view> keys;
    WriteResult result;
    for (std::size_t i = 0; i < writes.size(); ++i) {
      if (writes[i].key_.empty()) refuse("the key must not be empty");
      if (!keys.insert(writes[i].key_).second) refuse("written twice: " + writes[i].key_);
      if (REPRISE_FAULT(transaction_checks_its_first_write) && i > 0) continue;
      if (!writes[i].condition_.holds(find(writes[i].key_))) result.failed.push_back(i);
    }
    if (!result.failed.empty()) {
      outcome.unchanged();
      result.status = WriteStatus::kConditionalCheckFailed;
      return result;
    }
    std::vector<Content> contents;
    contents.reserve(writes.size());
    for (TableWrite& write : writes) contents.push_back(content_after(write));
    bool changed = false;
    for (std::size_t i = 0; i < writes.size(); ++i) {
      if (store(writes[i].key_, std::move(contents[i]))) changed = true;
    }
    if (!changed) outcome.unchanged();
    result.status = WriteStatus::kOk;
    return result;
  });
}

}  // namespace reprise::fakes
