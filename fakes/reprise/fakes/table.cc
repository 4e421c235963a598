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
constexpr std::size_t kTokenMax = 36;
constexpr std::int64_t kTokenLifeMs = std::int64_t{10} * 60 * 1000;
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

std::int64_t now_ms() {
  const EffectSink* sink = EffectSink::current();
  return sink != nullptr ? sink->now_ms() : 0;
}

// FNV-1a, then mixed so that keys which differ in their last letter lie apart.
std::uint64_t place_of(std::string_view key, std::uint64_t salt) {
  std::uint64_t hash = 0xcbf29ce484222325U ^ (salt * 0x9e3779b97f4a7c15U);
  for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9U;
  return hash ^ (hash >> 31);
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
    case WriteStatus::kTransactionCanceled:
      return "TransactionCanceled";
  }
  return "";
}

std::string_view to_string(CancellationCode code) {
  switch (code) {
    case CancellationCode::kNone:
      return "None";
    case CancellationCode::kConditionalCheckFailed:
      return "ConditionalCheckFailed";
    case CancellationCode::kValidationError:
      return "ValidationError";
  }
  return "";
}

namespace {

template <class Enum>
Enum parse(const std::string& name, std::initializer_list<Enum> known, const char* what) {
  for (const Enum each : known) {
    if (name == to_string(each)) return each;
  }
  throw std::invalid_argument("\"" + name + "\" is no " + what);
}

}  // namespace

void to_json(json& to, const CancellationReason& reason) {
  to = {{"code", to_string(reason.code)}, {"item", reason.item}};
}

void from_json(const json& from, CancellationReason& reason) {
  reason.item = from.at("item");
  reason.code = parse(from.at("code").get<std::string>(),
                      {CancellationCode::kNone, CancellationCode::kConditionalCheckFailed,
                       CancellationCode::kValidationError},
                      "reason of a cancellation");
}

void to_json(json& to, const WriteResult& result) {
  to = {{"status", to_string(result.status)}, {"item", result.item}, {"reasons", result.reasons}};
}

