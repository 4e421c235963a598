#pragma once

#include <array>
#include <functional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "reprise/sdk/internal/combinator_core.h"
#include "reprise/sdk/internal/context_impl.h"

namespace reprise::internal {

template <class T>
struct IsOutcome : std::false_type {};
template <class T>
struct IsOutcome<Outcome<T>> : std::true_type {};

/// What an open operation gives when it is awaited.
template <class Op>
using ResultOf = decltype(std::declval<Op&>().take());

template <class Op>
SharedText encode_input(UnitCore& unit) {
  Op& operation = static_cast<Op&>(unit);
  if constexpr (std::is_void_v<ResultOf<Op>>) {
    return {};
  } else {
    return encode_result<ResultOf<Op>>(operation.take(), nullptr, {});
  }
}

/// The inputs of a combinator; Ops are operation types.
template <class... Ops>
class CombinatorBase : public CombinatorCore {
  static_assert(sizeof...(Ops) > 0, "reprise: a combinator needs an operation to wait for");
  static_assert((std::is_base_of_v<UnitCore, Ops> && ...),
                "reprise: a combinator waits for open operations: auto charge = ctx.step(...); "
                "then ctx.all(name, charge, ...)");
  static_assert((!IsOutcome<ResultOf<Ops>>::value && ...),
                "reprise: a combinator takes operations, not their try_ twins; all_settled gives "
                "the outcomes");

 protected:
  CombinatorBase(ContextState& context, Combinator combinator, const OperationName& name,
                 const std::source_location& location, Ops&... inputs)
      : CombinatorCore(context, combinator, name, location), units_{&inputs...} {
    start(units_);
  }

 private:
  SharedText value_of(std::size_t input) override {
    static constexpr std::array<SharedText (*)(UnitCore&), sizeof...(Ops)> kEncoders = {
        &encode_input<Ops>...};
    return kEncoders[input](*units_[input]);
  }

  std::array<UnitCore*, sizeof...(Ops)> units_;
};

/// `all` and `all_settled`: a tuple with an element for each input.
template <bool kSettled, bool kTry, class... Ops>
class [[nodiscard]] AllOperation final : public CombinatorBase<Ops...> {
  template <class Op>
  using Element = std::conditional_t<kSettled, Outcome<ResultOf<Op>>, NonVoid<ResultOf<Op>>>;
  using Result = std::tuple<Element<Ops>...>;

 public:
  AllOperation(ContextState& context, const OperationName& name,
               const std::source_location& location, Ops&... inputs)
      : CombinatorBase<Ops...>(context, kSettled ? Combinator::kAllSettled : Combinator::kAll, name,
                               location, inputs...) {}
  ~AllOperation() { this->release_inputs(); }

  std::conditional_t<kTry, Outcome<Result>, Result> take() {
    return take_result<Result, kTry>(this->failure(),
                                     [this] { return decode(std::index_sequence_for<Ops...>()); });
  }

 private:
  template <std::size_t... kIndex>
  Result decode(std::index_sequence<kIndex...>) const {
    if constexpr (kSettled) {
      const std::vector<StoredOutcome> stored =
          decode_stored(this->stored_result(), this->source(), decode_outcomes);
      check_size(stored.size());
      return Result{outcome<ResultOf<Ops>>(stored[kIndex])...};
    } else {
      const std::vector<SharedText> stored =
          decode_stored(this->stored_result(), this->source(), decode_elements);
      check_size(stored.size());
      return Result{
          decode_result<NonVoid<ResultOf<Ops>>>(stored[kIndex], nullptr, this->source())...};
    }
  }
  static void check_size(std::size_t size) {
    if (size != sizeof...(Ops)) throw SerdesError("a combinator has recorded other inputs");
  }
  template <class R>
  Outcome<R> outcome(const StoredOutcome& stored) const {
    if (stored.error) return *stored.error;
    return decode_result<NonVoid<R>>(stored.value, nullptr, this->source());
  }
};

/// `any` and `race`: the result of one input; all inputs have the same result type.
template <Combinator kWhich, bool kTry, class First, class... Ops>
class [[nodiscard]] PickOperation final : public CombinatorBase<First, Ops...> {
  using R = ResultOf<First>;
  static_assert((std::is_same_v<R, ResultOf<Ops>> && ...),
                "reprise: the operations of `any` and `race` must have the same result type");

 public:
  PickOperation(ContextState& context, const OperationName& name,
                const std::source_location& location, First& first, Ops&... inputs)
      : CombinatorBase<First, Ops...>(context, kWhich, name, location, first, inputs...) {}
  ~PickOperation() { this->release_inputs(); }

  std::conditional_t<kTry, Outcome<R>, R> take() {
    return take_result<R, kTry>(this->failure(), [this] {
      return decode_result<NonVoid<R>>(this->stored_result(), nullptr, this->source());
    });
  }
};

}  // namespace reprise::internal
