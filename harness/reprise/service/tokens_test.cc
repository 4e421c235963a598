// Checkpoint tokens (PROTOCOL 4.3, F-8 to F-10) and the other texts that the service makes up.

#include <string>

#include "reprise/service/internal/names.h"
#include "reprise/service/service_test_support.h"

namespace reprise {
namespace {

using testing::IsEmpty;
using testing::MatchesRegex;
using testing::SizeIs;
using A = OperationAction;

constexpr const char* kInvalidToken = "Invalid checkpoint token";

class Token : public ServiceTest {
 protected:
  Token() { start_and_begin(); }
  ApiError refusal_of(const std::string& token) {
    token_ = token;
    return refuse({step_start("never")});
  }
};

TEST_F(Token, IsUsedUpByEachAcceptedCall) {  // PROTOCOL 4.3.2
  const std::string first = token_;
  accept({step_start("a")});
  const std::string second = token_;
  accept({});
  EXPECT_NE(first, second);
  EXPECT_NE(second, token_);
  EXPECT_THAT(refusal_of(first), RefusedWith(kInvalidToken));
  EXPECT_THAT(refusal_of(second), RefusedWith(kInvalidToken));
}

TEST_F(Token, DiesWithItsInvocation) {  // PROTOCOL 4.3.5, F-18
  const std::string old = token_;
  crash();
  EXPECT_THAT(refusal_of(old), RefusedWith(kInvalidToken));
  begin();
  const std::string fresh = token_;
  EXPECT_THAT(refusal_of(old), RefusedWith(kInvalidToken));
  token_ = fresh;
  accept({step_start("a")});
}

TEST_F(Token, IsWorthNothingOnceTheExecutionIsClosed) {
  ASSERT_TRUE(service_.stop(arn_).ok());
  EXPECT_THAT(refuse({step_start("a")}), RefusedWith(kInvalidToken));
}

TEST_F(Token, OfAnotherExecutionIsCalledByItsName) {  // PROTOCOL 4.2
  const std::string first_arn = arn_;
  start_and_begin();
  arn_ = first_arn;
  EXPECT_THAT(refuse({step_start("a")}),
              RefusedWith("Checkpoint token is not valid for the durable execution ARN"));
}

TEST_F(Token, OfAnExecutionThatWasSweptIsAsInvalidAsBefore) {  // PROTOCOL 10.6
  end_succeeded();
  advance_seconds(14 * 86400);
  EXPECT_THAT(refuse({}), RefusedWith("Invalid checkpoint token"));
  service_.sweep_retention();
  EXPECT_THAT(refuse({}), RefusedWith("Invalid checkpoint token"));
}

TEST_F(Token, MustBeOneThatTheServiceMade) {
  EXPECT_THAT(refusal_of(""), RefusedWith(kInvalidToken));
  EXPECT_THAT(refusal_of("AAAAAAAAAAAA"), RefusedWith(kInvalidToken));
  EXPECT_THAT(refusal_of("////////////"), RefusedWith(kInvalidToken));
  EXPECT_THAT(refusal_of("not a token!"), RefusedWith(kInvalidToken));
}

TEST_F(Token, OfAnExecutionThatDoesNotExistIsInvalid) {
  const auto text = internal::encode_token({.execution = 1, .invocation = 1, .sequence = 1});
  token_.assign(text.data(), text.size());
  EXPECT_EQ(checkpoint({}, "once").error().message, kInvalidToken);
  EXPECT_EQ(checkpoint({}).error().message, kInvalidToken);
}

TEST_F(Token, OfNoExecutionIsInvalidToo) {  // not a 404
  arn_ = "arn:aws:lambda:us-east-1:123456789012:function:order:$LATEST/durable-execution/no/no";
  EXPECT_EQ(refuse({step_start("a")}).code, "InvalidParameterValueException");
}

TEST_F(Token, IsBase64TextThatFitsIntoAShortString) {  // F-9
  EXPECT_THAT(token_, MatchesRegex("[A-Za-z0-9+/]+"));
  EXPECT_LE(token_.size(), 15);
  EXPECT_EQ(token_.size() % 4, 0);
}

TEST_F(Token, IsNeededToReadTheState) {
  StateRequest request;
  request.durable_execution_arn = arn_;
  request.checkpoint_token = "AAAAAAAAAAAA";
  EXPECT_THAT(service_.get_state(request).error(), RefusedWith(kInvalidToken));
  request.checkpoint_token = token_;
  EXPECT_TRUE(service_.get_state(request).ok());
  accept({step_start("a")});  // reading does not use it up
}

TEST_F(Token, IsMissingFromTheAnswerThatClosesTheExecution) {  // PROTOCOL 4.3.4
  const auto answer = checkpoint({step_start("a"), execution_update(A::kSucceed, "\"big\"")});
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->checkpoint_token, std::nullopt);
  EXPECT_THAT(answer->operations, SizeIs(1));
}

TEST_F(Token, IsTheSameInEachRun) {
  const std::string first = token_;
  FakeService other;
  other.register_function(a_function("order"));
  ASSERT_TRUE(other.start(a_start("order:$LATEST")).ok());
  const InvocationInput input = other.begin_invocation(0);
  EXPECT_EQ(input.checkpoint_token, first);
  EXPECT_EQ(input.durable_execution_arn, arn_);
}

TEST_F(Token, OfAClientMakesARepeatedCallHarmless) {  // PROTOCOL 4.3.6
  const std::string before = token_;
  const auto first = checkpoint({step_start("a")}, "once");
  ASSERT_TRUE(first.ok());
  const std::string after = token_;
  token_ = before;
  const auto again = checkpoint({step_start("a")}, "once");
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->checkpoint_token, first->checkpoint_token);
  EXPECT_EQ(again->operations, first->operations);
  EXPECT_EQ(token_, after);
  EXPECT_THAT(events(), SizeIs(2));
  accept({step_succeed("a")});
}

