// What a run costs: fresh executions, replays, resumes, closures.  docs/benchmarks.md says what the
// figures mean.

#include <benchmark/benchmark.h>
#include <malloc.h>

#include <cstdint>
#include <string>

#include "reprise/checks/checks.h"
#include "reprise/explore/explorer.h"
#include "reprise/runtime/simulation.h"
#include "reprise/sdk/handler.h"
#include "reprise/world/effect.h"

namespace reprise {
namespace {

/// The smallest world: a number that steps add to.
struct Counter {
  std::int64_t total = 0;
  int seen = 0;

  /// Adds once per `number`: steps are numbered upwards, so a repeat is recognised without a list
  /// of keys.
  int add(int number) {
    return effect({.target = "counter", .action = "add"}, [&](EffectOutcome& outcome) {
      if (number <= seen) {
        outcome.unchanged();
        return number;
      }
      seen = number;
      total += number;
      return number;
    });
  }
  friend bool operator==(const Counter&, const Counter&) = default;
};

Task<std::int64_t> sequential(DurableContext ctx, Counter& counter, int steps) {
  std::int64_t sum = 0;
  for (int i = 1; i <= steps; ++i) {
    const int added = co_await ctx.step("add", [&] { return counter.add(i); });
    sum += added;
  }
  co_return sum;
}

/// A program of `steps` sequential steps over one counter.
struct Steps {
  explicit Steps(int steps) {
    program.name = "steps";
    Function function;
    function.config.name = "steps";
    function.handler =
        make_handler([this, steps](DurableContext ctx) { return sequential(ctx, counter, steps); });
    program.functions.push_back(std::move(function));
    program.starts.push_back({"steps:$LATEST", "steps", {}, {}});
    program.world.add(counter);
  }
  Counter counter;
  Program program;
};

/// Stops a run at its last place, where everything is recorded and nothing answered.
class StopBeforeResponse final : public Choices {
 public:
  Alternative at(const PlaceRef& place) override {
    return place.kind == PointKind::kResponse ? Alternative::kPowerOff : Alternative::kBenign;
  }
};

DurableState finished_state(Simulation& simulation) {
  StopBeforeResponse stop;
  (void)simulation.run(stop, RecordLevel::kOutcome);
  return simulation.save();
}

void FreshExecutions(benchmark::State& state) {
  Steps steps(static_cast<int>(state.range(0)));
  Simulation simulation(steps.program);
  BenignChoices benign;
  for (auto _ : state) {
    RunRecord record = simulation.run(benign, RecordLevel::kOutcome);
    if (record.ledger.size() != static_cast<std::size_t>(state.range(0))) {
      state.SkipWithError("the run is not complete");
    }
    benchmark::DoNotOptimize(record);
  }
  state.counters["executions"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  state.counters["per_step"] =
      benchmark::Counter(static_cast<double>(state.iterations() * state.range(0)),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(FreshExecutions)->Arg(20)->Arg(100)->Arg(1000);

void Replays(benchmark::State& state) {
  Steps steps(static_cast<int>(state.range(0)));
  Simulation simulation(steps.program);
  const DurableState finished = finished_state(simulation);
  BenignChoices benign;
  for (auto _ : state) {
    RunRecord record = simulation.run(benign, RecordLevel::kOutcome, &finished);
    if (!record.ledger.empty() || record.end != RunEnd::kCompleted) {
      state.SkipWithError("the run is no replay");
    }
    benchmark::DoNotOptimize(record);
  }
  state.counters["replays"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  state.counters["per_step"] =
      benchmark::Counter(static_cast<double>(state.iterations() * state.range(0)),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(Replays)->Arg(20)->Arg(100)->Arg(1000);

void ResumesOfATinyHandler(benchmark::State& state) {
  Steps steps(1);
  Simulation simulation(steps.program);
  const DurableState finished = finished_state(simulation);
  BenignChoices benign;
  for (auto _ : state) {
    RunRecord record = simulation.run(benign, RecordLevel::kOutcome, &finished);
    benchmark::DoNotOptimize(record);
  }
  state.counters["resumes"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK(ResumesOfATinyHandler);

void explore_steps(benchmark::State& state, const ExploreOptions& options) {
  Steps steps(static_cast<int>(state.range(0)));
  Certificate certificate;
  for (auto _ : state) {
    Explorer explorer(steps.program, checks::judge(steps.program), options);
    const Exploration exploration = explorer.explore();
    if (!exploration.certificate.closed) state.SkipWithError("not closed");
    certificate = exploration.certificate;
  }
  state.counters["states"] = static_cast<double>(certificate.states);
  state.counters["resumes"] = static_cast<double>(certificate.resumes);
}

/// Any number of crashes, and nothing else.
void ClosureOfSteps(benchmark::State& state) {
  ExploreOptions options;
  options.try_variants = false;
  options.vary_hidden_inputs = false;
  explore_steps(state, options);
}
BENCHMARK(ClosureOfSteps)
    ->Arg(20)
    ->Arg(50)
    ->Arg(100)
    ->Arg(200)
    ->Arg(500)
    ->Arg(1000)
    ->Unit(benchmark::kMillisecond);

/// All that EXPECT_DURABLE does.
void ExplorationOfSteps(benchmark::State& state) { explore_steps(state, {}); }
BENCHMARK(ExplorationOfSteps)->Arg(20)->Arg(100)->Unit(benchmark::kMillisecond);

// What stays in memory of an execution: its records, events, arguments and ledger entries, with a
// copy of the durable state.  The first run is kept alive, so that the second one cannot live on
// its memory.
void BytesPerOperation(benchmark::State& state) {
  const int count = static_cast<int>(state.range(0));
  const auto used = [] { return static_cast<double>(mallinfo2().uordblks); };
  double bytes = 0;
  for (auto _ : state) {
    Steps first_steps(count);
    Simulation first(first_steps.program);
    StopBeforeResponse stop;
    const RunRecord first_record = first.run(stop, RecordLevel::kOutcome);
    Steps second_steps(count);
    Simulation second(second_steps.program);
    const double before = used();
    const RunRecord record = second.run(stop, RecordLevel::kOutcome);
    const DurableState copy = second.save();
    bytes = used() - before;
    benchmark::DoNotOptimize(copy);
  }
  state.counters["bytes_per_operation"] = bytes / static_cast<double>(count);
}
BENCHMARK(BytesPerOperation)->Arg(100)->Arg(1000)->Arg(2000)->Iterations(1);

void OneYearOfWaits(benchmark::State& state) {
  Program program;
  program.name = "patient";
  Function function;
  function.config.name = "patient";
  function.handler = make_handler([](DurableContext ctx) -> Task<int> {
    for (int day = 0; day < 365; ++day) co_await ctx.wait("day", absl::Hours(24));
    co_return 365;
  });
  program.functions.push_back(std::move(function));
  program.starts.push_back({"patient:$LATEST", "patient", {}, {}});
  Function yearly;
  yearly.config.name = "yearly";
  yearly.handler = make_handler([](DurableContext ctx) -> Task<int> {
    co_await ctx.wait("year", absl::Hours(24 * 365));
    co_return 1;
  });
  if (state.range(0) == 1) {
    program.functions = {std::move(yearly)};
    program.starts = {{"yearly:$LATEST", "yearly", {}, {}}};
  }
  Simulation simulation(program);
  BenignChoices benign;
  for (auto _ : state) {
    RunRecord record = simulation.run(benign, RecordLevel::kOutcome);
    if (record.end != RunEnd::kCompleted) state.SkipWithError("not completed");
  }
}
BENCHMARK(OneYearOfWaits)->Arg(1)->Arg(365)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace reprise
