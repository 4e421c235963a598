#include "reprise/fakes/sms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <concepts>
#include <source_location>
#include <stdexcept>
#include <string>

#include "reprise/fakes/recording_sink_test_support.h"
#include "reprise/sdk/serdes.h"

namespace reprise::fakes {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

static_assert(std::copyable<SmsGateway> && std::equality_comparable<SmsGateway>);

const std::string kAnn = "+4915201234567";
const std::string kBob = "+14155550100";
const std::string kText = "Your order is on its way";

std::string times(int n, const std::string& text) {
  std::string all;
  for (int i = 0; i < n; ++i) all += text;
  return all;
}

TEST(SmsGateway, SendsAgainWithoutAToken) {
  SmsGateway sms;
  EXPECT_EQ(sms.send(kAnn, kText).message_id, "sms-" + kAnn + "-1");
  EXPECT_EQ(sms.send(kAnn, kText).message_id, "sms-" + kAnn + "-2");
  EXPECT_THAT(sms.accepted_for(kAnn), SizeIs(2));
  EXPECT_EQ(sms.parts_charged(), 2);
  EXPECT_THAT(sms.accepted_for(kBob), IsEmpty());
}

TEST(SmsGateway, SendsOnceUnderATokenAndAnswersTheRepeatLikeTheFirst) {
  SmsGateway sms;
  RecordingSink run;
  const SmsAnswer first = sms.send(kAnn, kText, "shipped/order-1");
  EXPECT_TRUE(first.ok());
  EXPECT_TRUE(run.last().changed);
  const SmsGateway before = sms;
  EXPECT_EQ(sms.send(kAnn, kText, "shipped/order-1"), first);
  EXPECT_FALSE(run.last().changed);
  EXPECT_EQ(sms.send(kBob, kText, "shipped/order-1").status, SmsStatus::kTokenReused);
  EXPECT_EQ(sms.send(kAnn, "Another", "shipped/order-1").status, SmsStatus::kTokenReused);
  EXPECT_FALSE(run.last().changed);
  EXPECT_EQ(sms, before);
  sms.opt_out(kAnn);
  EXPECT_EQ(sms.send(kAnn, kText, "shipped/order-1"), first);
}

TEST(SmsGateway, SendsNothingToWhoWantsNone) {
  SmsGateway sms;
  sms.opt_out(kAnn);
  const SmsGateway before = sms;
  RecordingSink run;
  EXPECT_EQ(sms.send(kAnn, kText, "t").status, SmsStatus::kOptedOut);
  EXPECT_FALSE(run.last().changed);
  EXPECT_EQ(sms, before);
  EXPECT_TRUE(sms.send(kBob, kText).ok());
  // It was not remembered.
  sms.opt_in(kAnn);
  EXPECT_TRUE(sms.send(kAnn, kText, "t").ok());
}

TEST(SmsGateway, RefusesNumbersAndTextsThatAreNone) {
  SmsGateway sms;
  for (const char* number : {"", "+", "4915201234567", "+1234567", "+0123456789",
                             "+1234567890123456", "+49 152 0123", "+49152o1234567"}) {
    EXPECT_EQ(sms.send(number, kText).status, SmsStatus::kInvalidNumber) << number;
  }
  EXPECT_EQ(sms.send(kAnn, "").status, SmsStatus::kInvalidText);
  EXPECT_EQ(sms.send(kAnn, std::string(1531, 'x')).status, SmsStatus::kInvalidText);
  EXPECT_THAT(sms.accepted(), IsEmpty());
  EXPECT_EQ(sms.send(kAnn, std::string(1530, 'x')).parts, 10);
}

TEST(SmsParts, CountAsTheAlphabetOfGsmDoes) {
  EXPECT_EQ(sms_parts(""), 0);
  EXPECT_EQ(sms_parts("Grüße aus Kiel @ 5 £\n"), 1);
  EXPECT_EQ(sms_parts(std::string(160, 'x')), 1);
  EXPECT_EQ(sms_parts(std::string(161, 'x')), 2);
  EXPECT_EQ(sms_parts(std::string(306, 'x')), 2);
  EXPECT_EQ(sms_parts(std::string(307, 'x')), 3);
  EXPECT_EQ(sms_parts(times(160, "ü")), 1);
  EXPECT_EQ(sms_parts(times(80, "€")), 1);
  EXPECT_EQ(sms_parts(times(81, "€")), 2);
  // 76 of them fill 152 of 153: the next one is not torn apart.
  EXPECT_EQ(sms_parts(times(152, "[")), 2);
  EXPECT_EQ(sms_parts(times(153, "[")), 3);
}

TEST(SmsParts, CountAsUtf16DoesWithAnyOtherCharacter) {
  EXPECT_EQ(sms_parts(times(70, "ж")), 1);
  EXPECT_EQ(sms_parts(times(71, "ж")), 2);
  EXPECT_EQ(sms_parts(std::string(69, 'x') + "ж"), 1);
  EXPECT_EQ(sms_parts(std::string(70, 'x') + "ж"), 2);
  EXPECT_EQ(sms_parts(times(35, "📦")), 1);
  EXPECT_EQ(sms_parts(times(36, "📦")), 2);
  // 33 of them fill 66 of 67.
  EXPECT_EQ(sms_parts(times(66, "📦")), 2);
  EXPECT_EQ(sms_parts(times(67, "📦")), 3);
  EXPECT_EQ(sms_parts("`"), 1);
  EXPECT_EQ(sms_parts(std::string(70, '\xff')), 1);
  EXPECT_EQ(sms_parts(std::string(71, '\xff')), 2);
  EXPECT_EQ(sms_parts(std::string(69, 'x') + "\xe2\x82"), 2);
}

TEST(SmsGateway, DeliversOnceTwiceOrNever) {
  SmsGateway sms;
  sms.deliver_twice(kAnn);
  sms.deliver_never(kBob);
  EXPECT_TRUE(sms.send(kAnn, kText, "a").ok());
  EXPECT_TRUE(sms.send(kBob, kText, "b").ok());
  EXPECT_TRUE(sms.send("+33123456789", kText, "c").ok());
  EXPECT_THAT(sms.inbox(kAnn), ElementsAre(kText, kText));
  EXPECT_THAT(sms.inbox(kBob), IsEmpty());
  EXPECT_THAT(sms.inbox("+33123456789"), ElementsAre(kText));
  // The gateway knows of none of that.
  EXPECT_THAT(sms.accepted(), SizeIs(3));
}

TEST(SmsGateway, PromisesNoOrder) {
  SmsGateway sms;
  SmsGateway reversed;
  sms.send(kAnn, "one");
  sms.send(kBob, "two");
  sms.send(kAnn, "three");
  reversed.send(kAnn, "three");
  reversed.send(kBob, "two");
  reversed.send(kAnn, "one");
  EXPECT_EQ(sms, reversed);
}

TEST(SmsGateway, EverySendIsOneEffectWithItsTokenNumberAndLine) {
  SmsGateway sms;
  RecordingSink run;
  const auto line = std::source_location::current().line() + 1;
  sms.send(kAnn, "Code 1234", "code/7");
  EXPECT_EQ(run.last().call, "sms.send(" + kAnn + R"(, "Code 1234"))");
  EXPECT_EQ(run.last().key, "code/7");
  EXPECT_EQ(run.last().object, kAnn);
  EXPECT_EQ(run.last().line, line);
  EXPECT_FALSE(run.last().repeatable);
  EXPECT_THAT(run.seen(), SizeIs(1));
}

TEST(SmsGateway, CrashBeforeASendLeavesTheTokenUnused) {
  SmsGateway sms;
  {
    RecordingSink run;
    run.die_before(1);
    EXPECT_THROW(sms.send(kAnn, kText, "t"), PowerCut);
    EXPECT_EQ(sms, SmsGateway());
  }
  EXPECT_TRUE(sms.send(kAnn, kText, "t").ok());
}

TEST(SmsGateway, CrashAfterASendLeavesItSentAndIgnoresTheRest) {
  SmsGateway sms;
  RecordingSink run;
  run.die_after(1);
  EXPECT_THROW(sms.send(kAnn, kText), PowerCut);
  EXPECT_THROW(sms.send(kAnn, kText), PowerCut);
  EXPECT_THAT(sms.accepted(), SizeIs(1));
}

TEST(SmsGateway, SendsNothingDuringATeardown) {
  SmsGateway sms;
  RecordingSink run;
  run.tear_down();
  EXPECT_EQ(sms.send(kAnn, kText, "t").status, SmsStatus::kNoAnswer);
  EXPECT_EQ(sms, SmsGateway());
}

TEST(SmsGateway, AnswersAreJson) {
  SmsGateway sms;
  for (const SmsAnswer& answer : {sms.send(kAnn, kText), sms.send("", kText), SmsAnswer()}) {
    EXPECT_EQ(Serdes<SmsAnswer>::decode(Serdes<SmsAnswer>::encode(answer)), answer);
  }
  EXPECT_THROW(
      Serdes<SmsAnswer>::decode(SharedText(R"({"status":"Sent","messageId":"","parts":1})")),
      std::invalid_argument);
}

}  // namespace
}  // namespace reprise::fakes
