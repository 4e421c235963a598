#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "reprise/sdk/errors.h"
#include "reprise/sdk/outcome.h"
#include "reprise/sdk/serdes.h"

namespace reprise {

/// How an item of a `map` or a branch of a `parallel` stands when the batch has ended.
enum class BatchItemStatus : std::uint8_t {
  kStarted,  ///< in flight when the batch ended early
  kSucceeded,
  kFailed,
};
std::string_view to_string(BatchItemStatus status);

/// Why a batch ended (PROTOCOL 6.6.3).
enum class CompletionReason : std::uint8_t {
  kAllCompleted,
  kMinSuccessfulReached,
  kFailureToleranceExceeded,
  kCustomCompletionSucceeded,
  kCustomCompletionFailed,
};
std::string_view to_string(CompletionReason reason);

/// What a batch has come to; given to CompletionConfig::should_complete.
struct BatchProgress {
  std::size_t total = 0;  ///< items given, started or not
  std::size_t succeeded = 0;
  std::size_t failed = 0;
  std::vector<BatchItemStatus> started;  ///< by index, as far as items were started
};

/// When a batch ends before all its items have (PROTOCOL 6.6.3).  Nothing configured: at the first
/// failure.
class CompletionConfig {
 public:
  enum class Decision : std::uint8_t { kContinue, kSucceed, kFail };
  using Predicate = std::function<Decision(const BatchProgress&)>;

  CompletionConfig() {}
  /// Ends when so many have succeeded, 1 or more; failures are tolerated.
  CompletionConfig& min_successful(std::int64_t count) { return min_successful_ = count, *this; }
  /// Ends when more have failed.
  CompletionConfig& tolerated_failure_count(std::int64_t count) {
    return tolerated_count_ = count, *this;
  }
  /// Ends when a larger part of all items has failed, 0 to 100.
  CompletionConfig& tolerated_failure_percentage(double percentage) {
    return tolerated_percentage_ = percentage, *this;
  }
  /// Decides instead of the three bounds: before the first item and after each that has ended.  A
  /// batch that is resumed asks it again, so it must be monotonic.
  CompletionConfig& should_complete(Predicate predicate) {
    return predicate_ = std::make_shared<const Predicate>(std::move(predicate)), *this;
  }
  /// Every item runs, whatever fails.
  static CompletionConfig all_completed() {
    return CompletionConfig().tolerated_failure_percentage(100);
  }

  /// Why the batch ends now; nothing: it goes on.
  std::optional<CompletionReason> decide(const BatchProgress& progress) const;
  /// What is wrong with it for a batch of `total` items; "": nothing.
  std::string problem(std::size_t total) const;
  /// "min_successful=2", for the check of arguments.
  std::string describe() const;

 private:
  std::optional<std::int64_t> min_successful_;
  std::optional<std::int64_t> tolerated_count_;
  std::optional<double> tolerated_percentage_;
  std::shared_ptr<const Predicate> predicate_;
};

/// Whether each item is a context of its own in the log, or its operations lie directly below the
/// batch (PROTOCOL 6.6.1).
enum class BatchNesting : std::uint8_t { kNested, kFlat };

/// Options of `map` and `parallel`.
class BatchOptions {
 public:
  BatchOptions() {}
  /// Items in flight at a time, 1 or more; a suspended item keeps its place.  Default: no bound.
  BatchOptions& max_concurrency(std::int64_t value) { return max_concurrency_ = value, *this; }
  BatchOptions& completion(CompletionConfig value) { return completion_ = std::move(value), *this; }
  BatchOptions& nesting(BatchNesting value) { return nesting_ = value, *this; }
  /// Names the items; default "map-item-<index>", "parallel-branch-<index>" or the branch's name.
  BatchOptions& item_namer(std::function<std::string(std::size_t index)> value) {
    return item_namer_ =
               std::make_shared<const std::function<std::string(std::size_t)>>(std::move(value)),
           *this;
  }
  /// Stores the result of each item: a CustomSerdes of the item's type.
  BatchOptions& item_serdes(std::shared_ptr<const AnySerdes> value) {
    return item_serdes_ = std::move(value), *this;
  }
  /// Stores the whole result: a CustomSerdes<BatchResult<R>>.
  BatchOptions& serdes(std::shared_ptr<const AnySerdes> value) {
    return serdes_ = std::move(value), *this;
  }

  const std::optional<std::int64_t>& max_concurrency() const { return max_concurrency_; }
  const CompletionConfig& completion() const { return completion_; }
  BatchNesting nesting() const { return nesting_; }
  const std::shared_ptr<const std::function<std::string(std::size_t)>>& item_namer() const {
    return item_namer_;
  }
  const std::shared_ptr<const AnySerdes>& item_serdes() const { return item_serdes_; }
  const std::shared_ptr<const AnySerdes>& serdes() const { return serdes_; }

