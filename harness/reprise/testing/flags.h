#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reprise/runtime/mechanism.h"

namespace reprise::internal {

/// The `--reprise_*` flags of the test program.
struct TestFlags {
  std::string program = "test";  ///< argv[0]
  std::string fixture;           ///< --reprise_fixture
  std::string fixture_dir = "reprise_fixtures";
  std::string report_dir;  ///< --reprise_report_dir; "": no reports are written
  bool verbose = false;
  int jobs = 0;          ///< --reprise_jobs
  int replays = 1;       ///< --reprise_replays: of each fixture that is written
  int coverage_min = 0;  ///< --reprise_coverage_min, percent
  bool progress = false;
  std::string seed;    ///< --reprise_seed, of properties; "": the same cases always
  int cases = 0;       ///< --reprise_cases, of each property; 0: as many as it says
  int runs = 0;        ///< --reprise_runs, of each property; 0: no bound
  bool split = false;  ///< --reprise_split: each shard explores a part of every scenario
  int part = 1;        ///< of the scenarios, from 1; with --reprise_split
  int part_count = 1;
  std::vector<Mechanism> without;   ///< --reprise_without
  std::vector<std::string> errors;  ///< unknown flags, missing values; each names the flag

  /// Parses an argument vector; arguments that do not begin with --reprise are somebody else's.
  static TestFlags parse(const std::vector<std::string>& arguments);
  /// The seed as a number: a text of digits is that number, any other text (a commit) is hashed.
  std::uint64_t seed_number() const;
  /// Those of this process.
  static const TestFlags& of_process();

 private:
  void take_shard();
  void parse_without(const std::string& names);
  void parse_number(const std::string& name, const std::optional<std::string>& value, int max,
                    int& number);
};

}  // namespace reprise::internal
