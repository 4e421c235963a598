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
  kConditionalCheckFailed,  ///< of one write
  kTransactionCanceled,     ///< of a transaction; its reasons say why
};
std::string_view to_string(WriteStatus status);

enum class CancellationCode : std::uint8_t {
  kNone,  ///< nothing is wrong with this write; another one has cancelled the transaction
  kConditionalCheckFailed,
  kValidationError,  ///< the item does not allow the update: a number is added to a text
};
std::string_view to_string(CancellationCode code);

/// Why a transaction was cancelled, said of one of its writes.
struct CancellationReason {
  CancellationCode code = CancellationCode::kNone;
  nlohmann::json item;  ///< where the condition failed, the item that stands there; else null

  bool ok() const { return code == CancellationCode::kNone; }
  bool operator==(const CancellationReason&) const = default;
};
void to_json(nlohmann::json& json, const CancellationReason& reason);
void from_json(const nlohmann::json& json, CancellationReason& reason);

/// How a write ended.
struct WriteResult {
  WriteStatus status = WriteStatus::kNoAnswer;
  /// After one write: the item as it is now; where the condition failed, the item that stands
  /// there.  Null when there is none, and after `transact`.
  nlohmann::json item;
  /// Of a transaction that was cancelled: one for each write, in their order.
  std::vector<CancellationReason> reasons;

  bool ok() const { return status == WriteStatus::kOk; }
  bool operator==(const WriteResult&) const = default;
};
/// As JSON, so that a step body can return it; from_json throws a nlohmann exception, or
/// std::invalid_argument for a status or a code that is none.
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
  void check() const;
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
  void check() const;
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
///     if (!taken.ok() && taken.reasons[1].ok()) out_of_stock("p1");
///
/// Has of the real service:
/// - items of any JSON object under a key, strongly consistent reads;
/// - scans in an order that nobody specifies: it is not that of the keys, and in handler code it
///   differs from invocation to invocation (the hidden input "unordered order");
/// - conditional writes, update expressions with set, add and remove; an update makes the item
///   when there is none, unless it only removes;
/// - transactions of up to 100 writes to different items, all or nothing, with a reason for each
///   write when they are cancelled;
/// - client request tokens of transactions: for ten minutes after the first one with a token has
///   succeeded, the same transaction with that token succeeds and changes nothing, and another one
///   is an "IdempotentParameterMismatchException"; from then on the token is as good as new.  A
///   transaction that was cancelled is not remembered;
/// - numbers without a type: 5 and 5.0 are the same, and read back as 5; NaN and infinity are
///   refused;
/// - a request that is wrong in itself (a number added to a text, no object, an empty key) throws
///   an ApplicationError of type "ValidationException", and changes nothing.
///
/// Leaves out: eventually consistent reads, sort keys and secondary indexes, sets, capacity and
/// throttling, size limits, time to live, streams, pages of a scan, transactions that are cancelled
/// because another one is under way.  In a step body, and in the code of a plain function, the
/// order of a scan stays as it is, on every attempt.
///
/// Every write is one effect: a fault point before and after.  It is repeatable unless it adds,
/// and unchanged when its condition fails, when its token is known, or when the items are equal
/// afterwards.  Its object is the key; a transaction touches the whole table.  Reads are no
/// effects.
///
/// A copyable value, part of a world; copies share the items until they are written.
class Table {
 public:
  /// `name` is what the ledger and reports call it.
  explicit Table(std::string name = "table") : name_(std::move(name)) {}

  /// The item; null when there is none.
  nlohmann::json get(const std::string& key) const;
  bool contains(const std::string& key) const;
  std::size_t size() const { return items_.size(); }

  struct Row {
    std::string key;
    nlohmann::json item;
    bool operator==(const Row&) const = default;
  };
  /// The items whose key begins with `key_prefix` and of which `filter` holds, in no specified
  /// order: who needs one sorts.
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
  /// All of the writes, or none; then the reasons say why.  One effect.  `token` is the client
  /// request token, of at most 36 characters; "": none.
  WriteResult transact(std::vector<TableWrite> writes, const std::string& token = "",
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
  /// A transaction that a token stands for.
  struct Remembered {
    std::string request;
    std::int64_t since_ms = 0;
    // When it was does not tell tables apart: a fault takes time.
    bool operator==(const Remembered& other) const { return request == other.request; }
  };
  /// The content after a write; null: no item.
  using Content = std::shared_ptr<const nlohmann::json>;

  const nlohmann::json& find(const std::string& key) const;
  WriteResult write(const TableWrite& write, const std::source_location& location);
  WriteResult apply(const std::vector<TableWrite>& writes, bool& changed);
  Content content_after(const TableWrite& write) const;
  bool store(const std::string& key, Content content);
  bool remembers(const std::string& token, const std::string& request) const;

  std::string name_;
  std::map<std::string, Stored> items_;
  std::map<std::string, Remembered> tokens_;
};

}  // namespace reprise::fakes
