// The table of updates against PROTOCOL 2.4 to 2.7, walked one (type, action, state) triple after
// another.

#include "reprise/service/internal/transitions.h"

#include <map>
#include <string>
#include <tuple>

#include "reprise/service/service_test_support.h"

namespace reprise {
namespace {

using A = OperationAction;
using S = OperationStatus;
using T = OperationType;
using internal::find_transition;
using internal::in_status;
using internal::kNoRecord;
using internal::TransitionRule;

constexpr std::array kTypes = {T::kContext, T::kStep, T::kWait, T::kCallback, T::kChainedInvoke};
constexpr std::array kActions = {A::kStart, A::kSucceed, A::kFail, A::kRetry, A::kCancel};
constexpr std::array kStatuses = {S::kStarted, S::kPending,   S::kReady,    S::kSucceeded,
                                  S::kFailed,  S::kCancelled, S::kTimedOut, S::kStopped};

// What PROTOCOL 2.5 draws, written down a second time, arrow by arrow: from "none" or a status to a
// status.
const std::map<std::tuple<std::string, std::string, std::string>, std::string> arrows_drawn = {
    {{"CONTEXT", "none", "START"}, "STARTED"},     {{"CONTEXT", "STARTED", "SUCCEED"}, "SUCCEEDED"},
    {{"CONTEXT", "STARTED", "FAIL"}, "FAILED"},    {{"CONTEXT", "none", "SUCCEED"}, "SUCCEEDED"},
    {{"CONTEXT", "none", "FAIL"}, "FAILED"},       {{"STEP", "none", "START"}, "STARTED"},
    {{"STEP", "STARTED", "SUCCEED"}, "SUCCEEDED"}, {{"STEP", "STARTED", "FAIL"}, "FAILED"},
    {{"STEP", "STARTED", "RETRY"}, "PENDING"},     {{"STEP", "READY", "START"}, "STARTED"},
    {{"STEP", "READY", "SUCCEED"}, "SUCCEEDED"},   {{"STEP", "READY", "FAIL"}, "FAILED"},
    {{"STEP", "READY", "RETRY"}, "PENDING"},       {{"STEP", "none", "SUCCEED"}, "SUCCEEDED"},
    {{"STEP", "none", "FAIL"}, "FAILED"},          {{"STEP", "none", "RETRY"}, "PENDING"},
    {{"WAIT", "none", "START"}, "STARTED"},        {{"WAIT", "STARTED", "CANCEL"}, "CANCELLED"},
    {{"CALLBACK", "none", "START"}, "STARTED"},    {{"CHAINED_INVOKE", "none", "START"}, "STARTED"},
};

// PROTOCOL 2.4
const std::map<std::string, std::vector<std::string>> legal_actions = {
    {"CONTEXT", {"START", "SUCCEED", "FAIL"}},
    {"STEP", {"START", "SUCCEED", "FAIL", "RETRY"}},
    {"WAIT", {"START", "CANCEL"}},
    {"CALLBACK", {"START"}},
    {"CHAINED_INVOKE", {"START"}},
};

// PROTOCOL 2.6: what an update in a wrong state is told.
const std::map<std::pair<std::string, std::string>, std::string> rejections = {
    {{"STEP", "START"}, "Invalid current STEP state to start."},            // R1
    {{"STEP", "SUCCEED"}, "Invalid current STEP state to close."},          // R2
    {{"STEP", "FAIL"}, "Invalid current STEP state to close."},             // R2
    {{"STEP", "RETRY"}, "Invalid current STEP state to re-attempt."},       // R3
    {{"CONTEXT", "START"}, "Cannot start a CONTEXT that already exists."},  // R8
    {{"CONTEXT", "SUCCEED"}, "Invalid current CONTEXT state to close."},    // R9
    {{"CONTEXT", "FAIL"}, "Invalid current CONTEXT state to close."},       // R9
    {{"WAIT", "START"}, "Cannot start a WAIT that already exists."},        // R10
    {{"WAIT", "CANCEL"}, "Cannot cancel a WAIT that does not exist or has already completed."},
    {{"CALLBACK", "START"}, "Cannot start a CALLBACK that already exists."},              // R12
    {{"CHAINED_INVOKE", "START"}, "Cannot start a CHAINED_INVOKE that already exists."},  // R13
};

std::string text(auto value) { return std::string(to_string(value)); }

TEST(TransitionTable, HasARowForEachLegalPairAndNoOther) {
  for (const T type : kTypes) {
    const std::vector<std::string>& legal = legal_actions.at(text(type));
    for (const A action : kActions) {
      const bool is_legal = std::find(legal.begin(), legal.end(), text(action)) != legal.end();
      EXPECT_EQ(find_transition(type, action) != nullptr, is_legal) << text(type) << text(action);
    }
  }
  EXPECT_EQ(find_transition(static_cast<T>(17), A::kStart), nullptr);
  EXPECT_EQ(find_transition(T::kStep, static_cast<A>(17)), nullptr);
}

TEST(TransitionTable, DrawsTheArrowsOfTheProtocol) {
  std::size_t arrows = 0;
  for (const TransitionRule& rule : internal::transition_rules()) {
    const auto expect = [&](const std::string& from, bool allowed) {
      const auto arrow = arrows_drawn.find({text(rule.type), from, text(rule.action)});
      EXPECT_EQ(allowed, arrow != arrows_drawn.end())
          << text(rule.type) << from << text(rule.action);
      if (allowed && arrow != arrows_drawn.end()) {
        EXPECT_EQ(text(rule.to), arrow->second);
        ++arrows;
      }
    };
    expect("none", (rule.from & kNoRecord) != 0);
    for (const S status : kStatuses) expect(text(status), (rule.from & in_status(status)) != 0);
  }
  EXPECT_EQ(arrows, arrows_drawn.size());
}

TEST(TransitionTable, NeverLeavesATerminalStatus) {  // F-4
  for (const TransitionRule& rule : internal::transition_rules()) {
    for (const S status : kStatuses) {
      if (is_terminal(status)) {
        EXPECT_EQ(rule.from & in_status(status), 0);
      }
    }
  }
}

TEST(TransitionTable, NamesTheEventAfterTheUpdate) {
  for (const TransitionRule& rule : internal::transition_rules()) {
    std::string kind = text(rule.event);
    EXPECT_EQ(rule.finishes_attempt,
              rule.type == T::kStep && rule.action != A::kStart);  // PROTOCOL 2.7
    if (rule.action == A::kStart) {
      EXPECT_TRUE(kind.ends_with("Started")) << kind;
    }
    if (rule.action == A::kFail) {
      EXPECT_TRUE(kind.ends_with("Failed")) << kind;
    }
  }
  const TransitionRule& retry = *find_transition(T::kStep, A::kRetry);
  EXPECT_EQ(retry.event, EventType::kStepSucceeded);
  EXPECT_EQ(retry.event_with_error, EventType::kStepFailed);
}

// The same walk through the service: each state is reached by the ways a handler and the world
// have.
class TransitionWalk : public ServiceTest {
 protected:
  static OperationUpdate update_of(T type, A action, const char* id) {
    if (type == T::kStep) return step(action, id);
    if (type == T::kWait && action == A::kStart) return wait_start(id, 5);
    if (type == T::kChainedInvoke && action == A::kStart) return invoke_start(id, "child:$LATEST");
    if (type == T::kCallback && action == A::kStart) return callback_start(id, 7);
    OperationUpdate update = an_update(type, action, id);
    if (action == A::kFail) update.error = make_error("Broken", "no");
    return update;
  }