void from_json(const json& from, WriteResult& result) {
  result.item = from.at("item");
  from.at("reasons").get_to(result.reasons);
  result.status = parse(from.at("status").get<std::string>(),
                        {WriteStatus::kNoAnswer, WriteStatus::kOk,
                         WriteStatus::kConditionalCheckFailed, WriteStatus::kTransactionCanceled},
                        "status of a write");
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

// What is wrong with the request, whatever the item is.
void Update::check() const {
  std::set<std::string_view> named;
  for (const Clause& clause : clauses_) {
    if (!named.insert(clause.attribute).second) refuse("named twice: " + clause.attribute);
    if (clause.kind == Kind::kAdd && !clause.value.is_number()) {
      refuse("what is added is no number: " + internal::short_text(clause.value));
    }
    json value = clause.value;
    normalise(value);
  }
}

json Update::applied_to(json item) const {
  for (const Clause& clause : clauses_) {
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

void TableWrite::check() const {
  if (key_.empty()) refuse("the key must not be empty");
  update_.check();
  if (kind_ != Kind::kPut) return;
  if (!item_.is_object()) refuse("an item must be a JSON object");
  json item = item_;
  normalise(item);
}

const json& Table::find(const std::string& key) const {
  static const json none;
  const auto found = items_.find(key);
  return found == items_.end() ? none : *found->second.item;
}

json Table::get(const std::string& key) const {
  observed(name_, key);
  return find(key);
}

bool Table::contains(const std::string& key) const {
  observed(name_, key);
  return items_.contains(key);
}

std::int64_t Table::version(const std::string& key) const {
  const auto found = items_.find(key);
  return found == items_.end() ? 0 : found->second.version;
}

std::vector<Table::Row> Table::scan(std::string_view key_prefix, const Condition& filter) const {
  observed(name_);
  EffectSink* const sink = EffectSink::current();
  const std::uint64_t changes = sink != nullptr ? sink->variation(HiddenInput::kUnorderedOrder) : 0;
  std::vector<std::pair<std::uint64_t, const std::pair<const std::string, Stored>*>> found;
  for (auto it = items_.lower_bound(std::string(key_prefix)); it != items_.end(); ++it) {
    if (!std::string_view(it->first).starts_with(key_prefix)) break;
    if (filter.holds(*it->second.item)) found.emplace_back(place_of(it->first, changes / 2), &*it);
  }
  // By key where two lie at the same place: never by address.
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  // The other way round is another order also for two items.
  if (changes % 2 == 1) std::reverse(found.begin(), found.end());
  std::vector<Row> rows;
  rows.reserve(found.size());
  for (const auto& [place, entry] : found) rows.push_back({entry->first, *entry->second.item});
  return rows;
}

// Computes and does not store, so that a transaction can still be refused.
Table::Content Table::content_after(const TableWrite& write) const {
  const auto found = items_.find(write.key_);
  const bool exists = found != items_.end();
  switch (write.kind_) {
    case TableWrite::Kind::kPut: {
      json item = write.item_;
      normalise(item);
      return std::make_shared<const json>(std::move(item));
    }
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

WriteResult Table::write(const TableWrite& write, const std::source_location& location) {
  const EffectCall call{.target = name_,
                        .action = write.action(),
                        .arguments = write.text(),
                        .key = {},
                        .repeatable = write.repeatable(),
                        .object = write.key_,
                        .location = location};
  // Everything is looked at inside: another process may have written while this one stood at the
  // fault point.
  return effect(call, [&](EffectOutcome& outcome) {
    write.check();
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

WriteResult Table::transact(std::vector<TableWrite> writes, const std::string& token,
                            std::source_location location) {
  EffectCall call{.target = name_,
                  .action = "transact",
                  .arguments = {},
                  .key = token,
                  .repeatable = true,
                  .object = {},
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
    if (token.size() > kTokenMax) refuse("a token has at most 36 characters: " + token);
    std::set<std::string_view> keys;
    for (const TableWrite& write : writes) {
      write.check();
      if (!keys.insert(write.key_).second) refuse("written twice: " + write.key_);
    }
    if (remembers(token, call.arguments)) {
      outcome.unchanged();
      WriteResult repeated;
      repeated.status = WriteStatus::kOk;
      return repeated;
    }
    bool changed = false;
    WriteResult result = apply(writes, changed);
    if (result.ok() && !token.empty()) {
      const Remembered now{call.arguments, now_ms()};
      const bool known = std::exchange(tokens_[token], now) == now;
      changed = changed || !known;
    }
    if (!changed) outcome.unchanged();
    return result;
  });
}

bool Table::remembers(const std::string& token, const std::string& request) const {
  const auto known = tokens_.find(token);
  if (known == tokens_.end() || now_ms() - known->second.since_ms >= kTokenLifeMs) return false;
  if (known->second.request == request) return true;
  throw ApplicationError("IdempotentParameterMismatchException",
                         "the token was used for another transaction: " + token);
}

// All of the writes, or none.
WriteResult Table::apply(const std::vector<TableWrite>& writes, bool& changed) {
  WriteResult result;
  std::vector<Content> contents;
  bool canceled = false;
  for (const TableWrite& write : writes) {
    CancellationReason& reason = result.reasons.emplace_back();
    contents.emplace_back();
    const bool unchecked =
        REPRISE_FAULT(transaction_checks_its_first_write) && result.reasons.size() > 1;
    if (!unchecked && !write.condition_.holds(find(write.key_))) {
      reason.code = CancellationCode::kConditionalCheckFailed;
      reason.item = find(write.key_);
    } else {
      try {
        contents.back() = content_after(write);
      } catch (const ApplicationError&) {  // what the item does not allow
        reason.code = CancellationCode::kValidationError;
      }
    }
    canceled = canceled || !reason.ok();
  }
  if (canceled) {
    result.status = WriteStatus::kTransactionCanceled;
    return result;
  }
  result.reasons.clear();
  for (std::size_t i = 0; i < writes.size(); ++i) {
    if (store(writes[i].key_, std::move(contents[i]))) changed = true;
  }
  result.status = WriteStatus::kOk;
  return result;
}

}  // namespace reprise::fakes
