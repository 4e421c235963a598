#pragma once

#include <concepts>
#include <cstdint>
#include <exception>
#include <source_location>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "reprise/choices/schedule.h"
#include "reprise/world/ambient.h"

namespace reprise {

class FakeService;

/// A change that a handler is about to make to the world.
struct EffectCall {
  std::string_view target = {};  ///< the fake: "bank"
  std::string_view action = {};  ///< "debit"
  std::string arguments = {};    ///< for the reader, and to tell effects apart: "acct 7, 10.00"
  std::string key = {};          ///< idempotency key; "": none
  /// Doing it twice is the same as doing it once, whatever happens in between (an absolute put).
  bool repeatable = false;
  /// What of the fake it touches, an item of a table for instance; "": all of it.  Branches that
  /// touch different objects need not be tried in every order.
  std::string object = {};
  std::source_location location = std::source_location::current();
};

/// What the fake tells about an effect while it applies it.
class EffectOutcome {
 public:
  /// Nothing changed: a duplicate that was recognised, a condition that did not hold.
  void unchanged() { changed_ = false; }
  bool changed() const { return changed_; }

 private:
  bool changed_ = true;
};

/// The vehicle of a crash through user code.  Not a std::exception, so that no `catch (const
/// std::exception&)` takes it; code that swallows it crashes all the same.
struct PowerCut {};

/// What a call gets that failed, or whose answer was lost, because an exploration let it.
class EffectFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What becomes of an effect at a fault point.
enum class EffectFate : std::uint8_t {
  kGoesOn,
  kDies,   ///< the process is dead or dying
  kFails,  ///< the caller gets an EffectFailed
};

/// The run that fakes report to.  Implemented by the runtime; a test outside any run has none.
class EffectSink {
 public:
  virtual ~EffectSink() = default;

  /// Unless it goes on, the effect must not happen.
  virtual EffectFate before_effect(const EffectCall& call) = 0;
  /// The effect has happened.
  virtual EffectFate after_effect(const EffectCall& call, bool changed) = 0;
  /// True while frames are destroyed: an exception must not leave a fake.
  virtual bool tearing_down() const = 0;

  /// How often `input` has changed for the code that asks: 0 in step bodies and wherever it does
  /// not vary.
  virtual std::uint64_t variation(HiddenInput input) = 0;
  virtual std::int64_t now_ms() const = 0;
  /// How often code outside bodies has asked for the time in this invocation before; 0 in bodies.
  virtual std::int64_t clock_readings() { return 0; }
  /// A number that depends on the operation, its attempt and how often that was asked.
  virtual std::uint64_t entropy() = 0;
  /// The body that runs takes so long; outside step bodies nothing happens.
  virtual void spend(std::int64_t /*duration_ms*/) {}

  /// The durable service, for fakes that call it as its callers do: that start executions and
  /// complete callbacks.  To be used inside an effect, so that a dead process calls nothing.
  virtual FakeService* service_for_callers() { return nullptr; }

  /// Something of a fake was read.
  virtual void observed(std::string_view /*target*/, std::string_view /*object*/) {}
  /// Whose code runs on this thread, for the ambient guard.
  virtual AmbientScope ambient_scope() { return {}; }
  /// Handler code outside steps makes a call that no history records.
  virtual void ambient_call(const AmbientCall&) {}

  /// The sink of this thread; null outside runs.
  static EffectSink* current();

 protected:
  /// Makes `sink` current and returns the one before.
  static EffectSink* exchange_current(EffectSink* sink);
};

namespace internal {
/// Throws what a dead process or a failed call gets, unless an exception must not leave a fake now.
void leave_effect(const EffectSink& sink, const EffectCall& call, EffectFate fate,
                  const char* reason);
}  // namespace internal

/// Applies a change to a fake: enters it into the ledger, and is a fault point before and after.
///
///     Receipt debit(int account, Money amount) {
///       return effect({.target = "bank", .action = "debit", .arguments = describe(account,
///       amount)},
///                     [&](EffectOutcome&) { balances_[account] -= amount; return Receipt(...); });
///     }
///
/// `apply` changes the fake and returns the answer; an exception it throws is the answer too, and
/// means that nothing changed.  After a crash nothing is applied any more.  Outside runs it just
/// applies.  The answer must be default-constructible: that is what a dead process gets.
template <class F>
auto effect(const EffectCall& call, F&& apply) -> std::invoke_result_t<F&, EffectOutcome&> {
  using R = std::invoke_result_t<F&, EffectOutcome&>;
  static_assert(std::is_void_v<R> || std::default_initializable<R>,
                "reprise: the answer of an effect must be default-constructible");
  EffectOutcome outcome;
  EffectSink* sink = EffectSink::current();
  if (sink == nullptr) return apply(outcome);
  const EffectFate before = sink->before_effect(call);
  if (before != EffectFate::kGoesOn) {
    internal::leave_effect(*sink, call, before, "the call failed");
    return R();
  }
  const auto end = [&] {
    const EffectFate after = sink->after_effect(call, outcome.changed());
    if (after != EffectFate::kGoesOn) {
      internal::leave_effect(*sink, call, after, "its answer was lost");
    }
  };
  if constexpr (std::is_void_v<R>) {
    apply(outcome);
    end();
  } else {
    R answer = apply(outcome);
    end();
    return answer;
  }
}

/// To be called by a fake that is read: branches that touch different objects are known then to be
/// independent.  `object` as in EffectCall.
inline void observed(std::string_view target, std::string_view object = {}) {
  if (EffectSink* sink = EffectSink::current()) sink->observed(target, object);
}

}  // namespace reprise
