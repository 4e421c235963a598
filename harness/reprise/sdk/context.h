#pragma once

#include <absl/time/time.h>

#include <source_location>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "reprise/sdk/errors.h"
#include "reprise/sdk/internal/context_impl.h"
#include "reprise/sdk/logger.h"
#include "reprise/sdk/options.h"
#include "reprise/sdk/outcome.h"
#include "reprise/sdk/serdes.h"
#include "reprise/sdk/task.h"

namespace reprise {

/// The handler's way to the durable service.
///
///     Task<Receipt> checkout(DurableContext ctx, Order order) {
///       Reservation held = co_await ctx.step("reserve", [&] { return stock.reserve(order); });
///       co_await ctx.wait("cool-down", absl::Minutes(5));
///       Charge charge = co_await ctx.invoke<Charge>("charge", "payments:$LATEST", order);
///       co_return Receipt(held, charge);
///     }
///
/// A small handle: pass it by value.  It belongs to one scope: the body of a child context uses the
/// context it is given, never the outer one, and a step body uses none.
///
/// Each call starts an operation and returns it; `co_await` gives its result or throws its
/// DurableError.  The operation may be awaited later, so that two are open at once:
///
///     auto reserve = ctx.step("reserve", [&] { return stock.reserve(order); });
///     auto quote = ctx.invoke<Quote>("quote", "carrier:$LATEST", order);
///     Reservation held = co_await reserve;
///     Quote best = co_await quote;
///
/// The `try_` twins await to an Outcome: the value or the durable error, for code that goes on
/// after a failure. Results are stored as payloads and must have a Serdes; the value that
/// `co_await` gives has been through it. Wrong use (an operation in a step body, the context of
/// another scope, a name that is too long) fails the execution and is reported with the line of the
/// call.  One thread.
class DurableContext {
 public:
  explicit DurableContext(internal::ContextState& state) : state_(&state) {}

  /// Runs `body` and records its result; a replay returns the record and runs nothing.  `body` is a
  /// plain function of nothing or of a StepContext; it may be run again after a crash, so what it
  /// does outside must be idempotent.  A std::exception it throws is a failed attempt and retried
  /// by the strategy; then StepError (StepInterruptedError when at-most-once semantics could not
  /// tell whether it ran).
  template <class F>
  auto step(OperationName name, F&& body, StepOptions options = StepOptions(),
            std::source_location location = std::source_location::current()) {
    return internal::StepOperation<F, false>(*state_, name, std::forward<F>(body),
                                             std::move(options), location);
  }
  template <class F>
  auto try_step(OperationName name, F&& body, StepOptions options = StepOptions(),
                std::source_location location = std::source_location::current()) {
    return internal::StepOperation<F, true>(*state_, name, std::forward<F>(body),
                                            std::move(options), location);
  }

  /// Suspends for `duration` (1 second to 366 days, rounded up to whole seconds).
  auto wait(OperationName name, absl::Duration duration,
            std::source_location location = std::source_location::current()) {
    return internal::WaitOperation<false>(*state_, name, duration, location);
  }
  auto try_wait(OperationName name, absl::Duration duration,
                std::source_location location = std::source_location::current()) {
    return internal::WaitOperation<true>(*state_, name, duration, location);
  }

  /// Calls another function and returns its result as R.  A durable target must be qualified
  /// ("name:$LATEST").  InvokeError carries the target's error.  It is not retried.
  template <class R = void, class P>
  auto invoke(OperationName name, std::string_view function, const P& payload,
              InvokeOptions options = InvokeOptions(),
              std::source_location location = std::source_location::current()) {
    return internal::InvokeOperation<R, false>(*state_, name, function, Serdes<P>::encode(payload),
                                               std::move(options), location);
  }
  template <class R = void, class P>
  auto try_invoke(OperationName name, std::string_view function, const P& payload,
                  InvokeOptions options = InvokeOptions(),
                  std::source_location location = std::source_location::current()) {
    return internal::InvokeOperation<R, true>(*state_, name, function, Serdes<P>::encode(payload),
                                              std::move(options), location);
  }

  /// Runs `body(DurableContext child)`, a coroutine, as one operation with its own counter.  Its
  /// result is recorded; one above 256 KB is rebuilt on replay by running the body again over its
  /// records.
  template <class F>
  auto run_in_child_context(OperationName name, F&& body,
                            ChildContextOptions options = ChildContextOptions(),
                            std::source_location location = std::source_location::current()) {
    return internal::ChildOperation<F, false>(*state_, name, std::forward<F>(body),
                                              std::move(options), location);
  }
  template <class F>
  auto try_run_in_child_context(OperationName name, F&& body,
                                ChildContextOptions options = ChildContextOptions(),
                                std::source_location location = std::source_location::current()) {
    return internal::ChildOperation<F, true>(*state_, name, std::forward<F>(body),
                                             std::move(options), location);
  }

  /// Creates a callback; awaiting this gives a Callback<T> with its id, awaiting
  /// `callback.result()` gives what the outside world sends.  T = std::string is the raw payload,
  /// any other T is decoded from it.
  template <class T = std::string>
  auto create_callback(OperationName name, const CallbackOptions& options = CallbackOptions(),
                       std::source_location location = std::source_location::current()) {
    return internal::CallbackOperation<T, false>(*state_, name, options, location);
  }
  template <class T = std::string>
  auto try_create_callback(OperationName name, const CallbackOptions& options = CallbackOptions(),
                           std::source_location location = std::source_location::current()) {
    return internal::CallbackOperation<T, true>(*state_, name, options, location);
  }

  /// Creates a callback, hands its id to `submitter(const std::string& callback_id)` in a step of
  /// its own, and waits for the answer.  CallbackSubmitterError when the submitter fails for good,
  /// CallbackTimeoutError, CallbackExternalError.
  template <class T = std::string, class F>
  auto wait_for_callback(OperationName name, F&& submitter,
                         const CallbackOptions& options = CallbackOptions(),
                         std::source_location location = std::source_location::current()) {
    return internal::WaitForCallbackOperation<T, F, false>(
        *state_, name, std::forward<F>(submitter), options, location);
  }
  template <class T = std::string, class F>
  auto try_wait_for_callback(OperationName name, F&& submitter,
                             const CallbackOptions& options = CallbackOptions(),
                             std::source_location location = std::source_location::current()) {
    return internal::WaitForCallbackOperation<T, F, true>(*state_, name, std::forward<F>(submitter),
                                                          options, location);
  }

  /// Silent while this context replays.
  Logger logger() const { return Logger(*state_); }

  /// True while the operations called so far have all been found finished in the log and the log
  /// holds more. For logging; a handler that branches on it diverges.
  bool is_replaying() const { return state_->is_replaying(); }

  std::string_view durable_execution_arn() const { return state_->engine->arn(); }

 private:
  internal::ContextState* state_;
};

}  // namespace reprise

#include "reprise/sdk/internal/child_impl.h"  // needs DurableContext
