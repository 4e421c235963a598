#include "reprise/explore/upgrade_pair.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "reprise/choices/choices.h"
#include "reprise/record/internal/operation_log.h"
#include "reprise/runtime/simulation.h"

namespace reprise {
namespace {

/// Takes a schedule of crashes, and notes the places behind it.
class PlacesBehind final : public Choices {
 public:
  explicit PlacesBehind(const Schedule& schedule)
      : scheduled_(schedule), pending_(schedule.size()) {}

  Alternative at(const PlaceRef& place) override {
    const Alternative alternative = scheduled_.at(place);
    if (alternative != Alternative::kBenign) {
      --pending_;
    } else if (pending_ == 0) {
      places_.push_back(place.spell());
    }
    return alternative;
  }

  const std::vector<Place>& places() const { return places_; }

 private:
  ScheduledChoices scheduled_;
  std::size_t pending_;
  std::vector<Place> places_;
};

/// What of a history matters to a log: operations, payloads and errors.
std::string essence(const std::vector<Event>& events) {
  History history;
  for (Event event : events) {
    if (event.type == EventType::kInvocationCompleted) continue;
    event.event_id = 0;
    event.timestamp = {};
    event.details.scheduled_end.reset();
    history.events.push_back(std::move(event));
  }
  return write_history(history);
}

/// Records the runs of one scenario.
class HistoryRecorder {
 public:
  HistoryRecorder(Program& program, const HistoryBounds& bounds)
      : simulation_(program), bounds_(bounds) {}

  RecordedHistories run() {
    record({}, bounds_.crashes);
    simulation_.reset_world();
    return std::move(recorded_);
  }

 private:
  void record(const Schedule& schedule, int crashes) {
    if (recorded_.runs == bounds_.runs_max) {
      recorded_.bounded = true;
      return;
    }
    ++recorded_.runs;
    PlacesBehind choices(schedule);
    RunRecord run = simulation_.run(choices, RecordLevel::kFull);
    keep(run, schedule);
    if (crashes == 0) return;
    for (const Place& place : choices.places()) {
      Schedule next = schedule;
      ScheduleEvent& crash = next.events.emplace_back();
      crash.kind = ScheduleEvent::Kind::kCrash;
      crash.place = place;
      record(next, crashes - 1);
    }
  }

  void keep(RunRecord& run, const Schedule& schedule) {
    std::string faults;
    for (const ScheduleEvent& event : schedule.events) {
      faults += (faults.empty() ? " (" : "; ") + describe(event);
    }
    if (!faults.empty()) faults += ")";
    const FakeService& service = simulation_.service();
    for (std::size_t i = 0; i < service.execution_count(); ++i) {
      const Execution& execution = service.execution(i);
      std::vector<Event>& events = run.histories[execution.name.str()];
      if (!known_.emplace(execution.name.str(), essence(events)).second) continue;
      RecordedHistory& history = recorded_.histories.emplace_back();
      history.named.name = execution.name.str() + faults;
      history.named.history.events = std::move(events);
      history.function = execution.function_name.str();
    }
  }

  Simulation simulation_;
  const HistoryBounds& bounds_;
  std::set<std::pair<std::string, std::string>> known_;  // execution, essence
  RecordedHistories recorded_;
};

const Function* find_function(const Program& program, const std::string& name) {
  const auto found = std::find_if(
      program.functions.begin(), program.functions.end(),
      [&](const Function& function) { return function.config.name == name && function.handler; });
  return found == program.functions.end() ? nullptr : &*found;
}

UpgradeReport check_on(const RecordedHistories& recorded, const Program& program,
                       UpgradeOptions options, UpgradeDirection direction) {
  options.direction = direction;
  UpgradeReport report;
  for (const RecordedHistory& history : recorded.histories) {
    const Function* function = find_function(program, history.function);
    if (function != nullptr) {
      UpgradeReport one = check_upgrade({history.named}, function->handler, options);
      report.histories.push_back(std::move(one.histories.front()));
      continue;
    }
    HistoryUpgrade& missing = report.histories.emplace_back();
    missing.name = history.named.name;
    missing.status = absl::NotFoundError("the other version has no durable function \"" +
                                         history.function + "\"");
  }
  return report;
}

}  // namespace

RecordedHistories record_histories(Program& program, const HistoryBounds& bounds) {
  return HistoryRecorder(program, bounds).run();
}

UpgradePairReport check_upgrade(Program& before, Program& after, const UpgradeOptions& options,
                                const HistoryBounds& bounds) {
  const RecordedHistories old_histories = record_histories(before, bounds);
  const RecordedHistories new_histories = record_histories(after, bounds);
  UpgradePairReport report;
  report.forward = check_on(old_histories, after, options, UpgradeDirection::kForward);
  report.roll_back = check_on(new_histories, before, options, UpgradeDirection::kRollBack);
  report.runs = old_histories.runs + new_histories.runs;
  report.bounded = old_histories.bounded || new_histories.bounded;
  return report;
}

std::string describe(const UpgradePairReport& report) {
  std::string text = "forward\n" + describe(report.forward) + "rolled back\n" +
                     describe(report.roll_back) + "recorded in " + std::to_string(report.runs) +
                     " runs";
  if (report.bounded) text += ", and no more: HistoryBounds::runs_max was reached";
  return text + "\n";
}

}  // namespace reprise
