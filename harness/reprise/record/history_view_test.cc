#include "reprise/record/history_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reprise {
namespace {

using testing::ElementsAre;

/// Events that are numbered and a second apart.
class Events {
 public:
  Event& add(EventType type, const std::string& id = "", const std::string& name = "",
             const std::string& parent = "") {
    Event& event = events_.emplace_back();
    event.type = type;
    event.event_id = static_cast<std::int64_t>(events_.size());
    event.timestamp.ms = 1000 * event.event_id;
    if (!id.empty()) event.id = id;
    if (!name.empty()) event.name = name;
    if (!parent.empty()) event.parent_id = parent;
    return event;
  }
  HistoryView view() const { return view_history(events_); }

 private:
  std::vector<Event> events_;
};

TEST(HistoryView, HasEachOperationFromItsFirstEventToItsLast) {
  Events events;
  events.add(EventType::kExecutionStarted);
  events.add(EventType::kContextStarted, "c", "fulfil").sub_type = "RunInChildContext";
  events.add(EventType::kStepStarted, "a", "charge", "c");
  events.add(EventType::kStepSucceeded, "a", "charge", "c");
  events.add(EventType::kStepStarted, "b", "charge", "c");
  events.add(EventType::kInvocationCompleted);
  const HistoryView view = events.view();
  ASSERT_EQ(view.operations.size(), 3U);
  const OperationSpan& context = view.operations[0];
  EXPECT_EQ(context.path, "fulfil#1");
  EXPECT_EQ(context.kind, "RunInChildContext");
  EXPECT_EQ(context.end, std::nullopt);
  const OperationSpan& charged = view.operations[1];
  EXPECT_EQ(charged.path, "fulfil#1/charge#1");
  EXPECT_EQ(charged.depth, 1U);
  EXPECT_EQ(charged.end, "Succeeded");
  EXPECT_EQ(charged.first_event, 3);
  EXPECT_EQ(charged.last_event, 4);
  EXPECT_EQ(charged.end_ms - charged.start_ms, 1000);
  EXPECT_EQ(view.operations[2].path, "fulfil#1/charge#2");
  EXPECT_THAT(view.invocation_ends, ElementsAre(6));
  EXPECT_EQ(view.end, "");
}

TEST(HistoryView, GoesOnAfterAnAttemptThatIsRetried) {
  Events events;
  events.add(EventType::kExecutionStarted);
  events.add(EventType::kStepStarted, "a", "charge");
  events.add(EventType::kStepFailed, "a", "charge").details.retry_details = {1, 5};
  EXPECT_EQ(events.view().operations[0].end, std::nullopt);
  EXPECT_EQ(events.view().operations[0].attempts, 1);
  events.add(EventType::kStepFailed, "a", "charge").details.retry_details = {2, std::nullopt};
  events.add(EventType::kExecutionFailed);
  EXPECT_EQ(events.view().operations[0].end, "Failed");
  EXPECT_EQ(events.view().operations[0].attempts, 2);
  EXPECT_EQ(events.view().end, "Failed");
}

TEST(HistoryView, SaysWhatTwoRunsThatDoTheSameHaveInCommon) {
  Events events;
  events.add(EventType::kExecutionStarted).details.input.emplace().payload = "{}";
  events.add(EventType::kWaitStarted, "w", "cool-down").details.duration = 300;
  events.add(EventType::kInvocationCompleted).details.request_id = "differs-from-run-to-run";
  Event& failed = events.add(EventType::kStepFailed, "a", "charge");
  failed.details.error.emplace().payload = *make_error("Refused", "no money");
  failed.details.error->payload->stack_trace = {"order.cpp:42"};
  EXPECT_THAT(events.view().lines,
              ElementsAre("the execution ExecutionStarted: input {}",
                          "cool-down#1 WaitStarted: 300 s", "the invocation ends",
                          "charge#1 StepFailed: error "
                          "{\"ErrorMessage\":\"no money\",\"ErrorType\":\"Refused\"}"));
}

}  // namespace
}  // namespace reprise
