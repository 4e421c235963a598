#include "property_tests/exploration_support.h"

#include <sstream>
#include <utility>

#include "reprise/checks/checks.h"
#include "reprise/record/history_file.h"

namespace reprise::properties {
namespace {

class PlaceLister final : public Choices {
 public:
  explicit PlaceLister(const Schedule& schedule)
      : scheduled_(schedule), pending_(schedule.events.size()) {}

  Alternative at(const PlaceRef& place) override {
    const Alternative alternative = scheduled_.at(place);
    if (alternative == Alternative::kCrash) {
      --pending_;
    } else if (pending_ == 0) {
      places_.push_back(place.spell());
    }
    return alternative;
  }
  std::vector<Place> take() { return std::move(places_); }

 private:
  ScheduledChoices scheduled_;
  std::size_t pending_;
  std::vector<Place> places_;
};

/// Copies the durable state at every fault point of a run.
class StateCopier final : public Choices {
 public:
  struct Copy {
    DurableState state;
    Place place;
    bool maybe = false;
  };
  explicit StateCopier(const Simulation& simulation) : simulation_(simulation) {}

  Alternative at(const PlaceRef& place) override {
    copies_.push_back({simulation_.save(), place.spell(), simulation_.in_at_most_once_body()});
    return Alternative::kBenign;
  }
  const std::vector<Copy>& copies() const { return copies_; }

