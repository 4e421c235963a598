#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <source_location>
#include <span>
#include <string>
#include <vector>

#include "reprise/sdk/internal/operation_core.h"

namespace reprise::internal {

enum class Combinator : std::uint8_t { kAll, kAllSettled, kAny, kRace };

/// PROTOCOL 6.7: a context that records how other operations ended.
class CombinatorCore : public OperationCore {
 public:
  void run() final;
  void commit() final;
  void record_changed() final {}
  void watched_finished() final;

 protected:
  CombinatorCore(ContextState& context, Combinator combinator, const OperationName& name,
                 const std::source_location& location);
  ~CombinatorCore() = default;
  void start(std::span<UnitCore* const> inputs);
  /// Called by the destructor of the operation: the inputs may outlive it.
  void release_inputs();
  /// The value of an input that has succeeded; throws SerdesError.
  virtual SharedText value_of(std::size_t input) = 0;

  /// The text stored for the whole.
  const SharedText& stored_result() const { return result_; }

 private:
  enum class Phase : std::uint8_t { kIdle, kRunning, kSettled };
  struct Ended {
    TimestampMs at_ms = 0;
    std::size_t input = 0;
    auto operator<=>(const Ended&) const = default;
  };

  void check();
  void settle();
  void fail(const DurableError& error);
  std::size_t first_finished() const;
  bool is_finished(std::size_t input) const;

  Combinator combinator_;
  std::vector<UnitCore*> inputs_;
  std::vector<Ended> finished_;  // in the order of their ends
  Phase phase_ = Phase::kIdle;
  bool rebuilds_ = false;  // the record holds no result: it is large
  SharedText result_;
  ErrorPtr error_;
};

/// An element of an aggregate: JSON as it is, other text wrapped, nothing as null.
void append_element(const SharedText& value, std::string& text);
std::vector<SharedText> decode_elements(const SharedText& payload);

/// How an input of all_settled ended.
struct StoredOutcome {
  SharedText value;
  std::optional<DurableError> error;
};
void append_outcome(const StoredOutcome& outcome, std::string& text);
std::vector<StoredOutcome> decode_outcomes(const SharedText& payload);

}  // namespace reprise::internal
