#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reprise/fakes/condition.h"
#include "reprise/world/effect.h"

namespace reprise::fakes {

enum class WriteStatus : std::uint8_t {
  kNoAnswer,  ///< the process is dead; what a default-constructed result says
  kOk,
  kConditionalCheckFailed,
};
std::string_view to_string(WriteStatus status);

/// How a write ended.
struct WriteResult {
  WriteStatus status = WriteStatus::kNoAnswer;
  /// After one write: the item as it is now; where the condition failed, the item that stands
  /// there.  Null when there is none, and after `transact`.
  nlohmann::json item;
  /// After `transact`: the indices of the writes whose conditions failed, in order.
  std::vector<std::size_t> failed;

  bool ok() const { return status == WriteStatus::kOk; }
  bool operator==(const WriteResult&) const = default;
};
/// As JSON, so that a step body can return it; from_json throws a nlohmann exception, or
/// std::invalid_argument for a status that is none.
void to_json(nlohmann::json& json, const WriteResult& result);
void from_json(const nlohmann::json& json, WriteResult& result);

/// What an update does to the attributes of an item.
///
///     Update().set("status", "paid").add("paidCents", 1200).remove("dueDate")
///
/// An attribute may be named once.
class Update {
 public:
  /// Gives the attribute a value.
  Update& set(std::string attribute, nlohmann::json value);
  /// Adds a number, which may be negative, to the attribute; a missing attribute counts as 0.
  Update& add(std::string attribute, nlohmann::json number);
  /// Takes the attribute away; a missing one stays missing.
  Update& remove(std::string attribute);

 private:
  friend class Table;
  friend class TableWrite;
  enum class Kind : std::uint8_t { kSet, kAdd, kRemove };
  struct Clause {
    Kind kind;
    std::string attribute;
    nlohmann::json value;
  };

  bool absolute() const;
  bool only_removes() const;
  std::string text() const;
  nlohmann::json applied_to(nlohmann::json item) const;

  std::vector<Clause> clauses_;
};

/// One write of a transaction.
class TableWrite {
 public:
  static TableWrite put(std::string key, nlohmann::json item, Condition condition = {});
  static TableWrite update(std::string key, Update update, Condition condition = {});
  static TableWrite remove(std::string key, Condition condition = {});
  /// Writes nothing; the transaction needs the condition.
  static TableWrite check(std::string key, Condition condition);

 private:
  friend class Table;
  enum class Kind : std::uint8_t { kPut, kUpdate, kRemove, kCheck };

  TableWrite(Kind kind, std::string key, Condition condition)
      : kind_(kind), key_(std::move(key)), condition_(std::move(condition)) {}
  std::string_view action() const;
  std::string text() const;
  bool repeatable() const { return update_.absolute(); }

  Kind kind_;
  std::string key_;
  nlohmann::json item_;
  Update update_;
  Condition condition_;
};

/// A key-value table in the manner of Amazon DynamoDB.
///
///     Table products("products");
///     products.put("p1", {{"name", "lamp"}, {"stockLevel", 5}});
///
///     // In a step body.  The marker makes a second attempt fail its condition and change nothing.
///     WriteResult taken = products.transact({
///         TableWrite::update("p1", Update().add("stockLevel", -3), attr("stockLevel") >= 3),
///         TableWrite::put("taken/order-1/p1", {{"quantity", 3}}, item_not_exists()),
///     });
///     if (!taken.ok() && !products.contains("taken/order-1/p1")) out_of_stock("p1");
///
/// Has of the real service:
/// - items of any JSON object under a key, strongly consistent reads, scans in the order of keys;
/// - conditional writes, update expressions with set, add and remove; an update makes the item
///   when there is none, unless it only removes;
/// - transactions of up to 100 writes to different items, all or nothing;
/// - numbers without a type: 5 and 5.0 are the same, and read back as 5; NaN and infinity are
///   refused;
/// - a request that is wrong in itself (a number added to a text, no object, an empty key) throws
///   an ApplicationError of type "ValidationException", and changes nothing.
///
/// Leaves out: eventually consistent reads, sort keys and secondary indexes, sets, capacity and
/// throttling, size limits, time to live, streams, pages of a scan, the client request token of
/// transactions (the real one is forgotten after ten minutes; write a marker item instead, as
/// above).
///
/// Every write is one effect: a fault point before and after.  It is repeatable unless it adds,
/// and unchanged when its condition fails or when the items are equal afterwards.  Reads are no
/// effects.
///
/// A copyable value, part of a world; copies share the items until they are written.
class Table {
 public:
  /// `name` is what the ledger and reports call it.
  explicit Table(std::string name = "table") : name_(std::move(name)) {}

  /// The item; null when there is none.
  nlohmann::json get(const std::string& key) const;
  bool contains(const std::string& key) const { return items_.contains(key); }
  std::size_t size() const { return items_.size(); }

  struct Row {
    std::string key;
    nlohmann::json item;
    bool operator==(const Row&) const = default;
  };
  /// The items whose key begins with `key_prefix` and of which `filter` holds, by key.
  std::vector<Row> scan(std::string_view key_prefix = "", const Condition& filter = {}) const;

  /// How often the content of the item changed since it was made, from 1; 0 when there is none.
  /// For tests: it is not compared by ==, since repeating absolute writes may pass through more
  /// contents on the way to the same end.  Optimistic locking needs an attribute of the item, as
  /// in the real service.
  std::int64_t version(const std::string& key) const;

  /// Replaces the whole item.
  WriteResult put(std::string key, nlohmann::json item, const Condition& condition = {},
                  std::source_location location = std::source_location::current());
  WriteResult update(std::string key, const Update& update, const Condition& condition = {},
                     std::source_location location = std::source_location::current());
  /// Ok also when there is no such item.
  WriteResult remove(std::string key, const Condition& condition = {},
                     std::source_location location = std::source_location::current());
  /// All of the writes, or none when a condition fails; `failed` says which.  One effect.
  WriteResult transact(std::vector<TableWrite> writes,
                       std::source_location location = std::source_location::current());

  bool operator==(const Table&) const = default;

 private:
  struct Stored {
    std::shared_ptr<const nlohmann::json> item;
    std::int64_t version = 1;
    bool operator==(const Stored& other) const {
      return item == other.item || *item == *other.item;
    }
  };
  /// The content after a write; null: no item.
  using Content = std::shared_ptr<const nlohmann::json>;

  const nlohmann::json& find(const std::string& key) const;
  WriteResult write(TableWrite write, const std::source_location& location);
  Content content_after(TableWrite& write) const;
  bool store(const std::string& key, Content content);

  std::string name_;
  std::map<std::string, Stored> items_;
};

}  // namespace reprise::fakes
