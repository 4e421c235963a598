#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reprise/world/effect.h"

namespace reprise::fakes {

enum class StoreStatus : std::uint8_t {
  kNoAnswer,  ///< the process is dead; what a default-constructed answer says
  kOk,
  kNotFound,            ///< 404 NoSuchKey
  kPreconditionFailed,  ///< 412 PreconditionFailed
};
std::string_view to_string(StoreStatus status);

/// How a write ended.
struct StoreAnswer {
  StoreStatus status = StoreStatus::kNoAnswer;
  std::string etag;  ///< of the object that stands there now; "" when there is none

  bool ok() const { return status == StoreStatus::kOk; }
  bool operator==(const StoreAnswer&) const = default;
};

/// What a write asks for before it happens.
struct Precondition {
  bool if_none_match = false;  ///< there is no such object
  std::string if_match = {};   ///< the object has this etag; "": whatever it has
};

/// Objects under keys, in the manner of Amazon S3.
///
///     ObjectStore store;
///     StoreAnswer made = store.put("results/acme/1.json", text, {.if_none_match = true});
///     if (made.status == StoreStatus::kPreconditionFailed) ...  // somebody was faster
///     store.get("results/acme/1.json")->content;
///
/// Has of the real service:
/// - what was written is what the next read and the next list show;
/// - etags, a digest of the content: equal contents have equal etags;
/// - conditional puts and removals: if-none-match (there is none yet), if-match (with this etag);
///   if-match on what is not there is 404, a condition that does not hold 412;
/// - lists in the order of keys, by prefix, in pages;
/// - versions, when they are switched on: a put adds one, a removal hides them all behind a marker.
///
/// Leaves out: buckets, multipart uploads, ranges, metadata, permissions, 409 for conditional
/// writes at the same moment, life cycle rules, removal of single versions, eventual listings.
///
/// Each write is one effect with the key as its object: a fault point before and after.  A put
/// without a condition is repeatable unless versions are kept; it is unchanged when the object held
/// that content already.  Reads are no effects, and say what they read.
///
/// A copyable value, part of a world.
class ObjectStore {
 public:
  /// `name` is what the ledger and reports call it.
  explicit ObjectStore(std::string name = "store") : name_(std::move(name)) {}

  /// From now on each put keeps what was there before.
  void keep_versions() { versioned_ = true; }

  struct Object {
    std::string content;
    std::string etag;
    bool operator==(const Object&) const = default;
  };
  /// The object; nullopt: 404.
  std::optional<Object> get(const std::string& key) const;
  /// All that was ever put there, the newest first, removals left out; at most one unless versions
  /// are kept.
  std::vector<Object> versions(const std::string& key) const;

  struct Page {
    std::vector<std::string> keys;
    std::string next;  ///< key to go on after; "": that was all
  };
  /// Keys that begin with `prefix` and come after `after`, at most `max`.
  Page list(std::string_view prefix = "", std::string_view after = "",
            std::size_t max = 1000) const;
  std::size_t size() const;

  StoreAnswer put(const std::string& key, const std::string& content,
                  const Precondition& precondition = {},
                  std::source_location location = std::source_location::current());
  /// Ok also when there is no such object.
  StoreAnswer remove(const std::string& key, const Precondition& precondition = {},
                     std::source_location location = std::source_location::current());

  bool operator==(const ObjectStore&) const = default;

 private:
  using Content = std::shared_ptr<const std::string>;
  struct Stored {
    std::vector<Content> versions;  // oldest first; null: a removal
    bool operator==(const Stored& other) const;
  };

  StoreAnswer check(const std::string& key, const Precondition& precondition) const;
  const Content& current(const std::string& key) const;
  void store(const std::string& key, Content content);

  std::string name_;
  bool versioned_ = false;
  std::map<std::string, Stored> objects_;
};

}  // namespace reprise::fakes
