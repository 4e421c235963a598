#pragma once

#include <rapidcheck.h>

#include <vector>

#include "property_tests/exploration_support.h"

namespace reprise::properties {

/// Up to three crashes, each at a place that the run with those before it passes.
inline Schedule draw_crashes(Program& program) {
  constexpr int kCrashesMax = 3;
  std::vector<Place> crashes;
  const int count = *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, kCrashesMax + 1));
  while (static_cast<int>(crashes.size()) < count) {
    const std::vector<Place> places = places_of(program, crashes_at(crashes));
    if (places.empty()) break;
    crashes.push_back(places[*rc::gen::inRange<std::size_t>(0, places.size())]);
  }
  Schedule schedule = crashes_at(crashes);
  RC_LOG() << describe(schedule) << "\n";
  return schedule;
}

}  // namespace reprise::properties
