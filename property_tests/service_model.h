#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "reprise/service/fake_service.h"

namespace reprise::properties {

namespace model {

inline constexpr std::int64_t kMsPerSecond = 1000;
inline constexpr const char* kInvalid = "InvalidParameterValueException";
inline constexpr const char* kShape = "ValidationException";

std::optional<std::string> text_of(const SharedText& text);
/// A message is an approximation, its type is not.
std::optional<std::string> type_of(const ErrorPtr& error);
/// Bytes of its JSON.
std::int64_t size_of(const ErrorPtr& error);
bool is_id(const std::string& text);

}  // namespace model

/// A refusal as the documentation knows it: the code, and the text where there is one.
struct Refusal {
  std::string code;
  std::string text;  ///< empty: not documented
};

/// A value, or any one of the refusals: which of several mistakes is named first is left open.
template <class T>
using Answer = std::variant<T, std::vector<Refusal>>;

/// An operation of the model (docs/protocol.md 2.2).
struct ModelOperation {
  std::string id;
  std::optional<std::string> parent;
  std::optional<std::string> name;
  std::optional<std::string> sub_type;
  OperationType type = OperationType::kStep;
  OperationStatus status = OperationStatus::kStarted;
  int attempt = 0;
  bool replay_children = false;
  std::optional<std::string> result;
  std::optional<std::string> error;   ///< its type
  std::optional<TimestampMs> due_ms;  ///< end of a wait, next attempt of a step
  std::int64_t heartbeat_seconds = 0;
  std::uint64_t created = 0;  ///< order among everything that has timers

  /// One line: all that the record shows.
  std::string line() const;
};

/// The durable service, written down once more from docs/protocol.md: no bytes, no digests, no
/// events beyond their names; a vector and a loop wherever that will do.
///
/// Executions and tokens go by the number in which they were made.  Each call answers what the
/// service has to answer.  Left out: what an end that comes from outside adds to the data of its
/// execution beyond the result, and sizes of whole calls.
class ServiceModel {
 public:
  struct Function {
    std::string name;
    bool durable = true;
    bool per_tenant = false;
    std::optional<std::int64_t> timeout_seconds = std::nullopt;
    std::optional<int> give_up_after = std::nullopt;
    std::int64_t latency_ms = 0;
  };
  static const std::vector<Function>& functions();
  /// Small ones, so that they are reached.
  static Limits limits();
  static constexpr std::int64_t kRetentionDays = 1;

  struct Started {
    std::size_t execution = 0;
    bool existing = false;
  };
  struct Begun {
    std::vector<std::string> records;  ///< lines
    std::vector<std::string> updated;  ///< ids
  };
  struct Checkpointed {
    std::optional<std::size_t> token;  ///< number of the next one
    std::vector<std::string> records;  ///< lines
  };
  using Done = std::monostate;

  Answer<Started> start(const StartRequest& request);
  Begun begin(std::size_t execution);
  void end(std::size_t execution, const InvocationEnd& end);
  Answer<Checkpointed> checkpoint(std::size_t execution, std::size_t token,
                                  const std::vector<OperationUpdate>& updates,
                                  const std::string& client_token);
  /// All pages: lines.
  Answer<std::vector<std::string>> state(std::size_t execution, std::size_t token,
                                         int page_size) const;
  Answer<Done> answer_callback(std::size_t execution, const std::string& id,
                               const CallbackAnswer& answer);
  Answer<Done> stop(std::size_t execution, const ErrorPtr& error);
  void advance(std::int64_t ms);
  /// The plain call that is handed out next: its caller and its operation.
  std::optional<std::pair<std::size_t, std::string>> take_call();
  void finish_call(std::size_t call, const PlainOutcome& outcome);
  /// The power goes off: every process is gone, histories begin again.
  void restart();

  /// All that is to be seen of the service, as lines.
  std::vector<std::string> lines() const;

