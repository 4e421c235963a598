#pragma once

#include <absl/container/inlined_vector.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/protocol/operation.h"

namespace reprise::internal {

/// Where an execution stands between its invocations (PROTOCOL 4.9).
enum class Phase : std::uint8_t {
  kIdle,       ///< suspended, or closed
  kReady,      ///< waits for its turn to be invoked
  kInFlight,   ///< an invocation runs
  kRetryWait,  ///< the last invocation failed; a timer starts the next one
};

constexpr std::size_t kTokenSize = 12;  // fits into the short string of every standard library

/// What the book knows about one record.
struct RecordNote {
  std::uint64_t sequence = 0;  ///< creation order over all executions
  std::uint32_t parent = 0;    ///< 1 + index of the parent; 0: a root operation
  bool in_delta = false;       ///< changed since the last checkpoint response (F-14)
  bool updated = false;        ///< changed since the last successful invocation (PROTOCOL 1.3)
  bool digested = false;       ///< `digest_*` is part of the sum
  std::uint64_t digest_low = 0;
  std::uint64_t digest_high = 0;
};

/// The last answer to a call with a ClientToken (PROTOCOL 4.3.6).
struct ClientTokenSlot {
  std::string client_token;
  std::string checkpoint_token;
  TimestampMs at_ms = 0;
  std::string answer_token;
  absl::InlinedVector<OperationPtr, 2> answer_operations;
};

/// Ids to positions.  Small executions are searched one by one; large ones get a table, made when
/// it is first needed.
class IdIndex {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  /// Position of `id` in `operations`, which must be the vector whose ids were added.
  std::uint32_t find(std::string_view id, std::uint64_t hash,
                     const std::vector<OperationPtr>& operations) const;
  void add(std::uint64_t hash);

  std::uint64_t hash_at(std::size_t position) const { return hashes_[position]; }
  void reserve(std::size_t count) { hashes_.reserve(count); }

  IdIndex() = default;
  IdIndex(const IdIndex& other)  // the table is made again when needed
      : hashes_(other.hashes_), filter_(other.filter_) {}
  IdIndex& operator=(const IdIndex& other) {
    hashes_ = other.hashes_;
    filter_ = other.filter_;
    table_.clear();
    return *this;
  }
  IdIndex(IdIndex&&) = default;
  IdIndex& operator=(IdIndex&&) = default;
  ~IdIndex() = default;

 private:
  static constexpr std::size_t kScanned = 32;

  static std::uint64_t filter_bit(std::uint64_t hash) { return std::uint64_t{1} << (hash >> 58U); }
  void build() const;
  void enter(std::uint32_t position) const;

  std::vector<std::uint64_t> hashes_;         // by position
  std::uint64_t filter_ = 0;                  // no bit: surely not there; most ids are new
  mutable std::vector<std::uint32_t> table_;  // open addressing; position + 1, 0 = free
};

/// What the service keeps about an execution beside its records.
struct ExecutionBook {
  Phase phase = Phase::kIdle;
  bool wake_again = false;          ///< a wake-up came while an invocation ran (F-17)
  bool terminal_event_due = false;  ///< closed while an invocation ran: the event follows it (H-5)
  bool base_digested = false;
  std::uint64_t base_low = 0;  ///< digest of all that is not a record
  std::uint64_t base_high = 0;
  std::uint64_t sum_low = 0;  ///< sum of the digests of all digested records
  std::uint64_t sum_high = 0;

  std::uint32_t sequence = 0;  ///< of checkpoint tokens
  std::array<char, kTokenSize> token{};
  TimestampMs invocation_start_ms = 0;

  int pending = 0;           ///< records that are pending in the sense of F-1
  int open = 0;              ///< records that are neither terminal nor a CONTEXT
  int rejections = 0;        ///< rejected responses in a row (F-3)
  int failures = 0;          ///< failed invocations in a row (F-12)
  int runtime_failures = 0;  ///< of these, those retried without delay
  int delayed_retries = 0;   ///< of these, those retried with a delay
  std::int64_t metered = 1;  ///< operations that count against max_operations (PROTOCOL 4.5)
  std::int64_t data_bytes = 0;

  IdIndex index;
  std::vector<RecordNote> notes;          // by position
  std::vector<std::uint32_t> delta;       // positions with in_delta
  std::vector<std::uint32_t> updated;     // positions with updated
  std::vector<std::uint32_t> undigested;  // positions without digested
  OperationPtr execution_record;          // the EXECUTION operation
  std::shared_ptr<ClientTokenSlot> client_slot;
};

}  // namespace reprise::internal
