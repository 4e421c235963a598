// The part of Explorer that shares the work: among the processes of this machine, and with others.

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "reprise/explore/explorer.h"
#include "reprise/explore/internal/child_process.h"
#include "reprise/explore/internal/doing.h"
#include "reprise/explore/internal/events.h"
#include "reprise/explore/internal/last_words.h"
#include "reprise/explore/internal/run_facts.h"
#include "reprise/explore/internal/units.h"
#include "reprise/record/fixture.h"

namespace reprise {

using internal::ChildProcess;
using internal::crash_at;
using internal::LastWords;
using internal::UnitFamily;
using internal::UnitResult;
using internal::WorkUnit;

namespace {

// The request that comes before those for units, which are their indexes.
constexpr const char* kWithoutCrashes = "without crashes";

}  // namespace

// Everything that is still to be done, in the order in which it would be done in one process; what
// can happen where is declared on the way.
void Explorer::plan_units(const Exploration& exploration, std::vector<UnitFamily>& families) {
  units_.clear();
  const bool crashes = !program_.without.contains(Mechanism::kCrashes);
  if (crashes) {
    for (const Place& place : places_) coverage_.declare(tuple_of(crash_at(place)));
  }
  if (varies_environments()) {
    for (const ScheduleEvent& each : assignments_) coverage_.declare(tuple_of(each));
  }
  units_.push_back({WorkUnit::Kind::kProcessInputs, 0, {}});
  if (crashes || varies_environments()) {
    units_.push_back({WorkUnit::Kind::kClosure, 0, {}});
  } else {
    certificate_.bound = "no crashes";
  }
  if (!options_.try_variants) return;
  units_.push_back({WorkUnit::Kind::kInterleavings, 0, {}});
  const BenignRun benign{exploration.benign, places_, ready_};
  for (const VariantFamily& family : all_variants(program_, benign)) {
    // A long handler has many places, and each run passes them all.
    const auto places = static_cast<std::int64_t>(places_.size()) + 1;
    const std::int64_t affordable = std::max<std::int64_t>(options_.places_max / places, 1);
    const auto total = static_cast<std::int64_t>(family.variants.size());
    const std::int64_t stride = std::max<std::int64_t>((total + affordable - 1) / affordable, 1);
    for (std::int64_t i = 0; i < total; ++i) {
      const Variant& variant = family.variants[static_cast<std::size_t>(i)];
      for (const ScheduleEvent& event : variant.schedule.events) {
        coverage_.declare(tuple_of(event));
      }
      if (i % stride == 0) units_.push_back({WorkUnit::Kind::kVariant, families.size(), variant});
    }
    families.push_back({family.what, total});
  }
  const auto opening = std::count_if(
      units_.begin(), units_.end(), [](const WorkUnit& unit) { return unit.variant.opens_states; });
  constexpr std::int64_t kStatesMinOfVariant = 100;
  const std::int64_t share = options_.states_max_of_variants / std::max<std::int64_t>(opening, 1);
  states_of_variant_ =
      std::min(options_.states_max_of_variant, std::max(share, kStatesMinOfVariant));
}

bool Explorer::is_mine(std::size_t unit) const {
  return unit % static_cast<std::size_t>(options_.part_count) + 1 ==
         static_cast<std::size_t>(options_.part);
}

void Explorer::run_unit(Exploration& exploration, const WorkUnit& unit, std::size_t index) {
  switch (unit.kind) {
    case WorkUnit::Kind::kProcessInputs:
      return try_process_inputs(exploration);
    case WorkUnit::Kind::kClosure:
      return try_closure(exploration);
    case WorkUnit::Kind::kInterleavings:
      return try_interleavings(exploration);
    case WorkUnit::Kind::kVariant:
      return try_variant(exploration, unit, index);
  }
}

void Explorer::run_units(Exploration& exploration) {
  std::vector<UnitFamily> families;
  plan_units(exploration, families);
  std::vector<bool> done(units_.size(), false);
  if (options_.jobs > 0) {
    run_units_in_processes(exploration, done);
  } else {
    run_units_here(exploration, done);
  }
  const auto closure = std::find_if(units_.begin(), units_.end(), [](const WorkUnit& unit) {
    return unit.kind == WorkUnit::Kind::kClosure;
  });
  const bool closed_elsewhere =
      closure != units_.end() && !is_mine(static_cast<std::size_t>(closure - units_.begin()));
  if (options_.part_count > 1 && closed_elsewhere && exploration.findings.empty()) {
    certificate_.closed = true;  // as much as was to be closed here
  }
  if (environments_tried_ > 0 && exploration.findings.empty()) {
    certificate_.tried.insert(certificate_.tried.begin(),
                              {"environments", environments_tried_, environments_tried_});
  }
  std::vector<std::int64_t> counts(families.size(), 0);
  for (std::size_t i = 0; i < units_.size(); ++i) {
    if (!done[i]) continue;
    if (units_[i].kind == WorkUnit::Kind::kVariant) ++counts[units_[i].family];
    for (const ScheduleEvent& event : units_[i].variant.schedule.events) {
      coverage_.hit(tuple_of(event));
    }
    if (units_[i].kind != WorkUnit::Kind::kClosure) continue;
    // The states of the benign run are resumed first, one for each place.
    if (!certificate_.closed && certificate_.resumes < certificate_.places) continue;
    if (!program_.without.contains(Mechanism::kCrashes)) {
      for (const Place& place : places_) coverage_.hit(tuple_of(crash_at(place)));
    }
    if (varies_environments()) {
      for (const ScheduleEvent& each : assignments_) coverage_.hit(tuple_of(each));
    }
  }
  for (std::size_t i = 0; i < families.size(); ++i) {
    if (counts[i] > 0)
      certificate_.tried.push_back({families[i].what, counts[i], families[i].total});
  }
}

void Explorer::run_units_here(Exploration& exploration, std::vector<bool>& done) {
  const auto total = static_cast<std::int64_t>(units_.size());
  for (std::size_t i = 0; i < units_.size(); ++i) {
    if (!is_mine(i)) continue;
    if (!units_[i].goes_on_after_findings() && !exploration.findings.empty()) break;
    run_unit(exploration, units_[i], i);
    done[i] = true;
    if (options_.progress) options_.progress(static_cast<std::int64_t>(i) + 1, total);
  }
}

// In a worker.
std::string Explorer::serve_unit(const std::string& request) {
  certificate_ = {};
  Exploration exploration;
  if (request == kWithoutCrashes) {
    try_without_crashes(exploration);
  } else {
    const auto index = static_cast<std::size_t>(std::stoul(request));
    run_unit(exploration, units_[index], index);
  }
  UnitResult result;
  result.findings = std::move(exploration.findings);
  result.certificate = certificate_;
  result.goals_met = goals_met_;
  result.notes = notes_;
  result.unanswered.assign(simulation_.unanswered().begin(), simulation_.unanswered().end());
  result.responders_used.assign(simulation_.responders_used().begin(),
                                simulation_.responders_used().end());
  result.vary = vary_;
  return write_unit_result(result);
}

namespace {

std::string last_words(const std::string& death) {
  const std::optional<Schedule> schedule = internal::Doing::now();
  const nlohmann::json words = {
      {"death", death}, {"schedule", schedule ? schedule_to_json(*schedule) : nlohmann::json()}};
  return words.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

struct Worker {
  LastWords words;
  std::unique_ptr<ChildProcess> process;
  std::size_t unit = 0;
};

}  // namespace

// Whichever worker is free does the next unit.  What counts is what one process would have done, so
// that the result does not depend on who is faster: nothing behind the first unit with a finding.
void Explorer::run_units_in_processes(Exploration& exploration, std::vector<bool>& done) {
  std::map<std::size_t, UnitResult> results;
  std::map<std::size_t, std::pair<std::string, std::string>> deaths;  // how, and the last words
  std::vector<std::unique_ptr<Worker>> workers;
  const auto employ = [&](Worker& worker) {
    worker.words.clear();
    worker.process = std::make_unique<ChildProcess>(
        [this, &worker, listens = false](const std::string& request) mutable {
          if (!std::exchange(listens, true)) {
            worker.words.listen(last_words);
            (void)nursery_.release();  // it is the parent's
          }
          return serve_unit(request);
        });
  };
  workers.push_back(std::make_unique<Worker>());
  employ(*workers.front());
  workers.front()->process->send(kWithoutCrashes);
  if (const std::optional<std::string> answer = workers.front()->process->receive()) {
    UnitResult first = internal::read_unit_result(*answer);
    vary_ = first.vary;
    add_result(exploration, std::move(first));
  } else {
    report_death(exploration, workers.front()->process->death(), workers.front()->words.read());
    return;
  }
  std::size_t first_finding = exploration.findings.empty() ? units_.size() : 0;
  std::size_t next = 0;
  const auto give_work = [&](Worker& worker) {
    while (next < units_.size() && !is_mine(next)) ++next;
    if (next >= units_.size()) return false;
    if (next >= first_finding && !units_[next].goes_on_after_findings()) return false;
    worker.unit = next++;
    if (!worker.process || !worker.process->death().empty()) employ(worker);
    worker.process->send(std::to_string(worker.unit));
    return true;
  };
  std::vector<Worker*> busy;
  for (int i = 0; i < options_.jobs; ++i) {
    if (i > 0) workers.push_back(std::make_unique<Worker>());
    if (give_work(*workers.back())) busy.push_back(workers.back().get());
  }
  std::int64_t finished = 0;
  while (!busy.empty()) {
    std::vector<ChildProcess*> processes;
    for (const Worker* worker : busy) processes.push_back(worker->process.get());
    const std::size_t index = ChildProcess::wait_for_any(processes);
    Worker& worker = *busy[index];
    const std::optional<std::string> answer = worker.process->receive();
    if (answer) {
      results[worker.unit] = internal::read_unit_result(*answer);
    } else {
      deaths[worker.unit] = {worker.process->death(), worker.words.read()};
    }
    if (!answer || !results[worker.unit].findings.empty()) {
      first_finding = std::min(first_finding, worker.unit);
    }
    if (options_.progress) {
      options_.progress(++finished, static_cast<std::int64_t>(units_.size()));
    }
    if (!give_work(worker)) busy.erase(busy.begin() + static_cast<std::ptrdiff_t>(index));
  }
  for (std::size_t i = 0; i < units_.size(); ++i) {
    if (i > first_finding && !units_[i].goes_on_after_findings()) break;
    const auto death = deaths.find(i);
    if (death != deaths.end()) {
      report_death(exploration, death->second.first, death->second.second);
      done[i] = true;
    }
    const auto result = results.find(i);
    if (result == results.end()) continue;
    add_result(exploration, std::move(result->second));
    done[i] = true;
  }
}

void Explorer::add_result(Exploration& exploration, UnitResult result) {
  for (ReportedFinding& each : result.findings) {
    // In a worker nothing can be tried in a fresh process.
    if (!each.replayable && report_cold(exploration, each.schedule)) continue;
    if (!internal::reports(exploration, each.finding))
      exploration.findings.push_back(std::move(each));
  }
  const Certificate& part = result.certificate;
  certificate_.closed = certificate_.closed || part.closed;
  certificate_.add_counts(part);
  if (!part.bound.empty()) certificate_.bound = part.bound;
  for (std::size_t i = 0; i < result.goals_met.size(); ++i) {
    if (result.goals_met[i]) goals_met_[i] = true;
  }
  for (std::string& note : result.notes) {
    if (std::find(notes_.begin(), notes_.end(), note) == notes_.end()) {
      notes_.push_back(std::move(note));
    }
  }
  unanswered_.insert(result.unanswered.begin(), result.unanswered.end());
  responders_used_.insert(result.responders_used.begin(), result.responders_used.end());
}

// A worker died with a handler in it.
void Explorer::report_death(Exploration& exploration, const std::string& death,
                            const std::string& words) {
  const nlohmann::json said = nlohmann::json::parse(words, nullptr, false);
  Schedule schedule;
  std::string how = death;
  bool known = false;
  if (said.is_object()) {
    how = said.value("death", death);
    const auto told = schedule_from_json(said.at("schedule"), "");
    known = told.ok();
    if (known) schedule = *told;
  }
  Judged judged = died(schedule, how);
  if (known && nursery_) {
    cold_ = true;
    const Judged again = run_cold(schedule);
    const bool repeats =
        std::any_of(again.findings.begin(), again.findings.end(),
                    [&](const Finding& f) { return f.same_as(judged.findings[0]); });
    if (repeats) report(exploration, schedule, judged.findings);
    cold_ = false;
    if (repeats) return;
  }
  ReportedFinding reported;
  reported.finding = judged.findings.front();
  reported.schedule = schedule;
  reported.record = judged.record;
  reported.replayable = false;
  if (!internal::reports(exploration, reported.finding)) {
    exploration.findings.push_back(std::move(reported));
  }
}

}  // namespace reprise
