#pragma once

/// Properties of durable handlers, over RapidCheck.  Nothing else of the library includes this
/// header, and the library links no RapidCheck: a test that includes it links reprise::rapidcheck,
/// or reprise::testing and a RapidCheck of its own.
///
///     REPRISE_PROP(Checkout, SurvivesEveryCrash, (const Order& order)) {
///       PaymentService payments;
///       Scenario scenario("checkout", Checkout{payments}, order);
///       scenario.world(payments);
///       EXPECT_DURABLE(scenario);
///     }
///
/// docs/property_tests.md goes through it.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <source_location>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "rapidcheck/detail/Configuration.h"
#include "rapidcheck/detail/TestListenerAdapter.h"
#include "reprise/choices/schedule.h"
#include "reprise/record/fixture.h"
#include "reprise/testing/flags.h"
#include "reprise/testing/property_case.h"
#include "reprise/testing/scenario.h"
#include "reprise/testing/testing.h"

/// Makes a test `Suite.Name` of a property: its body is run for 100 drawn cases.  The arguments
/// stand in parentheses and are drawn by `rc::Arbitrary` of their types; more is drawn in the body
/// by `*generator`.
///
/// EXPECT_* and ASSERT_* may be used everywhere, also in handlers and fakes, and so may RC_ASSERT,
/// RC_PRE and RC_TAG; GTEST_SKIP() throws a case away.  The body says how schedules are tried:
/// EXPECT_DURABLE (all of them), EXPECT_DURABLE_SAMPLED (a budget of runs), EXPECT_DURABLE_UNDER
/// (one, from gen::schedules for instance).
///
/// A case that fails is shrunk by RapidCheck; the schedule of each smaller case is shrunk by the
/// exploration, as always.  Only the smallest case is reported, with its fixture, which
/// --reprise_fixture replays: that case, that schedule.
///
/// The cases are the same in every run of the program, unless --reprise_seed says where else to
/// look.  --reprise_cases and --reprise_runs bound what is done; nothing is bounded by a clock.
/// RC_PARAMS is heeded as well, and comes last.
#define REPRISE_PROP(Suite, Name, Arguments)                                                    \
  static void reprise_prop_##Suite##_##Name Arguments;                                          \
  TEST(Suite, Name) { ::reprise::internal::check_property(&reprise_prop_##Suite##_##Name, 0); } \
  static void reprise_prop_##Suite##_##Name Arguments

namespace reprise {

namespace gen {

/// Printable ASCII, so that it can be stored as JSON: what rc::Arbitrary<std::string> draws is no
/// UTF-8, most of the time.  Up to `length_max` characters.
inline rc::Gen<std::string> text(std::size_t length_max = 12) {
  return rc::gen::mapcat(rc::gen::inRange<std::size_t>(0, length_max + 1), [](std::size_t length) {
    return rc::gen::container<std::string>(length, rc::gen::inRange<char>(' ', '~' + 1));
  });
}

/// A short lower-case word, never empty: names, ids, keys.
inline rc::Gen<std::string> word(std::size_t length_max = 6) {
  return rc::gen::mapcat(rc::gen::inRange<std::size_t>(1, length_max + 1), [](std::size_t length) {
    return rc::gen::container<std::string>(length, rc::gen::inRange<char>('a', 'z' + 1));
  });
}

/// Any JSON value with up to `depth` levels of arrays and objects.  It shrinks to null.
inline rc::Gen<nlohmann::json> json_value(int depth = 2) {
  using nlohmann::json;
  const auto leaf = rc::gen::oneOf(
      rc::gen::just(json()), rc::gen::map<bool>([](bool value) { return json(value); }),
      rc::gen::map<int>([](int value) { return json(value); }),
      rc::gen::map(text(), [](const std::string& value) { return json(value); }));
  if (depth <= 0) return leaf;
  const auto arrays =
      rc::gen::map(rc::gen::resize(4, rc::gen::container<std::vector<json>>(json_value(depth - 1))),
                   [](const std::vector<json>& values) { return json(values); });
  const auto objects = rc::gen::map(
      rc::gen::resize(
          4, rc::gen::container<std::map<std::string, json>>(word(), json_value(depth - 1))),
      [](const std::map<std::string, json>& values) { return json(values); });
  return rc::gen::oneOf(leaf, arrays, objects);
}

/// Schedules of up to `crashes_max` crashes, each at a place that the run with those before it
/// passes.  Draw from it in the body, `const Schedule schedule = *gen::schedules(scenario);`, with
/// the scenario ready: it runs the handlers.  Shrinks by dropping crashes; the places of those
/// that are left may no longer be passed then.
inline rc::Gen<Schedule> schedules(Scenario& scenario, int crashes_max = 3) {
  const auto draw = [&scenario, crashes_max] {
    Schedule schedule;
    const int wanted = *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, crashes_max + 1));
    while (static_cast<int>(schedule.size()) < wanted) {
      const std::vector<Place> places = internal::places_under(scenario, schedule);
      if (places.empty()) break;
      ScheduleEvent crash;
      crash.place = places[*rc::gen::inRange<std::size_t>(0, places.size())];
      schedule.events.push_back(crash);
    }
    return schedule;
  };
  // RapidCheck asks for smaller schedules when the body has returned, and the scenario is gone.
  const auto smaller = [](const Schedule& schedule) {
    std::vector<Schedule> candidates;
    for (std::size_t i = 0; i < schedule.size(); ++i) {
      Schedule without = schedule;
      without.events.erase(without.events.begin() + static_cast<std::ptrdiff_t>(i));
      candidates.push_back(std::move(without));
    }
    return rc::seq::fromContainer(std::move(candidates));
  };
  const rc::Gen<Schedule> drawn = rc::gen::noShrink(rc::gen::exec(draw));
  return [drawn, smaller](const rc::Random& random, int size) {
    return rc::shrinkable::shrinkRecur(drawn(random, size).value(), smaller);
  };
}

}  // namespace gen

/// How RapidCheck shows a schedule.
// NOLINTNEXTLINE(readability-identifier-naming): RapidCheck looks for this name
inline void showValue(const Schedule& schedule, std::ostream& out) { out << describe(schedule); }

namespace internal {

/// Keeps what the smallest failing case found.
class KeepSmallest final : public rc::detail::TestListenerAdapter {
 public:
  explicit KeepSmallest(PropertyRun& run) : run_(run) {}
  void onTestCaseFinished(const rc::detail::CaseDescription& description) override {
    if (description.result.type == rc::detail::CaseResult::Type::Failure) run_.keep_case();
  }
  void onShrinkTried(const rc::detail::CaseDescription& /*shrink*/, bool accepted) override {
    if (accepted) run_.keep_case();
  }

 private:
  PropertyRun& run_;
};

/// --reprise_seed and --reprise_cases, then RC_PARAMS.
inline rc::detail::Configuration property_configuration(int cases) {
  const TestFlags& flags = TestFlags::of_process();
  rc::detail::Configuration defaults;
  defaults.testParams.seed = flags.seed_number();
  if (cases > 0) defaults.testParams.maxSuccess = cases;
  if (flags.cases > 0) defaults.testParams.maxSuccess = flags.cases;
  const char* given = std::getenv("RC_PARAMS");
  return rc::detail::configFromString(given == nullptr ? "" : given, defaults);
}

/// What --reprise_fixture names, when a property drew its input; else it stays as it is.
inline void take_fixture(PropertyRun& run, rc::detail::Configuration& configuration,
                         const std::string& id) {
  const std::string& path = TestFlags::of_process().fixture;
  if (path.empty()) return;
  const absl::StatusOr<Fixture> fixture = load_fixture(path);
  if (!fixture.ok() || fixture->drawn.empty()) return;
  const auto drawn = rc::detail::configFromString(fixture->drawn);
  if (drawn.reproduce.count(id) == 0) return;
  configuration.reproduce = drawn.reproduce;
  run.replay(*fixture);
}

/// `location`: where failures are reported, the line of the property.
template <class... Arguments>
void check_property(void (*body)(Arguments...), int cases,
                    const std::source_location& location = std::source_location::current()) {
  PropertyRun run;
  if (const auto& errors = TestFlags::of_process().errors; !errors.empty()) {
    return end_property(run, false, errors.front(), location);
  }
  const std::string id = property_id();
  rc::detail::Configuration configuration = property_configuration(cases);
  take_fixture(run, configuration, id);
  const auto property = [&run, body](const std::decay_t<Arguments>&... arguments) {
    const std::string failures = run.run_case([&] { body(arguments...); });
    if (!failures.empty()) {
      throw rc::detail::CaseResult(rc::detail::CaseResult::Type::Failure, failures);
    }
    RC_PRE(!run.skipped());
  };
  KeepSmallest listener(run);
  rc::detail::TestMetadata metadata;
  metadata.id = metadata.description = id;
  const rc::detail::TestResult result = rc::detail::checkTestable(
      property, metadata, configuration.testParams, listener, configuration.reproduce);
  std::ostringstream message;
  if (run.fixture() != nullptr) {
    message << (run.replayed().empty() ? "STALE: the fixture's input is not drawn any more: "
                                       : run.replayed());
    if (run.replayed().empty()) rc::detail::printResultMessage(result, message);
    return end_property(run, !run.replayed().empty() && run.replay_passes(), message.str(),
                        location);
  }
  rc::detail::printResultMessage(result, message);
  const bool passed = result.template is<rc::detail::SuccessResult>();
  if (result.template is<rc::detail::FailureResult>()) {
    rc::detail::Configuration drawn;
    drawn.reproduce[id] = result.template get<rc::detail::FailureResult>().reproduce;
    // "reproduce=... seed=0": the seed says nothing more.
    const std::string text = rc::detail::configToMinimalString(drawn);
    message << "\n" << run.conclude_kept(text.substr(0, text.find(' ')));
  }
  message << "\nseed --reprise_seed=" << seed_text(configuration.testParams.seed) << ", "
          << run.cases() << " cases, " << run.runs() << " runs\n";
  end_property(run, passed, message.str(), location);
}

}  // namespace internal
}  // namespace reprise
