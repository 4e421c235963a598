#include "reprise/record/fixture.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <initializer_list>
#include <limits>
#include <optional>
#include <system_error>
#include <utility>

#include "reprise/protocol/internal/planted_fault.h"
#include "reprise/record/internal/prefixed_status.h"
#include "reprise/record/json_file.h"

namespace reprise {
namespace {

using nlohmann::json;

constexpr std::string_view kFormat = "reprise-fixture";

template <class Enum>
struct Names {
  std::initializer_list<Enum> values;
};

constexpr Names<PointKind> kPointKinds{{PointKind::kCheckpoint, PointKind::kEffect,
                                        PointKind::kResponse, PointKind::kState,
                                        PointKind::kInvocation}};
constexpr Names<Moment> kMoments{{Moment::kBefore, Moment::kStored, Moment::kAfter}};
constexpr Names<CheckpointAction> kActions{{CheckpointAction::kStart, CheckpointAction::kSucceed,
                                            CheckpointAction::kFail, CheckpointAction::kRetry,
                                            CheckpointAction::kOther}};
constexpr Names<ScheduleEvent::Kind> kEventKinds{
    {ScheduleEvent::Kind::kCrash, ScheduleEvent::Kind::kPowerOff, ScheduleEvent::Kind::kOverlap,
     ScheduleEvent::Kind::kVary, ScheduleEvent::Kind::kReorder, ScheduleEvent::Kind::kFault,
     ScheduleEvent::Kind::kFreeze, ScheduleEvent::Kind::kArrival, ScheduleEvent::Kind::kPrefer,
     ScheduleEvent::Kind::kSwitch, ScheduleEvent::Kind::kLimit, ScheduleEvent::Kind::kEnvironment,
     ScheduleEvent::Kind::kAssign}};
constexpr Names<Environment> kEnvironments{{Environment::kFresh, Environment::kForeign}};
constexpr Names<Fault> kFaults{{Fault::kThrottled, Fault::kServerError, Fault::kStaleToken,
                                Fault::kAnswerLost, Fault::kSentAgain, Fault::kFails}};
constexpr Names<Arrival> kArrivals{
    {Arrival::kHere, Arrival::kAtOnce, Arrival::kLate, Arrival::kBeforeDeadline,
     Arrival::kAtDeadline, Arrival::kAfterDeadline, Arrival::kTwice, Arrival::kContradicted,
     Arrival::kContradictionFirst, Arrival::kNever}};
constexpr Names<Quota> kQuotas{{Quota::kInlineContext, Quota::kResponse, Quota::kStatePage}};
constexpr Names<HiddenInput> kInputs{
    {HiddenInput::kClock, HiddenInput::kEnvironment, HiddenInput::kEntropy,
     HiddenInput::kUnorderedOrder, HiddenInput::kClockRate, HiddenInput::kClockDirection,
     HiddenInput::kTieOrder, HiddenInput::kHostName, HiddenInput::kTimeZone, HiddenInput::kLocale,
     HiddenInput::kHeapPlacement, HiddenInput::kMemoryFill, HiddenInput::kRounding}};

std::string_view to_string(Fixture::Expect expect) {
  return expect == Fixture::Expect::kMended ? "mended" : "failing";
}
constexpr Names<Fixture::Expect> kExpects{{Fixture::Expect::kMended, Fixture::Expect::kFailing}};

/// Reads the members of one JSON object; remembers the first mistake.
class FixtureReader {
 public:
  FixtureReader(const json& value, std::string pointer, absl::Status& status)
      : value_(value), pointer_(std::move(pointer)), status_(status) {
    if (!value_.is_object())
      fail("", absl::StrCat("expected an object, found ", value_.type_name()));
  }