 private:
  const Simulation& simulation_;
  std::vector<Copy> copies_;
};

std::vector<IssuedOperation> operations_of(const FakeService& service) {
  std::vector<IssuedOperation> issued;
  for (const OperationPtr& operation : service.execution(0).operations) {
    IssuedOperation each;
    each.id = operation->id.str();
    each.identity = std::string(to_string(operation->type)) + " " + operation->sub_type.str() +
                    " " + operation->name.str() + " in " + operation->parent_id.str();
    each.end = std::string(to_string(operation->status)) + " " + operation->result.str();
    if (operation->error) each.end += operation->error->message.value_or("");
    issued.push_back(std::move(each));
  }
  return issued;
}

void dump(std::ostream& out, const ErrorPtr& error) {
  if (!error) return;
  out << " " << error->type.value_or("-") << ": " << error->message.value_or("-");
}

void dump(std::ostream& out, const Ledger& ledger) {
  for (const LedgerEntry& entry : ledger) {
    out << "effect " << entry.operation.str() << " attempt " << entry.attempt << " number "
        << entry.number << " invocation " << entry.invocation << " " << entry.call() << " key "
        << entry.key << (entry.changed ? " changed" : "") << (entry.owned ? " owned" : "")
        << (entry.repeatable ? " repeatable" : "") << (entry.in_teardown ? " in teardown" : "")
        << " at " << short_location(entry.location) << "\n";
  }
}

}  // namespace

FindingKeys keys_of(const std::vector<ReportedFinding>& findings) {
  FindingKeys keys;
  for (const ReportedFinding& each : findings) {
    keys.emplace(to_string(each.finding.verdict), each.finding.operation, each.finding.subject);
  }
  return keys;
}

std::string show(const FindingKeys& keys) {
  std::string text;
  for (const auto& [verdict, operation, subject] : keys) {
    text += "  " + verdict + " " + operation + " " + subject + "\n";
  }
  return text.empty() ? "  nothing\n" : text;
}

std::string show(const Exploration& exploration) {
  std::string text = exploration.certificate.text() + "\n";
  for (const ReportedFinding& each : exploration.findings) {
    text += std::string(to_string(each.finding.verdict)) + " " + each.finding.operation + " " +
            each.finding.subject + ": " + each.finding.what + "\n  " + describe(each.schedule) +
            "\n";
  }
  return text;
}

Exploration closure_of(Program& program, ExploreOptions options) {
  options.try_variants = false;  // the laws are about crashes
  return Explorer(program, checks::judge(program), options).explore();
}

Exploration brute_force(Program& program, int crashes) {
  return Explorer(program, checks::judge(program)).sweep(crashes);
}

FindingKeys findings_under(Program& program, const Schedule& schedule) {
  const Explorer::Replayed replayed = Explorer(program, checks::judge(program)).replay(schedule);
  if (!replayed.judged.record.unreached.empty()) return {};
  FindingKeys keys;
  for (const Finding& each : replayed.judged.findings) {
    keys.emplace(to_string(each.verdict), each.operation, each.subject);
  }
  return keys;
}

std::vector<Place> places_of(Program& program, const Schedule& schedule) {
  Simulation simulation(program);
  PlaceLister lister(schedule);
  simulation.run(lister, RecordLevel::kOutcome);
  simulation.reset_world();
  return lister.take();
}

Schedule crashes_at(const std::vector<Place>& places) {
  Schedule schedule;
  for (const Place& place : places) {
    ScheduleEvent event;
    event.place = place;
    schedule.events.push_back(event);
  }
  return schedule;
}

RunRecord full_run(Program& program, const Schedule& schedule) {
  Simulation simulation(program);
  RunRecord record = simulation.run(schedule, RecordLevel::kFull);
  simulation.reset_world();
  return record;
}

std::vector<ResumedRun> resume_everywhere(Program& program) {
  Simulation simulation(program);
  StateCopier copier(simulation);
  std::vector<ResumedRun> runs;
  RunRecord uncut = simulation.run(copier, RecordLevel::kOutcome);
  runs.push_back({"nowhere", false, std::move(uncut), operations_of(simulation.service())});
  BenignChoices benign;
  for (const StateCopier::Copy& copy : copier.copies()) {
    RunRecord record = simulation.run(benign, RecordLevel::kOutcome, &copy.state);
    runs.push_back(
        {describe(copy.place), copy.maybe, std::move(record), operations_of(simulation.service())});
  }
  simulation.reset_world();
  return runs;
}

std::string dump(const RunRecord& record) {
  std::ostringstream out;
  out << "schedule " << describe(record.schedule) << "\n";
  for (const ScheduleEvent& event : record.unreached)
    out << "unreached " << describe(event) << "\n";
  out << "end " << to_string(record.end) << " " << record.end_reason << "\n";
  for (const ExecutionOutcome& outcome : record.outcomes) {
    out << "outcome " << outcome.name << " " << to_string(outcome.status) << " "
        << outcome.result.str();
    dump(out, outcome.error);
    out << "\n";
  }
  dump(out, record.ledger);
  for (const Incident& incident : record.incidents) {
    out << "incident " << static_cast<int>(incident.kind) << " " << incident.operation << " "
        << incident.message << " invocation " << incident.invocation << "\n";
  }
  for (const InvariantViolation& violation : record.violations) {
    out << "violation " << violation.invariant << " " << violation.after << violation.detail
        << "\n";
  }
  for (const bool held : record.sometimes) out << "sometimes " << held << "\n";
  for (const TimelineMark& mark : record.timeline) {
    out << "mark " << static_cast<int>(mark.kind) << " " << mark.label << " " << mark.invocation
        << "\n";
  }
  for (const LogLine& line : record.logs) out << "log " << line.path << " " << line.message << "\n";
  for (const auto& [name, events] : record.histories) {
    History history;
    history.events = events;
    out << "history of " << name << "\n" << write_history(history);
  }
  for (const auto& [operation, location] : record.call_sites) {
    out << "called " << operation << " " << short_location(location) << "\n";
  }
  out << "invocations " << record.invocations << " crashes " << record.crashes << " places "
      << record.places_passed << " virtual ms " << record.virtual_ms << "\n";
  for (const std::size_t event : record.maybe_events) out << "maybe event " << event << "\n";
  return out.str();
}

}  // namespace reprise::properties
