#pragma once

#include <concepts>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "reprise/sdk/outcome.h"

namespace reprise {

template <class T>
class Task;

namespace internal {

class Engine;
class UnitCore;

/// What a handler may await: durable operations and tasks, nothing else.
struct Awaitable {};

/// Coroutine promises alive on this thread: lets a test prove that no frame survives a crash.
std::int64_t live_frames();

class PromiseBase {
 public:
  PromiseBase();
  ~PromiseBase();
  PromiseBase(const PromiseBase&) = delete;
  PromiseBase& operator=(const PromiseBase&) = delete;

  std::suspend_always initial_suspend() noexcept { return {}; }
  auto final_suspend() noexcept {
    struct Final {
      PromiseBase* self;
      bool await_ready() noexcept { return false; }
      void await_suspend(std::coroutine_handle<>) noexcept { self->finished(); }
      void await_resume() noexcept {}
    };
    return Final{this};
  }

  // The awaiter is two pointers, by value: g++ 12 copies or moves what `co_await` ought to keep by
  // reference.
  template <class A>
  requires std::derived_from<std::remove_cvref_t<A>, Awaitable>
  auto await_transform(A&& awaited) noexcept {
    struct Awaiter {
      std::remove_reference_t<A>* awaited;
      PromiseBase* self;
      bool await_ready() { return awaited->ready(*self); }
      void await_suspend(std::coroutine_handle<> handle) { awaited->suspend(*self, handle); }
      decltype(auto) await_resume() { return awaited->take(); }
    };
    return Awaiter{&awaited, this};
  }

  Engine* engine = nullptr;              // set by whoever starts the coroutine
  std::coroutine_handle<> continuation;  // the coroutine that awaits this one, or
  UnitCore* on_finished = nullptr;       // the unit that goes on when it has finished

 protected:
  // Only std::exception is a failure of the handler; anything else (a power cut, an assertion of a
  // property test) leaves through resume() untouched.
  void store_exception() {
    try {
      throw;
    } catch (const std::exception&) {
      exception_ = std::current_exception();
    }
  }
  void rethrow() {
    if (exception_) std::rethrow_exception(exception_);
  }

 private:
  void finished() noexcept;
  std::exception_ptr exception_;
};

template <class T>
class Promise : public PromiseBase {
 public:
  Task<T> get_return_object();
  void unhandled_exception() { store_exception(); }
  template <std::convertible_to<T> U>
  void return_value(U&& value) {
    value_.emplace(std::forward<U>(value));
  }
  T take() {
    rethrow();
    return std::move(*value_);
  }

 private:
  std::optional<T> value_;
};

template <>
class Promise<void> : public PromiseBase {
 public:
  Task<void> get_return_object();
  void unhandled_exception() { store_exception(); }
  void return_void() {}
  void take() { rethrow(); }
};

void start_awaited(PromiseBase& callee, std::coroutine_handle<> callee_handle, PromiseBase& caller,
                   std::coroutine_handle<> caller_handle);

}  // namespace internal

/// The coroutine type of handlers, of child-context bodies and of their helpers.
///
///     Task<Receipt> checkout(DurableContext ctx, Order order) {
///       Reservation held = co_await ctx.step("reserve", [&] { return stock.reserve(order); });
///       ...
///       co_return receipt;
///     }
///
/// It starts when it is awaited.  Parameters are taken by value: a reference may dangle after the
/// first suspension.  Only durable operations and tasks can be awaited in it.  See docs/handlers.md
/// for the rules that compilers impose.
template <class T = void>
class [[nodiscard]] Task : public internal::Awaitable {
 public:
  using promise_type = internal::Promise<T>;
  using Result = T;

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  // For the engine and the awaiter.
  bool ready(const internal::PromiseBase&) const { return false; }
  void suspend(internal::PromiseBase& caller, std::coroutine_handle<> caller_handle) {
    internal::start_awaited(handle_.promise(), handle_, caller, caller_handle);
  }
  T take() { return handle_.promise().take(); }
  std::coroutine_handle<promise_type> handle() const { return handle_; }

 private:
  friend promise_type;
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}

  std::coroutine_handle<promise_type> handle_;
};

template <class T>
Task<T> internal::Promise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<Promise>::from_promise(*this));
}
inline Task<void> internal::Promise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<Promise>::from_promise(*this));
}

}  // namespace reprise
