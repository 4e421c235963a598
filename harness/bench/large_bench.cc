// Large executions: time and memory must grow with the number of operations, not faster.

#include <benchmark/benchmark.h>
#include <malloc.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "reprise/runtime/simulation.h"
#include "reprise/sdk/handler.h"

namespace reprise {
namespace {

/// A program of one handler that may have as many operations as it likes.
template <class H>
Program program_of(H handler) {
  Program program;
  program.name = "large";
  Function function;
  function.config.name = "large";
  function.handler = make_handler(std::move(handler));
  program.functions.push_back(std::move(function));
  program.starts.push_back({"large:$LATEST", "large", {}, {}});
  program.limits.max_operations = 1'000'000;
  program.limits.max_data = std::int64_t{1} << 32;
  return program;
}

void run_large(benchmark::State& state, Program& program, std::int64_t operations) {
  const auto used = [] { return static_cast<double>(mallinfo2().uordblks); };
  BenignChoices benign;
  double bytes = 0;
  for (auto _ : state) {
    const double before = used();
    Simulation simulation(program);
    const RunRecord record = simulation.run(benign, RecordLevel::kOutcome);
    if (record.outcomes.front().status != ExecutionStatus::kSucceeded) {
      state.SkipWithError("the run has not succeeded");
    }
    bytes = std::max(bytes, used() - before);
  }
  state.counters["per_operation"] =
      benchmark::Counter(static_cast<double>(state.iterations() * operations),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["bytes_per_operation"] = bytes / static_cast<double>(operations);
}

// One context and one step for each item, one replay in between.
void MapOfItems(benchmark::State& state) {
  const auto count = static_cast<int>(state.range(0));
  Program program = program_of([count](DurableContext ctx) -> Task<std::size_t> {
    const std::vector<int> items(static_cast<std::size_t>(count), 7);
    const auto body = [](DurableContext item, int number) -> Task<int> {
      const int result = co_await item.step("s", [&] { return number; });
      co_return result;
    };
    const BatchResult<int> batch = co_await ctx.map("m", items, body);
    co_await ctx.wait("w", absl::Seconds(1));
    co_return batch.success_count();
  });
  run_large(state, program, 2 * state.range(0));
}
BENCHMARK(MapOfItems)->Arg(250)->Arg(500)->Arg(1000)->Arg(2000)->Unit(benchmark::kMillisecond);

// Every branch is suspended once.
void ParallelOfBranches(benchmark::State& state) {
  const auto count = static_cast<int>(state.range(0));
  Program program = program_of([count](DurableContext ctx) -> Task<std::size_t> {
    Branches<int> branches;
    for (int i = 0; i < count; ++i) {
      branches.add([](DurableContext branch) -> Task<int> {
        co_await branch.wait("w", absl::Seconds(1));
        co_return 1;
      });
    }
    const BatchResult<int> batch = co_await ctx.parallel("p", branches);
    co_return batch.success_count();
  });
  run_large(state, program, 2 * state.range(0));
}
BENCHMARK(ParallelOfBranches)->Arg(125)->Arg(250)->Arg(500)->Unit(benchmark::kMillisecond);

Task<int> nest(DurableContext ctx, int levels) {
  if (levels == 0) co_return 0;
  const auto body = [&](DurableContext child) { return nest(child, levels - 1); };
  const int below = co_await ctx.run_in_child_context("level", body);
  co_return below + 1;
}

void NestedContexts(benchmark::State& state) {
  const auto levels = static_cast<int>(state.range(0));
  Program program = program_of([levels](DurableContext ctx) { return nest(ctx, levels); });
  run_large(state, program, state.range(0));
}
BENCHMARK(NestedContexts)->Arg(25)->Arg(50)->Arg(100)->Unit(benchmark::kMicrosecond);

// Results of 200 KB each, and a replay that pages the state: 30 of them are 6 MB.
void StateOfResults(benchmark::State& state) {
  const auto count = static_cast<int>(state.range(0));
  Program program = program_of([count](DurableContext ctx) -> Task<std::size_t> {
    std::size_t size = 0;
    for (int i = 0; i < count; ++i) {
      const std::string text = co_await ctx.step("s", [] { return std::string(200'000, 'x'); });
      size += text.size();
    }
    co_await ctx.wait("w", absl::Seconds(1));
    co_return size;
  });
  run_large(state, program, state.range(0));
}
BENCHMARK(StateOfResults)->Arg(15)->Arg(30)->Unit(benchmark::kMillisecond);

void LargeStepResult(benchmark::State& state) {
  Program program = program_of([](DurableContext ctx) -> Task<std::size_t> {
    const std::string text = co_await ctx.step("s", [] { return std::string(250'000, 'x'); });
    co_return text.size();
  });
  run_large(state, program, 1);
}
BENCHMARK(LargeStepResult)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace reprise
