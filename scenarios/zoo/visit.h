#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "reprise/explore/explorer.h"
#include "reprise/record/fixture.h"
#include "reprise/runtime/mechanism.h"
#include "scenarios/zoo/zoo.h"

namespace scenarios::zoo {

/// How much work an entry may cost.
struct Budget {
  std::string name;
  reprise::ExploreOptions options;
  int cpu_seconds = 0;  ///< after so many the process of a twin is given up
};
/// About 2 seconds an entry, on one core.
Budget quick_budget();
/// About a minute.
Budget full_budget();

/// What the harness says of one twin.
struct Sighting {
  struct Report {
    std::string verdict;  ///< "DIVERGENT_OP"
    std::size_t events = 0;
    std::string text;     ///< the one screen
    std::string fixture;  ///< its file; "": no schedule shows it
  };
  std::vector<Report> reports;
  std::string coverage;
  double ms = 0;
  std::string died;  ///< how the process of the twin ended, if not by itself: "signal 6"

  bool silent() const { return reports.empty() && died.empty(); }
};

/// Explores a twin in a process of its own, so that nothing static of one meets another, and one
/// that ends its process ends nothing else.  `before` is null, or the version whose histories
/// `twin` meets.
Sighting visit(const ZooEntry& entry, SpecimenFactory twin, SpecimenFactory before,
               const Budget& budget, const reprise::MechanismSet& without);

/// What the replay of a fixture shows.
struct Explanation {
  bool reproduces = false;
  std::string screen;
};
/// Replays a fixture of the buggy twin in a process of its own.  `path` is what the screen says.
Explanation explain(const ZooEntry& entry, const reprise::Fixture& fixture,
                    const std::string& path);
/// What the fixtures of an entry call their scenario: "zoo/ID01".
std::string scenario_of(const ZooEntry& entry);

}  // namespace scenarios::zoo
