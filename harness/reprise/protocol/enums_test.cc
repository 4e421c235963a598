#include "reprise/protocol/enums.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace reprise {
namespace {

// Every enumerator from 0 to count - 1 has a name of its own, from which it comes back.
template <typename Enum>
void expect_round_trip(int count, std::optional<Enum> (*from)(std::string_view)) {
  std::set<std::string> names;
  for (int i = 0; i < count; ++i) {
    const auto value = static_cast<Enum>(i);
    const std::string name(to_string(value));
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_EQ(from(name), value) << name;
    EXPECT_EQ(from(name + "X"), std::nullopt);
    EXPECT_EQ(from(name.substr(1)), std::nullopt);
  }
  EXPECT_EQ(from(""), std::nullopt);
}

TEST(Enums, EveryValueComesBackFromItsName) {
  expect_round_trip<OperationType>(6, operation_type_from);
  expect_round_trip<OperationAction>(5, operation_action_from);
  expect_round_trip<OperationStatus>(8, operation_status_from);
  expect_round_trip<ExecutionStatus>(5, execution_status_from);
  expect_round_trip<InvocationStatus>(3, invocation_status_from);
  expect_round_trip<EventType>(kEventTypeCount, event_type_from);
}

TEST(Enums, HaveTheNamesOfTheWire) {
  EXPECT_EQ(to_string(OperationType::kExecution), "EXECUTION");
  EXPECT_EQ(to_string(OperationType::kContext), "CONTEXT");
  EXPECT_EQ(to_string(OperationType::kStep), "STEP");
  EXPECT_EQ(to_string(OperationType::kWait), "WAIT");
  EXPECT_EQ(to_string(OperationType::kCallback), "CALLBACK");
  EXPECT_EQ(to_string(OperationType::kChainedInvoke), "CHAINED_INVOKE");
  EXPECT_EQ(to_string(OperationAction::kRetry), "RETRY");
  EXPECT_EQ(to_string(OperationAction::kCancel), "CANCEL");
  EXPECT_EQ(to_string(OperationStatus::kReady), "READY");
  EXPECT_EQ(to_string(OperationStatus::kTimedOut), "TIMED_OUT");
  EXPECT_EQ(to_string(OperationStatus::kStopped), "STOPPED");
  EXPECT_EQ(to_string(ExecutionStatus::kRunning), "RUNNING");
  EXPECT_EQ(to_string(ExecutionStatus::kStopped), "STOPPED");
  EXPECT_EQ(to_string(InvocationStatus::kPending), "PENDING");
  EXPECT_EQ(to_string(EventType::kExecutionStarted), "ExecutionStarted");
  EXPECT_EQ(to_string(EventType::kWaitCancelled), "WaitCancelled");
  EXPECT_EQ(to_string(EventType::kChainedInvokeTimedOut), "ChainedInvokeTimedOut");
  EXPECT_EQ(to_string(EventType::kInvocationCompleted), "InvocationCompleted");
}

TEST(Enums, CountCase) {
  EXPECT_EQ(operation_type_from("step"), std::nullopt);
  EXPECT_EQ(event_type_from("STEPSTARTED"), std::nullopt);
}

TEST(Enums, DoNotKnowNamesThatOnlyTestingLibrariesHave) {
  EXPECT_EQ(event_type_from("ChainedInvokePending"), std::nullopt);
  EXPECT_EQ(event_type_from("ChainedInvokeCancelled"), std::nullopt);
  EXPECT_EQ(execution_status_from("PAUSED"), std::nullopt);
}

TEST(Enums, FiveStatusesOfAnOperationAreTerminal) {
  EXPECT_FALSE(is_terminal(OperationStatus::kStarted));
  EXPECT_FALSE(is_terminal(OperationStatus::kPending));
  EXPECT_FALSE(is_terminal(OperationStatus::kReady));
  EXPECT_TRUE(is_terminal(OperationStatus::kSucceeded));
  EXPECT_TRUE(is_terminal(OperationStatus::kFailed));
  EXPECT_TRUE(is_terminal(OperationStatus::kCancelled));
  EXPECT_TRUE(is_terminal(OperationStatus::kTimedOut));
  EXPECT_TRUE(is_terminal(OperationStatus::kStopped));
}

TEST(Enums, OnlyARunningExecutionIsOpen) {
  EXPECT_FALSE(is_closed(ExecutionStatus::kRunning));
  EXPECT_TRUE(is_closed(ExecutionStatus::kSucceeded));
  EXPECT_TRUE(is_closed(ExecutionStatus::kStopped));
}

}  // namespace
}  // namespace reprise
