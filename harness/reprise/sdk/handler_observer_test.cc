#include "reprise/sdk/handler_observer.h"

#include <gmock/gmock.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "reprise/sdk/invocation_test_support.h"

namespace reprise {
namespace {

using testing::ElementsAre;

class Notes final : public HandlerObserver {
 public:
  explicit Notes(bool throws = false) : throws_(throws) {}
  std::vector<std::string> lines;

  void execution_started(const ObservedInvocation&) override { note("execution"); }
  void execution_ended(const ObservedInvocation&, InvocationStatus status) override {
    note("execution " + std::string(to_string(status)));
  }
  void invocation_started(const ObservedInvocation& invocation) override {
    note(invocation.first ? "first invocation" : "invocation");
  }
  void invocation_ended(const ObservedInvocation&, InvocationStatus status,
                        bool responded) override {
    note("answer " + (responded ? std::string(to_string(status)) : "none"));
  }
  void operation_started(const ObservedOperation& operation, bool replayed) override {
    note((replayed ? "replay " : "call ") + operation.path);
  }
  void operation_changed(const ObservedOperation& operation, OperationStatus status) override {
    note(operation.path + " is " + std::string(to_string(status)));
  }
  void operation_ended(const ObservedOperation& operation, OperationStatus) override {
    note("end of " + operation.path);
  }
  void attempt_started(const ObservedOperation& operation, int attempt) override {
    note("attempt " + std::to_string(attempt) + " of " + operation.path);
  }
  void attempt_ended(const ObservedOperation&, int, bool succeeded) override {
    note(succeeded ? "succeeded" : "failed");
  }

 private:
  void note(std::string line) {
    lines.push_back(std::move(line));
    if (throws_) throw 42;
  }
  bool throws_;
};

class HandlerObserverTest : public InvocationTest {
 protected:
  InvocationResult observed(const std::shared_ptr<Notes>& notes) {
    const auto handler = [](DurableContext ctx) -> Task<int> {
      const int value = co_await ctx.step("a", [] { return 1; });
      co_await ctx.wait("w", absl::Seconds(1));
      co_return value;
    };
    const HandlerFunction function = make_handler(handler, HandlerOptions().observer(notes));
    InvocationInput input = service_.input();
    if (service_.records.size() == 2) input.updated_operation_ids = {operation_id("2")};
    return function(input, service_, options_);
  }
};

TEST_F(HandlerObserverTest, IsToldWhatHappens) {
  const auto notes = std::make_shared<Notes>();
  EXPECT_EQ(observed(notes).output.status, InvocationStatus::kPending);
  EXPECT_THAT(notes->lines,
              ElementsAre("execution", "first invocation", "call a#1", "a#1 is STARTED",
                          "attempt 1 of a#1", "succeeded", "a#1 is SUCCEEDED", "end of a#1",
                          "call w#1", "w#1 is STARTED", "answer PENDING"));
  notes->lines.clear();
  service_.change(1, [](Operation& record) { record.status = OperationStatus::kSucceeded; });
  EXPECT_EQ(observed(notes).output.result, "1");
  EXPECT_THAT(notes->lines,
              ElementsAre("invocation", "replay a#1", "replay w#1", "w#1 is SUCCEEDED",
                          "end of w#1", "answer SUCCEEDED", "execution SUCCEEDED"));
}

TEST_F(HandlerObserverTest, WhatItThrowsChangesNothing) {
  const auto throwing = std::make_shared<Notes>(true);
  EXPECT_EQ(observed(throwing).output.status, InvocationStatus::kPending);
  service_.change(1, [](Operation& record) { record.status = OperationStatus::kSucceeded; });
  EXPECT_EQ(observed(throwing).output.result, "1");
  EXPECT_EQ(throwing->lines.size(), 18U);
}

}  // namespace
}  // namespace reprise
