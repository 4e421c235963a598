#include "reprise/fakes/mailer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <concepts>
#include <source_location>

#include "reprise/fakes/recording_sink_test_support.h"

namespace reprise::fakes {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

static_assert(std::copyable<Mailer> && std::equality_comparable<Mailer>);

const Mail kWelcome{"ann@example.com", "Welcome", "Hello Ann"};

MailStatus send(Mailer& mailer, const Mail& mail, const char* key = "") {
  return mailer.send(mail.to, mail.subject, mail.body, key);
}

TEST(Mailer, SendsAgainWithoutAKey) {
  Mailer mailer;
  EXPECT_EQ(send(mailer, kWelcome), MailStatus::kAccepted);
  EXPECT_EQ(send(mailer, kWelcome), MailStatus::kAccepted);
  EXPECT_THAT(mailer.outbox(), ElementsAre(kWelcome, kWelcome));
}

TEST(Mailer, SendsOnceUnderAKeyAndAnswersTheRepeatLikeTheFirst) {
  Mailer mailer;
  RecordingSink run;
  EXPECT_EQ(send(mailer, kWelcome, "welcome/ann"), MailStatus::kAccepted);
  EXPECT_TRUE(run.last().changed);
  const Mailer before = mailer;
  EXPECT_EQ(send(mailer, kWelcome, "welcome/ann"), MailStatus::kAccepted);
  EXPECT_FALSE(run.last().changed);
  EXPECT_EQ(mailer.send("bob@example.com", "Other", "", "welcome/ann"), MailStatus::kAccepted);
  EXPECT_EQ(mailer, before);
  mailer.reject("ann@example.com");
  EXPECT_EQ(send(mailer, kWelcome, "welcome/ann"), MailStatus::kAccepted);
  EXPECT_EQ(send(mailer, kWelcome, "another"), MailStatus::kRejected);
}

TEST(Mailer, RejectsRecipientsThatDoNotExist) {
  Mailer mailer;
  mailer.reject("nobody@example.com");
  const Mailer before = mailer;
  RecordingSink run;
  EXPECT_EQ(mailer.send("nobody@example.com", "a", "b", "k"), MailStatus::kRejected);
  EXPECT_EQ(mailer.send("", "a", "b"), MailStatus::kRejected);
  EXPECT_FALSE(run.last().changed);
  EXPECT_EQ(mailer, before);
}

TEST(Mailer, PromisesNoOrder) {
  const Mail shipped{"ann@example.com", "Shipped", ""};
  const Mail other{"bob@example.com", "Welcome", ""};
  Mailer mailer;
  Mailer reversed;
  for (const Mail& mail : {kWelcome, other, shipped}) send(mailer, mail);
  for (const Mail& mail : {shipped, other, kWelcome}) send(reversed, mail);
  EXPECT_EQ(mailer, reversed);
  EXPECT_THAT(mailer.sent_to("ann@example.com"), ElementsAre(shipped, kWelcome));
  EXPECT_THAT(mailer.sent_to("carol@example.com"), IsEmpty());
}

TEST(Mailer, EverySendIsOneEffectWithItsKeyAndLine) {
  Mailer mailer("sms");
  RecordingSink run;
  const auto line = std::source_location::current().line() + 1;
  mailer.send("+1 555", "Code", "1234", "code/7");
  EXPECT_EQ(run.last().call, R"(sms.send(+1 555, "Code", "1234"))");
  EXPECT_EQ(run.last().key, "code/7");
  EXPECT_EQ(run.last().line, line);
  EXPECT_FALSE(run.last().repeatable);
  EXPECT_THAT(run.seen(), SizeIs(1));
}

TEST(Mailer, CrashBeforeASendLeavesTheKeyUnused) {
  Mailer mailer;
  {
    RecordingSink run;
    run.die_before(1);
    EXPECT_THROW(send(mailer, kWelcome, "k"), PowerCut);
    EXPECT_EQ(mailer, Mailer());
  }
  EXPECT_EQ(send(mailer, kWelcome, "k"), MailStatus::kAccepted);
  EXPECT_THAT(mailer.outbox(), SizeIs(1));
}

TEST(Mailer, CrashAfterASendLeavesItSentAndIgnoresTheRest) {
  Mailer mailer;
  RecordingSink run;
  run.die_after(1);
  EXPECT_THROW(send(mailer, kWelcome), PowerCut);
  EXPECT_THROW(send(mailer, kWelcome), PowerCut);
  EXPECT_THAT(mailer.outbox(), SizeIs(1));
}

TEST(Mailer, DestructorsOfADeadProcessGetNoAnswer) {
  struct Guard {
    Mailer& mailer;
    MailStatus& status;
    ~Guard() { status = send(mailer, kWelcome); }
  };
  Mailer mailer;
  MailStatus status = MailStatus::kAccepted;
  RecordingSink run;
  run.die_before(1);
  const auto body = [&] {
    const Guard guard{mailer, status};
    send(mailer, kWelcome);
  };
  EXPECT_THROW(body(), PowerCut);
  EXPECT_EQ(status, MailStatus::kNoAnswer);
  EXPECT_THAT(mailer.outbox(), IsEmpty());
}

TEST(Mailer, SendsNothingDuringATeardown) {
  Mailer mailer;
  RecordingSink run;
  run.tear_down();
  EXPECT_EQ(send(mailer, kWelcome, "k"), MailStatus::kNoAnswer);
  EXPECT_EQ(mailer, Mailer());
}

}  // namespace
}  // namespace reprise::fakes
