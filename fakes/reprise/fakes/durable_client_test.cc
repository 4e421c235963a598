#include "reprise/fakes/durable_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <concepts>
#include <string>

#include "reprise/fakes/recording_sink_test_support.h"
#include "reprise/service/service_test_support.h"
#include "reprise/world/running_service.h"

namespace reprise::fakes {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

static_assert(std::copyable<DurableClient> && std::equality_comparable<DurableClient>);

/// The service of a run, driven by hand.
class DurableClientTest : public ServiceTest {
 protected:
  DurableClientTest() : before_(RunningService::exchange(&service_)) {}
  ~DurableClientTest() override { RunningService::exchange(before_); }

  StartAnswer start_order(const std::string& name, int number = 7) {
    return lambda_.start("order:$LATEST", name, number);
  }

  FakeService* before_;
  DurableClient lambda_;
};

TEST_F(DurableClientTest, StartsAnExecutionByName) {
  const StartAnswer answer = start_order("order-7");
  EXPECT_TRUE(answer.ok());
  EXPECT_FALSE(answer.existing);
  EXPECT_THAT(answer.arn, HasSubstr("order-7"));
  ASSERT_EQ(service_.execution_count(), 1U);
  EXPECT_EQ(service_.execution(0).name, "order-7");
  EXPECT_EQ(service_.execution(0).input_payload, "7");
}

TEST_F(DurableClientTest, GivesTheExecutionThatExistsToWhoStartsItAgain) {
  const StartAnswer first = start_order("order-7");
  const StartAnswer again = start_order("order-7");
  EXPECT_TRUE(again.existing);
  EXPECT_EQ(again.arn, first.arn);
  const StartAnswer other = start_order("order-7", 8);
  EXPECT_FALSE(other.ok());
  EXPECT_EQ(other.error, "DurableExecutionAlreadyStartedException");
  EXPECT_EQ(service_.execution_count(), 1U);
}

TEST_F(DurableClientTest, StartsOneMoreExecutionEachTimeWithoutAName) {
  EXPECT_NE(start_order("").arn, start_order("").arn);
  EXPECT_EQ(service_.execution_count(), 2U);
}

TEST_F(DurableClientTest, IsRefusedWhatTheServiceRefuses) {
  FunctionConfig config = a_function("order");
  config.execution_timeout_seconds = 901;
  service_.register_function(config);
  const StartAnswer synchronous =
      lambda_.start("order:$LATEST", "order-7", 7, InvocationType::kRequestResponse);
  EXPECT_EQ(synchronous.error, "InvalidParameterValueException");
  EXPECT_EQ(synchronous.message,
            "You cannot synchronously invoke a durable function with an executionTimeout greater "
            "than 15 minutes.");
  EXPECT_EQ(lambda_.start("parcel:$LATEST", "parcel-7", 7).error, "ResourceNotFoundException");
  EXPECT_EQ(service_.execution_count(), 0U);
}

TEST_F(DurableClientTest, TheFirstAnswerToACallbackWins) {
  start_and_begin();
  accept({callback_start("c", 60)});
  const std::string id = record("c").callback_id.str();
  EXPECT_TRUE(lambda_.succeed_callback(id, "yes").accepted);
  EXPECT_EQ(record("c").result, "yes");
  const CallbackReply late = lambda_.fail_callback(id, {});
  EXPECT_FALSE(late.accepted);
  EXPECT_EQ(late.error, "CallbackTimeoutException");
  EXPECT_EQ(status("c"), OperationStatus::kSucceeded);
}

TEST_F(DurableClientTest, FailsACallback) {
  start_and_begin();
  accept({callback_start("c", 60)});
  ErrorObject error;
  error.type = "Refused";
  EXPECT_TRUE(lambda_.fail_callback(record("c").callback_id.str(), error).accepted);
  EXPECT_EQ(status("c"), OperationStatus::kFailed);
  EXPECT_EQ(record("c").error->type, "Refused");
}

TEST_F(DurableClientTest, EveryCallIsOneEffectThatTellsWhetherItChangedAnything) {
  RecordingSink run;
  start_order("order-7");
  EXPECT_EQ(run.last().call, "lambda.start(order:$LATEST, 7)");
  EXPECT_EQ(run.last().key, "order-7");
  EXPECT_TRUE(run.last().changed);
  start_order("order-7");
  EXPECT_FALSE(run.last().changed);
  start_order("order-7", 8);
  EXPECT_FALSE(run.last().changed);
  lambda_.succeed_callback("nobody", "yes");
  EXPECT_EQ(run.last().call, R"(lambda.succeed_callback(nobody, "yes"))");
  EXPECT_FALSE(run.last().changed);
  lambda_.fail_callback("nobody", {});
  EXPECT_EQ(run.last().call, "lambda.fail_callback(nobody, Error)");
  EXPECT_THAT(run.seen(), SizeIs(5));
}

TEST_F(DurableClientTest, ADeadProcessStartsNothing) {
  RecordingSink run;
  run.die_before(1);
  EXPECT_THROW(start_order("order-7"), PowerCut);
  EXPECT_EQ(service_.execution_count(), 0U);
}

TEST(DurableClientOutsideRuns, IsRefusedEverything) {
  DurableClient lambda;
  const StartAnswer answer = lambda.start("order:$LATEST", "order-7", 7);
  EXPECT_FALSE(answer.ok());
  EXPECT_EQ(answer.error, "ServiceException");
  EXPECT_FALSE(lambda.succeed_callback("id", "yes").accepted);
}

}  // namespace
}  // namespace reprise::fakes
