#include "scenarios/zoo/visit.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <functional>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "reprise/checks/checks.h"
#include "reprise/explore/fixture_replay.h"
#include "reprise/explore/upgrade_pair.h"
#include "reprise/report/text_report.h"

namespace scenarios::zoo {
namespace {

using nlohmann::json;
using reprise::Exploration;
using reprise::Mechanism;
using reprise::MechanismSet;
using reprise::Scenario;

void explore(Scenario& scenario, const std::string& name, const Budget& budget,
             Sighting& sighting) {
  const Exploration exploration =
      reprise::Explorer(scenario.program(), reprise::checks::judge(scenario.program()),
                        budget.options)
          .explore();
  sighting.coverage = exploration.certificate.text();
  for (const reprise::ReportedFinding& reported : exploration.findings) {
    reprise::ReportContext context;
    context.test = scenario.name();
    std::string text;
    if (reported.replayable) {
      reprise::Fixture fixture = reprise::fixture_of(scenario.program(), reported);
      fixture.scenario = name;
      fixture.expect = reprise::Fixture::Expect::kFailing;
      text = reprise::write_fixture(fixture);
    }
    sighting.reports.push_back(
        {std::string(to_string(reported.finding.verdict)), reported.schedule.size(),
         reprise::text_report(reported, exploration.certificate, context), std::move(text)});
  }
}

void upgrade(Scenario& before, Scenario& after, Sighting& sighting) {
  const reprise::UpgradePairReport report = reprise::check_upgrade(before, after);
  for (const reprise::HistoryUpgrade& history : report.forward.histories) {
    if (!history.status.ok()) throw std::runtime_error(std::string(history.status.message()));
    for (const reprise::UpgradeBreak& each : history.breaks) {
      sighting.reports.push_back(
          {std::string(to_string(each.reason.verdict)), 0, describe(history), ""});
    }
  }
  sighting.coverage = describe(report);
}

Sighting look(const std::string& name, SpecimenFactory twin, SpecimenFactory before,
              const Budget& budget, const MechanismSet& without) {
  Sighting sighting;
  const std::unique_ptr<Specimen> specimen = twin();
  for (const Mechanism mechanism : reprise::kMechanisms) {
    if (without.contains(mechanism)) specimen->scenario().without(mechanism);
  }
  const auto began = std::chrono::steady_clock::now();
  if (before == nullptr) {
    explore(specimen->scenario(), name, budget, sighting);
  } else if (!without.contains(Mechanism::kVersions)) {
    upgrade(before()->scenario(), specimen->scenario(), sighting);
  }
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
  sighting.ms = took.count();
  return sighting;
}

std::string encode(const Sighting& sighting) {
  json reports = json::array();
  for (const Sighting::Report& report : sighting.reports) {
    reports.push_back({{"verdict", report.verdict},
                       {"events", report.events},
                       {"text", report.text},
                       {"fixture", report.fixture}});
  }
  return json{{"reports", reports}, {"coverage", sighting.coverage}, {"ms", sighting.ms}}.dump();
}

Sighting decode(const std::string& text) {
  const json in = json::parse(text);
  Sighting sighting;
  for (const json& report : in.at("reports")) {
    sighting.reports.push_back(
        {report.at("verdict").get<std::string>(), report.at("events").get<std::size_t>(),
         report.at("text").get<std::string>(), report.at("fixture").get<std::string>()});
  }
  sighting.coverage = in.at("coverage").get<std::string>();
  sighting.ms = in.at("ms").get<double>();
  return sighting;
}

/// What a child process answers; how it ended when it did not.
struct Answer {
  std::string text;
  std::string died;
};

[[noreturn]] void run_child(int out, int cpu_seconds, const std::function<std::string()>& work) {
  const auto bound = [](auto resource, int value) {
    const rlimit both = {static_cast<rlim_t>(value), static_cast<rlim_t>(value)};
    setrlimit(resource, &both);
  };
  bound(RLIMIT_CORE, 0);
  bound(RLIMIT_CPU, cpu_seconds);
  // What std::terminate says is told by the signal.
  const int nowhere = open("/dev/null", O_WRONLY);
  if (nowhere >= 0) dup2(nowhere, STDERR_FILENO);
  std::string text;
  try {
    text = work();
  } catch (const std::exception& error) {
    text = std::string("!") + error.what();
  }
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t n = write(out, text.data() + sent, text.size() - sent);
    if (n <= 0) break;
    sent += static_cast<std::size_t>(n);
  }
  _exit(0);
}

std::string read_all(int from) {
  std::string text;
  char part[4096];
  for (ssize_t n = 0; (n = read(from, part, sizeof part)) > 0;) {
    text.append(part, static_cast<std::size_t>(n));
  }
  return text;
}

Answer in_child(int cpu_seconds, const std::function<std::string()>& work) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("no pipe to the process of a twin");
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("no process for a twin");
  if (child == 0) {
    close(ends[0]);
    run_child(ends[1], cpu_seconds, work);
  }
  close(ends[1]);
  Answer answer;
  answer.text = read_all(ends[0]);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) {
    answer.died = "signal " + std::to_string(WTERMSIG(status));
  } else if (answer.text.empty()) {
    answer.died = "status " + std::to_string(WEXITSTATUS(status));
  } else if (answer.text[0] == '!') {
    answer.died = answer.text.substr(1);
  }
  return answer;
}

}  // namespace

Budget quick_budget() {
  Budget budget;
  budget.name = "quick";
  budget.cpu_seconds = 20;
  budget.options.states_max = 5000;
  budget.options.states_max_of_variant = 500;
  budget.options.places_max = 30000;
  budget.options.interleavings_max = 100;
  budget.options.jobs = 1;
  return budget;
}

Budget full_budget() {
  Budget budget;
  budget.name = "full";
  budget.cpu_seconds = 120;
  budget.options.jobs = 1;
  return budget;
}

Sighting visit(const ZooEntry& entry, SpecimenFactory twin, SpecimenFactory before,
               const Budget& budget, const MechanismSet& without) {
  const Answer answer = in_child(budget.cpu_seconds, [&] {
    return encode(look(scenario_of(entry), twin, before, budget, without));
  });
  if (answer.died.empty()) return decode(answer.text);
  Sighting sighting;
  sighting.died = answer.died;
  return sighting;
}

std::string scenario_of(const ZooEntry& entry) { return "zoo/" + std::string(entry.id); }

Explanation explain(const ZooEntry& entry, const reprise::Fixture& fixture,
                    const std::string& path) {
  const Budget budget = full_budget();
  const Answer answer = in_child(budget.cpu_seconds, [&] {
    const std::unique_ptr<Specimen> specimen = entry.buggy();
    reprise::Program& program = specimen->scenario().program();
    const reprise::ReplayedFixture replayed =
        reprise::replay_fixture(program, reprise::checks::judge(program), fixture, budget.options);
    reprise::ReportContext context;
    context.test = scenario_of(entry);
    context.fixture = path;
    context.again = "./dev explain " + path;
    const bool reproduces = replayed.outcome == reprise::FixtureOutcome::kReproduces;
    return json{{"reproduces", reproduces}, {"screen", text_report(replayed, context)}}.dump();
  });
  if (!answer.died.empty()) return {false, "the process ended: " + answer.died + "\n"};
  const json said = json::parse(answer.text);
  return {said.at("reproduces").get<bool>(), said.at("screen").get<std::string>()};
}

}  // namespace scenarios::zoo
