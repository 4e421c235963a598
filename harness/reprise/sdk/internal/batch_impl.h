#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "reprise/sdk/batch.h"
#include "reprise/sdk/context.h"
#include "reprise/sdk/internal/batch_core.h"

namespace reprise::internal {

/// What `map` and `parallel` share: items of result type R.
template <class R>
class BatchBase : public BatchCore {
 protected:
  using Result = BatchResult<R>;
  using StartItem = std::function<Task<R>(DurableContext)>;

  class Item final : public BatchItemCore {
   public:
    template <class... Args>
    Item(StartItem body, Args&&... args)
        : BatchItemCore(std::forward<Args>(args)...), body_(std::move(body)) {
      start();
    }
    NonVoid<R> value() const {
      return decode_result<NonVoid<R>>(payload(), options().serdes(), source());
    }
    SharedText stored() const { return payload(); }

   private:
    std::coroutine_handle<> start_body(ContextState& child, PromiseBase*& promise) override {
      task_.emplace(body_(DurableContext(child)));
      promise = &task_->handle().promise();
      return task_->handle();
    }
    SharedText take_body() override {
      Task<R> task = std::move(*task_);
      task_.reset();  // the frame goes now: there may be thousands of items
      if constexpr (std::is_void_v<R>) {
        task.take();
        return {};
      } else {
        return encode_result<R>(task.take(), options().serdes(),
                                {call().id.view(), engine().arn()});
      }
    }

    StartItem body_;
    std::optional<Task<R>> task_;
  };

  using BatchCore::BatchCore;

  template <bool kTry>
  std::conditional_t<kTry, Outcome<Result>, Result> take_batch() {
    return take_result<Result, kTry>(failure(),
                                     [this] { return rebuilt() ? collect() : decode(); });
  }

 private:
  const Item& typed(std::size_t index) const { return static_cast<const Item&>(*item(index)); }
  const CustomSerdes<Result>* custom() const {
    if (!options().serdes()) return nullptr;
    const auto* typed = dynamic_cast<const CustomSerdes<Result>*>(options().serdes().get());
    if (typed == nullptr) throw SerdesError("the batch's serdes is for another result type");
    return typed;
  }

  Result collect() const {
    std::vector<BatchItem<R>> items;
    for (std::size_t i = 0; i < progress().started.size(); ++i) {
      BatchItem<R>& made = items.emplace_back();
      made.index = i;
      made.status = progress().started[i];
      if (made.status == BatchItemStatus::kSucceeded) made.result.emplace(typed(i).value());
      if (made.status == BatchItemStatus::kFailed) made.error.emplace(error(*item(i)->failure()));
    }
    return Result(std::move(items), reason());
  }
  DurableError error(const DurableError& of_item) const {
    return DurableError(DurableErrorKind::kChildContext, of_item.error(), call().path());
  }

  SharedText encode() override {
    if (const auto* serdes = custom()) {
      return serdes->encode(collect(), {call().id.view(), engine().arn()});
    }
    StoredBatch batch;
    batch.reason = reason();
    for (std::size_t i = 0; i < progress().started.size(); ++i) {
      StoredBatchItem& made = batch.items.emplace_back();
      made.index = i;
      made.status = progress().started[i];
      // With an item serdes of its own, an item is stored here in the form of its type.
      if (made.status == BatchItemStatus::kSucceeded) {
        made.result = options().item_serdes()
                          ? encode_result<NonVoid<R>>(typed(i).value(), nullptr, {})
                          : typed(i).stored();
      } else if (made.status == BatchItemStatus::kFailed) {
        made.error = std::make_shared<const ErrorObject>(item(i)->failure()->error());
      }
    }
    return encode_batch(batch);
  }

