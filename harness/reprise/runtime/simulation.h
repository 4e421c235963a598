#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/choices/choices.h"
#include "reprise/runtime/mutant.h"
#include "reprise/runtime/perturbation.h"
#include "reprise/runtime/program.h"
#include "reprise/runtime/run_record.h"
#include "reprise/sdk/durable_service.h"
#include "reprise/sdk/observer.h"
#include "reprise/service/fake_service.h"
#include "reprise/world/effect.h"

namespace reprise {

/// Texts kept beside the records of operations, in the harness's memory and never on the wire.
class OperationTexts {
 public:
  using Map = std::map<std::string, SharedText, std::less<>>;
  /// The text of (execution, operation id); absent when there is none.
  SharedText find(std::size_t execution, std::string_view id) const;
  void set(std::size_t execution, std::string_view id, const SharedText& text);
  /// All of an execution, by operation id.
  Map of(std::size_t execution) const;

 private:
  std::vector<std::shared_ptr<Map>> maps_;  // shared between copies until one of them changes
};

/// The durable state of a run at one moment: what is there after a power cut.
struct DurableState {
  ServiceState service;
  World::Copy world;
  OperationTexts arguments;  ///< S-11
  OperationTexts paths;      ///< of invokes, callbacks and contexts
  std::size_t starts_made = 0;
  int variation = 0;           ///< how often hidden inputs have changed; not compared
  std::vector<int> happened;   ///< per external event, how often
  bool in_plain_call = false;  ///< what dies is the process of a plain function, and no invocation
  /// Of a state between invocations, in which nothing dies: how many each execution has had.
  std::vector<int> invocation_numbers;
  std::vector<int> deliveries;        ///< per event source, how often it has invoked; not compared
  std::optional<std::size_t> source;  ///< what dies is the process that this event source invoked
};

/// What the next invocation of an execution is given, to be replayed in another process.
struct Resumption {
  std::string execution;  ///< its name
  InvocationInput input;
  OperationTexts::Map arguments;  ///< S-11
};

/// How much of a run is written down.
enum class RecordLevel : std::uint8_t {
  kOutcome,  ///< outcomes, ledger, incidents, violations
  kFull,     ///< and timeline, logs, histories, call sites
};

/// The program of a test is wrong: a function that is not registered, a start that the service
/// refuses.
class ProgramError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// Drives the executions of a program over the fake service, one choice at a time.
///
///     Simulation simulation(program);
///     RunRecord record = simulation.run(schedule);
///
/// It begins from the program's initial world each time.  One run at a time; handlers, service and
/// fakes run on the calling thread.  What user code throws that is no std::exception leaves `run`
/// untouched; the frames are destroyed then and the world keeps the state it had.
class Simulation final : private EffectSink,
                         private InvocationObserver,
                         private InvocationHost,
                         private DurableService {
 public:
  /// Copies the world's present value as the initial one.  `program` must outlive the simulation.
  explicit Simulation(Program& program);
  ~Simulation() override;
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  /// A run from the start under a schedule.
  RunRecord run(const Schedule& schedule, RecordLevel level = RecordLevel::kFull);
  /// A run from the start, or from `from`, under any choices.
  RunRecord run(Choices& choices, RecordLevel level, const DurableState* from = nullptr);
  /// After a run that was powered off: what each execution that has begun and not ended would go on
  /// from.
  std::vector<Resumption> resumptions();
  /// One invocation, until it comes to something that no record answers: it replays, and nothing
  /// happens.  The run ends as kPoweredOff; the world is in its initial state.
  RunRecord replay(const Resumption& resumption);
  /// Puts the world back to its initial value.
  void reset_world();
  /// While it is held, the clock that handlers and fakes read stands at the beginning of the run;
  /// timers run on.
  void hold_clock(bool held) { clock_held_ = held; }

  // --- while a run is in progress, for Choices; after it, about its end
  DurableState save() const;
  StateDigest digest() const;
  bool quiet() const;
  /// True when no process is running: everything that goes on is in the durable state.
  bool between_invocations() const { return frames_.empty(); }
  const World& world() const { return program_.world; }
  const Program& program() const { return program_; }
  /// True when a crash at this moment would hit something that nobody repeats: an at-most-once step
  /// in flight, or a plain function, whose caller gets the error "Runtime.ExitError".
  bool in_at_most_once_body() const;
  const FakeService& service() const { return *service_; }
  /// Over all runs so far: paths of callbacks that no responder fits, and the operations of
  /// responders that a callback fitted.
  const std::set<std::string>& unanswered() const { return unanswered_; }
  const std::set<std::string>& responders_used() const { return responders_used_; }

 private:
  struct Frame;
  class Scope;
  class Occupied;
  class Current;

  void begin(Choices& choices, RecordLevel level, RunRecord& record);
  void begin_from_start();
  bool is_mutated(Mutant::Kind kind, std::string_view operation) const;
  void mutate(std::size_t execution, InvocationInput& input) const;
  std::vector<OperationUpdate> known_updates(const CheckpointRequest& request) const;
  void start_all();
  void start_one(const Start& start);
  const Function& function_of(std::string_view name) const;
  std::string name_of(std::size_t execution) const;
  std::string repeated_without_end() const;
  void drive();
  bool drive_once();
  void drive_overlap();
  void drive_successor();
  bool let_happen();
  void happen(std::size_t event);
  bool polled_long() const;
  void arrive(const std::string& name);
  void apply_limits();
  void invoke_next(std::size_t execution);
  void invoke(std::size_t execution, const InvocationInput& input, const std::string& environment);
  ArrivingInvocation arriving(std::size_t execution) const;
  std::optional<std::string> environment_for(const ArrivingInvocation& invocation,
                                             const std::string& operation, int number);
  void refuse_invocation(std::size_t execution);
  void run_plain(const PlainCall& call);
  PlainOutcome call_plain(const Function& function, const SharedText& payload, Frame& frame);
  void finish_dead_plain_call();
  std::optional<TimestampMs> next_source_due() const;
  bool let_source_invoke();
  void invoke_for(std::size_t source);
  void finish_source(std::size_t source, const PlainOutcome& outcome);
  void finish(RunRecord& record);
  /// A fault point.  True: the process is dead.
  bool pass(PointKind kind, Moment moment, CheckpointAction action, int attempt) {
    ++record_->places_passed;
    return choices_active_ && pass_actively(kind, moment, action, attempt);
  }
  void look_into(const CheckpointRequest& request);
  void look_for_canaries(const std::string& execution, const std::string& operation,
                         std::string_view text, const std::source_location& location);
  void note_access(std::string_view target, std::string_view object, bool changes);
  bool pass_actively(PointKind kind, Moment moment, CheckpointAction action, int attempt);
  std::optional<ApiError> refusal();
  void check_invariants(const std::string& after);
  std::string operation_name(const OperationCall* call) const;
  void append_operation_name(const OperationCall* call, std::string& name) const;
  void mark(TimelineMark::Kind kind, const std::string& label);
  std::string label_of(const OperationUpdate& update) const;
  int& invocation_number(std::size_t execution);
  void on_record(std::size_t execution, const Operation& record);
  void answer_callback(const CallbackResponder& responder, std::string_view id);
  void add_incident(Incident incident);
  bool full() const { return level_ == RecordLevel::kFull; }

  // EffectSink
  EffectFate dies(Frame& frame);
  EffectFate before_effect(const EffectCall& call) override;
  EffectFate after_effect(const EffectCall& call, bool changed) override;
  void observed(std::string_view target, std::string_view object) override;
  bool tearing_down() const override;
  std::uint64_t variation(HiddenInput input) override;
  std::int64_t now_ms() const override;
  std::int64_t clock_readings() override;
  std::uint64_t entropy() override;
  void spend(std::int64_t duration_ms) override;
  FakeService* service_for_callers() override;
  AmbientScope ambient_scope() override;
  void ambient_call(const AmbientCall& call) override;

  // InvocationHost
  std::int64_t service_time_ms() const override { return service_->now(); }
  void sleep_until(std::int64_t at_ms) override;
  std::int64_t take_busy_ms() override;
  bool watches_handler() const override { return perturbation_wanted_; }
  void handler_enters() override;
  void handler_leaves() override;
  bool orders_operations() const override { return orders_; }
  std::size_t next_operation(std::span<const OperationCall* const> ready) override;

  // InvocationObserver
  void operation_called(const OperationCall& call, const Operation* record) override;
  void operation_diverged(const OperationCall& call, const Operation& record,
                          const std::string& message) override;
  void body_started(const OperationCall& call, int attempt) override;
  void body_ended(const OperationCall& call, bool succeeded) override;
  bool wants_round_trips() const override {
    return full() && !program_.without.contains(Mechanism::kRoundTrip);
  }
  void round_trip_failed(const OperationCall& call, const std::string& message) override;
  void checkpoint_starting(const OperationCall* call) override;
  void misused(Misuse misuse, const std::string& message, const std::source_location& location,
               const OperationCall* call) override;
  void records_unvisited(const std::vector<OperationPtr>& records) override;
  void logged(LogLevel level, std::string_view message, std::string_view path) override;
  void teardown_started(TeardownReason reason) override;
  void teardown_ended() override;

  // DurableService: the fake, with fault points around it
  ApiResult<CheckpointResponse> checkpoint(const CheckpointRequest& request) override;
  ApiResult<CheckpointResponse> store_checkpoint(const CheckpointRequest& request,
                                                 CheckpointAction action, int attempt);
  ApiResult<StateResponse> get_state(const StateRequest& request) override;

  Program& program_;
  World::Copy initial_world_;
  std::unique_ptr<FakeService> service_;
  Choices* choices_ = nullptr;
  bool choices_active_ = false;  // as they said when they were last asked
  RecordLevel level_ = RecordLevel::kFull;
  RunRecord* record_ = nullptr;
  OperationTexts arguments_;
  OperationTexts paths_;
  OperationTexts labels_;  // on the timeline, of what was called in this run
  ServiceState empty_service_;
  InvocationOptions options_;
  std::vector<Frame*> frames_;  // the innermost last; more than one while an overlap runs
  std::function<std::string()> place_operation_;
  const OperationCall* place_call_ = nullptr;
  std::size_t starts_made_ = 0;
  int variation_ = 0;
  std::vector<int> invocation_numbers_;    // per execution, since the last crash
  std::set<std::string> unanswered_;       // paths of callbacks, over all runs
  std::set<std::string> responders_used_;  // as they name their operation, over all runs
  std::vector<int> happened_;              // per external event
  std::vector<int> deliveries_;            // per event source
  Perturbation perturbation_;              // of the process, while handler code runs
  bool perturbation_wanted_ = false;
  bool orders_ = false;             // as the choices said at the beginning
  std::size_t branch_points_ = 0;   // passed in this run
  std::optional<Fault> fault_;      // at the place that was passed last
  bool outside_ = false;            // an external event is happening
  std::size_t ledger_size_ = 0;     // of the last run: the next one will need as much
  bool answers_at_once_ = false;    // some function does
  bool functions_changed_ = false;  // some are registered with another latency
  bool powered_off_ = false;
  bool clock_held_ = false;
  bool throttled_ = false;          // the last invocation found no environment
  const Mutant* mutant_ = nullptr;  // as it was at the beginning
  MutantCensus* census_ = nullptr;  // likewise
  std::optional<World::Copy> before_lost_effect_;
  bool slow_steps_ = false;  // as the choices said at the beginning
  std::string runaway_;
  std::string scratch_;
};

}  // namespace reprise
