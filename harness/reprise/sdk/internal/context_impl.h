#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "reprise/sdk/condition.h"
#include "reprise/sdk/internal/attempt_core.h"
#include "reprise/sdk/internal/child_core.h"
#include "reprise/sdk/internal/payloads.h"
#include "reprise/sdk/internal/service_core.h"
#include "reprise/sdk/logger.h"
#include "reprise/sdk/outcome.h"
#include "reprise/sdk/serdes.h"
#include "reprise/sdk/task.h"

namespace reprise {

class DurableContext;

/// What a step body may ask for: its attempt, from 1, and a logger.
class StepContext {
 public:
  StepContext(int attempt, const Logger& logger) : attempt_(attempt), logger_(logger) {}
  int attempt() const { return attempt_; }
  const Logger& logger() const { return logger_; }

 private:
  int attempt_;
  Logger logger_;
};

namespace internal {

// Defined in child_impl.h: they need a complete DurableContext.
template <class F, bool kTry>
class [[nodiscard]] ChildOperation;
template <class T, class F, bool kTry>
class [[nodiscard]] WaitForCallbackOperation;
// Defined in batch_impl.h.
template <class Items, class F, bool kTry>
class [[nodiscard]] MapOperation;
template <class R, bool kTry>
class [[nodiscard]] ParallelOperation;

// g++ before 13 destroys the captures of a closure that is written inside a co_await expression
// twice, unless they are trivially destructible.  Refused on every compiler, so that a handler is
// portable.
template <class F>
inline constexpr bool kSafeClosure =
    std::is_lvalue_reference_v<F> || std::is_trivially_destructible_v<std::remove_cvref_t<F>>;

#define REPRISE_CHECK_CLOSURE(F)                                                                  \
  static_assert(::reprise::internal::kSafeClosure<F>,                                             \
                "reprise: capture by reference ([&]), or give the closure a name and pass that: " \
                "g++ 12 destroys the captures of a closure written beside a co_await twice")

template <class R>
constexpr void check_result_type() {
  static_assert(
      kSurvivesReplay<R>,
      "reprise: the result of a durable operation must survive a replay: views, pointers and "
      "references mean nothing in the next process; return an owning value");
  static_assert(
      !kSurvivesReplay<R> || HasSerdes<R>,
      "reprise: the result type has no Serdes: give it to_json/from_json (nlohmann) or specialise "
      "reprise::Serdes<T>");
}

/// The last step of every operation: the decoded value, or the failure in the form the twin
/// promises.
template <class R, bool kTry, class Decode>
auto take_result(const std::optional<DurableError>& failure, Decode&& decode)
    -> std::conditional_t<kTry, Outcome<R>, R> {
  if constexpr (kTry) {
    if (failure) return *failure;
    if constexpr (std::is_void_v<R>) {
      return Unit();
    } else {
      try {
        return decode();
      } catch (const SerdesError& error) {
        return static_cast<const DurableError&>(error);
      }
    }
  } else {
    if (failure) raise(*failure);
    if constexpr (!std::is_void_v<R>) return decode();
  }
}

template <class F, bool kTakesContext>
struct BodyResult {
  using Type = std::invoke_result_t<F&>;
};
template <class F>
struct BodyResult<F, true> {
  using Type = std::invoke_result_t<F&, StepContext>;
};

template <class F, bool kTry>
class [[nodiscard]] StepOperation final : public StepCore {
  REPRISE_CHECK_CLOSURE(F);
  static constexpr bool kTakesContext = std::is_invocable_v<F&, StepContext>;
  static_assert(kTakesContext || std::is_invocable_v<F&>,
                "reprise: a step body is callable without arguments or with a StepContext");

 public:
  using R = typename BodyResult<F, kTakesContext>::Type;

  StepOperation(ContextState& context, const OperationName& name, F&& body, StepOptions options,
                const std::source_location& location)
      : StepCore(context, name, std::move(options), location), body_(std::forward<F>(body)) {
    check_result_type<R>();
  }

  std::conditional_t<kTry, Outcome<R>, R> take() {
    return take_result<R, kTry>(failure(), [this] {
      return decode_result<NonVoid<R>>(payload(), options().serdes(), source());
    });
  }

 private:
  SharedText call_body(int attempt) override {
    const auto invoke = [&]() -> R {
      if constexpr (kTakesContext) {
        return std::invoke(body_, StepContext(attempt, Logger(context(), call())));
      } else {
        return std::invoke(body_);
      }
    };
    if constexpr (std::is_void_v<R>) {
      invoke();
      return {};
    } else {
      const SerdesContext context{call().id.view(), engine().arn()};
      SharedText stored = encode_result<R>(invoke(), options().serdes(), context);
      check_round_trip(stored, [&] {
        return encode_result<R>(decode_result<R>(stored, options().serdes(), source()),
                                options().serdes(), context);
      });
      return stored;
    }
  }

  F body_;
};

/// S is the type of the state.
template <class S, class F, bool kTry>
class [[nodiscard]] ConditionOperation final : public ConditionCore {
  REPRISE_CHECK_CLOSURE(F);
  static constexpr bool kTakesContext = std::is_invocable_v<F&, const S&, StepContext>;
  static_assert(kTakesContext || std::is_invocable_v<F&, const S&>,
                "reprise: a check is callable with the state, or with the state and a StepContext, "
                "and returns the next state");

