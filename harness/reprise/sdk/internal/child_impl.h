#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "reprise/sdk/context.h"

namespace reprise::internal {

template <class F, bool kTry>
class [[nodiscard]] ChildOperation final : public ChildCore {
  REPRISE_CHECK_CLOSURE(F);
  using BodyTask = std::invoke_result_t<F&, DurableContext>;

 public:
  using R = typename BodyTask::Result;

  ChildOperation(ContextState& context, const OperationName& name, F&& body,
                 ChildContextOptions options, const std::source_location& location)
      : ChildCore(context, sub_type::kRunInChildContext, name, std::move(options), location),
        body_(std::forward<F>(body)) {
    check_result_type<R>();
    start();
  }
  ~ChildOperation() {
    this->abandon([this] { task_.reset(); });
  }

  std::conditional_t<kTry, Outcome<R>, R> take() {
    return take_result<R, kTry>(failure(), [this] {
      return decode_result<NonVoid<R>>(payload(), options().serdes(), source());
    });
  }

 private:
  std::coroutine_handle<> start_body(ContextState& child, PromiseBase*& promise) override {
    task_.emplace(std::invoke(body_, DurableContext(child)));
    promise = &task_->handle().promise();
    return task_->handle();
  }
  SharedText take_body() override {
    if constexpr (std::is_void_v<R>) {
      task_->take();
      return {};
    } else {
      return encode_result<R>(task_->take(), options().serdes(),
                              {call().id.view(), engine().arn()});
    }
  }

  F body_;
  std::optional<BodyTask> task_;
};

/// The error kind of a failed WaitForCallback context (PROTOCOL 6.3.5): callback errors pass
/// through, a failed submitter step has its own.
DurableErrorKind wait_for_callback_error(const ErrorObject& error);

/// CONTEXT `WaitForCallback` holding CALLBACK (-1) and the submitter STEP (-2), both unnamed.
template <class T, class F, bool kTry>
class [[nodiscard]] WaitForCallbackOperation final : public ChildCore {
  REPRISE_CHECK_CLOSURE(F);
  static_assert(std::is_invocable_v<F&, const std::string&>,
                "reprise: a submitter is callable with the callback id (const std::string&)");

 public:
  WaitForCallbackOperation(ContextState& context, const OperationName& name, F&& submitter,
                           const CallbackOptions& options, const std::source_location& location)
      : ChildCore(context, sub_type::kWaitForCallback, name, ChildContextOptions(), location),
        submitter_(std::forward<F>(submitter)),
        callback_options_(options) {
    check_result_type<T>();
    start();
  }
  ~WaitForCallbackOperation() {
    this->abandon([this] { task_.reset(); });
  }

  std::conditional_t<kTry, Outcome<T>, T> take() {
    return take_result<T, kTry>(failure(), [this] {
      const auto raw =
          decode_stored(payload(), source(), Serdes<std::optional<std::string>>::decode);
      return decode_callback<T>(raw ? SharedText(*raw) : SharedText(), callback_options_.serdes(),
                                source());
    });
  }

 private:
  Task<std::optional<std::string>> body(DurableContext ctx) {
    using Raw = std::optional<std::string>;
    CallbackOptions raw_options = callback_options_;
    raw_options.serdes(nullptr);  // take() decodes, from this context's own record
    auto create = ctx.create_callback<Raw>(unnamed, raw_options, call().location);
    Callback<Raw> callback = co_await create;
    StepOptions submit_options;
    if (callback_options_.retry()) submit_options.retry(*callback_options_.retry());
    auto submit = [this, &callback] { std::invoke(submitter_, callback.id()); };
    co_await ctx.step(unnamed, submit, submit_options, call().location);
    auto answer = callback.result();
    Raw raw = co_await answer;
    co_return raw;
  }

  std::coroutine_handle<> start_body(ContextState& child, PromiseBase*& promise) override {
    task_.emplace(body(DurableContext(child)));
    promise = &task_->handle().promise();
    return task_->handle();
  }
  SharedText take_body() override {
    return encode_result<std::optional<std::string>>(task_->take(), nullptr, {});
  }
  DurableErrorKind error_kind(const ErrorObject& error) const override {
    return wait_for_callback_error(error);
  }

  F submitter_;
  CallbackOptions callback_options_;
  std::optional<Task<std::optional<std::string>>> task_;
};

}  // namespace reprise::internal
