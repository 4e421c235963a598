#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <type_traits>
#include <utility>

#include "reprise/explore/explorer.h"
#include "reprise/runtime/program.h"
#include "reprise/sdk/handler.h"

namespace reprise {

namespace internal {

template <class F>
struct PlainTraits : PlainTraits<decltype(&F::operator())> {};
template <class R, class P>
struct PlainTraits<R (*)(P)> {
  using Result = R;
  using Payload = std::remove_cvref_t<P>;
};
template <class C, class R, class P>
struct PlainTraits<R (C::*)(P)> : PlainTraits<R (*)(P)> {};
template <class C, class R, class P>
struct PlainTraits<R (C::*)(P) const> : PlainTraits<R (*)(P)> {};

template <class F>
PlainCode make_plain(F function) {
  using Traits = PlainTraits<F>;
  using Payload = typename Traits::Payload;
  using Result = typename Traits::Result;
  return [function = std::move(function)](const SharedText& payload) mutable -> SharedText {
    if constexpr (std::is_void_v<Result>) {
      function(Serdes<Payload>::decode(payload));
      return {};
    } else {
      return Serdes<Result>::encode(function(Serdes<Payload>::decode(payload)));
    }
  };
}

/// The event of a start as its input; ProgramError names the start when it has no JSON.
template <class Event>
SharedText encode_input(const std::string& name, const Event& event) {
  try {
    return Serdes<Event>::encode(event);
  } catch (const std::exception& error) {
    throw ProgramError("the input of \"" + name + "\" cannot be stored as JSON: " + error.what());
  }
}

}  // namespace internal

/// A handler, its event and its world: what a test explores.
///
///     TEST(Checkout, SurvivesEveryCrash) {
///       PaymentService bank;
///       auto checkout = [&](DurableContext ctx, Order order) -> Task<Receipt> { ... };
///       Scenario scenario("checkout", checkout, Order(7));
///       scenario.world(bank);
///       EXPECT_DURABLE(scenario);
///     }
///
/// Handlers and worlds are used where they are: they must outlive the scenario.  Each exploration
/// and each run begins with the values that the world has when it starts; an exploration leaves
/// them as they were, a single run as it made them.  Not copyable.  One thread.
class Scenario {
 public:
  /// A scenario that starts `handler`, a coroutine `Task<R>(DurableContext, Event)`, once, as the
  /// execution and function called `name`.
  template <class H, class Event>
  Scenario(std::string name, H handler, const Event& event) : Scenario(std::move(name)) {
    durable_function(program_->name, std::move(handler));
    start(program_->name, program_->name, event);
  }
  /// The same for a handler without an event.
  template <class H>
  requires(!std::is_convertible_v<H, std::string>) Scenario(std::string name, H handler)
      : Scenario(std::move(name)) {
    durable_function(program_->name, std::move(handler));
    program_->starts.push_back({program_->name + ":$LATEST", program_->name, {}, {}});
  }
  /// An empty scenario: add functions and starts.
  explicit Scenario(std::string name);

  Scenario(Scenario&&) = default;
  Scenario& operator=(Scenario&&) = default;

  /// Registers a durable function; `config` sets timeouts and the like, its name is
  /// `function_name`.
  template <class H>
  Scenario& durable_function(const std::string& function_name, H handler,
                             FunctionConfig config = {}) {
    config.name = function_name;
    config.durable = true;
    return add({std::move(config), make_handler(std::move(handler)), nullptr});
  }
  /// Registers a plain function `R(Payload)`; what it throws is its failure.
  template <class F>
  Scenario& function(const std::string& function_name, F code, FunctionConfig config = {}) {
    config.name = function_name;
    config.durable = false;
    return add({std::move(config), nullptr, internal::make_plain(std::move(code))});
  }
  /// Starts a registered durable function as the execution `name`.  Several starts begin together,
  /// in this order; an exploration lets each later one come at every effect of the earlier ones
  /// too.
  template <class Event>
  Scenario& start(std::string name, const std::string& function_name, const Event& event) {
    SharedText input = internal::encode_input(name, event);
    program_->starts.push_back({function_name + ":$LATEST", std::move(name), std::move(input), {}});
    return *this;
  }

