// The part of Explorer that runs handlers in other processes.

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "reprise/explore/explorer.h"
#include "reprise/explore/internal/child_process.h"
#include "reprise/explore/internal/events.h"
#include "reprise/explore/internal/run_facts.h"
#include "reprise/protocol/json.h"
#include "reprise/record/fixture.h"
#include "reprise/record/internal/finding_json.h"
#include "reprise/record/run_record_json.h"

namespace reprise {
namespace {

using internal::crash_at;
using internal::environment_at;
using internal::is_about_ambient_call;
using internal::moves_environment;
using nlohmann::json;

// Both ends are the same program: what cannot be read is a defect of ours.
template <class T>
T own(absl::StatusOr<T> value) {
  if (!value.ok()) throw ProgramError(std::string(value.status().message()));
  return *std::move(value);
}

json resumption_to_json(const Resumption& resumption) {
  json arguments = json::object();
  for (const auto& [id, text] : resumption.arguments) arguments[id] = text.view();
  return {{"execution", resumption.execution},
          {"input", invocation_input_to_json(resumption.input)},
          {"arguments", std::move(arguments)}};
}

Resumption resumption_from_json(const json& value) {
  Resumption resumption;
  resumption.execution = value.at("execution").get<std::string>();
  resumption.input = own(invocation_input_from_json(value.at("input")));
  for (const auto& [id, text] : value.at("arguments").items()) {
    resumption.arguments[id] = SharedText(text.get<std::string>());
  }
  return resumption;
}

json findings_to_json(const std::vector<Finding>& findings) {
  json list = json::array();
  for (const Finding& finding : findings) internal::write_finding(finding, list.emplace_back());
  return list;
}

std::vector<Finding> findings_from_json(const json& list) {
  std::vector<Finding> findings;
  for (const json& each : list) {
    internal::ObjectReader reader(internal::JsonReader(each, ""));
    findings.push_back(internal::read_finding(reader));
  }
  return findings;
}

bool dies(const Explorer::Judged& judged) {
  return !judged.findings.empty() && judged.findings.front().subject == kProcessSubject;
}

/// A text from a handler may be no UTF-8.
std::string json_text(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

void Explorer::open_nursery() {
  if (!options_.try_environments || program_.without.contains(Mechanism::kEnvironments)) return;
  nursery_ = std::make_unique<internal::Nursery>(
      [this](const std::string& request) { return serve_fresh(request); });
}

// Runs in a process in which no handler has run yet.
std::string Explorer::serve_fresh(const std::string& text) {
  const json request = json::parse(text);
  const std::string what = request.at("do");
  if (what == "judge") {
    const Judged judged =
        judge_against_later_runs(own(schedule_from_json(request.at("schedule"), "")));
    return json_text({{"findings", findings_to_json(judged.findings)},
                      {"run", run_record_to_json(judged.record)}});
  }
  if (what == "record") {
    if (request.at("warm") == true) simulation_.run(Schedule(), RecordLevel::kOutcome);
    const RunRecord record = simulation_.run(own(schedule_from_json(request.at("schedule"), "")));
    json resumptions = json::array();
    for (const Resumption& each : simulation_.resumptions()) {
      resumptions.push_back(resumption_to_json(each));
    }
    return json_text(
        {{"run", run_record_to_json(record)}, {"resumptions", std::move(resumptions)}});
  }
  const Resumption resumption = resumption_from_json(request.at("resumption"));
  if (request.at("foreign") == true) {
    const std::vector<Start> starts = program_.starts;
    std::erase_if(program_.starts,
                  [&](const Start& start) { return start.name == resumption.execution; });
    if (program_.starts.empty()) program_.starts = starts;
    simulation_.run(Schedule(), RecordLevel::kOutcome);
    program_.starts = starts;
  }
  // Judged here: only here is it known from where in the source operations were called.
  const EndedRun replayed = end_of(simulation_.replay(resumption));
  References itself;
  itself.crash_free.push_back(replayed);
  std::vector<Finding> findings = judge_(program_.world, replayed, itself);
  std::erase_if(findings, [](const Finding& finding) {
    return finding.verdict != Verdict::kDivergentOp && finding.verdict != Verdict::kDivergentArg &&
           finding.verdict != Verdict::kLeak;
  });
  return json_text(
      {{"findings", findings_to_json(findings)}, {"run", run_record_to_json(replayed.record)}});
}

// The schedule in a fresh process, where it is the first thing that runs.
Explorer::Judged Explorer::run_cold(const Schedule& schedule) {
  ++certificate_.runs;
  const internal::Nursery::Answer answer =
      nursery_->ask(json_text({{"do", "judge"}, {"schedule", schedule_to_json(schedule)}}));
  if (!answer.text) return died(schedule, answer.death);
  const json value = json::parse(*answer.text);
  return {own(run_record_from_json(value.at("run"))), findings_from_json(value.at("findings"))};
}

Explorer::Judged Explorer::died(const Schedule& schedule, const std::string& death) const {
  Judged judged;
  judged.record.schedule = schedule;
  judged.record.end = RunEnd::kPoweredOff;
  Finding& finding = judged.findings.emplace_back();
  finding.verdict = Verdict::kBoundary;
  finding.operation = program_.starts.empty() ? program_.name : program_.starts.front().name;
  finding.subject = kProcessSubject;
  finding.what = "the process of the handler " + death;
  finding.allowed = "a handler returns, throws or waits; it never takes its process down";
  return judged;
}

// A schedule whose end is the replay in another process.
Explorer::Judged Explorer::run_elsewhere(const Schedule& schedule) {
  if (!nursery_) return {};
  ++certificate_.runs;
  const auto move = std::find_if(
      schedule.events.begin(), schedule.events.end(),
      [](const ScheduleEvent& each) { return each.kind == ScheduleEvent::Kind::kEnvironment; });
  const auto ask = [&](const json& request) -> std::optional<json> {
    const internal::Nursery::Answer answer = nursery_->ask(json_text(request));
    if (!answer.text) return std::nullopt;
    return json::parse(*answer.text);
  };
  const std::optional<json> recorded = ask({{"do", "record"},
                                            {"schedule", schedule_to_json(schedule)},
                                            {"warm", move->environment == Environment::kFresh}});
  if (!recorded) return died(schedule, "ended while it was recorded");
  RunRecord record = own(run_record_from_json(recorded->at("run")));
  record.incidents.clear();  // those are not what is asked here
  record.violations.clear();
  record.timeline.push_back({TimelineMark::Kind::kCrash, describe(*move), record.invocations});
  Judged judged;
  for (const json& resumption : recorded->at("resumptions")) {
    const std::optional<json> replayed =
        ask({{"do", "replay"},
             {"resumption", resumption},
             {"foreign", move->environment == Environment::kForeign}});
    if (!replayed) return died(schedule, "ended while it replayed");
    for (Finding& finding : findings_from_json(replayed->at("findings"))) {
      judged.findings.push_back(std::move(finding));
    }
    RunRecord after = own(run_record_from_json(replayed->at("run")));
    ++record.invocations;
    for (TimelineMark& mark : after.timeline) {
      mark.invocation = record.invocations;
      record.timeline.push_back(std::move(mark));
    }
    record.incidents.insert(record.incidents.end(), after.incidents.begin(), after.incidents.end());
  }
  judged.record = std::move(record);
  return judged;
}

Explorer::Judged Explorer::confirm(const Schedule& schedule) {
  if (moves_environment(schedule)) return run_elsewhere(schedule);
  return cold_ ? run_cold(schedule) : run(schedule);
}

// The last place of each start behind which something is recorded, and one in the middle.
std::vector<Place> Explorer::late_places() const {
  constexpr std::size_t kStartsMax = 3;
  std::vector<Place> late;
  for (std::size_t i = 0; i < std::min(program_.starts.size(), kStartsMax); ++i) {
    const std::string prefix = program_.starts[i].name + "/";
    std::vector<Place> own_places;
    for (const Place& place : places_) {
      const bool recorded = place.kind == PointKind::kCheckpoint && place.moment == Moment::kAfter;
      if (recorded && place.operation.compare(0, prefix.size(), prefix) == 0) {
        own_places.push_back(place);
      }
    }
    if (own_places.empty()) continue;
    late.push_back(own_places.back());
    const Place& middle = own_places[own_places.size() / 2];
    if (!(middle == own_places.back())) late.push_back(middle);
  }
  return late;
}

// The same history in the same environment, in a fresh one, and in one that has run something else.
// It comes first: where static variables decide, no other run of this process can be trusted.
// True: they decide.
bool Explorer::try_environments(Exploration& exploration) {
  if (!nursery_ || !options_.try_variants) return false;
  for (const Place& place : late_places()) {
    for (const ScheduleEvent& event : {crash_at(place), environment_at(place, Environment::kFresh),
                                       environment_at(place, Environment::kForeign)}) {
      ++environments_tried_;
      if (event.kind == ScheduleEvent::Kind::kEnvironment) coverage_.hit(tuple_of(event));
      if (!report_cold(exploration, Schedule{{event}})) continue;
      prefer_perturbation(exploration);
      return true;
    }
  }
  return false;
}

// A fresh process differs in more than static variables.  Where what its memory holds, or the like,
// is what decides, a switch that shows the same says more.
void Explorer::prefer_perturbation(Exploration& exploration) {
  const Finding& found = exploration.findings.back().finding;
  if (found.subject == kProcessSubject) return;  // it would take this process down
  Exploration perturbed;
  try_process_inputs(perturbed);
  const Verdict verdict = found.verdict;
  const auto same = [&](const ReportedFinding& each) { return each.finding.verdict == verdict; };
  if (!perturbed.findings.empty() &&
      std::all_of(perturbed.findings.begin(), perturbed.findings.end(), same)) {
    exploration.findings = std::move(perturbed.findings);
  }
}

// The first run of all, in a process of its own: a handler that takes its process down without any
// fault would take this one down too.
bool Explorer::survives(Exploration& exploration) {
  if (!options_.try_variants) return true;
  open_nursery();
  if (!nursery_) return true;
  const Judged judged = run_cold({});
  if (!dies(judged)) return true;
  cold_ = true;
  report(exploration, {}, judged.findings);
  cold_ = false;
  return false;
}

// Reports what the schedule shows in a fresh process and not in this one.
bool Explorer::report_cold(Exploration& exploration, const Schedule& schedule) {
  if (!nursery_) return false;
  const bool moves = moves_environment(schedule);
  Judged judged = moves ? run_elsewhere(schedule) : run_cold(schedule);
  std::erase_if(judged.findings, is_about_ambient_call);
  if (!moves && !judged.findings.empty() && !dies(judged)) {
    const Judged here = run(schedule);
    std::erase_if(judged.findings, [&](const Finding& finding) {
      return std::any_of(here.findings.begin(), here.findings.end(),
                         [&](const Finding& each) { return each.same_as(finding); });
    });
  }
  if (judged.findings.empty()) return false;
  const bool before = std::exchange(cold_, true);
  report(exploration, schedule, judged.findings);
  cold_ = before;
  return true;
}

}  // namespace reprise
