#pragma once

#include <cstdlib>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "reprise/sdk/errors.h"

namespace reprise {

/// What stands for the result of an operation that returns nothing.
struct Unit {
  friend bool operator==(const Unit&, const Unit&) = default;
};

template <class T>
using NonVoid = std::conditional_t<std::is_void_v<T>, Unit, T>;

/// The value of an operation, or the durable error with which it failed: what the `try_` twins
/// return, because a `catch` block cannot await the compensation.
///
///     Outcome<Charge> charge = co_await ctx.try_step("charge", [&] { return bank.charge(order);
///     }); if (!charge.ok()) { co_await ctx.step("release", [&] { stock.release(order); }); ... }
template <class T>
class [[nodiscard]] Outcome {
 public:
  Outcome(NonVoid<T> value) : state_(std::in_place_index<0>, std::move(value)) {}    // NOLINT
  Outcome(DurableError error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  /// The value; throws the durable error when there is none.
  const NonVoid<T>& value() const& {
    if (!ok()) raise(error());
    return *std::get_if<0>(&state_);
  }
  NonVoid<T>&& value() && {
    if (!ok()) raise(error());
    return std::move(*std::get_if<0>(&state_));
  }
  const NonVoid<T>& operator*() const& { return value(); }
  const NonVoid<T>* operator->() const { return &value(); }

  /// The error.  Precondition: !ok().
  const DurableError& error() const {
    if (ok()) std::abort();
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<NonVoid<T>, DurableError> state_;
};

}  // namespace reprise