  // --- what commands are drawn from ---
  enum class Phase : std::uint8_t { kIdle, kReady, kInFlight, kRetryWait };
  struct Execution {
    const Function* function = nullptr;
    std::string name;
    std::string payload;
    ExecutionStatus status = ExecutionStatus::kRunning;
    std::optional<std::string> result;
    std::optional<std::string> error;
    TimestampMs start_ms = 0;
    std::optional<TimestampMs> end_ms;
    Phase phase = Phase::kReady;
    bool wake_again = false;
    bool last_event_due = false;
    int invocations = 0;
    int refused_in_a_row = 0;
    int failed_in_a_row = 0;
    int retried_at_once = 0;
    int retried_later = 0;
    std::int64_t metered = 1;
    std::int64_t data = 0;
    std::optional<std::size_t> token;  ///< the current one
    std::vector<ModelOperation> operations;
    std::set<std::string> untold;   ///< changed since the last answer
    std::set<std::string> updated;  ///< changed since the last invocation that ended well
    std::vector<std::string> events;
    std::optional<std::pair<std::size_t, std::string>> caller;

    const ModelOperation* find(const std::string& id) const;
    ModelOperation* find(const std::string& id);
    bool running() const { return status == ExecutionStatus::kRunning; }
  };
  const std::vector<Execution>& executions() const { return executions_; }
  std::size_t tokens() const { return token_owners_.size(); }
  std::size_t calls_taken() const { return calls_taken_.size(); }
  bool has_calls() const { return !callable_.empty(); }
  bool expired(const Execution& execution) const;

 private:
  enum class TimerKind : std::uint8_t {
    kExecutionTimeout,
    kCallbackTimeout,
    kHeartbeat,
    kWait,
    kRetry,
    kInvocation,
    kCall
  };
  struct Timer {
    TimestampMs due_ms = 0;
    std::uint64_t created = 0;
    TimerKind kind = TimerKind::kWait;
    std::size_t execution = 0;
    std::string operation;
  };
  struct KeptAnswer {
    std::string client_token;
    std::size_t token = 0;
    TimestampMs at_ms = 0;
    Checkpointed answer;
  };
  using Call = std::pair<std::size_t, std::string>;

  // Everything that is wrong with a batch.
  std::vector<Refusal> mistakes(const Execution& execution,
                                const std::vector<OperationUpdate>& updates) const;
  void mistakes_of_one(const Execution& execution, const std::vector<OperationUpdate>& updates,
                       std::size_t i, std::vector<Refusal>& found) const;
  std::vector<Refusal> token_mistakes(std::size_t execution, std::size_t token) const;
  void apply(std::size_t execution, const OperationUpdate& update);
  void start_target(std::size_t execution, const OperationUpdate& update);
  // The function, or why it is not to be had.
  Answer<const Function*> resolve(const std::string& reference, bool has_tenant) const;
  std::size_t create(const Function& function, std::string name, std::string payload,
                     std::optional<Call> caller);
  void complete(std::size_t execution, const std::string& id, OperationStatus status,
                const char* event, std::optional<std::string> result,
                std::optional<std::string> error, bool wakes = true);
  void close(std::size_t execution, ExecutionStatus status, std::optional<std::string> result,
             std::optional<std::string> error);
  void change(Execution& execution, const std::string& id);
  void wake(std::size_t execution);
  void fire(const Timer& timer);
  void arm(std::int64_t delay_ms, std::uint64_t created, TimerKind kind, std::size_t execution,
           std::string operation = {});
  void disarm(TimerKind kind, std::size_t execution, const std::string& operation = {});
  static std::vector<std::string> state_of(const Execution& execution);

  TimestampMs now_ms_ = 1767225600000;
  std::uint64_t created_ = 0;
  std::vector<Execution> executions_;
  std::vector<std::size_t> token_owners_;
  std::vector<std::size_t> ready_;
  std::vector<std::size_t> in_flight_;
  std::vector<Timer> timers_;
  std::vector<Call> callable_;
  std::vector<std::pair<Call, bool>> calls_taken_;  ///< with: not finished yet
  std::map<std::size_t, KeptAnswer> kept_answers_;
};

}  // namespace reprise::properties