  std::string text(const char* name) {
    const json* member = find(name, true);
    if (member == nullptr) return {};
    if (!member->is_string()) return fail_type(name, "a text", *member), std::string();
    return member->get<std::string>();
  }
  std::string optional_text(const char* name) {
    return value_.is_object() && value_.contains(name) ? text(name) : std::string();
  }
  int number(const char* name, int fallback) {
    const json* member = find(name, false);
    if (member == nullptr) return fallback;
    if (!member->is_number_integer()) return fail_type(name, "a whole number", *member), 0;
    const auto wide = member->get<std::int64_t>();
    if (wide < 0 || wide > std::numeric_limits<int>::max()) {
      fail(name, absl::StrCat("expected a number from 0 to 2147483647, found ", wide));
      return 0;
    }
    return static_cast<int>(wide);
  }
  template <class Enum>
  Enum choice(const char* name, const Names<Enum>& names) {
    const std::string value = text(name);
    std::string known;
    for (const Enum each : names.values) {
      if (std::string(to_string(each)) == value) return each;
      absl::StrAppend(&known, known.empty() ? "" : ", ", std::string(to_string(each)));
    }
    fail(name, absl::StrCat("expected one of ", known, ", found \"", value, "\""));
    return *names.values.begin();
  }
  const json* member(const char* name, bool required) { return find(name, required); }
  void no_others(std::initializer_list<const char*> known,
                 std::initializer_list<const char*> more = {}) {
    if (!value_.is_object()) return;
    for (const auto& [name, unused] : value_.items()) {
      bool expected = false;
      for (const char* each : known) expected = expected || name == each;
      for (const char* each : more) expected = expected || name == each;
      if (!expected) fail(name.c_str(), "unknown member");
    }
  }
  void fail(const std::string& name, const std::string& message) {
    if (!status_.ok()) return;
    const std::string place = name.empty() ? pointer_ : absl::StrCat(pointer_, "/", name);
    status_ = absl::InvalidArgumentError(absl::StrCat(place.empty() ? "/" : place, ": ", message));
  }
  std::string at(const std::string& name) const { return absl::StrCat(pointer_, "/", name); }

 private:
  const json* find(const char* name, bool required) {
    if (!value_.is_object()) return nullptr;
    const auto found = value_.find(name);
    if (found != value_.end()) return &*found;
    if (required) fail(name, "missing member");
    return nullptr;
  }
  void fail_type(const char* name, const char* expected, const json& found) {
    fail(name, absl::StrCat("expected ", expected, ", found ", found.type_name()));
  }

