#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "reprise/choices/schedule.h"
#include "reprise/explore/certificate.h"
#include "reprise/explore/coverage.h"
#include "reprise/explore/interleavings.h"
#include "reprise/explore/judge.h"
#include "reprise/record/finding.h"
#include "reprise/runtime/program.h"
#include "reprise/runtime/run_record.h"
#include "reprise/runtime/simulation.h"

namespace reprise {

struct ClosureResult;

namespace internal {
class Nursery;
struct WorkUnit;
struct UnitFamily;
struct UnitResult;
class Watched;
}  // namespace internal

/// How far an exploration goes.
struct ExploreOptions {
  /// Bound of the closure; reaching it is said in the certificate.
  std::int64_t states_max = 200000;
  /// Once something was found, states behind more crashes than this are not opened any more ...
  int crashes_after_finding = 2;
  /// ... nor more states than this.
  std::int64_t states_after_finding = 5000;
  /// Vary clock, environment, entropy and unordered order from invocation to invocation.
  bool vary_hidden_inputs = true;
  /// Let each further start come at every effect of the run before it.
  bool overlap_starts = true;
  /// Bound of the closure of a run that differs from the benign one in something else than crashes;
  /// the runs that there are share states_max_of_variants evenly, but each has 100.
  std::int64_t states_max_of_variant = 5000;
  std::int64_t states_max_of_variants = 100000;
  /// How many places the runs of one family of variants may pass together; what is more is left
  /// out evenly, and the certificate says so.
  std::int64_t places_max = 300000;
  /// Orders of branches, operation by operation.
  std::int64_t interleavings_max = 200;
  /// Where there are more: orders drawn from this seed.
  std::int64_t orders_drawn = 100;
  std::uint64_t seed = 1;
  /// Replay what is recorded in other processes too: in fresh ones, and in ones that have run
  /// something else.
  bool try_environments = true;
  /// Try what is no crash, and crashes behind it; see docs/mechanisms.md.
  bool try_variants = true;
  /// Every ambient call in handler code is a finding, not only a note: clock, entropy, environment,
  /// files, network and more.  The program must be linked with reprise::guard; without it exploring
  /// throws ProgramError.
  bool strict_ambient_calls = false;
  /// Crashes in a sweep, where states cannot be joined.
  int sweep_crashes = 2;
  /// Processes that share the work; 0: everything runs in this one.  In processes of their own a
  /// handler that takes its process down is a finding with its schedule; what handlers leave
  /// behind, in variables of a test for instance, is not seen in this process then.
  int jobs = 0;
  /// Which part of the work is done here, when several machines share it, from 1.
  int part = 1;
  int part_count = 1;
  /// Told how much of the work is done; empty: nobody is.
  std::function<void(std::int64_t done, std::int64_t total)> progress;
};

/// How schedules are drawn where a closure is too much.
struct SampleOptions {
  std::int64_t runs = 200;  ///< budget: runs of the program, over all schedules
  std::uint64_t seed = 1;
  int crashes_max = 3;  ///< in one schedule
};

/// A finding with everything that a report shows.
struct ReportedFinding {
  Finding finding;
  Schedule schedule;                    ///< minimal: no event can be dropped
  RunRecord record;                     ///< the run from the start under `schedule`
  bool replayable = true;               ///< false: no single run shows it
  std::vector<std::string> irrelevant;  ///< what was varied and changes nothing: "clock", ...
};

/// Subject of the finding that the process of a handler has died.
inline constexpr const char* kProcessSubject = "process";

struct Exploration {
  std::vector<ReportedFinding> findings;
  Certificate certificate;
  RunRecord benign;
  /// What was seen and is no finding by itself: "reads the clock: time called at order.cpp:17".
  std::vector<std::string> notes;
  Coverage coverage;

  bool sound() const { return findings.empty(); }
};

/// Tries a program under every crash, and more.
///
///     Exploration exploration = Explorer(program, checks::judge(program)).explore();
///
/// The world is left as it was found.  One thread, and forked processes; deterministic.
class Explorer {
 public:
  Explorer(Program& program, Judge judge, ExploreOptions options = {});
  ~Explorer();

  /// Benign run, environments, hidden inputs, overlaps, the closure under crashes (a sweep when the
  /// world cannot be copied or compared), and what is no crash.  Every finding is run again from
  /// the start and shrunk; one that does not repeat is reported as that.
  Exploration explore();

  /// Brute force: every schedule of up to `crashes` crashes, each run from the start.  The oracle
  /// of the closure.
  Exploration sweep(int crashes);

  /// Draws schedules from a seed: up to `crashes_max` crashes, each at a place that the run with
  /// those before it passes, in the run without faults or in one of those that explore() would try
  /// besides.  What it does not find is not ruled out, and the certificate says so.
  Exploration sample(const SampleOptions& sampling);

  /// These schedules and no others.  One that names a place which is never passed is left out and
  /// not counted in the certificate.
  Exploration try_schedules(const std::vector<Schedule>& schedules);

  /// Runs one schedule from the start and judges it.
  struct Judged {
    RunRecord record;
    std::vector<Finding> findings;
    /// It differs from every run without faults only in what depends on time: in what steps read
    /// from the clock, or in what arrived first.
    bool only_time_differs = false;
  };
  Judged run(const Schedule& schedule);

  /// Replays a schedule against the runs without faults, as a fixture does.  The schedule runs
  /// before anything else does; `elsewhere`: in a process of its own, which it may kill.
  struct Replayed {
    Judged judged;
    Certificate certificate;
  };
  Replayed replay(const Schedule& schedule, bool elsewhere = false);

