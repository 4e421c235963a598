// What each mechanism of an exploration costs, and what a second process saves.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "reprise/checks/checks.h"
#include "reprise/explore/explorer.h"
#include "reprise/explore/scenario.h"
#include "reprise/runtime/simulation.h"
#include "reprise/world/effect.h"
#include "reprise/world/host.h"

namespace reprise {
namespace {

/// Notes that are made once, each under its key.
struct Notebook {
  std::map<std::string, int> notes;

  void note(const std::string& key) {
    effect({.target = "notebook", .action = "note", .key = key, .object = key},
           [&](EffectOutcome& outcome) {
             if (++notes[key] > 1) outcome.unchanged();
             notes[key] = 1;
           });
  }
  friend bool operator==(const Notebook&, const Notebook&) = default;
};

/// Something of everything: `steps` steps, a callback with a deadline, an invoke, two branches.
struct Office {
  auto handler(int steps) {
    return [this, steps](DurableContext ctx) -> Task<int> {
      for (int i = 0; i < steps; ++i) {
        co_await ctx.step("note", [&] { notebook.note("note-" + std::to_string(i)); });
      }
      CallbackOptions an_hour;
      an_hour.timeout(absl::Hours(1));
      const auto ask = [&](const std::string&) { notebook.note("ask"); };
      (void)co_await ctx.try_wait_for_callback<bool>("approve", ask, an_hour);
      const int audited = co_await ctx.invoke<int>("audit", "audit", steps);
      const std::vector<std::string> names = {"a", "b"};
      const auto body = [this](DurableContext branch, const std::string& name) -> Task<int> {
        co_await branch.step("note", [&] { notebook.note(name); });
        co_return 1;
      };
      co_await ctx.map("branches", names, body);
      co_return audited;
    };
  }

  explicit Office(int steps) : scenario("office", handler(steps)) {
    scenario.world(notebook, host);
    scenario.answer_callback("approve", "true", absl::Minutes(5));
    scenario.function("audit", [](int number) { return number + 1; });
  }

  Notebook notebook;
  Host host;
  Scenario scenario;
};

void explore_with(benchmark::State& state, Office& office, const ExploreOptions& options) {
  std::int64_t runs = 0;
  std::int64_t findings = 0;
  for (auto _ : state) {
    const Exploration exploration =
        Explorer(office.scenario.program(), checks::judge(office.scenario.program()), options)
            .explore();
    runs += exploration.certificate.runs + exploration.certificate.resumes +
            exploration.certificate.states_of_variants;
    findings += static_cast<std::int64_t>(exploration.findings.size());
  }
  if (findings > 0) state.SkipWithError("the handler is meant to be sound");
  state.counters["runs_and_resumes"] =
      benchmark::Counter(static_cast<double>(runs), benchmark::Counter::kAvgIterations);
  state.counters["per_second"] =
      benchmark::Counter(static_cast<double>(runs), benchmark::Counter::kIsRate);
}

/// Closure under crashes, with one more family of variants; 0: none.
void ExploreFamily(benchmark::State& state) {
  Office office(20);
  for (const Mechanism mechanism :
       {Mechanism::kPerturbation, Mechanism::kFaults, Mechanism::kEnvironments,
        Mechanism::kBranches, Mechanism::kArrivals, Mechanism::kOverlap, Mechanism::kLimits}) {
    if (static_cast<std::int64_t>(mechanism) != state.range(0)) office.scenario.without(mechanism);
  }
  explore_with(state, office, {});
}
BENCHMARK(ExploreFamily)
    ->ArgName("M")
    ->Arg(0)
    ->Arg(3)
    ->Arg(6)
    ->Arg(7)
    ->Arg(8)
    ->Arg(9)
    ->Arg(10)
    ->Arg(13)
    ->Unit(benchmark::kMillisecond);

/// One run under one switch of perturbed replay; -1: none.
void RunWithSwitch(benchmark::State& state) {
  Office office(20);
  Simulation simulation(office.scenario.program());
  Schedule schedule;
  if (state.range(0) >= 0) {
    ScheduleEvent vary;
    vary.kind = ScheduleEvent::Kind::kVary;
    vary.input = kHiddenInputs[state.range(0)];
    schedule.events.push_back(vary);
    state.SetLabel(std::string(to_string(vary.input)));
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(simulation.run(schedule, RecordLevel::kOutcome));
  }
}
BENCHMARK(RunWithSwitch)
    ->ArgName("input")
    ->DenseRange(-1, kHiddenInputCount - 1)
    ->Unit(benchmark::kMicrosecond);

/// Everything, shared among so many processes; 0: this one alone.
void ExploreWithJobs(benchmark::State& state) {
  Office office(200);
  ExploreOptions options;
  options.jobs = static_cast<int>(state.range(0));
  explore_with(state, office, options);
}
BENCHMARK(ExploreWithJobs)
    ->ArgName("jobs")
    ->Arg(0)
    ->Arg(1)
    ->Arg(2)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace reprise
