// Everything that a batch can do wrong (PROTOCOL 2.6, 4.4, 4.5), and that it then does nothing at
// all (F-5).

#include <string>

#include "reprise/service/internal/json_size.h"
#include "reprise/service/internal/names.h"
#include "reprise/service/service_test_support.h"

namespace reprise {
namespace {

using testing::HasSubstr;
using testing::SizeIs;
using A = OperationAction;
using T = OperationType;

class Batch : public ServiceTest {
 protected:
  Batch() { start_and_begin(); }
};

TEST_F(Batch, OfARetryNeedsStepOptions) {  // R4
  OperationUpdate update = step(A::kRetry, "a");
  update.next_attempt_delay_seconds.reset();
  EXPECT_THAT(refuse({update}), RefusedWith("Invalid StepOptions for the given action."));
}

TEST_F(Batch, OfARetryHasAnErrorOrAPayload) {  // R5
  OperationUpdate update = step(A::kRetry, "a");
  update.payload = "1";
  EXPECT_THAT(refuse({update}),
              RefusedWith("Cannot provide both error and payload to RETRY a STEP."));
}

TEST_F(Batch, OfAFailHasNoPayload) {  // R6
  for (const T type : {T::kStep, T::kContext, T::kExecution}) {
    OperationUpdate update = an_update(type, A::kFail, "a");
    update.payload = "1";
    EXPECT_THAT(refuse({update}), RefusedWith("Cannot provide a Payload for FAIL action."));
  }
}

TEST_F(Batch, OfASucceedHasNoError) {  // R7
  for (const T type : {T::kStep, T::kContext, T::kExecution}) {
    OperationUpdate update = an_update(type, A::kSucceed, "a");
    update.error = make_error("E", "m");
    EXPECT_THAT(refuse({update}), RefusedWith("Cannot provide an Error for SUCCEED action."));
  }
}

TEST_F(Batch, MustSpeakOfARecordAsItIs) {  // R14, R15
  accept({context(A::kStart, "p"), context(A::kStart, "q")});
  OperationUpdate start = inside("p", step_start("a"));
  start.name = "charge";
  start.sub_type = "Step";
  accept({start});

  OperationUpdate update = inside("p", step_succeed("a"));
  update.type = T::kContext;
  EXPECT_THAT(refuse({update}), RefusedWith("Inconsistent operation type."));
  update = step_succeed("a");
  update.sub_type = "WaitForCondition";
  EXPECT_THAT(refuse({update}), RefusedWith("Inconsistent operation subtype."));
  update = step_succeed("a");
  update.name = "refund";
  EXPECT_THAT(refuse({update}), RefusedWith("Inconsistent operation name."));
  EXPECT_THAT(refuse({inside("q", step_succeed("a"))}),
              RefusedWith("Inconsistent parent operation id."));
  accept({step_succeed("a")});  // what it does not supply is not compared
}

TEST_F(Batch, NeedsAParentThatIsAContext) {  // R16
  constexpr const char* kMessage = "Invalid parent operation id.";
  accept({step_start("s")});
  EXPECT_THAT(refuse({inside("nobody", step_start("a"))}), RefusedWith(kMessage));
  EXPECT_THAT(refuse({inside("s", step_start("a"))}), RefusedWith(kMessage));
  EXPECT_THAT(refuse({step_start("t"), inside("t", step_start("a"))}), RefusedWith(kMessage));
  EXPECT_THAT(refuse({inside("p", step_start("a")), context(A::kStart, "p")}),
              RefusedWith(kMessage));
  EXPECT_THAT(refuse({context(A::kSucceed, "p"), inside("p", step_start("a"))}),
              RefusedWith(kMessage));
  accept({context(A::kStart, "p"), inside("p", step_start("a"))});
}

TEST_F(Batch, MayPutAChildIntoAClosedContext) {  // PROTOCOL 4.4.1
  accept({context(A::kStart, "p"), context(A::kSucceed, "p")});
  accept({inside("p", step_start("a"))});
}

TEST_F(Batch, MayStartAndEndAStepOrAContext) {  // PROTOCOL 4.4.2
  accept({step_start("a"), step_succeed("a"), context(A::kStart, "p"), context(A::kFail, "p"),
          step_start("b"), step_retry("b", 3)});
  EXPECT_EQ(status("a"), OperationStatus::kSucceeded);
  EXPECT_EQ(status("p"), OperationStatus::kFailed);
  EXPECT_EQ(status("b"), OperationStatus::kPending);
  EXPECT_THAT(events(), testing::ElementsAre("ExecutionStarted", "StepStarted a", "StepSucceeded a",
                                             "ContextStarted p", "ContextFailed p", "StepStarted b",
                                             "StepFailed b"));
}

TEST_F(Batch, UpdatesNothingElseTwice) {  // R17
  constexpr const char* kMessage = "Cannot update the same operation twice in a single request.";
  EXPECT_THAT(refuse({step_start("a"), step_start("a")}), RefusedWith(kMessage));
  EXPECT_THAT(refuse({step_succeed("a"), step_start("a")}), RefusedWith(kMessage));
  EXPECT_THAT(refuse({step_succeed("a"), step_succeed("a")}), RefusedWith(kMessage));
  EXPECT_THAT(refuse({step_start("a"), step_succeed("a"), step_fail("a")}), RefusedWith(kMessage));
  EXPECT_THAT(refuse({wait_start("w", 1), wait_start("w", 1)}), RefusedWith(kMessage));
  EXPECT_THAT(refuse({callback_start("c"), callback_start("c")}), RefusedWith(kMessage));
  accept({wait_start("w", 1)});
  EXPECT_THAT(refuse({an_update(T::kWait, A::kCancel, "w"), an_update(T::kWait, A::kCancel, "w")}),
              RefusedWith(kMessage));
}

TEST_F(Batch, KeepsToOneTypeForOneId) {
  EXPECT_THAT(refuse({step_start("a"), context(A::kSucceed, "a")}),
              RefusedWith("Inconsistent operation type."));
}

TEST_F(Batch, MayRunAReadyStepAgain) {
  accept({step_retry("a", 1)});
  advance_seconds(1);
  accept({step_start("a"), step_succeed("a")});
  EXPECT_EQ(record("a").attempt, 2);
}

TEST_F(Batch, EndsTheExecutionAtMostOnceAndLast) {  // R18, R19
  const OperationUpdate end = execution_update(A::kSucceed, "1");
  EXPECT_THAT(refuse({end, end}), RefusedWith("Cannot checkpoint multiple EXECUTION updates."));
  EXPECT_THAT(refuse({end, step_start("a")}),
              RefusedWith("EXECUTION checkpoint must be the last update."));
  EXPECT_THAT(refuse({execution_update(A::kStart)}),
              RefusedWith("Invalid action for the given operation type."));
}

TEST_F(Batch, OfAWaitNeedsItsLength) {  // R20
  EXPECT_THAT(refuse({an_update(T::kWait, A::kStart, "w")}),
              RefusedWith("Update for WAIT operation requires WaitOptions."));
}

TEST_F(Batch, OfAnInvokeNeedsATarget) {  // R21
  EXPECT_THAT(refuse({an_update(T::kChainedInvoke, A::kStart, "i")}),
              RefusedWith("Update for CHAINED_INVOKE operation requires ChainedInvokeOptions."));
}

TEST_F(Batch, InvokesOnlyInItsAccountAndRegion) {  // R22
  EXPECT_THAT(refuse({invoke_start("i", "arn:aws:lambda:us-east-1:999999999999:function:f:1")}),
              RefusedWith("Cannot start a CHAINED_INVOKE on a function in another account."));
  EXPECT_THAT(refuse({invoke_start("i", "arn:aws:lambda:eu-west-1:123456789012:function:f:1")}),
              RefusedWith("Cannot start a CHAINED_INVOKE on a function in another region."));
  accept({invoke_start("i", "arn:aws:lambda:us-east-1:123456789012:function:order:$LATEST")});
}

TEST_F(Batch, KeepsNumbersInTheirRanges) {  // PROTOCOL 2.3
  EXPECT_THAT(refuse({step_start("a"), wait_start("w", 0)}),
              Answers("ValidationException",
                      "1 validation error detected: Value '0' at "
                      "'updates.2.member.waitOptions.waitSeconds' failed to satisfy constraint: "
                      "Member must have value greater than or equal to 1"));
  EXPECT_THAT(refuse({wait_start("w", 31622401)}).message,
              HasSubstr("Member must have value less than or equal to 31622400"));
  EXPECT_THAT(refuse({step_retry("a", 0)}).message,
              HasSubstr("'updates.1.member.stepOptions.nextAttemptDelaySeconds'"));
  EXPECT_EQ(refuse({callback_start("c", -1)}).code, "ValidationException");
  EXPECT_EQ(refuse({callback_start("c", 0, -1)}).code, "ValidationException");
  accept({wait_start("w", 31622400)});
}

TEST_F(Batch, KeepsTextsInTheirShapes) {  // PROTOCOL 2.2
  EXPECT_EQ(refuse({step_start("")}).code, "ValidationException");
  EXPECT_EQ(refuse({step_start("a.b")}).code, "ValidationException");
  EXPECT_EQ(refuse({step_start(std::string(65, 'a').c_str())}).code, "ValidationException");
  OperationUpdate update = step_start("a");
  update.name =
      "gr\xC3\xB6\xC3\x9F"
      "e";
  EXPECT_EQ(refuse({update}).code, "ValidationException");
  update.name = "";
  EXPECT_EQ(refuse({update}).code, "ValidationException");
  update = step_start("a");
  update.sub_type = std::string(33, 's');
  EXPECT_EQ(refuse({update}).code, "ValidationException");
  update = step_start(std::string(64, 'a').c_str());
  update.name = std::string(256, '~');
  update.sub_type = std::string(32, 's');
  accept({update});
  update.action = A::kSucceed;
  update.name = "";
  EXPECT_EQ(refuse({update}).code, "ValidationException");
}

TEST_F(Batch, KeepsTheTextsOfASecondUpdateInTheirShapes) {
  OperationUpdate end = step_succeed("a");
  end.name = std::string(257, 'n');
  const ApiError error = refuse({step_start("a"), end});
  EXPECT_EQ(error.code, "ValidationException");
  EXPECT_THAT(error.message, HasSubstr("updates.2.member.name"));
}

TEST_F(Batch, KeepsPayloadsInTheirLimits) {  // PROTOCOL 4.5
  OperationUpdate update = step_succeed("a");
  update.payload = std::string(262145, 'x');
  EXPECT_THAT(refuse({update}),
              RefusedWith("STEP output payload size must be less than or equal to 262144 bytes."));
  update = step_retry("a", 1);
  update.error = nullptr;
  update.payload = std::string(262145, 'x');
  EXPECT_THAT(refuse({update}),
              RefusedWith("STEP output payload size must be less than or equal to 262144 bytes."));
  update.payload = std::string(262144, 'x');
  accept({update});

  update = invoke_start("i", "order:$LATEST");
  update.payload = std::string(1048577, 'x');
  EXPECT_THAT(
      refuse({update}),
      RefusedWith(
          "CHAINED_INVOKE input payload size must be less than or equal to 1048576 bytes."));

  update = execution_update(A::kSucceed);
  update.payload = std::string(6291457, 'x');
  EXPECT_THAT(refuse({update}),
              Answers("ValidationException",
                      "1 validation error detected: Value at 'updates.1.member.payload' failed to "
                      "satisfy constraint: Member must have length less than or equal to 6291456"));
  update.payload = std::string(6291456, 'x');
  accept({update});
}

TEST_F(Batch, KeepsErrorsInTheirLimit) {
  const auto with_message = [](std::size_t size) {
    OperationUpdate update = step_fail("a");
    ErrorObject error;
    error.message = std::string(size, 'x');
    update.error = std::make_shared<const ErrorObject>(error);
    return update;
  };
  const std::size_t frame = std::string(R"({"ErrorMessage":""})").size();
  EXPECT_THAT(refuse({with_message(262145 - frame)}),
              RefusedWith("Error object size must be less than or equal to 262144 bytes."));
  accept({with_message(262144 - frame)});
}

TEST_F(Batch, KeepsToTheSizeOfACall) {
  std::vector<OperationUpdate> many(251, step_start("a"));
  EXPECT_THAT(refuse(many).message,
              HasSubstr("'updates' failed to satisfy constraint: Member must have length less than "
                        "or equal to 250"));
  std::vector<OperationUpdate> big;
  for (const char* id : {"a", "b", "c"}) {
    big.push_back(step_succeed(id));
    big.back().payload = std::string(262144, 'x');
  }
  EXPECT_THAT(refuse(big),
              RefusedWith("Checkpoint request size must be less than or equal to 768000 bytes."));
  big.pop_back();
  accept(big);
}

TEST_F(Batch, KeepsToTheQuotasOfAnExecution) {
  service_.limits().max_operations = 4;  // the start of the execution is the first
  accept({step_start("a"), step_retry("b", 1)});
  EXPECT_THAT(refuse({step_start("c")}),
              RefusedWith("Durable execution exceeded the maximum number of operations of 4."));
  accept({step_succeed("a")});
  service_.limits().max_operations = 100;
  service_.limits().max_data = 100;
  OperationUpdate update = step_succeed("d");
  update.payload = std::string(100, 'x');
  EXPECT_THAT(refuse({update}),
              RefusedWith("Durable execution exceeded the maximum data size of 100 bytes."));
}

TEST_F(Batch, ChangesNothingWhenItIsRefused) {  // F-5
  accept({step_start("a"), wait_start("w", 9)});
  const StateDigest before = service_.digest();
  const std::vector<std::string> events_before = events();
  const std::string token_before = token_;
  (void)refuse({step_succeed("a"), callback_start("c", 5), invoke_start("i", "order:$LATEST"),
                wait_start("v", 1), step_start("w")});
  EXPECT_EQ(service_.digest(), before);
  EXPECT_EQ(events(), events_before);
  EXPECT_EQ(service_.execution_count(), 1);
  EXPECT_EQ(execution().find("c"), nullptr);
  EXPECT_EQ(service_.next_due(), service_.now() + 9000);
  EXPECT_EQ(token_, token_before);  // not consumed either:
  accept({step_succeed("a")});
}

TEST_F(Batch, MayBeEmpty) {  // F-10
  const std::string token_before = token_;
  const auto answer = checkpoint({});
  ASSERT_TRUE(answer.ok());
  EXPECT_THAT(answer->operations, SizeIs(0));
  EXPECT_NE(token_, token_before);
  EXPECT_THAT(events(), SizeIs(1));
}

TEST_F(Batch, FindsItsRecordsAmongMany) {
  for (int i = 0; i < 200; ++i) accept({step_start(("s" + std::to_string(i)).c_str())});
  service_.limits().max_checkpoint_updates = 1000;
  std::vector<OperationUpdate> all;
  for (int i = 0; i < 200; ++i) all.push_back(step_succeed(("s" + std::to_string(i)).c_str()));
  accept(all);
  EXPECT_THAT(refuse({step_start("s77")}), RefusedWith("Invalid current STEP state to start."));
  const ServiceState saved = service_.save();
  service_.restore(saved);
  begin();
  EXPECT_THAT(refuse({step_start("s199")}), RefusedWith("Invalid current STEP state to start."));
  EXPECT_EQ(execution().find("s200"), nullptr);
}

TEST(Identifier, HasTheCharactersOfItsPatternAndNoOthers) {  // [a-zA-Z0-9-_]{1,64}
  const std::string pattern = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  for (int c = 0; c < 256; ++c) {
    const auto each = static_cast<char>(c);
    const bool in = pattern.find(each) != std::string::npos;
    EXPECT_EQ(internal::is_identifier({&each, 1}), in) << c;
    EXPECT_EQ(internal::is_identifier(std::string("good") + each + "good"), in) << c;
  }
  EXPECT_TRUE(internal::is_identifier(pattern));
  EXPECT_FALSE(internal::is_identifier(pattern + "a"));
  EXPECT_FALSE(internal::is_identifier(""));
}

TEST(JsonSize, IsThatOfTheText) {
  EXPECT_EQ(internal::json_size("ab"), 4);
  EXPECT_EQ(internal::json_size("\"\\\n\x01"), 2 + 2 + 2 + 2 + 6);
  ErrorObject error;
  EXPECT_EQ(internal::json_size(error), 2);
  error.message = "m";
  error.stack_trace = {"a", "b"};
  EXPECT_EQ(internal::json_size(error),
            static_cast<std::int64_t>(
                std::string(R"({"ErrorMessage":"m","StackTrace":["a","b"]})").size()));
}

}  // namespace
}  // namespace reprise
