#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/choices/schedule.h"
#include "reprise/record/finding.h"

namespace reprise {

/// A failure kept as a file: the schedule that shows it, and what it showed.  Format:
/// docs/fixtures.md.
struct Fixture {
  static constexpr int kVersion = 1;

  /// What a replay must show for its test to pass.
  enum class Expect : std::uint8_t {
    kMended,   ///< it no longer fails: the fixture of a bug that was mended
    kFailing,  ///< it fails as recorded: the fixture of a deliberately wrong handler
  };

  std::string scenario;  ///< name of the scenario it belongs to
  Schedule schedule;
  nlohmann::json input;  ///< the event of the first start, for the reader
  /// What draws its input again, when a property drew it (reprise/testing/rapidcheck.h): a text of
  /// RapidCheck's.  "": the scenario has one input.
  std::string drawn;
  Verdict verdict = Verdict::kUnstableOutcome;
  std::string operation;
  std::string subject;
  std::string what;
  Expect expect = Expect::kMended;

  friend bool operator==(const Fixture&, const Fixture&) = default;
};

/// Reads a fixture strictly: an unknown version or member, a wrong type or a missing member is an
/// error with file and JSON pointer.
absl::StatusOr<Fixture> load_fixture(const std::string& path);
absl::StatusOr<Fixture> parse_fixture(std::string_view text, std::string_view name);

/// The same for a value that was read already; messages begin with `name`.
absl::StatusOr<Fixture> fixture_from_json(const nlohmann::json& value, std::string_view name);

/// Canonical text: sorted members, two spaces, final newline.
std::string write_fixture(const Fixture& fixture);
absl::Status save_fixture(const std::string& path, const Fixture& fixture);

/// Writes it into `directory`, which is made when it is missing, under fixture_file_name() or, when
/// one of `taken` has that name, with a number behind it.  Returns the path.
absl::StatusOr<std::string> save_fixture_in(const std::string& directory, const Fixture& fixture,
                                            const std::vector<std::string>& taken = {},
                                            std::string_view test = {});

/// A schedule as it stands in a fixture: an array with an object for each event (docs/fixtures.md).
nlohmann::json schedule_to_json(const Schedule& schedule);
/// Reads it as strictly as a fixture.  `pointer` is the place of the array in its document; the
/// message of an error begins with the place of the mistake.
absl::StatusOr<Schedule> schedule_from_json(const nlohmann::json& value, std::string_view pointer);

/// A file name for it: "checkout_charge_duplicate_effect.json".  It begins with the name of the
/// scenario, or with that of `test` ("Checkout.SurvivesEveryCrash"): tests that share a scenario
/// then do not share their files.
std::string fixture_file_name(const Fixture& fixture, std::string_view test = {});

}  // namespace reprise
