// Laws of bytes: what is written is read back as it was, and the same seed gives the same bytes.

#include <gtest/gtest.h>

#include <iterator>
#include <sstream>
#include <string>

#include "property_tests/drawn_schedules.h"
#include "property_tests/generated_scenario.h"
#include "property_tests/property.h"
#include "reprise/checks/checks.h"
#include "reprise/record/fixture.h"
#include "reprise/record/history_file.h"
#include "reprise/record/json_file.h"
#include "reprise/record/run_record_json.h"
#include "reprise/report/json_report.h"
#include "reprise/testing/rapidcheck.h"

namespace reprise::properties {
namespace {

template <class Enum>
Enum draw_enum(Enum last) {
  return static_cast<Enum>(*rc::gen::inRange(0, static_cast<int>(last) + 1));
}

Place draw_place() {
  Place place;
  place.kind = draw_enum(PointKind::kInvocation);
  place.operation = *gen::word() + "/" + *gen::text() + "#1";
  switch (place.kind) {
    case PointKind::kCheckpoint:
      place.moment = draw_enum(Moment::kAfter);
      place.action = draw_enum(CheckpointAction::kOther);
      place.attempt = *rc::gen::inRange(0, 9);
      break;
    case PointKind::kEffect:
      place.moment = *rc::gen::element(Moment::kBefore, Moment::kAfter);
      place.attempt = *rc::gen::inRange(0, 9);
      place.effect = *rc::gen::inRange(1, 9);
      if (place.attempt == 0) place.invocation = *rc::gen::inRange(1, 9);
      break;
    case PointKind::kResponse:
      place.invocation = *rc::gen::inRange(1, 9);
      break;
    case PointKind::kState:
      place.effect = *rc::gen::inRange(1, 9);
      place.invocation = *rc::gen::inRange(1, 9);
      break;
    case PointKind::kInvocation:
      place.invocation = *rc::gen::inRange(1, 9);
      break;
  }
  return place;
}

/// An event of any kind, with the members that its kind has.
ScheduleEvent draw_event() {
  using Kind = ScheduleEvent::Kind;
  ScheduleEvent event;
  event.kind = draw_enum(Kind::kAssign);
  switch (event.kind) {
    case Kind::kCrash:
    case Kind::kPowerOff:
    case Kind::kFreeze:
      event.place = draw_place();
      break;
    case Kind::kOverlap:
      event.place = draw_place();
      event.subject = *gen::word();
      break;
    case Kind::kVary:
      event.input = draw_enum(HiddenInput::kRounding);
      break;
    case Kind::kReorder:
    case Kind::kPrefer:
      event.subject = *gen::text();
      break;
    case Kind::kFault:
      event.place = draw_place();
      event.fault = draw_enum(Fault::kFails);
      event.times = *rc::gen::inRange(0, 9);
      break;
    case Kind::kArrival:
      event.subject = *gen::word();
      event.arrival = draw_enum(Arrival::kNever);
      if (event.arrival == Arrival::kHere) event.place = draw_place();
      break;
    case Kind::kSwitch:
      event.subject = *gen::word();
      event.other = *gen::word();
      break;
    case Kind::kLimit:
      event.quota = draw_enum(Quota::kStatePage);
      event.value = *rc::gen::inRange(0, 1000000);
      break;
    case Kind::kEnvironment:
      event.place = draw_place();
      event.environment = draw_enum(Environment::kForeign);
      break;
    case Kind::kAssign:
      event.place = draw_place();
      event.subject = *gen::word();
      break;
  }
  return event;
}

Schedule draw_schedule() {
  Schedule schedule;
  for (int count = *rc::gen::inRange(0, 4); count > 0; --count) {
    schedule.events.push_back(draw_event());
  }
  return schedule;
}

// A schedule of any events is read back from its fixture as it was.
TEST(RoundTrip, OfSchedules) {
  expect_property([] {
    Fixture fixture;
    fixture.scenario = *gen::text();
    fixture.schedule = draw_schedule();
    fixture.input = *gen::json_value();
    fixture.drawn = *gen::text();
    fixture.verdict = draw_enum(Verdict::kInvariant);
    fixture.operation = *gen::text();
    fixture.subject = *gen::text();
    fixture.what = *gen::text();
    fixture.expect = draw_enum(Fixture::Expect::kFailing);
    const std::string text = write_fixture(fixture);
    RC_LOG() << text;
    const absl::StatusOr<Fixture> read = parse_fixture(text, "fixture");
    RC_LOG() << read.status();
    RC_ASSERT(read.ok());
    RC_ASSERT(*read == fixture);
    RC_ASSERT(write_fixture(*read) == text);
  });
}

// A JSON value is read back from its text as it was, and no text that was cut off is read at all.
TEST(RoundTrip, OfJson) {
  expect_property([] {
    const nlohmann::json value = *gen::json_value(3);
    const std::string text = nlohmann::json::array({value}).dump(2);
    const auto read = parse_json(text, "value");
    RC_ASSERT(read.ok());
    RC_ASSERT(read->front() == value);
    RC_ASSERT(read->dump(2) == text);
    const auto length = *rc::gen::inRange<std::size_t>(0, text.size());
    RC_ASSERT(!parse_json(text.substr(0, length), "value").ok());
  });
}

// The history of any run is read back from its file as it was.
TEST(RoundTrip, OfHistories) {
  expect_property([] {
    GeneratedScenario generated(*sound_programs());
    const RunRecord record = full_run(generated.program(), draw_crashes(generated.program()));
    for (const auto& [name, events] : record.histories) {
      History history;
      history.events = events;
      const std::string text = write_history(history);
      const absl::StatusOr<History> read = parse_history(text, name);
      RC_LOG() << read.status();
      RC_ASSERT(read.ok());
      RC_ASSERT(*read == history);
      RC_ASSERT(write_history(*read) == text);
    }
  });
}

// The record of any run is read back from JSON, and written again it gives the same bytes.
TEST(RoundTrip, OfRunRecords) {
  expect_property([] {
    GeneratedScenario generated(*rc::gen::oneOf(sound_programs(), flawed_programs()));
    const RunRecord record = full_run(generated.program(), draw_crashes(generated.program()));
    const nlohmann::json written = run_record_to_json(record);
    const absl::StatusOr<RunRecord> read = run_record_from_json(written);
    RC_LOG() << read.status();
    RC_ASSERT(read.ok());
    RC_ASSERT(run_record_to_json(*read).dump() == written.dump());
    RC_ASSERT(read->outcomes == record.outcomes);
    RC_ASSERT(read->schedule == record.schedule);
    RC_ASSERT(read->histories == record.histories);
  });
}

// The report of any exploration is read back from its file, and written again it gives the same
// bytes.
TEST(RoundTrip, OfReports) {
  expect_property([] {
    GeneratedScenario generated(*programs_with_any_flaw(kSmall));
    const ExplorationReport report =
        make_report("Test.Name", "program", closure_of(generated.program()));
    const std::string text = write_report(report);
    const absl::StatusOr<ExplorationReport> read = parse_report(text, "report");
    RC_LOG() << read.status();
    RC_ASSERT(read.ok());
    RC_ASSERT(write_report(*read) == text);
  });
}

std::string drawn_program(std::uint64_t seed, const rc::Gen<GeneratedProgram>& programs) {
  std::ostringstream text;
  text << programs(rc::Random(seed), rc::kNominalSize).value();
  return text.str();
}

// The same seed draws the same program; under the same schedule it runs to the same bytes.
TEST(Seed, GivesTheSameBytes) {
  expect_property([] {
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    const auto programs = rc::gen::oneOf(sound_programs(), flawed_programs());
    const std::string text = drawn_program(seed, programs);
    RC_LOG() << text;
    RC_ASSERT(drawn_program(seed, programs) == text);
    GeneratedScenario first(programs(rc::Random(seed), rc::kNominalSize).value());
    GeneratedScenario second(programs(rc::Random(seed), rc::kNominalSize).value());
    const Schedule schedule = draw_crashes(first.program());
    RC_ASSERT(dump(full_run(first.program(), schedule)) ==
              dump(full_run(second.program(), schedule)));
  });
}

// The same seed samples the same schedules, and finds the same in the same words.
TEST(Seed, SamplesTheSameSchedules) {
  expect_property([] {
    SampleOptions sampling;
    sampling.runs = 10;
    sampling.seed = *rc::gen::arbitrary<std::uint64_t>();
    GeneratedScenario generated(*rc::gen::oneOf(sound_programs(kSmall), flawed_programs(kSmall)));
    Program& program = generated.program();
    const auto explored = [&] {
      const Exploration exploration = Explorer(program, checks::judge(program)).sample(sampling);
      return write_report(make_report("Test.Name", "program", exploration));
    };
    RC_ASSERT(explored() == explored());
  });
}

// A program that is shrunk is numbered, is another one, and keeps what it promises.
TEST(Generator, ShrinksToSimplerProgramsOfItsKind) {
  expect_property([] {
    const GeneratedProgram program = *programs_with_any_flaw();
    RC_ASSERT(numbered(program) == program);
    RC_ASSERT(shows_its_flaw(program));
    for (const GeneratedProgram& smaller : smaller_programs(program, true)) {
      RC_ASSERT(numbered(smaller) == smaller);
      RC_ASSERT(shows_its_flaw(smaller));
      RC_ASSERT(!(smaller == program));
    }
  });
}

}  // namespace
}  // namespace reprise::properties
