#include "reprise/choices/choices.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace reprise {
namespace {

ScheduleEvent crash(Moment moment, int effect) {
  ScheduleEvent event;
  event.place = {
      PointKind::kEffect, moment, "order/charge#1", CheckpointAction::kOther, 1, effect, 0};
  return event;
}

Choices::Alternative pass(ScheduledChoices& choices, Moment moment, int effect,
                          const std::string& operation = "order/charge#1") {
  const std::function<std::string()> spell = [&] { return operation; };
  return choices.at({PointKind::kEffect, moment, CheckpointAction::kOther, 1, effect, 0, spell});
}

TEST(ScheduledChoices, TakesCrashesInTheirOrderOnly) {
  ScheduledChoices choices(Schedule{{crash(Moment::kAfter, 2), crash(Moment::kAfter, 1)}});
  EXPECT_EQ(pass(choices, Moment::kAfter, 1), Choices::Alternative::kBenign);
  EXPECT_EQ(pass(choices, Moment::kAfter, 2), Choices::Alternative::kCrash);
  EXPECT_EQ(choices.unreached().size(), 1U);
  EXPECT_EQ(pass(choices, Moment::kAfter, 1), Choices::Alternative::kCrash);
  EXPECT_TRUE(choices.unreached().empty());
  EXPECT_FALSE(choices.active());
}

TEST(ScheduledChoices, ComparesEveryPartOfAPlace) {
  ScheduledChoices choices(Schedule{{crash(Moment::kAfter, 1)}});
  EXPECT_EQ(pass(choices, Moment::kBefore, 1), Choices::Alternative::kBenign);
  EXPECT_EQ(pass(choices, Moment::kAfter, 2), Choices::Alternative::kBenign);
  EXPECT_EQ(pass(choices, Moment::kAfter, 1, "order/charge#2"), Choices::Alternative::kBenign);
  EXPECT_EQ(pass(choices, Moment::kAfter, 1), Choices::Alternative::kCrash);
}

TEST(ScheduledChoices, AssignsAnEnvironmentAfterTheCrashBeforeItAndOnlyOneThatThereIs) {
  const std::function<std::string()> spell = [] { return std::string("order"); };
  const auto begin = [&](ScheduledChoices& choices, int invocation) {
    return choices.assign({PointKind::kInvocation, Moment::kBefore, CheckpointAction::kOther, 0, 0,
                           invocation, spell},
                          {"warm", "cold"});
  };
  ScheduleEvent assign;
  assign.kind = ScheduleEvent::Kind::kAssign;
  assign.place = {
      PointKind::kInvocation, Moment::kBefore, "order", CheckpointAction::kOther, 0, 0, 1};
  assign.subject = "cold";
  ScheduledChoices choices(Schedule{{crash(Moment::kAfter, 1), assign}});
  EXPECT_EQ(begin(choices, 1), 0U);
  EXPECT_EQ(pass(choices, Moment::kAfter, 1), Choices::Alternative::kCrash);
  EXPECT_EQ(begin(choices, 2), 0U);
  EXPECT_EQ(begin(choices, 1), 1U);
  EXPECT_TRUE(choices.unreached().empty());
  assign.subject = "gone";
  ScheduledChoices stale(Schedule{{assign}});
  EXPECT_EQ(begin(stale, 1), 0U);
  EXPECT_EQ(stale.unreached().size(), 1U);
}

TEST(ScheduledChoices, DefersTheStartThatOverlaps) {
  ScheduleEvent overlap = crash(Moment::kBefore, 1);
  overlap.kind = ScheduleEvent::Kind::kOverlap;
  overlap.subject = "order-2";
  ScheduledChoices choices(Schedule{{overlap}});
  EXPECT_TRUE(choices.defers("order-2"));
  EXPECT_FALSE(choices.defers("order-1"));
  EXPECT_EQ(pass(choices, Moment::kBefore, 1), Choices::Alternative::kOverlap);
  EXPECT_EQ(choices.arriving(), "order-2");
  EXPECT_EQ(pass(choices, Moment::kBefore, 1), Choices::Alternative::kBenign) << "it comes once";
}

TEST(ScheduledChoices, VariesOnlyTheInputsItNames) {
  ScheduleEvent vary;
  vary.kind = ScheduleEvent::Kind::kVary;
  vary.input = HiddenInput::kEnvironment;
  const ScheduledChoices choices(Schedule{{vary}});
  EXPECT_TRUE(choices.varies(HiddenInput::kEnvironment));
  EXPECT_FALSE(choices.varies(HiddenInput::kClock));
}

TEST(Describe, SpeaksInTheHandlersTerms) {
  EXPECT_EQ(describe(crash(Moment::kAfter, 2)),
            "crash after effect 2 of order/charge#1, attempt 1");
  ScheduleEvent event;
  event.place = {PointKind::kCheckpoint,
                 Moment::kStored,
                 "order/charge#1",
                 CheckpointAction::kSucceed,
                 2,
                 0,
                 0};
  EXPECT_EQ(describe(event),
            "crash after the success of order/charge#1, attempt 2 is stored, its answer lost");
  event.place = {PointKind::kResponse, Moment::kBefore, "order", CheckpointAction::kOther, 0, 0, 3};
  EXPECT_EQ(describe(event), "crash before the response of order, invocation 3");
  EXPECT_EQ(describe(Schedule()), "no event: it fails without any fault");
  EXPECT_EQ(describe(Schedule{{crash(Moment::kBefore, 1)}}),
            "1 event: crash before effect 1 of order/charge#1, attempt 1");
}

}  // namespace
}  // namespace reprise