  // Brings a fresh execution to where `id` is in `state`; false when the type never is.
  bool bring(T type, const std::string& state) {
    FunctionConfig child = a_function("child");
    child.execution_timeout_seconds = 7;
    service_.register_function(child);
    start_and_begin();
    if (state == "none") return true;
    if (type == T::kContext || type == T::kStep) return bring_step_or_context(type, state);
    accept({update_of(type, A::kStart, "x")});
    if (state == "STARTED") return true;
    if (type == T::kWait) return bring_wait(state);
    return type == T::kCallback ? bring_callback(state) : bring_invoke(state);
  }

  bool bring_step_or_context(T type, const std::string& state) {
    if (state == "STARTED") accept({update_of(type, A::kStart, "x")});
    if (state == "SUCCEEDED") accept({update_of(type, A::kSucceed, "x")});
    if (state == "FAILED") accept({update_of(type, A::kFail, "x")});
    if (type == T::kStep && (state == "PENDING" || state == "READY")) {
      accept({update_of(type, A::kRetry, "x")});
      if (state == "READY") advance_seconds(4);
    }
    return execution().find("x") != nullptr;
  }

  bool bring_wait(const std::string& state) {
    if (state == "SUCCEEDED") advance_seconds(5);
    if (state == "CANCELLED") accept({update_of(T::kWait, A::kCancel, "x")});
    return text(status("x")) == state;
  }