  /// A start whose caller gives the execution no name: when he gets no answer and starts again,
  /// there are two.  `name` is what reports call the first.
  template <class Event>
  Scenario& start_without_name(std::string name, const std::string& function_name,
                               const Event& event) {
    start(std::move(name), function_name, event);
    program_->starts.back().unnamed = true;
    return *this;
  }
  /// The last start is on behalf of this tenant.  Without a start that is ProgramError.
  Scenario& tenant(std::string tenant_id);

  /// Something that the outside world does once, when `ready` says that it can: a message arrives,
  /// a partner answers.  It happens when nothing else can; an exploration lets it happen at every
  /// other moment too, twice, and last of all.  `happen` may use fakes of the world.
  Scenario& external_event(std::string name, std::function<bool()> ready,
                           std::function<void()> happen) {
    program_->external_events.push_back({std::move(name), std::move(ready), std::move(happen)});
    return *this;
  }

  /// Something outside that invokes a plain function whenever it has work for it, an event source
  /// mapping over a queue for instance.  Add it to the world as well.
  Scenario& event_source(EventSource& source) {
    return program_->event_sources.push_back(&source), *this;
  }

  /// Adds fakes to the world; each must be copyable and comparable with ==.
  template <class... W>
  Scenario& world(W&... parts) {
    (program_->world.add(parts), ...);
    return *this;
  }
  /// Adds a fake of the processes in which invocations run, which is part of the world then: an
  /// exploration lets every invocation be served by each of them that may.
  template <class Pool>
  Scenario& environments(Pool& pool) {
    program_->environments = &pool;
    return world(pool);
  }
  /// Adds a fake that cannot be copied or compared; `reset` brings it back to its initial value.
  /// States are not joined then, and the exploration is a bounded sweep.
  Scenario& uncopyable_world(std::function<void()> reset) {
    program_->world.add_uncopyable(std::move(reset));
    return *this;
  }

  /// Success for the callback of `operation` (its name, or its path "order/approve#1"), `delay`
  /// after it exists; zero: while the invocation still runs.  `payload` is sent raw.
  Scenario& answer_callback(std::string operation, std::string payload,
                            absl::Duration delay = absl::Seconds(1));
  /// Failure of it.
  Scenario& fail_callback(std::string operation, ErrorObject error,
                          absl::Duration delay = absl::Seconds(1));

  /// Must hold after every effect and every checkpoint.  `verdict` is the name under which a
  /// violation is reported (docs/verdicts); "" for INVARIANT.
  Scenario& always(std::string name, std::function<bool()> holds, std::string verdict = "");
  /// Must hold when every execution has ended.
  Scenario& at_end(std::string name, std::function<bool()> holds, std::string verdict = "");
  /// Must hold at some moment of at least one run: proves that a branch is reached.
  Scenario& sometimes(std::string name, std::function<bool()> holds, std::string verdict = "");

  Scenario& limits(const Limits& limits) { return program_->limits = limits, *this; }
  Scenario& run_limits(const RunLimits& limits) { return program_->run_limits = limits, *this; }
  /// `text` belongs to the execution `start`: when it turns up in an effect or in the result of
  /// another one, that is a LEAK.
  Scenario& canary(std::string start, std::string text) {
    program_->canaries.push_back({std::move(start), std::move(text)});
    return *this;
  }
  /// Switches a mechanism off (docs/mechanisms.md).
  Scenario& without(Mechanism mechanism) { return program_->without.add(mechanism), *this; }
  Scenario& options(const ExploreOptions& options) { return options_ = options, *this; }

  const std::string& name() const { return program_->name; }
  Program& program() { return *program_; }
  const ExploreOptions& explore_options() const { return options_; }

 private:
  Scenario& add(Function function);
  Scenario& add_invariant(Invariant::Kind kind, std::string name, std::function<bool()> holds,
                          std::string verdict);

  std::unique_ptr<Program> program_;
  ExploreOptions options_;
};

}  // namespace reprise
