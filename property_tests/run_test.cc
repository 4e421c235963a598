// Laws of single runs, over generated handlers and schedules of crashes.

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "property_tests/exploration_support.h"
#include "property_tests/generated_program.h"
#include "property_tests/property.h"
#include "reprise/record/history_file.h"
#include "reprise/sdk/task.h"

namespace reprise::properties {
namespace {

/// Up to three crashes, each at a place that the run with those before it passes.
Schedule draw_crashes(Program& program) {
  constexpr int kCrashesMax = 3;
  std::vector<Place> crashes;
  const int count = *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, kCrashesMax + 1));
  while (static_cast<int>(crashes.size()) < count) {
    const std::vector<Place> places = places_of(program, crashes_at(crashes));
    if (places.empty()) break;
    crashes.push_back(places[*rc::gen::inRange<std::size_t>(0, places.size())]);
  }
  Schedule schedule = crashes_at(crashes);
  RC_LOG() << describe(schedule) << "\n";
  return schedule;
}

/// A crash in an invoked function ends that function's process and no invocation.
bool in_plain_function(const ScheduleEvent& event) {
  return event.place.operation.find("/run-") != std::string::npos;
}

bool is_wake_up(EventType type) {
  switch (type) {
    case EventType::kWaitSucceeded:
    case EventType::kCallbackSucceeded:
    case EventType::kCallbackFailed:
    case EventType::kCallbackTimedOut:
    case EventType::kChainedInvokeSucceeded:
    case EventType::kChainedInvokeFailed:
      return true;
    default:
      return false;
  }
}

bool is_start(EventType type) {
  return type == EventType::kWaitStarted || type == EventType::kCallbackStarted ||
         type == EventType::kChainedInvokeStarted;
}

bool ends_an_operation(const Event& event) {
  switch (event.type) {
    case EventType::kStepSucceeded:
    case EventType::kContextSucceeded:
    case EventType::kContextFailed:
      return true;
    case EventType::kStepFailed:
      return !event.details.retry_details->next_attempt_delay_seconds.has_value();
    default:
      return is_wake_up(event.type);
  }
}

// The same schedule gives the same record: with a simulation of its own, and after other runs.
TEST(Run, IsAFunctionOfItsSchedule) {
  expect_property([] {
    GeneratedScenario generated(*rc::gen::oneOf(sound_programs(), flawed_programs()));
    const Schedule schedule = draw_crashes(generated.program());
    const std::string alone = dump(full_run(generated.program(), schedule));
    Simulation simulation(generated.program());
    simulation.run(Schedule());
    RC_ASSERT(dump(simulation.run(schedule)) == alone);
    RC_ASSERT(dump(simulation.run(schedule)) == alone);
    simulation.reset_world();
  });
}

// Every crash of a schedule whose places were passed is reached, the execution ends, nothing is
// refused and no frame is left.
TEST(Run, ReachesItsEvents) {
  expect_property([] {
    GeneratedScenario generated(*sound_programs());
    const Schedule schedule = draw_crashes(generated.program());
    const RunRecord record = full_run(generated.program(), schedule);
    RC_ASSERT(record.unreached.empty());
    RC_ASSERT(record.crashes == static_cast<int>(schedule.size()));
    RC_ASSERT(record.end == RunEnd::kCompleted);
    RC_ASSERT(record.incidents.empty());
    RC_ASSERT(internal::live_frames() == 0);
  });
}

// Histories count their events (H-1), hold one InvocationCompleted for each invocation (H-3), wake
// up only who has suspended (H-4), and end with the execution (H-5).
TEST(Run, WritesHistoriesThatFollowTheProtocol) {
  expect_property([] {
    GeneratedScenario generated(*sound_programs());
    const Schedule schedule = draw_crashes(generated.program());
    const RunRecord record = full_run(generated.program(), schedule);
    History history;
    history.events = record.histories.at("program");
    RC_LOG() << write_history(history);
    RC_ASSERT(check_history(history).ok());

    int completed = 0;
    int crashed = 0;
    std::map<std::string, int> completed_at_start;  // by operation
    for (const Event& event : history.events) {
      if (event.type == EventType::kInvocationCompleted) {
        ++completed;
        const auto& error = event.details.error;
        if (error && error->payload && error->payload->type == "Runtime.ExitError") ++crashed;
      }
      if (is_start(event.type)) completed_at_start[*event.id] = completed;
      // An answer at once comes while the invocation runs; of the others the invocation has
      // suspended.
      if (is_wake_up(event.type) && event.type != EventType::kCallbackSucceeded) {
        RC_ASSERT(completed > completed_at_start.at(*event.id));
      }
    }
    int handler_crashes = 0;
    for (const ScheduleEvent& event : schedule.events)
      handler_crashes += in_plain_function(event) ? 0 : 1;
    RC_ASSERT(completed == record.invocations);
    RC_ASSERT(crashed == handler_crashes);

    const std::size_t count = history.events.size();
    RC_ASSERT(count >= 3U);
    const EventType last = history.events[count - 1].type;
    RC_ASSERT(last == EventType::kExecutionSucceeded || last == EventType::kExecutionFailed);
    RC_ASSERT(history.events[count - 2].type == EventType::kInvocationCompleted);
  });
}

// Attempts of a step are counted from 1 by 1, and a delay is named exactly when another attempt
// follows (H-8).
TEST(Run, CountsAttempts) {
  expect_property([] {
    GeneratedScenario generated(*sound_programs());
    const RunRecord record = full_run(generated.program(), draw_crashes(generated.program()));
    std::map<std::string, std::int64_t> attempts;
    std::map<std::string, int> ends;
    for (const Event& event : record.histories.at("program")) {
      if (ends_an_operation(event)) RC_ASSERT(++ends[*event.id] == 1);
      if (event.type != EventType::kStepSucceeded && event.type != EventType::kStepFailed) continue;
      RC_ASSERT(event.details.retry_details.has_value());
      RC_ASSERT(event.details.retry_details->current_attempt == ++attempts[*event.id]);
    }
    // A step that was to be tried again has been.
    for (const auto& [id, finished] : attempts) RC_ASSERT(ends[id] == 1);
  });
}

// Resumed from a power cut at any place, a program issues the operations of the run without faults,
// in their order; where the cut leaves nothing in doubt, they end alike.
TEST(Run, IssuesTheSameOperationsWhereverItIsResumed) {
  expect_property([] {
    GeneratedScenario generated(*rc::gen::oneOf(sound_programs(), repeating_programs()));
    const std::vector<ResumedRun> runs = resume_everywhere(generated.program());
    for (const ResumedRun& run : runs) {
      RC_LOG() << "crash " << run.crash << "\n";
      RC_ASSERT(run.record.incidents.empty());
      RC_ASSERT(run.record.end == RunEnd::kCompleted);
      if (run.maybe) continue;
      RC_ASSERT(run.record.outcomes == runs.front().record.outcomes);
      RC_ASSERT(run.operations == runs.front().operations);
    }
  });
}

}  // namespace
}  // namespace reprise::properties
