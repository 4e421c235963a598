// The part of Explorer that draws schedules, or takes them as they are given.

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include "reprise/explore/explorer.h"
#include "reprise/explore/internal/doing.h"
#include "reprise/explore/internal/events.h"
#include "reprise/explore/internal/place_recorder.h"
#include "reprise/explore/internal/random.h"
#include "reprise/explore/internal/run_facts.h"
#include "reprise/explore/variants.h"

namespace reprise {

using internal::crash_at;
using internal::PlaceRecorder;
using internal::Random;

namespace {

Schedule put_before(Schedule first, const Schedule& second) {
  first.events.insert(first.events.end(), second.events.begin(), second.events.end());
  return first;
}

}  // namespace

// True: something was found.
bool Explorer::judge_sample(Exploration& exploration, const Schedule& schedule,
                            const RunRecord& record) {
  note_goals(record);
  if (!internal::has_loose_ends(record) && !suspicious(record, schedule)) return false;
  const Judged judged = run(schedule);
  report(exploration, schedule, judged.findings);
  return !judged.findings.empty();
}

void Explorer::draw_samples(Exploration& exploration, const SampleOptions& sampling) {
  std::vector<Variant> variants;
  if (options_.try_variants) {
    for (VariantFamily& family : all_variants(program_, {exploration.benign, places_, ready_})) {
      std::move(family.variants.begin(), family.variants.end(), std::back_inserter(variants));
    }
  }
  const bool crashes = !program_.without.contains(Mechanism::kCrashes);
  Random random(sampling.seed);
  std::set<std::string> hit;
  std::int64_t runs = 0;
  while (runs < sampling.runs && exploration.findings.empty()) {
    Variant variant;
    variant.opens_states = true;
    if (!variants.empty() && random.below(2) == 0)
      variant = variants[random.below(variants.size())];
    const Schedule base = with_variation(variant.schedule);
    // Crashes behind what is no crash are judged only where explore() judges them too.
    const std::size_t wanted =
        crashes && variant.opens_states
            ? 1 + random.below(static_cast<std::size_t>(std::max(sampling.crashes_max, 1)))
            : 0;
    Schedule drawn;
    while (runs < sampling.runs) {
      const Schedule schedule = put_before(drawn, base);
      const internal::Doing doing([&schedule] { return schedule; });
      PlaceRecorder recorder(schedule);
      ++runs;
      ++certificate_.runs;
      const RunRecord record = simulation_.run(recorder, RecordLevel::kOutcome);
      if (!recorder.unreached().empty()) break;  // a crash came before it
      if (judge_sample(exploration, schedule, record)) break;
      const std::vector<Place>& places = recorder.places();
      if (drawn.size() == wanted || places.empty()) break;
      const Place& place = places[random.below(places.size())];
      if (drawn.empty() && variant.schedule.empty()) hit.insert(describe(place));
      drawn.events.push_back(crash_at(place));
    }
  }
  certificate_.places_hit = static_cast<std::int64_t>(hit.size());
  certificate_.bound = "sampled";
  certificate_.tried.push_back(
      {"runs of schedules drawn from seed " + std::to_string(sampling.seed), runs, runs});
}

Exploration Explorer::sample(const SampleOptions& sampling) {
  return prepared([&](Exploration& exploration) {
    try_without_crashes(exploration);
    try_process_inputs(exploration);
    if (exploration.findings.empty()) draw_samples(exploration, sampling);
  });
}

Exploration Explorer::try_schedules(const std::vector<Schedule>& schedules) {
  return prepared([&](Exploration& exploration) {
    std::int64_t tried = 0;
    for (const Schedule& schedule : schedules) {
      const Judged judged = run(schedule);
      if (!judged.record.unreached.empty()) continue;
      ++tried;
      note_goals(judged.record);
      report(exploration, schedule, judged.findings);
    }
    certificate_.bound = "schedules that were given";
    certificate_.tried.push_back({"schedules", tried, static_cast<std::int64_t>(schedules.size())});
  });
}

}  // namespace reprise