 private:
  bool prepare(Exploration& exploration);
  Exploration prepared(const std::function<void(Exploration&)>& rest);
  void draw_samples(Exploration& exploration, const SampleOptions& sampling);
  bool judge_sample(Exploration& exploration, const Schedule& schedule, const RunRecord& record);
  void add_reordered_references();
  void try_without_crashes(Exploration& exploration);
  void try_hidden_inputs(Exploration& exploration);
  void try_overlaps(Exploration& exploration);
  void sweep_from(Exploration& exploration, const Schedule& prefix, int crashes);
  bool varies_environments() const;
  void check_responders() const;
  void finish(Exploration& exploration);
  EndedRun end_of(RunRecord record);
  bool excuses_promises(const Schedule& schedule, const RunRecord& record) const;
  bool is_excused(const InvariantViolation& violation) const;
  static void settle(const Schedule& schedule, std::vector<Finding>& findings);
  Judged judge_run(const Schedule& schedule, RunRecord record);
  void add_maybe_references(References& references, const Schedule& schedule,
                            const EndedRun& ended);
  bool only_arrivals_differ(const Schedule& schedule, const EndedRun& ended,
                            const References& references, const std::vector<Finding>& findings);
  bool only_time_differs(const Schedule& schedule, const RunRecord& record,
                         const std::vector<Finding>& findings);
  ClosureResult close(Exploration& exploration, const Schedule& base, std::int64_t states_max);
  void open_nursery();
  std::string serve_fresh(const std::string& request);
  Judged judge_against_later_runs(const Schedule& schedule);
  Judged run_cold(const Schedule& schedule);
  Judged run_elsewhere(const Schedule& schedule);
  Judged died(const Schedule& schedule, const std::string& death) const;
  Judged confirm(const Schedule& schedule);
  std::vector<Place> late_places() const;
  bool try_environments(Exploration& exploration);
  void prefer_perturbation(Exploration& exploration);
  bool report_cold(Exploration& exploration, const Schedule& schedule);
  bool survives(Exploration& exploration);
  bool judge_order_of_branches(Exploration& exploration);
  bool use_serial_references();
  void try_process_inputs(Exploration& exploration);
  void try_perturbed(Exploration& exploration, const Schedule& schedule);
  void try_interleavings(Exploration& exploration);
  void plan_units(const Exploration& exploration, std::vector<internal::UnitFamily>& families);
  void run_units(Exploration& exploration);
  void run_unit(Exploration& exploration, const internal::WorkUnit& unit, std::size_t index);
  void run_units_here(Exploration& exploration, std::vector<bool>& done);
  void run_units_in_processes(Exploration& exploration, std::vector<bool>& done);
  std::string serve_unit(const std::string& request);
  void add_result(Exploration& exploration, internal::UnitResult result);
  void report_death(Exploration& exploration, const std::string& death, const std::string& words);
  bool is_mine(std::size_t unit) const;
  void try_closure(Exploration& exploration);
  std::vector<Schedule> crashes_in_bodies() const;
  void try_crashes_in_bodies(Exploration& exploration);
  void try_variant(Exploration& exploration, const internal::WorkUnit& unit, std::size_t index);
  bool repeats(const Schedule& schedule, const RunRecord& record);
  void report_unrepeatable(Exploration& exploration, const Schedule& schedule,
                           const RunRecord& record);
  void add_environment_references(References& references, const Schedule& schedule);
  const EndedRun& environment_run(const Schedule& environment);
  bool matches_reference(const RunRecord& record, const Schedule& schedule);
  bool suspicious(const RunRecord& record, const Schedule& schedule);
  void report(Exploration& exploration, const Schedule& schedule,
              const std::vector<Finding>& findings);
  void report_minimal(Exploration& exploration, const Schedule& schedule, const Finding& finding);
  Schedule shrink(const Schedule& schedule, const Finding& finding);
  bool shows(const Schedule& schedule, const Finding& finding);
  Schedule with_variation(Schedule schedule) const;
  void note_goals(const RunRecord& record);
  void note_ambient_calls(const RunRecord& record);
  bool calls_what_is_forbidden(const RunRecord& record) const;

  Program& program_;
  Judge judge_;
  ExploreOptions options_;
  Simulation simulation_;
  References references_;
  std::vector<EndedRun> held_references_;  // with the clock held; made when they are needed
  Certificate certificate_;
  std::vector<bool> goals_met_;
  std::vector<std::string> notes_;
  std::deque<std::pair<Schedule, EndedRun>> environments_;  // runs without crashes
  std::vector<Place> places_;                               // of the benign run
  std::vector<ScheduleEvent> assignments_;                  // other environments for it
  std::vector<std::vector<std::string>> ready_;             // at its branch points
  std::vector<Schedule> serial_orders_;                     // of branches; the references then
  BranchGroups groups_;                                     // of its branches
  std::unique_ptr<internal::Nursery> nursery_;
  std::vector<internal::WorkUnit> units_;
  Coverage coverage_;
  std::int64_t environments_tried_ = 0;
  std::int64_t states_of_variant_ = 0;     // bound of a closure behind a variant
  std::set<std::string> unanswered_;       // as Simulation tells, over all processes
  std::set<std::string> responders_used_;  // likewise
  bool cold_ = false;                      // findings are confirmed in fresh processes
  bool vary_ = false;
};

}  // namespace reprise