  Result decode() const {
    if (const auto* serdes = custom()) {
      return decode_stored(stored_result(), source(), [&](const SharedText& stored) {
        return serdes->decode(stored, {call().id.view(), engine().arn()});
      });
    }
    StoredBatch batch = decode_stored(stored_result(), source(), decode_batch);
    std::vector<BatchItem<R>> items;
    for (StoredBatchItem& stored : batch.items) {
      BatchItem<R>& made = items.emplace_back();
      made.index = stored.index;
      made.status = stored.status;
      if (made.status == BatchItemStatus::kSucceeded) {
        made.result.emplace(decode_result<NonVoid<R>>(stored.result, nullptr, source()));
      }
      if (made.status == BatchItemStatus::kFailed) {
        made.error.emplace(DurableErrorKind::kChildContext, *stored.error, call().path());
      }
    }
    return Result(std::move(items), batch.reason);
  }
};

/// How the body of a map is called: with the context, then as much of (item, index, items) as it
/// takes.
template <class F, class Items>
auto call_map_body(F& body, DurableContext context, const Items& items, std::size_t index) {
  const auto& item = items[index];
  if constexpr (std::is_invocable_v<F&, DurableContext, decltype(item), std::size_t,
                                    const Items&>) {
    return std::invoke(body, context, item, index, items);
  } else if constexpr (std::is_invocable_v<F&, DurableContext, decltype(item), std::size_t>) {
    return std::invoke(body, context, item, index);
  } else if constexpr (std::is_invocable_v<F&, DurableContext, decltype(item)>) {
    return std::invoke(body, context, item);
  } else {
    static_assert(std::is_invocable_v<F&, DurableContext>,
                  "reprise: the body of a map is a coroutine of (DurableContext, item, "
                  "std::size_t index, const Items& items), or of the first of these");
    return std::invoke(body, context);
  }
}

template <class Items, class F>
using MapResultType = typename decltype(call_map_body(
    std::declval<std::remove_reference_t<F>&>(), std::declval<DurableContext>(),
    std::declval<const std::remove_cvref_t<Items>&>(), std::size_t{}))::Result;

template <class Items, class F, bool kTry>
class [[nodiscard]] MapOperation final : public BatchBase<MapResultType<Items, F>> {
  REPRISE_CHECK_CLOSURE(F);
  using R = MapResultType<Items, F>;
  using Base = BatchBase<R>;

 public:
  MapOperation(ContextState& context, const OperationName& name, Items&& items, F&& body,
               BatchOptions options, const std::source_location& location)
      : Base(context, Base::map_kind(), name, items.size(), std::move(options), location),
        inputs_(std::forward<Items>(items)),
        body_(std::forward<F>(body)) {
    check_result_type<R>();
    this->start();
  }
  ~MapOperation() { this->release_items(); }

  auto take() { return this->template take_batch<kTry>(); }

 private:
  std::unique_ptr<BatchItemCore> make_item(ContextState& batch, std::size_t index,
                                           const OperationName& name,
                                           ChildContextOptions options) override {
    auto start = [this, index](DurableContext context) {
      return call_map_body(body_, context, std::as_const(inputs_), index);
    };
    return std::make_unique<typename Base::Item>(start, *this, batch, sub_type::kMapIteration, name,
                                                 std::move(options), this->call().location, index);
  }

  Items inputs_;
  F body_;
};

template <class R, bool kTry>
class [[nodiscard]] ParallelOperation final : public BatchBase<R> {
  using Base = BatchBase<R>;

 public:
  ParallelOperation(ContextState& context, const OperationName& name, Branches<R> branches,
                    BatchOptions options, const std::source_location& location)
      : Base(context, Base::parallel_kind(), name, branches.size(), std::move(options), location),
        branches_(std::move(branches)) {
    check_result_type<R>();
    this->start();
  }
  ~ParallelOperation() { this->release_items(); }

  auto take() { return this->template take_batch<kTry>(); }

 private:
  std::unique_ptr<BatchItemCore> make_item(ContextState& batch, std::size_t index,
                                           const OperationName& name,
                                           ChildContextOptions options) override {
    return std::make_unique<typename Base::Item>(branches_[index].body, *this, batch,
                                                 sub_type::kParallelBranch, name,
                                                 std::move(options), this->call().location, index);
  }
  std::optional<std::string> item_name(std::size_t index) const override {
    return branches_[index].name;
  }

  Branches<R> branches_;
};

}  // namespace reprise::internal