 public:
  ConditionOperation(ContextState& context, const OperationName& name, S initial, F&& check,
                     ConditionOptions<S> options, const std::source_location& location)
      : ConditionCore(context, name, location),
        state_(std::move(initial)),
        check_(std::forward<F>(check)),
        options_(std::move(options)) {
    check_result_type<S>();
    start({});
    if (engine().options().replay_only) read_state();
  }

  std::conditional_t<kTry, Outcome<S>, S> take() {
    return take_result<S, kTry>(failure(), [this] { return decode(payload()); });
  }

 private:
  S decode(const SharedText& stored) const {
    return decode_result<S>(stored, options_.serdes(), source());
  }
  // No check runs that would decode it.
  void read_state() const {
    if (record() == nullptr || is_terminal(record()->status) || !record()->result) return;
    try {
      static_cast<void>(decode(record()->result));
    } catch (const SerdesError&) {  // the observer knows
    }
  }
  SharedText call_body(int attempt) override {
    if (payload_before()) state_ = decode(payload_before());
    if constexpr (kTakesContext) {
      state_ = std::invoke(check_, std::as_const(state_),
                           StepContext(attempt, Logger(context(), call())));
    } else {
      state_ = std::invoke(check_, std::as_const(state_));
    }
    return encode_result<S>(state_, options_.serdes(), {call().id.view(), engine().arn()});
  }
  WaitDecision decide(int attempt) override { return options_.strategy()(state_, attempt); }

  S state_;
  F check_;
  ConditionOptions<S> options_;
};

template <bool kTry>
class [[nodiscard]] WaitOperation final : public WaitCore {
 public:
  WaitOperation(ContextState& context, const OperationName& name, absl::Duration duration,
                const std::source_location& location)
      : WaitCore(context, name, duration, location) {}

  std::conditional_t<kTry, Outcome<void>, void> take() {
    return take_result<void, kTry>(failure(), [] {});
  }
};

template <class P>
SharedText encode_payload(ContextState& context, const P& payload, const InvokeOptions& options) {
  if (!options.payload_serdes()) return Serdes<P>::encode(payload);
  // The payload is among the arguments of the call, so there is no operation id yet.
  return encode_result<P>(payload, options.payload_serdes(), {{}, context.engine->arn()});
}

template <class R, bool kTry>
class [[nodiscard]] InvokeOperation final : public InvokeCore {
 public:
  InvokeOperation(ContextState& context, const OperationName& name, std::string_view function,
                  SharedText payload, InvokeOptions options, const std::source_location& location)
      : InvokeCore(context, name, function, std::move(payload), std::move(options), location) {
    check_result_type<R>();
  }

  std::conditional_t<kTry, Outcome<R>, R> take() {
    return take_result<R, kTry>(failure(), [this] {
      return decode_result<NonVoid<R>>(payload(), options().serdes(), source());
    });
  }
};

/// Callback payloads are stored raw (PROTOCOL 5.6): text is taken as it is, another type is
/// decoded.
template <class T>
T decode_callback(const SharedText& payload, const std::shared_ptr<const AnySerdes>& custom,
                  const PayloadSource& source) {
  if (custom) return decode_result<T>(payload, custom, source);
  if constexpr (std::is_same_v<T, std::string>) {
    return payload.str();
  } else if constexpr (std::is_same_v<T, std::optional<std::string>>) {
    return payload ? T(payload.str()) : T();
  } else {
    return decode_result<T>(payload, nullptr, source);
  }
}

template <class T, bool kTry>
class [[nodiscard]] CallbackResultOperation final : public CallbackResultCore {
 public:
  CallbackResultOperation(ContextState& context, std::size_t slot,
                          std::shared_ptr<const AnySerdes> serdes)
      : CallbackResultCore(context, slot), serdes_(std::move(serdes)) {}

  std::conditional_t<kTry, Outcome<T>, T> take() {
    return take_result<T, kTry>(failure(), [this] {
      return decode_callback<T>(payload(), serdes_, {&engine(), operation_id()});
    });
  }

 private:
  std::shared_ptr<const AnySerdes> serdes_;
};

}  // namespace internal

/// A callback that exists: its id, to be handed to the outside world, and its result.  A small
/// handle, valid as long as the context it was created in.
template <class T = std::string>
class Callback {
 public:
  Callback(internal::ContextState& context, std::size_t slot, std::string id,
           std::shared_ptr<const AnySerdes> serdes = nullptr)
      : context_(&context), slot_(slot), id_(std::move(id)), serdes_(std::move(serdes)) {}

  /// Opaque; the same on every replay.
  const std::string& id() const { return id_; }

  /// Awaits the answer; a failure or timeout throws CallbackExternalError or CallbackTimeoutError.
  auto result() const {
    return internal::CallbackResultOperation<T, false>(*context_, slot_, serdes_);
  }
  auto try_result() const {
    return internal::CallbackResultOperation<T, true>(*context_, slot_, serdes_);
  }

 private:
  internal::ContextState* context_;
  std::size_t slot_;
  std::string id_;
  std::shared_ptr<const AnySerdes> serdes_;
};

namespace internal {

template <class T, bool kTry>
class [[nodiscard]] CallbackOperation final : public CallbackCore {
 public:
  CallbackOperation(ContextState& context, const OperationName& name,
                    const CallbackOptions& options, const std::source_location& location)
      : CallbackCore(context, name, options, location), serdes_(options.serdes()) {}

  std::conditional_t<kTry, Outcome<Callback<T>>, Callback<T>> take() {
    return Callback<T>(context(), slot(), record()->callback_id.str(), serdes_);
  }

 private:
  std::shared_ptr<const AnySerdes> serdes_;
};

}  // namespace internal
}  // namespace reprise
