// Laws of the histories that the service writes (PROTOCOL 9.3), over generated handlers and
// schedules of crashes: of every execution of a run, also of those that are invoked.

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "property_tests/drawn_schedules.h"
#include "property_tests/generated_scenario.h"
#include "property_tests/property.h"
#include "reprise/record/history_file.h"
#include "reprise/sdk/context.h"

namespace reprise::properties {
namespace {

/// A crash in an invoked plain function ends that function's process and no invocation.
bool in_plain_function(const ScheduleEvent& event) {
  return event.place.operation.find("/plain-") != std::string::npos;
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
         type == EventType::kChainedInvokeStarted || type == EventType::kContextStarted ||
         type == EventType::kStepStarted;
}

bool ends_an_operation(const Event& event) {
  switch (event.type) {
    case EventType::kContextSucceeded:
    case EventType::kContextFailed:
      return true;
    case EventType::kStepSucceeded:  // of a wait_for_condition: each check is one
    case EventType::kStepFailed:
      return !event.details.retry_details->next_attempt_delay_seconds.has_value();
    default:
      return is_wake_up(event.type);
  }
}

/// Runs a law over each history of a run of a sound program.
template <class Law>
void for_each_history(Law law) {
  expect_property([&] {
    GeneratedScenario generated(*sound_programs());
    const Schedule schedule = draw_crashes(generated.program());
    const RunRecord record = full_run(generated.program(), schedule);
    for (const auto& [name, events] : record.histories) {
      History history;
      history.events = events;
      RC_LOG() << "history of " << name << "\n" << write_history(history);
      law(history, generated);
    }
  });
}

// Events are numbered from 1 by 1, and the first tells that the execution has started (H-1).
TEST(History, CountsItsEvents) {
  for_each_history([](const History& history, const GeneratedScenario&) {
    RC_ASSERT(check_history(history).ok());
    RC_ASSERT(history.events.front().type == EventType::kExecutionStarted);
    for (std::size_t i = 0; i < history.events.size(); ++i) {
      RC_ASSERT(history.events[i].event_id == static_cast<std::int64_t>(i) + 1);
    }
  });
}

// An operation starts before it ends, ends once, and lies between the start and the end of the
// context around it (H-2).
TEST(History, NestsItsOperations) {
  for_each_history([](const History& history, const GeneratedScenario&) {
    std::set<std::string> started;
    std::set<std::string> ended;
    for (const Event& event : history.events) {
      if (!event.id) continue;
      if (event.parent_id) {
        RC_ASSERT(started.count(*event.parent_id) == 1U);
        RC_ASSERT(ended.count(*event.parent_id) == 0U);
      }
      RC_ASSERT(ended.count(*event.id) == 0U);
      if (is_start(event.type)) started.insert(*event.id);
      if (ends_an_operation(event)) ended.insert(*event.id);
    }
  });
}

// There is one InvocationCompleted for each invocation (H-3), and its error is Runtime.ExitError
// exactly where the process died (H-9).
TEST(History, TellsOfEachInvocation) {
  expect_property([] {
    GeneratedScenario generated(*sound_programs());
    const Schedule schedule = draw_crashes(generated.program());
    const RunRecord record = full_run(generated.program(), schedule);
    int completed = 0;
    int crashed = 0;
    for (const auto& [name, events] : record.histories) {
      for (const Event& event : events) {
        if (event.type != EventType::kInvocationCompleted) continue;
        ++completed;
        const auto& error = event.details.error;
        if (error && error->payload && error->payload->type == "Runtime.ExitError") ++crashed;
      }
    }
    int handler_crashes = 0;
    for (const ScheduleEvent& event : schedule.events) {
      handler_crashes += in_plain_function(event) ? 0 : 1;
    }
    RC_ASSERT(completed == record.invocations);
    RC_ASSERT(crashed == handler_crashes);
  });
}

// What wakes an execution comes behind the InvocationCompleted of the invocation that suspended,
// unless it was answered at once (H-4).
TEST(History, WakesUpWhoHasSuspended) {
  for_each_history([](const History& history, const GeneratedScenario&) {
    int completed = 0;
    std::map<std::string, int> completed_at_start;  // by operation
    for (const Event& event : history.events) {
      if (event.type == EventType::kInvocationCompleted) ++completed;
      if (is_start(event.type) && event.id) completed_at_start[*event.id] = completed;
      if (is_wake_up(event.type) && event.type != EventType::kCallbackSucceeded) {
        RC_ASSERT(completed > completed_at_start.at(*event.id));
      }
    }
  });
}

// The end of the execution is the last event and comes right behind an InvocationCompleted (H-5).
TEST(History, EndsWithTheExecution) {
  for_each_history([](const History& history, const GeneratedScenario&) {
    const std::size_t count = history.events.size();
    RC_ASSERT(count >= 3U);
    const EventType last = history.events[count - 1].type;
    RC_ASSERT(last == EventType::kExecutionSucceeded || last == EventType::kExecutionFailed);
    RC_ASSERT(history.events[count - 2].type == EventType::kInvocationCompleted);
  });
}

// However branches interleave (H-6), the steps of one context start in the order of its program,
// where each branch has a context of its own.
TEST(History, KeepsTheOrderOfEachContext) {
  for_each_history([](const History& history, const GeneratedScenario& generated) {
    bool shared = false;  // by branches, or by a virtual context
    for_each(generated.source().statements,
             [&](const Statement& statement) { shared = shared || statement.flat; });
    if (shared) return;
    std::map<std::string, int> last;  // number of the statement, by parent
    for (const Event& event : history.events) {
      const bool step = event.type == EventType::kStepStarted && event.sub_type == "Step";
      if (!step || !event.name || event.name->find('-') != std::string::npos) continue;
      const int number = std::stoi(event.name->substr(1));  // "s7"
      int& before = last[event.parent_id.value_or("")];
      RC_ASSERT(number >= before);
      before = number;
    }
  });
}

// Only the start of a step that is at least once may be missing: a crash may lose it (H-7).
TEST(History, LosesNoStartButOfAnAtLeastOnceStep) {
  for_each_history([](const History& history, const GeneratedScenario& generated) {
    std::set<std::string> at_most_once;
    for_each(generated.source().statements, [&](const Statement& statement) {
      if (statement.at_most_once) at_most_once.insert(statement.name());
    });
    std::set<std::string> started;
    for (const Event& event : history.events) {
      if (is_start(event.type)) started.insert(*event.id);
      if (!ends_an_operation(event) || started.count(*event.id) > 0) continue;
      RC_ASSERT(event.type == EventType::kStepSucceeded || event.type == EventType::kStepFailed);
      RC_ASSERT(at_most_once.count(event.name.value_or("")) == 0U);
    }
  });
}

// Attempts of a step are counted from 1 by 1, and a delay is named exactly when another attempt
// follows (H-8).
TEST(History, CountsAttempts) {
  for_each_history([](const History& history, const GeneratedScenario&) {
    std::map<std::string, std::int64_t> attempts;
    std::map<std::string, int> ends;
    for (const Event& event : history.events) {
      if (ends_an_operation(event)) RC_ASSERT(++ends[*event.id] == 1);
      if (event.type != EventType::kStepSucceeded && event.type != EventType::kStepFailed) continue;
      RC_ASSERT(event.details.retry_details.has_value());
      RC_ASSERT(event.details.retry_details->current_attempt == ++attempts[*event.id]);
    }
    // A step that was to be tried again has been.
    for (const auto& [id, finished] : attempts) RC_ASSERT(ends[id] == 1);
  });
}

// The result of a context is stored with its record up to 256 KB, and above it is not (H-10); the
// handler gets it either way, also behind a crash.
TEST(History, LeavesLargeContextResultsOut) {
  expect_property([] {
    constexpr int kInlineBytes = 256 * 1024;
    const int bytes = kInlineBytes + *rc::gen::inRange(-3, 3);
    const std::size_t quotes = 2;
    const auto handler = [bytes](DurableContext ctx) -> Task<std::size_t> {
      const auto body = [bytes](DurableContext child) -> Task<std::string> {
        co_await child.step("inside", [] {});
        co_return std::string(static_cast<std::size_t>(bytes), 'x');
      };
      const std::string text = co_await ctx.run_in_child_context("large", body);
      co_await ctx.step("after", [] {});
      co_return text.size();
    };
    Scenario scenario("large", handler);
    const RunRecord record = full_run(scenario.program(), draw_crashes(scenario.program()));
    RC_ASSERT(record.outcomes.front().result == std::to_string(bytes));
    const bool fits = static_cast<std::size_t>(bytes) + quotes <= kInlineBytes;
    for (const Event& event : record.histories.at("large")) {
      if (event.type != EventType::kContextSucceeded) continue;
      const auto& result = event.details.result;
      const std::size_t stored = result && result->payload ? result->payload->size() : 0;
      RC_ASSERT(stored == (fits ? static_cast<std::size_t>(bytes) + quotes : 0U));
    }
  });
}

// Time stamps never go backwards, and between two of them lies no more than the run says went by.
TEST(VirtualTime, NeverGoesBackwards) {
  expect_property([] {
    GeneratedScenario generated(*sound_programs());
    const RunRecord record = full_run(generated.program(), draw_crashes(generated.program()));
    RC_ASSERT(record.virtual_ms >= 0);
    for (const auto& [name, events] : record.histories) {
      TimestampMs before = events.front().timestamp.ms;
      const TimestampMs begin = before;
      for (const Event& event : events) {
        RC_ASSERT(event.timestamp.ms >= before);
        before = event.timestamp.ms;
        if (event.type != EventType::kInvocationCompleted) continue;
        RC_ASSERT(event.details.start.has_value() && event.details.end.has_value());
        RC_ASSERT(event.details.start->ms <= event.details.end->ms);
        RC_ASSERT(event.details.end->ms <= event.timestamp.ms);
      }
      RC_ASSERT(before - begin <= record.virtual_ms);
    }
  });
}

}  // namespace
}  // namespace reprise::properties