  const json& value_;
  std::string pointer_;
  absl::Status& status_;
};

Place read_place(FixtureReader& reader) {
  Place place;
  place.kind = reader.choice("point", kPointKinds);
  place.moment = reader.choice("moment", kMoments);
  place.operation = reader.text("operation");
  place.attempt = reader.number("attempt", 0);
  place.effect = reader.number("effect", 0);
  place.invocation = reader.number("invocation", 0);
  if (place.kind == PointKind::kCheckpoint) place.action = reader.choice("action", kActions);
  return place;
}

constexpr std::initializer_list<const char*> kPlaceMembers = {
    "point", "moment", "operation", "attempt", "effect", "invocation", "action"};

ScheduleEvent read_event(const json& value, const std::string& pointer, absl::Status& status) {
  FixtureReader reader(value, pointer, status);
  ScheduleEvent event;
  event.kind = reader.choice("event", kEventKinds);
  switch (event.kind) {
    case ScheduleEvent::Kind::kVary:
      event.input = reader.choice("input", kInputs);
      reader.no_others({"event", "input"});
      break;
    case ScheduleEvent::Kind::kReorder:
      event.subject = reader.text("start");
      reader.no_others({"event", "start"});
      break;
    case ScheduleEvent::Kind::kArrival:
      event.subject = reader.text("subject");
      event.arrival = reader.choice("arrives", kArrivals);
      if (event.arrival == Arrival::kHere) {
        event.place = read_place(reader);
        reader.no_others({"event", "subject", "arrives"}, kPlaceMembers);
      } else {
        reader.no_others({"event", "subject", "arrives"});
      }
      break;
    case ScheduleEvent::Kind::kPrefer:
      event.subject = reader.text("branch");
      reader.no_others({"event", "branch"});
      break;
    case ScheduleEvent::Kind::kSwitch:
      event.subject = reader.text("first");
      event.other = reader.text("before");
      reader.no_others({"event", "first", "before"});
      break;
    case ScheduleEvent::Kind::kLimit:
      event.quota = reader.choice("limit", kQuotas);
      event.value = reader.number("value", -1);
      if (event.value < 0) reader.fail("value", "missing member");
      reader.no_others({"event", "limit", "value"});
      break;
    case ScheduleEvent::Kind::kEnvironment:
      event.environment = reader.choice("environment", kEnvironments);
      event.place = read_place(reader);
      reader.no_others({"event", "environment"}, kPlaceMembers);
      break;
    case ScheduleEvent::Kind::kAssign:
      event.subject = reader.text("in");
      event.place = read_place(reader);
      reader.no_others({"event", "in"}, kPlaceMembers);
      break;
    case ScheduleEvent::Kind::kFault:
      event.fault = reader.choice("fault", kFaults);
      event.times = reader.number("times", 1);
      event.place = read_place(reader);
      reader.no_others({"event", "fault", "times"}, kPlaceMembers);
      break;
    case ScheduleEvent::Kind::kOverlap:
      event.subject = reader.text("start");
      event.place = read_place(reader);
      reader.no_others({"event", "start"}, kPlaceMembers);
      break;
    case ScheduleEvent::Kind::kCrash:
    case ScheduleEvent::Kind::kPowerOff:
    case ScheduleEvent::Kind::kFreeze:
      event.place = read_place(reader);
      reader.no_others({"event"}, kPlaceMembers);
      break;
  }
  return event;
}

void write_place(const Place& place, json& out) {
  out["point"] = to_string(place.kind);
  out["moment"] = to_string(place.moment);
  out["operation"] = place.operation;
  if (place.kind == PointKind::kCheckpoint) out["action"] = to_string(place.action);
  if (place.attempt > int{REPRISE_FAULT(first_attempt_not_written)}) {
    out["attempt"] = place.attempt;
  }
  if (place.effect > 0) out["effect"] = place.effect;
  if (place.invocation > 0) out["invocation"] = place.invocation;
}

json write_event(const ScheduleEvent& event) {
  json out = {{"event", to_string(event.kind)}};
  switch (event.kind) {
    case ScheduleEvent::Kind::kVary:
      out["input"] = to_string(event.input);
      return out;
    case ScheduleEvent::Kind::kReorder:
      out["start"] = event.subject;
      return out;
    case ScheduleEvent::Kind::kArrival:
      out["subject"] = event.subject;
      out["arrives"] = to_string(event.arrival);
      if (event.arrival != Arrival::kHere) return out;
      break;
    case ScheduleEvent::Kind::kPrefer:
      out["branch"] = event.subject;
      return out;
    case ScheduleEvent::Kind::kSwitch:
      out["first"] = event.subject;
      out["before"] = event.other;
      return out;
    case ScheduleEvent::Kind::kLimit:
      out["limit"] = to_string(event.quota);
      out["value"] = event.value;
      return out;
    case ScheduleEvent::Kind::kEnvironment:
      out["environment"] = to_string(event.environment);
      break;
    case ScheduleEvent::Kind::kAssign:
      out["in"] = event.subject;
      break;
    case ScheduleEvent::Kind::kFault:
      out["fault"] = to_string(event.fault);
      if (event.times != 1) out["times"] = event.times;
      break;
    case ScheduleEvent::Kind::kOverlap:
      out["start"] = event.subject;
      break;
    case ScheduleEvent::Kind::kCrash:
    case ScheduleEvent::Kind::kPowerOff:
    case ScheduleEvent::Kind::kFreeze:
      break;
  }
  write_place(event.place, out);
  return out;
}

Schedule read_schedule(const json& value, const std::string& pointer, absl::Status& status) {
  Schedule schedule;
  if (!value.is_array()) {
    if (status.ok()) {
      status = absl::InvalidArgumentError(
          absl::StrCat(pointer, ": expected an array, found ", value.type_name()));
    }
    return schedule;
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    schedule.events.push_back(read_event(value[i], absl::StrCat(pointer, "/", i), status));
  }
  return schedule;
}

absl::StatusOr<Fixture> fixture_from(const json& value) {
  absl::Status status;
  FixtureReader reader(value, "", status);
  const std::string format = reader.text("format");
  if (status.ok() && format != kFormat) {
    reader.fail("format",
                absl::StrCat("expected \"", std::string(kFormat), "\", found \"", format, "\""));
  }
  const int version = reader.number("version", -1);
  if (status.ok() && version != Fixture::kVersion) {
    reader.fail("version", version < 0 ? std::string("missing member")
                                       : absl::StrCat("this build reads version ",
                                                      Fixture::kVersion, ", found ", version));
  }
  Fixture fixture;
  fixture.scenario = reader.text("scenario");
  fixture.expect = reader.choice("expect", kExpects);
  if (const json* input = reader.member("input", false)) fixture.input = *input;
  fixture.drawn = reader.optional_text("drawn");
  if (const json* schedule = reader.member("schedule", true)) {
    fixture.schedule = read_schedule(*schedule, "/schedule", status);
  }
  if (const json* finding = reader.member("finding", true)) {
    FixtureReader inner(*finding, "/finding", status);
    const std::string verdict = inner.text("verdict");
    const std::optional<Verdict> known = verdict_from(verdict);
    if (known) {
      fixture.verdict = *known;
    } else {
      inner.fail("verdict", absl::StrCat("unknown verdict \"", verdict, "\""));
    }
    fixture.operation = inner.text("operation");
    fixture.subject = inner.optional_text("subject");
    fixture.what = inner.optional_text("what");
    inner.no_others({"verdict", "operation", "subject", "what"});
  }
  reader.no_others(
      {"format", "version", "scenario", "expect", "input", "drawn", "schedule", "finding"});
  if (!status.ok()) return status;
  return fixture;
}

absl::StatusOr<Fixture> fixture_of_file(const absl::StatusOr<json>& value, std::string_view name) {
  if (!value.ok()) return value.status();
  return fixture_from_json(*value, name);
}

// "SurvivesACrash" as "Survives_A_Crash".
std::string words_of(std::string_view text) {
  const auto is = [&](int (*kind)(int), std::size_t i) {
    return i < text.size() && kind(static_cast<unsigned char>(text[i])) != 0;
  };
  std::string words;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool after_word = i > 0 && (is(std::islower, i - 1) || is(std::isdigit, i - 1));
    const bool after_capitals = i > 0 && is(std::isupper, i - 1) && is(std::islower, i + 1);
    if (is(std::isupper, i) && (after_word || after_capitals)) words += '_';
    words += text[i];
  }
  return words;
}

}  // namespace

