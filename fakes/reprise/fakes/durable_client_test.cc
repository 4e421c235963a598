#include "reprise/fakes/durable_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <concepts>
#include <stdexcept>
#include <string>

#include "reprise/fakes/recording_sink_test_support.h"
#include "reprise/service/service_test_support.h"

namespace reprise::fakes {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

static_assert(std::copyable<DurableClient> && std::equality_comparable<DurableClient>);

/// The service of a run, driven by hand.
class DurableClientTest : public ServiceTest {
 protected:
  DurableClientTest() { run_.serve(service_); }

  ClientAnswer start_order(const std::string& name, int number = 7) {
    return lambda_.start("order:$LATEST", name, number);
  }

  RecordingSink run_;
  DurableClient lambda_;
};

TEST_F(DurableClientTest, StartsAnExecutionByName) {
  const ClientAnswer answer = start_order("order-7");
  EXPECT_TRUE(answer.ok());
  EXPECT_FALSE(answer.existing);
  EXPECT_THAT(answer.execution_arn, HasSubstr("order-7"));
  ASSERT_EQ(service_.execution_count(), 1U);
  EXPECT_EQ(service_.execution(0).name, "order-7");
  EXPECT_EQ(service_.execution(0).input_payload, "7");
}

TEST_F(DurableClientTest, GivesTheExecutionThatExistsToWhoStartsItAgain) {
  const ClientAnswer first = start_order("order-7");
  const ClientAnswer again = start_order("order-7");
  EXPECT_TRUE(again.existing);
  EXPECT_EQ(again.execution_arn, first.execution_arn);
  const ClientAnswer other = start_order("order-7", 8);
  EXPECT_FALSE(other.ok());
  EXPECT_EQ(other.error, "DurableExecutionAlreadyStartedException");
  EXPECT_EQ(service_.execution_count(), 1U);
}

TEST_F(DurableClientTest, StartsOneMoreExecutionEachTimeWithoutAName) {
  EXPECT_NE(start_order("").execution_arn, start_order("").execution_arn);
  EXPECT_EQ(service_.execution_count(), 2U);
}

TEST_F(DurableClientTest, IsRefusedWhatTheServiceRefuses) {
  FunctionConfig config = a_function("order");
  config.execution_timeout_seconds = 901;
  service_.register_function(config);
  const ClientAnswer synchronous =
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
  EXPECT_TRUE(lambda_.succeed_callback(id, "yes").ok());
  EXPECT_EQ(record("c").result, "yes");
  const ClientAnswer late = lambda_.fail_callback(id, {});
  EXPECT_FALSE(late.ok());
  EXPECT_EQ(late.error, "CallbackTimeoutException");
  EXPECT_EQ(status("c"), OperationStatus::kSucceeded);
}

TEST_F(DurableClientTest, FailsACallback) {
  start_and_begin();
  accept({callback_start("c", 60)});
  ErrorObject error;
  error.type = "Refused";
  EXPECT_TRUE(lambda_.fail_callback(record("c").callback_id.str(), error).ok());
  EXPECT_EQ(status("c"), OperationStatus::kFailed);
  EXPECT_EQ(record("c").error->type, "Refused");
}

TEST_F(DurableClientTest, EveryCallIsOneEffectThatTellsWhetherItChangedAnything) {
  start_order("order-7");
  EXPECT_EQ(run_.last().call, "lambda.start(order:$LATEST, 7)");
  EXPECT_EQ(run_.last().key, "order-7");
  EXPECT_TRUE(run_.last().changed);
  start_order("order-7");
  EXPECT_FALSE(run_.last().changed);
  start_order("order-7", 8);
  EXPECT_FALSE(run_.last().changed);
  lambda_.succeed_callback("nobody", "yes");
  EXPECT_EQ(run_.last().call, R"(lambda.succeed_callback(nobody, "yes"))");
  EXPECT_FALSE(run_.last().changed);
  lambda_.fail_callback("nobody", {});
  EXPECT_EQ(run_.last().call, "lambda.fail_callback(nobody, Error)");
  EXPECT_THAT(run_.seen(), SizeIs(5));
}

TEST_F(DurableClientTest, ADeadProcessStartsNothing) {
  run_.die_before(1);
  EXPECT_THROW(start_order("order-7"), PowerCut);
  EXPECT_EQ(service_.execution_count(), 0U);
}

TEST_F(DurableClientTest, RenewsTheHeartbeatOfACallback) {
  start_and_begin();
  accept({callback_start("c", 60)});
  EXPECT_EQ(lambda_.heartbeat(record("c").callback_id.str()).http_status, 200);
  EXPECT_EQ(lambda_.heartbeat("nobody").error, "InvalidParameterValueException");
}

TEST_F(DurableClientTest, SendsWhatHasATenant) {
  FunctionConfig config = a_function("workflow");
  config.per_tenant = true;
  service_.register_function(config);
  StartRequest request;
  request.function_name = "workflow:$LATEST";
  request.tenant_id = "acme";
  EXPECT_EQ(lambda_.send(request).http_status, 202);
  EXPECT_EQ(service_.execution(0).tenant_id, "acme");
}

TEST(DurableClientOutsideRuns, HasNoService) {
  EXPECT_THROW(DurableClient().start("order:$LATEST", "order-7", 7), std::logic_error);
}

}  // namespace
}  // namespace reprise::fakes
