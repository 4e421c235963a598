// What a checkpoint call costs: the target is below 250 ns with one or two small updates.

#include <benchmark/benchmark.h>

#include <array>
#include <string>
#include <vector>

#include "reprise/protocol/ids.h"
#include "reprise/service/fake_service.h"

namespace reprise {
namespace {

constexpr int kSteps = 20;

struct StepUpdates {
  std::vector<OperationUpdate> start;
  std::vector<OperationUpdate> succeed;
};

// A handler of 20 steps, as the SDK would send them.
StepUpdates a_handler() {
  StepUpdates updates;
  for (int i = 1; i <= kSteps; ++i) {
    OperationUpdate update;
    update.id = IdNode::root().child(i).wire();
    update.name = SharedText("step-" + std::to_string(i));
    update.sub_type = SharedText(sub_type::kStep);
    updates.start.push_back(update);
    update.action = OperationAction::kSucceed;
    update.payload = SharedText(R"({"ok":true,"amount":12})");
    updates.succeed.push_back(update);
  }
  return updates;
}

std::size_t start_one(FakeService& service, int number) {
  (void)service.start({.function_name = "order:$LATEST",
                       .payload = "{}",
                       .execution_name = "n" + std::to_string(number)});
  return *service.next_ready();
}

// Two calls a step: START, then SUCCEED.
void run_steps(FakeService& service, const StepUpdates& updates, InvocationInput& input,
               bool digest) {
  std::string token = input.checkpoint_token;
  for (int i = 0; i < kSteps; ++i) {
    const auto at = static_cast<std::size_t>(i);
    for (const OperationUpdate* update : {&updates.start[at], &updates.succeed[at]}) {
      auto answer = service.checkpoint({.durable_execution_arn = input.durable_execution_arn,
                                        .checkpoint_token = token,
                                        .updates = {update, 1},
                                        .client_token = {}});
      token = std::move(*answer->checkpoint_token);
      if (digest) benchmark::DoNotOptimize(service.digest());
    }
  }
}

void calls(benchmark::State& state, bool digest) {
  const StepUpdates updates = a_handler();
  for (auto _ : state) {
    state.PauseTiming();
    {
      FakeService service;
      service.register_function({.name = "order"});
      const std::size_t execution = start_one(service, 1);
      InvocationInput input = service.begin_invocation(execution);
      state.ResumeTiming();
      run_steps(service, updates, input, digest);
      state.PauseTiming();
    }
    state.ResumeTiming();
  }
  state.counters["call"] = benchmark::Counter(
      2.0 * kSteps, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void checkpoint_call(benchmark::State& state) { calls(state, false); }
BENCHMARK(checkpoint_call);

void checkpoint_call_and_digest(benchmark::State& state) { calls(state, true); }
BENCHMARK(checkpoint_call_and_digest);

// One call a step: START and SUCCEED together.
void checkpoint_of_two_updates(benchmark::State& state) {
  const StepUpdates updates = a_handler();
  std::vector<std::array<OperationUpdate, 2>> batches;
  for (std::size_t i = 0; i < kSteps; ++i) {
    batches.push_back({updates.start[i], updates.succeed[i]});
  }
  for (auto _ : state) {
    state.PauseTiming();
    {
      FakeService service;
      service.register_function({.name = "order"});
      InvocationInput input = service.begin_invocation(start_one(service, 1));
      std::string token = input.checkpoint_token;
      state.ResumeTiming();
      for (const auto& batch : batches) {
        auto answer = service.checkpoint({.durable_execution_arn = input.durable_execution_arn,
                                          .checkpoint_token = token,
                                          .updates = batch,
                                          .client_token = {}});
        token = std::move(*answer->checkpoint_token);
      }
      state.PauseTiming();
    }
    state.ResumeTiming();
  }
  state.counters["call"] = benchmark::Counter(
      kSteps, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(checkpoint_of_two_updates);

// Start, one invocation of 20 steps, end: all in one service, as a soak test would.
void whole_execution(benchmark::State& state) {
  const StepUpdates updates = a_handler();
  for (auto _ : state) {
    FakeService service;
    service.register_function({.name = "order"});
    const std::size_t execution = start_one(service, 1);
    InvocationInput input = service.begin_invocation(execution);
    run_steps(service, updates, input, false);
    InvocationEnd end;
    end.output.status = InvocationStatus::kSucceeded;
    end.output.result = "1";
    service.end_invocation(execution, end);
  }
}
BENCHMARK(whole_execution);

void save_and_restore(benchmark::State& state) {
  const StepUpdates updates = a_handler();
  FakeService service;
  service.register_function({.name = "order"});
  InvocationInput input = service.begin_invocation(start_one(service, 1));
  run_steps(service, updates, input, true);
  for (auto _ : state) {
    const ServiceState saved = service.save();
    service.restore(saved);
  }
}
BENCHMARK(save_and_restore);

}  // namespace
}  // namespace reprise