  bool bring_callback(const std::string& state) {
    const std::string id = record("x").callback_id.str();
    if (state == "SUCCEEDED") {
      EXPECT_TRUE(service_.send_callback_success(id, "1").ok());
    }
    if (state == "FAILED") {
      EXPECT_TRUE(service_.send_callback_failure(id, nullptr).ok());
    }
    if (state == "TIMED_OUT") advance_seconds(7);
    return text(status("x")) == state;
  }

  bool bring_invoke(const std::string& state) {
    const std::string child = service_.execution(1).arn.str();
    if (state == "STOPPED") {
      EXPECT_TRUE(service_.stop(child).ok());
    }
    if (state == "TIMED_OUT") advance_seconds(7);
    if (state == "SUCCEEDED" || state == "FAILED") {
      (void)service_.begin_invocation(1);
      InvocationEnd end;
      end.output.status =
          state == "FAILED" ? InvocationStatus::kFailed : InvocationStatus::kSucceeded;
      service_.end_invocation(1, end);
    }
    return text(status("x")) == state;
  }
};

TEST_F(TransitionWalk, AcceptsAndRefusesWhatTheProtocolSays) {
  std::vector<std::string> states = {"none"};
  for (const S status : kStatuses) states.push_back(text(status));
  int walked = 0;
  for (const T type : kTypes) {
    for (const A action : kActions) {
      for (const std::string& state : states) {
        service_.restore(ServiceState{});
        if (!bring(type, state)) continue;
        SCOPED_TRACE(text(type) + " " + state + " " + text(action));
        ++walked;
        const auto answer = checkpoint({update_of(type, action, "x")});
        const std::vector<std::string>& legal = legal_actions.at(text(type));
        if (std::find(legal.begin(), legal.end(), text(action)) == legal.end()) {
          ASSERT_FALSE(answer.ok());
          EXPECT_THAT(answer.error(), RefusedWith("Invalid action for the given operation type."));
          continue;
        }
        const auto arrow = arrows_drawn.find({text(type), state, text(action)});
        if (arrow != arrows_drawn.end()) {
          ASSERT_TRUE(answer.ok()) << answer.error().message;
          EXPECT_EQ(text(status("x")), arrow->second);
        } else {
          ASSERT_FALSE(answer.ok());
          EXPECT_THAT(answer.error(), RefusedWith(rejections.at({text(type), text(action)})));
        }
      }
    }
  }
  EXPECT_EQ(walked, 5 * (4 + 6 + 4 + 5 + 6));
}

TEST_F(TransitionWalk, RefusesAnUnknownType) {
  start_and_begin();
  EXPECT_THAT(refuse({an_update(static_cast<T>(17), A::kStart, "x")}),
              RefusedWith("Unknown operation type."));
}

}  // namespace
}  // namespace reprise
