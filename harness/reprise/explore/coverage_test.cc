#include "reprise/explore/coverage.h"

#include <gtest/gtest.h>

namespace reprise {
namespace {

TEST(Coverage, CountsWhatWasTriedOfWhatCanHappen) {
  Coverage coverage;
  EXPECT_EQ(coverage.percent(), 100);
  coverage.declare({"order/charge#1", "effect 1", "crash before"});
  coverage.declare({"order/charge#1", "effect 1", "fails"});
  coverage.declare({"order/charge#1", "success", "throttled"});
  coverage.hit({"order/charge#1", "effect 1", "fails"});
  coverage.declare({"order/charge#1", "effect 1", "fails"});  // still hit
  EXPECT_EQ(coverage.declared(), 3);
  EXPECT_EQ(coverage.hits(), 1);
  EXPECT_EQ(coverage.percent(), 33);
  EXPECT_EQ(coverage.text(), "1/3 of what can happen where");
  ASSERT_EQ(coverage.missed().size(), 2U);
  EXPECT_EQ(to_string(coverage.missed().front()), "order/charge#1 x effect 1 x crash before");
}

TEST(Coverage, NamesEventsByPlaceAndOutcome) {
  ScheduleEvent event;
  event.place.operation = "order/charge#1";
  event.place.action = CheckpointAction::kSucceed;
  event.place.moment = Moment::kStored;
  EXPECT_EQ(to_string(tuple_of(event)), "order/charge#1 x success x crash stored");
  event.kind = ScheduleEvent::Kind::kFault;
  event.fault = Fault::kThrottled;
  event.times = 0;
  EXPECT_EQ(to_string(tuple_of(event)), "order/charge#1 x success x throttled always");
  event.kind = ScheduleEvent::Kind::kArrival;
  event.subject = "approve";
  event.arrival = Arrival::kTwice;
  EXPECT_EQ(to_string(tuple_of(event)), "approve x arrival x twice");
}

}  // namespace
}  // namespace reprise
