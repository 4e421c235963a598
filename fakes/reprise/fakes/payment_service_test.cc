#include "reprise/fakes/payment_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <concepts>
#include <cstdint>
#include <limits>
#include <source_location>
#include <stdexcept>
#include <string>

#include "reprise/fakes/recording_sink_test_support.h"
#include "reprise/sdk/serdes.h"

namespace reprise::fakes {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::SizeIs;

static_assert(std::copyable<PaymentService> && std::equality_comparable<PaymentService>);

class PaymentServiceTest : public testing::Test {
 protected:
  std::string authorised(std::int64_t cents) {
    return payments_.authorise("order-1", "4242", cents).payment_id;
  }
  std::string captured(std::int64_t cents) {
    std::string id = authorised(cents);
    payments_.capture(id, cents);
    return id;
  }

  PaymentService payments_;
};

TEST_F(PaymentServiceTest, AuthorisesCapturesAndRefunds) {
  const PaymentAnswer held = payments_.authorise("order-1", "4242", 1200);
  EXPECT_TRUE(held.ok());
  EXPECT_EQ(held.payment_id, "pay-order-1-1");
  EXPECT_EQ(payments_.find("pay-order-1-1")->state(), PaymentState::kAuthorised);
  EXPECT_TRUE(payments_.capture(held.payment_id, 1000).ok());
  EXPECT_EQ(payments_.find("pay-order-1-1")->state(), PaymentState::kCaptured);
  EXPECT_TRUE(payments_.refund(held.payment_id, 400).ok());
  EXPECT_TRUE(payments_.refund(held.payment_id, 600).ok());
  EXPECT_EQ(payments_.find("pay-order-1-1")->state(), PaymentState::kRefunded);
  EXPECT_EQ(payments_.captured_cents("order-1"), 1000);
  EXPECT_EQ(payments_.refunded_cents("order-1"), 1000);
}

TEST_F(PaymentServiceTest, VoidsWhatWasNotCaptured) {
  const std::string id = authorised(500);
  EXPECT_TRUE(payments_.void_payment(id).ok());
  EXPECT_EQ(payments_.find(id)->state(), PaymentState::kVoided);
  EXPECT_EQ(payments_.capture(id, 500).status, PaymentStatus::kRefused);
  EXPECT_EQ(payments_.void_payment(id).status, PaymentStatus::kRefused);
  EXPECT_EQ(payments_.void_payment(captured(500)).status, PaymentStatus::kRefused);
}

TEST_F(PaymentServiceTest, CapturesOnceUpToTheAuthorisedAmount) {
  const std::string id = authorised(500);
  EXPECT_EQ(payments_.capture(id, 501).status, PaymentStatus::kRefused);
  EXPECT_TRUE(payments_.capture(id, 300).ok());
  EXPECT_EQ(payments_.capture(id, 200).status, PaymentStatus::kRefused);
  EXPECT_EQ(payments_.captures_of("order-1"), 1);
}

TEST_F(PaymentServiceTest, RefundsNoMoreThanWasCaptured) {
  const std::string id = captured(500);
  EXPECT_TRUE(payments_.refund(id, 400).ok());
  const PaymentAnswer second = payments_.refund(id, 400);
  EXPECT_EQ(second.status, PaymentStatus::kRefused);
  EXPECT_EQ(second.message, "only 1.00 are left to refund");
  EXPECT_EQ(payments_.refunded_cents("order-1"), 400);
}

TEST_F(PaymentServiceTest, RefundsAnythingWhenTheProcessorDoesNotCompare) {
  payments_.allow_over_refund();
  const std::string id = captured(500);
  EXPECT_TRUE(payments_.refund(id, 500).ok());
  EXPECT_TRUE(payments_.refund(id, 500).ok());
  EXPECT_EQ(payments_.refunded_cents("order-1"), 1000);
  const auto most = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(payments_.refund(id, most).status, PaymentStatus::kRefused);
  EXPECT_EQ(payments_.refunded_cents("order-1"), 1000);
}

TEST_F(PaymentServiceTest, RefusesUnknownPaymentsAndAmountsBelowACent) {
  EXPECT_EQ(payments_.capture("pay-9", 1).status, PaymentStatus::kRefused);
  EXPECT_EQ(payments_.refund("pay-9", 1).status, PaymentStatus::kRefused);
  EXPECT_EQ(payments_.void_payment("pay-9").status, PaymentStatus::kRefused);
  EXPECT_EQ(payments_.authorise("order-1", "4242", 0).status, PaymentStatus::kRefused);
  EXPECT_EQ(payments_.refund(captured(5), -5).status, PaymentStatus::kRefused);
  EXPECT_FALSE(payments_.find("pay-9").has_value());
}

TEST_F(PaymentServiceTest, DeclinesByTheRulesOfTheTest) {
  payments_.decline_card("0002", "insufficient funds");
  payments_.decline_above(10000);
  const PaymentAnswer answer = payments_.authorise("order-1", "0002", 100);
  EXPECT_EQ(answer, (PaymentAnswer{PaymentStatus::kDeclined, "", "insufficient funds"}));
  EXPECT_EQ(payments_.authorise("order-1", "4242", 10001).status, PaymentStatus::kDeclined);
  EXPECT_TRUE(payments_.authorise("order-1", "4242", 10000).ok());
}

TEST_F(PaymentServiceTest, HoldsTheMoneyTwiceWithoutAKey) {
  authorised(700);
  authorised(700);
  EXPECT_THAT(payments_.payments_of("order-1"), SizeIs(2));
}

TEST_F(PaymentServiceTest, AnswersARepeatedKeyLikeTheFirstTime) {
  RecordingSink run;
  const PaymentAnswer first = payments_.authorise("order-1", "4242", 700, "auth/order-1");
  EXPECT_TRUE(run.last().changed);
  const PaymentService before = payments_;
  EXPECT_EQ(payments_.authorise("order-1", "4242", 700, "auth/order-1"), first);
  EXPECT_FALSE(run.last().changed);
  EXPECT_EQ(payments_, before);

  payments_.capture(first.payment_id, 700, "capture/order-1");
  EXPECT_TRUE(payments_.capture(first.payment_id, 700, "capture/order-1").ok());
  payments_.refund(first.payment_id, 300, "refund/order-1");
  EXPECT_TRUE(payments_.refund(first.payment_id, 300, "refund/order-1").ok());
  EXPECT_EQ(payments_.refunded_cents("order-1"), 300);
}

TEST_F(PaymentServiceTest, IgnoresKeysWhenItIsALegacyService) {
  payments_.ignore_keys();
  EXPECT_TRUE(payments_.authorise("order-1", "4242-4242", 1200, "auth/order-1").ok());
  EXPECT_TRUE(payments_.authorise("order-1", "4242-4242", 1200, "auth/order-1").ok());
  EXPECT_TRUE(payments_.authorise("order-1", "4242-4242", 900, "auth/order-1").ok());
  EXPECT_THAT(payments_.payments_of("order-1"), SizeIs(3));
}

TEST_F(PaymentServiceTest, RemembersDeclinesUnderTheirKey) {
  payments_.decline_above(100);
  RecordingSink run;
  EXPECT_EQ(payments_.authorise("order-1", "4242", 700, "k").status, PaymentStatus::kDeclined);
  EXPECT_TRUE(run.last().changed);
  payments_.decline_above(1000);
  EXPECT_EQ(payments_.authorise("order-1", "4242", 700, "k").status, PaymentStatus::kDeclined);
  EXPECT_FALSE(run.last().changed);
}

TEST_F(PaymentServiceTest, ForgetsWhatItRefused) {
  const std::string id = authorised(500);
  EXPECT_EQ(payments_.refund(id, 500, "k").status, PaymentStatus::kRefused);
  payments_.capture(id, 500);
  EXPECT_TRUE(payments_.refund(id, 500, "k").ok());
}

TEST_F(PaymentServiceTest, RefusesAKeyThatWasUsedForAnotherRequest) {
  RecordingSink run;
  const std::string id = payments_.authorise("order-1", "4242", 700, "k").payment_id;
  const PaymentService before = payments_;
  EXPECT_EQ(payments_.authorise("order-1", "4242", 701, "k").status, PaymentStatus::kKeyReused);
  EXPECT_EQ(payments_.authorise("order-1", "4343", 700, "k").status, PaymentStatus::kKeyReused);
  EXPECT_EQ(payments_.authorise("order-2", "4242", 700, "k").status, PaymentStatus::kKeyReused);
  EXPECT_EQ(payments_.capture(id, 700, "k").status, PaymentStatus::kKeyReused);
  EXPECT_FALSE(run.last().changed);
  EXPECT_EQ(payments_, before);
}

TEST_F(PaymentServiceTest, AnswersQueriesByOrder) {
  payments_.authorise("b", "4242", 1);
  payments_.authorise("a", "4242", 2);
  payments_.authorise("b", "4242", 3);
  EXPECT_THAT(payments_.payments_of("b"),
              ElementsAre(Field(&Payment::id, "pay-b-1"), Field(&Payment::id, "pay-b-2")));
  EXPECT_THAT(payments_.payments_of("c"), IsEmpty());
  EXPECT_THAT(payments_.payments(), SizeIs(3));
}

TEST_F(PaymentServiceTest, DoesNotDependOnHowOrdersInterleave) {
  PaymentService other;
  for (const char* order : {"a", "b"}) payments_.authorise(order, "4242", 100, order);
  for (const char* order : {"b", "a"}) other.authorise(order, "4242", 100, order);
  EXPECT_EQ(payments_, other);
}

TEST_F(PaymentServiceTest, EveryCallIsOneEffectWithItsKeyAndLine) {
  RecordingSink run;
  const auto line = std::source_location::current().line() + 1;
  payments_.authorise("order-1", "4242", 1205, "k1");
  EXPECT_EQ(run.last().call, "payments.authorise(order-1, 4242, 12.05)");
  EXPECT_EQ(run.last().key, "k1");
  EXPECT_EQ(run.last().line, line);
  EXPECT_FALSE(run.last().repeatable);
  payments_.capture("pay-order-1-1", 1200);
  EXPECT_EQ(run.last().call, "payments.capture(pay-order-1-1, 12.00)");
  payments_.refund("pay-order-1-1", 7);
  EXPECT_EQ(run.last().call, "payments.refund(pay-order-1-1, 0.07)");
  payments_.void_payment("pay-order-1-1");
  EXPECT_EQ(run.last().call, "payments.void(pay-order-1-1)");
  EXPECT_FALSE(run.last().changed);
  EXPECT_THAT(run.seen(), SizeIs(4));
}

TEST_F(PaymentServiceTest, RecognisesAKeyThatAnotherProcessUsedMeanwhile) {
  const auto authorise = [&] { return payments_.authorise("order-1", "4242", 100, "k"); };
  RecordingSink run;
  run.meanwhile(authorise);
  EXPECT_EQ(authorise().payment_id, "pay-order-1-1");
  EXPECT_FALSE(run.last().changed);
  EXPECT_THAT(payments_.payments(), SizeIs(1));
}

TEST_F(PaymentServiceTest, CrashAfterACallLeavesItDoneAndIgnoresTheRest) {
  RecordingSink run;
  run.die_after(1);
  EXPECT_THROW(payments_.authorise("order-1", "4242", 100), PowerCut);
  EXPECT_THROW(payments_.capture("pay-order-1-1", 100), PowerCut);
  EXPECT_EQ(payments_.find("pay-order-1-1")->state(), PaymentState::kAuthorised);
}

TEST_F(PaymentServiceTest, CrashBeforeACallLeavesNoTraceOfItsKey) {
  const PaymentService before = payments_;
  RecordingSink run;
  run.die_before(1);
  EXPECT_THROW(payments_.authorise("order-1", "4242", 100, "k"), PowerCut);
  EXPECT_EQ(payments_, before);
}

TEST_F(PaymentServiceTest, DestructorsOfADeadProcessGetNoAnswer) {
  struct Guard {
    PaymentService& payments;
    PaymentAnswer& answer;
    ~Guard() { answer = payments.void_payment("pay-order-1-1"); }
  };
  PaymentAnswer answer{PaymentStatus::kApproved, "x", ""};
  RecordingSink run;
  run.die_after(1);
  const auto body = [&] {
    const Guard guard{payments_, answer};
    authorised(100);
  };
  EXPECT_THROW(body(), PowerCut);
  EXPECT_EQ(answer, PaymentAnswer());
  EXPECT_EQ(payments_.find("pay-order-1-1")->state(), PaymentState::kAuthorised);
}

TEST_F(PaymentServiceTest, CallsDuringATeardownChangeNothing) {
  RecordingSink run;
  run.tear_down();
  EXPECT_EQ(payments_.authorise("order-1", "4242", 100), PaymentAnswer());
  EXPECT_EQ(payments_, PaymentService());
}

TEST_F(PaymentServiceTest, DeclinesTheNextAuthorisations) {
  payments_.decline_next(2, "no funds");
  const PaymentAnswer first = payments_.authorise("order-1", "4242", 500, "a");
  EXPECT_EQ(first.status, PaymentStatus::kDeclined);
  EXPECT_EQ(first.message, "no funds");
  EXPECT_EQ(payments_.authorise("order-1", "4242", 500, "a"), first);  // a repeat does not count
  EXPECT_EQ(payments_.authorise("order-1", "4242", 500).status, PaymentStatus::kDeclined);
  EXPECT_TRUE(payments_.authorise("order-1", "4242", 500).ok());
}

TEST_F(PaymentServiceTest, IsBusyForTheNextCallsAndDecidesNothingThen) {
  const PaymentAnswer held = payments_.authorise("order-1", "4242", 500, "auth");
  payments_.busy_next(2);
  EXPECT_EQ(payments_.authorise("order-1", "4242", 500, "auth").status, PaymentStatus::kBusy);
  EXPECT_EQ(payments_.capture(held.payment_id, 500, "take").status, PaymentStatus::kBusy);
  EXPECT_EQ(payments_.captured_cents("order-1"), 0);
  EXPECT_TRUE(payments_.capture(held.payment_id, 500, "take").ok());
}

TEST_F(PaymentServiceTest, CountingDownIsAChange) {
  RecordingSink sink;
  payments_.busy_next(1);
  payments_.decline_next(1);
  payments_.authorise("order-1", "4242", 500);
  payments_.authorise("order-1", "4242", 500);
  payments_.authorise("order-1", "4242", 0);
  ASSERT_THAT(sink.seen(), SizeIs(3));
  EXPECT_TRUE(sink.seen()[0].changed);
  EXPECT_TRUE(sink.seen()[1].changed);
  EXPECT_FALSE(sink.seen()[2].changed);
}

TEST_F(PaymentServiceTest, AnswersAreJson) {
  payments_.decline_card("4000", "no funds");
  for (const char* card : {"4242", "4000"}) {
    const PaymentAnswer answer = payments_.authorise("order-1", card, 500);
    EXPECT_EQ(Serdes<PaymentAnswer>::decode(Serdes<PaymentAnswer>::encode(answer)), answer);
  }
  EXPECT_THROW(Serdes<PaymentAnswer>::decode(
                   SharedText(R"({"status":"Maybe","payment_id":"","message":""})")),
               std::invalid_argument);
}

}  // namespace
}  // namespace reprise::fakes
