#pragma once

#include <map>
#include <optional>
#include <set>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reprise/record/internal/operation_log.h"
#include "reprise/record/internal/recorded_arguments.h"
#include "reprise/record/upgrade.h"
#include "reprise/sdk/durable_service.h"
#include "reprise/sdk/observer.h"

namespace reprise::internal {

/// One run of a handler over the log after some event, and no further: the service of that run,
/// which lets begin what is new and never ends it, and its observer.
class PrefixReplay final : private DurableService, private InvocationObserver {
 public:
  /// What the handler meets if it does not go on as the history does: `step "ship"`, or the end of
  /// the execution; "" when the history does not say.
  struct Continuation {
    std::string words;
    std::string operation;  // its path
    SharedText id;
  };

  /// `handler_words`: "the new handler".
  PrefixReplay(const OperationLog& log, const RecordedArguments& arguments,
               const Continuation& continuation, std::string_view handler_words)
      : log_(log),
        arguments_(arguments),
        continuation_(continuation),
        handler_words_(handler_words) {}

  void run(const HandlerFunction& handler, const std::string& durable_execution_arn);

  const std::vector<UpgradeReason>& reasons() const { return reasons_; }
  /// Payloads that are read as another value.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  // DurableService
  ApiResult<CheckpointResponse> checkpoint(const CheckpointRequest& request) override;
  ApiResult<StateResponse> get_state(const StateRequest&) override { return StateResponse(); }

  // InvocationObserver
  void operation_called(const OperationCall& call, const Operation* record) override;
  void operation_diverged(const OperationCall& call, const Operation& record,
                          const std::string& message) override;
  void records_unvisited(const std::vector<OperationPtr>& records) override;
  void payload_refused(std::string_view operation_id, const SharedText& payload,
                       const std::string& message) override;
  void payload_read(std::string_view operation_id, const SharedText& payload,
                    const SharedText& again) override;

  OperationPtr accept(const OperationUpdate& update);
  void judge_end(const InvocationResult& result);
  std::string words(const Operation& record) const;
  UpgradeReason& report(Verdict verdict, std::string_view id, const std::string& what);
  /// True when the text comes from the log, and not from this run.
  bool is_recorded(std::string_view operation_id) const;
  std::string payload_words(std::string_view operation_id) const;

  const OperationLog& log_;
  const RecordedArguments& arguments_;
  const Continuation& continuation_;
  const std::string handler_words_;
  std::map<std::string, std::source_location, std::less<>> sites_;  // by id
  std::map<std::string, OperationPtr, std::less<>> new_records_;
  std::set<std::pair<std::string, std::string>> refused_;  // operation id, payload
  OperationPtr unvisited_;
  bool diverged_ = false;
  bool continues_ = false;  // as the history does
  std::vector<UpgradeReason> reasons_;
  std::vector<std::string> notes_;
};

}  // namespace reprise::internal
