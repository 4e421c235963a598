#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "reprise/checks/checks.h"
#include "reprise/checks/suspects.h"

namespace reprise {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

AmbientNote note(AmbientKind kind, std::string function, std::string location) {
  AmbientNote made;
  made.kind = kind;
  made.function = std::move(function);
  made.location = std::move(location);
  made.execution = "order";
  made.invocation = 1;
  return made;
}

RunRecord with_all_kinds() {
  RunRecord record;
  record.ambient = {note(AmbientKind::kClock, "time", "order.cpp:1"),
                    note(AmbientKind::kSleep, "usleep", "order.cpp:2"),
                    note(AmbientKind::kEnvironment, "getenv", "order.cpp:3"),
                    note(AmbientKind::kThread, "pthread_create", "order.cpp:4")};
  return record;
}

std::vector<std::string> found(const std::vector<Finding>& findings) {
  std::vector<std::string> texts;
  for (const Finding& finding : findings) {
    texts.push_back(std::string(to_string(finding.verdict)) + " " + finding.operation + " " +
                    finding.subject);
  }
  return texts;
}

TEST(AmbientCalls, SleepsAndThreadsAreAlwaysWrong) {
  EXPECT_THAT(found(checks::ambient_calls(with_all_kinds(), false)),
              ElementsAre("AMBIENT_CALL order usleep", "BOUNDARY order pthread_create"));
}

TEST(AmbientCalls, AllAreWrongInStrictMode) {
  EXPECT_THAT(found(checks::ambient_calls(with_all_kinds(), true)),
              ElementsAre("AMBIENT_CALL order time", "AMBIENT_CALL order usleep",
                          "AMBIENT_CALL order getenv", "BOUNDARY order pthread_create"));
}

TEST(AmbientCalls, SayWhatAndWhere) {
  const Finding finding = checks::ambient_calls(with_all_kinds(), false).front();
  EXPECT_EQ(finding.what, "the handler sleeps: usleep called at order.cpp:2, outside any step");
  EXPECT_THAT(finding.where, ElementsAre("usleep called order.cpp:2"));
}

TEST(Suspects, AreThoseThatReadWhatTheScheduleVaries) {
  RunRecord record = with_all_kinds();
  ScheduleEvent event;
  event.kind = ScheduleEvent::Kind::kVary;
  event.input = HiddenInput::kEnvironment;
  record.schedule.events = {event};
  Finding finding;
  checks::add_suspects(finding, record);
  EXPECT_THAT(finding.where,
              ElementsAre("the handler reads the environment: getenv called at order.cpp:3"));
}

TEST(Suspects, AreAllWhenTheScheduleVariesNothing) {
  Finding finding;
  checks::add_suspects(finding, with_all_kinds());
  EXPECT_THAT(finding.where, testing::SizeIs(4));
}

TEST(Suspects, AreNoneWithoutAmbientCalls) {
  Finding finding;
  checks::add_suspects(finding, RunRecord());
  EXPECT_THAT(finding.where, IsEmpty());
}

}  // namespace
}  // namespace reprise
