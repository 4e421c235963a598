#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/sdk/batch.h"
#include "reprise/sdk/internal/child_core.h"

namespace reprise::internal {

class BatchCore;

/// One item of a batch: a child context whose end the batch is told.
class BatchItemCore : public ChildCore {
 public:
  virtual ~BatchItemCore() = default;
  void resume() final;

 protected:
  BatchItemCore(BatchCore& batch, ContextState& context, std::string_view sub_type,
                const OperationName& name, ChildContextOptions options,
                const std::source_location& location, std::size_t index);

 private:
  BatchCore& batch_;
  std::size_t index_;
};

/// PROTOCOL 6.6.
class BatchCore : public OperationCore {
 public:
  void run() final;
  void commit() final;
  void record_changed() final {}
  void item_done(std::size_t index);

 protected:
  struct Kind {
    std::string_view sub_type;
    std::string_view item_sub_type;
    std::string_view item_name;  // "map-item-"
    std::string_view summary_type;
  };
  static const Kind& map_kind();
  static const Kind& parallel_kind();

  BatchCore(ContextState& context, const Kind& kind, const OperationName& name,
            std::size_t item_count, BatchOptions options, const std::source_location& location);
  ~BatchCore() = default;
  /// Called by the constructor of the operation, when its items can be made.
  void start();
  /// Destroys the items.  Called by the destructor of the operation, before anything that their
  /// frames use is gone.
  void release_items();

  virtual std::unique_ptr<BatchItemCore> make_item(ContextState& batch, std::size_t index,
                                                   const OperationName& name,
                                                   ChildContextOptions options) = 0;
  virtual std::optional<std::string> item_name(std::size_t /*index*/) const { return std::nullopt; }
  /// The result, from the items, in its stored form.
  virtual SharedText encode() = 0;

  const BatchOptions& options() const { return options_; }
  const BatchProgress& progress() const { return progress_; }
  CompletionReason reason() const { return *reason_; }
  BatchItemCore* item(std::size_t index) const { return items_[index].get(); }
  /// The result is that text, and not to be had from the items.
  const SharedText& stored_result() const { return result_; }
  bool rebuilt() const { return rebuilt_; }

 private:
  enum class Phase : std::uint8_t { kIdle, kRunning, kDecided };

  void open_context();
  void start_recorded();
  void fill();
  void rebuild();
  void start_item(std::size_t index);
  void count(std::size_t index);
  void decide();
  /// Destroys the items in flight: nobody waits for them any more.
  void abandon();
  std::string label(std::size_t index) const;
  SharedText summary() const;

  const Kind& kind_;
  std::size_t item_count_;
  BatchOptions options_;
  ContextState* batch_context_ = nullptr;
  std::vector<std::unique_ptr<BatchItemCore>> items_;  // by index; null: not driven
  BatchProgress progress_;
  std::size_t in_flight_ = 0;
  std::size_t rebuilding_ = 0;  // items that have ended, whose results are made again
  bool rebuilt_ = false;
  Phase phase_ = Phase::kIdle;
  std::optional<CompletionReason> reason_;
  SharedText result_;
  ErrorPtr error_;
};

/// A result of a batch as it is stored by default; see PROTOCOL 6.6.2.
struct StoredBatchItem {
  std::size_t index = 0;
  BatchItemStatus status = BatchItemStatus::kStarted;
  SharedText result;
  ErrorPtr error;
};
struct StoredBatch {
  std::vector<StoredBatchItem> items;
  CompletionReason reason = CompletionReason::kAllCompleted;
};
SharedText encode_batch(const StoredBatch& batch);
/// Throws SerdesError.
StoredBatch decode_batch(const SharedText& payload);

}  // namespace reprise::internal
