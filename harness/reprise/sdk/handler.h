#pragma once

#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "reprise/sdk/context.h"
#include "reprise/sdk/handler_observer.h"
#include "reprise/sdk/internal/run_invocation.h"
#include "reprise/sdk/invocation.h"
#include "reprise/sdk/serdes.h"
#include "reprise/sdk/task.h"

namespace reprise {

namespace internal {

template <class H>
struct HandlerTraits : HandlerTraits<decltype(&H::operator())> {};
template <class R, class... A>
struct HandlerTraits<Task<R> (*)(DurableContext, A...)> {
  using Result = R;
  using Event = void;
};
template <class R, class E>
struct HandlerTraits<Task<R> (*)(DurableContext, E)> {
  using Result = R;
  using Event = E;
};
template <class C, class R, class... A>
struct HandlerTraits<Task<R> (C::*)(DurableContext, A...)>
    : HandlerTraits<Task<R> (*)(DurableContext, A...)> {};
template <class C, class R, class... A>
struct HandlerTraits<Task<R> (C::*)(DurableContext, A...) const>
    : HandlerTraits<Task<R> (*)(DurableContext, A...)> {};

/// A handler's coroutine with its types removed.
template <class H>
class TypedInvocation final : public RootInvocation {
  using Traits = HandlerTraits<H>;
  using Event = typename Traits::Event;
  using R = typename Traits::Result;
  static_assert(std::is_void_v<Event> || !std::is_reference_v<Event>,
                "reprise: a handler takes its event by value; a reference may dangle after the "
                "first suspension");

 public:
  explicit TypedInvocation(H& handler) : handler_(handler) { check_result_type<R>(); }

 private:
  std::coroutine_handle<> start(ContextState& root, const SharedText& input,
                                PromiseBase*& promise) override {
    DurableContext context(root);
    if constexpr (std::is_void_v<Event>) {
      task_.emplace(handler_(context));
    } else {
      Event event = decode_result<Event>(input, nullptr, {root.engine, {}});
      task_.emplace(handler_(context, std::move(event)));
    }
    promise = &task_->handle().promise();
    return task_->handle();
  }
  SharedText take() override {
    if constexpr (std::is_void_v<R>) {
      task_->take();
      return {};
    } else {
      return encode_result<R>(task_->take(), nullptr, {});
    }
  }
  void destroy() override { task_.reset(); }

  H& handler_;
  std::optional<Task<R>> task_;
};

}  // namespace internal

/// What a handler is run with besides its event.
class HandlerOptions {
 public:
  HandlerOptions() {}
  /// Adds an observer; they are told in the order in which they were added.
  HandlerOptions& observer(std::shared_ptr<HandlerObserver> value) {
    return observers_.push_back(std::move(value)), *this;
  }

  const std::vector<std::shared_ptr<HandlerObserver>>& observers() const { return observers_; }

 private:
  std::vector<std::shared_ptr<HandlerObserver>> observers_;
};

/// Makes a coroutine `Task<R> handler(DurableContext)` or `Task<R> handler(DurableContext, Event)`
/// - a function or an object that outlives nothing but is kept here, a lambda for instance -
/// invocable.  Event is decoded from the invocation's payload and R encoded through their Serdes; a
/// payload that does not decode fails the execution with SerdesError.
template <class H>
HandlerFunction make_handler(H handler, HandlerOptions handler_options = HandlerOptions()) {
  auto kept = std::make_shared<H>(std::move(handler));
  return
      [kept, observers = handler_options.observers()](
          const InvocationInput& input, DurableService& service, const InvocationOptions& options) {
        internal::TypedInvocation<H> invocation(*kept);
        return internal::run_observed(invocation, input, service, options, observers);
      };
}

}  // namespace reprise
