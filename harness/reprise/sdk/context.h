#pragma once

#include <absl/time/time.h>

#include <source_location>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "reprise/sdk/batch.h"
#include "reprise/sdk/condition.h"
#include "reprise/sdk/errors.h"
#include "reprise/sdk/internal/combinator_impl.h"
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
    SharedText input = internal::encode_payload(*state_, payload, options);
    return internal::InvokeOperation<R, false>(*state_, name, function, std::move(input),
                                               std::move(options), location);
  }
  template <class R = void, class P>
  auto try_invoke(OperationName name, std::string_view function, const P& payload,
                  InvokeOptions options = InvokeOptions(),
                  std::source_location location = std::source_location::current()) {
    SharedText input = internal::encode_payload(*state_, payload, options);
    return internal::InvokeOperation<R, true>(*state_, name, function, std::move(input),
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

  /// Runs `check(state)`, which looks and returns the next state, as one attempt of a step after
  /// another until the strategy of `options` says that it is done; the last state is the result.
  /// What the check throws fails the operation at once; WaitForConditionError.
  ///
  ///     ConditionOptions<Job> options(PollUntil<Job>([](const Job& job) { return job.done; }));
  ///     Job done = co_await ctx.wait_for_condition("poll", job, look, options);
  template <class S, class F>
  auto wait_for_condition(OperationName name, S initial_state, F&& check,
                          ConditionOptions<S> options,
                          std::source_location location = std::source_location::current()) {
    return internal::ConditionOperation<S, F, false>(*state_, name, std::move(initial_state),
                                                     std::forward<F>(check), std::move(options),
                                                     location);
  }
  template <class S, class F>
  auto try_wait_for_condition(OperationName name, S initial_state, F&& check,
                              ConditionOptions<S> options,
                              std::source_location location = std::source_location::current()) {
    return internal::ConditionOperation<S, F, true>(*state_, name, std::move(initial_state),
                                                    std::forward<F>(check), std::move(options),
                                                    location);
  }

  /// Runs `body(DurableContext item_context, item, index, items)` - a coroutine of the first, or of
  /// the first two, three or four of these - for every element of `items`, a random access
  /// container; each in a context of its own.  The result is a BatchResult: failed items do not
  /// throw.  Items are started in the order of their index.  `items` and `body` must outlive the
  /// operation when they are lvalues.
  template <class Items, class F>
  auto map(OperationName name, Items&& items, F&& body, BatchOptions options = BatchOptions(),
           std::source_location location = std::source_location::current()) {
    return internal::MapOperation<Items, F, false>(*state_, name, std::forward<Items>(items),
                                                   std::forward<F>(body), std::move(options),
                                                   location);
  }
  template <class Items, class F>
  auto try_map(OperationName name, Items&& items, F&& body, BatchOptions options = BatchOptions(),
               std::source_location location = std::source_location::current()) {
    return internal::MapOperation<Items, F, true>(*state_, name, std::forward<Items>(items),
                                                  std::forward<F>(body), std::move(options),
                                                  location);
  }

  /// Runs the branches side by side, each in a context of its own; the result is a BatchResult by
  /// the order of `branches`: failed branches do not throw.
  template <class R>
  auto parallel(OperationName name, const Branches<R>& branches,
                BatchOptions options = BatchOptions(),
                std::source_location location = std::source_location::current()) {
    return internal::ParallelOperation<R, false>(*state_, name, branches, std::move(options),
                                                 location);
  }
  template <class R>
  auto try_parallel(OperationName name, const Branches<R>& branches,
                    BatchOptions options = BatchOptions(),
                    std::source_location location = std::source_location::current()) {
    return internal::ParallelOperation<R, true>(*state_, name, branches, std::move(options),
                                                location);
  }

  /// Combinators wait for operations that are open (`auto charge = ctx.step(...)`) and record how
  /// that ended, so that a replay ends the same way.  `all` gives a tuple of the results and throws
  /// PromiseCombinatorError with the first failure; `all_settled` a tuple of Outcomes; `any` the
  /// first result, PromiseCombinatorError when all have failed; `race` what the first to end gave,
  /// result or failure.  Operations that lose stay open.
  template <class... Ops>
  auto all(NameAndPlace name, Ops&... operations) {
    return internal::AllOperation<false, false, Ops...>(*state_, name.name(), name.location(),
                                                        operations...);
  }
  template <class... Ops>
  auto try_all(NameAndPlace name, Ops&... operations) {
    return internal::AllOperation<false, true, Ops...>(*state_, name.name(), name.location(),
                                                       operations...);
  }
  template <class... Ops>
  auto all_settled(NameAndPlace name, Ops&... operations) {
    return internal::AllOperation<true, false, Ops...>(*state_, name.name(), name.location(),
                                                       operations...);
  }
  template <class... Ops>
  auto any(NameAndPlace name, Ops&... operations) {
    return internal::PickOperation<internal::Combinator::kAny, false, Ops...>(
        *state_, name.name(), name.location(), operations...);
  }
  template <class... Ops>
  auto try_any(NameAndPlace name, Ops&... operations) {
    return internal::PickOperation<internal::Combinator::kAny, true, Ops...>(
        *state_, name.name(), name.location(), operations...);
  }
  template <class... Ops>
  auto race(NameAndPlace name, Ops&... operations) {
    return internal::PickOperation<internal::Combinator::kRace, false, Ops...>(
        *state_, name.name(), name.location(), operations...);
  }
  template <class... Ops>
  auto try_race(NameAndPlace name, Ops&... operations) {
    return internal::PickOperation<internal::Combinator::kRace, true, Ops...>(
        *state_, name.name(), name.location(), operations...);
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

// These need DurableContext.
#include "reprise/sdk/internal/batch_impl.h"
#include "reprise/sdk/internal/child_impl.h"