json schedule_to_json(const Schedule& schedule) {
  json out = json::array();
  for (const ScheduleEvent& event : schedule.events) out.push_back(write_event(event));
  return out;
}

absl::StatusOr<Schedule> schedule_from_json(const json& value, std::string_view pointer) {
  absl::Status status;
  Schedule schedule = read_schedule(value, std::string(pointer), status);
  if (!status.ok()) return status;
  return schedule;
}

absl::StatusOr<Fixture> fixture_from_json(const json& value, std::string_view name) {
  absl::StatusOr<Fixture> fixture = fixture_from(value);
  if (!fixture.ok()) return internal::prefixed(name, fixture.status());
  return fixture;
}

absl::StatusOr<Fixture> parse_fixture(std::string_view text, std::string_view name) {
  return fixture_of_file(parse_json(text, name), name);
}

absl::StatusOr<Fixture> load_fixture(const std::string& path) {
  return fixture_of_file(read_json_file(path), path);
}

std::string write_fixture(const Fixture& fixture) {
  json out = {{"format", kFormat},
              {"version", Fixture::kVersion},
              {"scenario", fixture.scenario},
              {"expect", to_string(fixture.expect)},
              {"schedule", schedule_to_json(fixture.schedule)},
              {"finding",
               {{"verdict", to_string(fixture.verdict)},
                {"operation", fixture.operation},
                {"subject", fixture.subject},
                {"what", fixture.what}}}};
  if (!fixture.input.is_null()) out["input"] = fixture.input;
  if (!fixture.drawn.empty()) out["drawn"] = fixture.drawn;
  return out.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

absl::Status save_fixture(const std::string& path, const Fixture& fixture) {
  return write_text_file(path, write_fixture(fixture));
}

absl::StatusOr<std::string> save_fixture_in(const std::string& directory, const Fixture& fixture,
                                            const std::vector<std::string>& taken,
                                            std::string_view test) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return absl::UnavailableError(absl::StrCat(directory, ": ", error.message()));
  const std::string name = fixture_file_name(fixture, test);
  const auto path_of = [&](const std::string& file) {
    return (std::filesystem::path(directory) / file).string();
  };
  std::string path = path_of(name);
  for (int number = 2; std::find(taken.begin(), taken.end(), path) != taken.end(); ++number) {
    path = path_of(absl::StrCat(name.substr(0, name.size() - 5), "_", number, ".json"));
  }
  const absl::Status status = save_fixture(path, fixture);
  if (!status.ok()) return status;
  return path;
}

std::string fixture_file_name(const Fixture& fixture, std::string_view test) {
  const std::size_t slash = fixture.operation.rfind('/');
  std::string name = test.empty() ? fixture.scenario : words_of(test);
  if (slash != std::string::npos) {
    const std::string last = fixture.operation.substr(slash + 1);
    name += "_" + last.substr(0, last.rfind('#'));
  }
  name += "_" + std::string(to_string(fixture.verdict));
  for (char& c : name) {
    const auto byte = static_cast<unsigned char>(c);
    c = std::isalnum(byte) != 0 ? static_cast<char>(std::tolower(byte)) : '_';
  }
  return name + ".json";
}

}  // namespace reprise