TEST_F(Token, OfAClientIsForgottenAfterAQuarterOfAnHour) {
  const std::string before = token_;
  ASSERT_TRUE(checkpoint({step_start("a")}, "once").ok());
  token_ = before;
  advance_seconds(901);
  EXPECT_EQ(checkpoint({step_start("a")}, "once").error().message, kInvalidToken);
}

TEST_F(Token, OfAClientDoesNotRepeatAnotherCall) {
  const std::string before = token_;
  ASSERT_TRUE(checkpoint({step_start("a")}, "once").ok());
  ASSERT_TRUE(checkpoint({step_start("b")}, "once").ok());  // another inbound token: another call
  EXPECT_NE(execution().find("b"), nullptr);
  token_ = before;
  EXPECT_FALSE(checkpoint({step_start("c")}, "twice").ok());
  EXPECT_EQ(checkpoint({}, std::string(65, 'x')).error().code, "ValidationException");
}

TEST_F(Token, OfAClientDoesNotRepeatTheClosingCall) {
  ASSERT_TRUE(checkpoint({execution_update(A::kSucceed, "1")}, "once").ok());
  EXPECT_EQ(checkpoint({execution_update(A::kSucceed, "1")}, "once").error().message,
            kInvalidToken);
}

TEST(TokenText, HoldsItsParts) {
  const internal::TokenParts parts{.execution = 70000, .invocation = 12345, .sequence = 987654321};
  const auto text = internal::encode_token(parts);
  EXPECT_EQ(internal::decode_token({text.data(), text.size()}), parts);
  EXPECT_EQ(internal::decode_token("short"), std::nullopt);
  EXPECT_EQ(internal::decode_token("AAAA AAAAAAA"), std::nullopt);
}

TEST(CallbackId, HoldsExecutionAndOperation) {
  const std::string arn = internal::execution_arn("f", "$LATEST", "name", "id");
  for (const char* operation : {"a", "ab", "abc"}) {  // all three kinds of base64 padding
    const std::string id = internal::callback_id(arn, operation);
    EXPECT_THAT(id, MatchesRegex("[A-Za-z0-9+/]+=?=?"));
    const auto target = internal::parse_callback_id(id);
    ASSERT_TRUE(target.has_value());
    EXPECT_EQ(target->arn, arn);
    EXPECT_EQ(target->operation_id, operation);
  }
  for (const char* bad : {"", "a", "====", "AAAA", "!!!!", "e30=", "eyJhcm4iOiI="}) {
    EXPECT_EQ(internal::parse_callback_id(bad), std::nullopt) << bad;
  }
}

TEST(Arn, HoldsItsParts) {  // PROTOCOL 10.1
  const std::string arn = internal::execution_arn("order", "7", "name", "id");
  EXPECT_EQ(arn,
            "arn:aws:lambda:us-east-1:123456789012:function:order:7/durable-execution/name/id");
  const auto parts = internal::parse_execution_arn(arn);
  ASSERT_TRUE(parts.has_value());
  EXPECT_EQ(parts->function, "order");
  EXPECT_EQ(parts->version, "7");
  EXPECT_EQ(parts->name, "name");
  EXPECT_EQ(parts->id, "id");
  EXPECT_EQ(internal::parse_execution_arn("order"), std::nullopt);
  EXPECT_EQ(internal::parse_execution_arn(arn.substr(0, 60)), std::nullopt);
}

TEST(FunctionReference, IsANameOrAnArnWithOrWithoutQualifier) {
  EXPECT_THAT(internal::parse_function_reference("f").qualifier, IsEmpty());
  EXPECT_EQ(internal::parse_function_reference("f:live").qualifier, "live");
  const auto reference =
      internal::parse_function_reference("arn:aws:lambda:eu-west-1:1:function:f:$LATEST");
  EXPECT_EQ(reference.name, "f");
  EXPECT_EQ(reference.qualifier, "$LATEST");
  EXPECT_EQ(reference.region, "eu-west-1");
  EXPECT_EQ(reference.account, "1");
}

TEST(Uuid, HasTheFormAndDependsOnTheSeedAlone) {
  EXPECT_THAT(internal::uuid_from(1),
              MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  EXPECT_EQ(internal::uuid_from(1), internal::uuid_from(1));
  EXPECT_NE(internal::uuid_from(1), internal::uuid_from(2));
}

}  // namespace
}  // namespace reprise