 private:
  std::optional<std::int64_t> max_concurrency_;
  CompletionConfig completion_;
  BatchNesting nesting_ = BatchNesting::kNested;
  std::shared_ptr<const std::function<std::string(std::size_t)>> item_namer_;
  std::shared_ptr<const AnySerdes> item_serdes_;
  std::shared_ptr<const AnySerdes> serdes_;
};

/// One item of a finished batch.
template <class R>
struct BatchItem {
  std::size_t index = 0;
  BatchItemStatus status = BatchItemStatus::kStarted;
  std::optional<NonVoid<R>> result;   ///< kSucceeded
  std::optional<DurableError> error;  ///< kFailed: a ChildContextError
};

/// The result of `map` and `parallel`: the items that were started, by index (PROTOCOL 6.6.2).
/// Failed items do not fail the batch; ask `has_failure` or call `throw_if_error`.
template <class R>
class BatchResult {
 public:
  using Item = BatchItem<R>;

  BatchResult() = default;
  BatchResult(std::vector<Item> items, CompletionReason reason)
      : items_(std::move(items)), reason_(reason) {}

  /// Every item that was started.
  const std::vector<Item>& all() const { return items_; }
  std::vector<Item> succeeded() const { return with(BatchItemStatus::kSucceeded); }
  std::vector<Item> failed() const { return with(BatchItemStatus::kFailed); }
  std::vector<Item> started() const { return with(BatchItemStatus::kStarted); }
  /// The results of the items that succeeded, by index.
  std::vector<NonVoid<R>> results() const {
    std::vector<NonVoid<R>> results;
    for (const Item& item : items_) {
      if (item.status == BatchItemStatus::kSucceeded) results.push_back(*item.result);
    }
    return results;
  }
  std::vector<DurableError> errors() const {
    std::vector<DurableError> errors;
    for (const Item& item : items_) {
      if (item.status == BatchItemStatus::kFailed) errors.push_back(*item.error);
    }
    return errors;
  }

  std::size_t total_count() const { return items_.size(); }
  std::size_t success_count() const { return count(BatchItemStatus::kSucceeded); }
  std::size_t failure_count() const { return count(BatchItemStatus::kFailed); }
  std::size_t started_count() const { return count(BatchItemStatus::kStarted); }
  bool has_failure() const { return failure_count() > 0; }
  CompletionReason completion_reason() const { return reason_; }
  /// kFailed when an item failed, or the predicate said so.
  BatchItemStatus status() const {
    return has_failure() || reason_ == CompletionReason::kCustomCompletionFailed
               ? BatchItemStatus::kFailed
               : BatchItemStatus::kSucceeded;
  }
  /// Throws the error of the first failed item, as ChildContextError; without a failed item, what a
  /// predicate declared failed throws BatchCompletionError.
  void throw_if_error() const {
    for (const Item& item : items_) {
      if (item.status == BatchItemStatus::kFailed) raise(*item.error);
    }
    if (reason_ == CompletionReason::kCustomCompletionFailed) {
      throw BatchCompletionError(
          DurableErrorKind::kBatchCompletion,
          *make_error("BatchCompletionError", "the batch was completed as failed"), "");
    }
  }

 private:
  std::vector<Item> with(BatchItemStatus status) const {
    std::vector<Item> found;
    for (const Item& item : items_) {
      if (item.status == status) found.push_back(item);
    }
    return found;
  }
  std::size_t count(BatchItemStatus status) const {
    std::size_t found = 0;
    for (const Item& item : items_) found += item.status == status ? 1 : 0;
    return found;
  }

  std::vector<Item> items_;
  CompletionReason reason_ = CompletionReason::kAllCompleted;
};

class DurableContext;
template <class T>
class Task;

/// The branches of a `parallel`, with or without names.
///
///     Branches<Receipt> branches;
///     branches.add("flight", [&](DurableContext ctx) { return book_flight(ctx, trip); });
///     branches.add("hotel", [&](DurableContext ctx) { return book_hotel(ctx, trip); });
///     BatchResult<Receipt> booked = co_await ctx.parallel("book", branches);
template <class R>
class Branches {
 public:
  using Body = std::function<Task<R>(DurableContext)>;
  struct Branch {
    std::optional<std::string> name;
    Body body;
  };

  Branches& add(std::string name, Body body) {
    branches_.push_back({std::move(name), std::move(body)});
    return *this;
  }
  Branches& add(Body body) {
    branches_.push_back({std::nullopt, std::move(body)});
    return *this;
  }
  std::size_t size() const { return branches_.size(); }
  const Branch& operator[](std::size_t index) const { return branches_[index]; }

 private:
  std::vector<Branch> branches_;
};

}  // namespace reprise
