#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "reprise/sdk/handler_observer.h"
#include "reprise/sdk/invocation.h"
#include "reprise/sdk/observer.h"

namespace reprise::internal {

/// Tells the observers of a handler what happens, and passes everything on to the harness's.
class ObserverTee final : public InvocationObserver {
 public:
  using Observers = std::vector<std::shared_ptr<HandlerObserver>>;

  ObserverTee(const Observers& observers, InvocationObserver* next, const InvocationInput& input);
  ObserverTee(const ObserverTee&) = delete;

  void started();
  void ended(const InvocationResult& result);

  void operation_called(const OperationCall& call, const Operation* record) override;
  void operation_diverged(const OperationCall& call, const Operation& record,
                          const std::string& message) override;
  void record_changed(const Operation& record) override;
  void body_started(const OperationCall& call, int attempt) override;
  void body_ended(const OperationCall& call, bool succeeded) override;
  bool wants_round_trips() const override { return next_ != nullptr && next_->wants_round_trips(); }
  void round_trip_failed(const OperationCall& call, const std::string& message) override {
    next_->round_trip_failed(call, message);
  }
  void checkpoint_starting(const OperationCall* call) override;
  void misused(Misuse misuse, const std::string& message, const std::source_location& location,
               const OperationCall* call) override;
  void records_unvisited(const std::vector<OperationPtr>& records) override;
  void payload_refused(std::string_view operation_id, const SharedText& payload,
                       const std::string& message) override;
  void payload_read(std::string_view operation_id, const SharedText& payload,
                    const SharedText& again) override;
  void logged(LogLevel level, std::string_view message, std::string_view path) override;
  void teardown_started(TeardownReason reason) override;
  void teardown_ended() override;

 private:
  template <class F>
  void tell(F&& hook) const;
  ObservedOperation describe(const Operation& record) const;

  const Observers& observers_;
  InvocationObserver* next_;
  ObservedInvocation invocation_;
  std::map<std::string, std::string, std::less<>> paths_;  // by id
  std::set<std::string, std::less<>> updated_;  // since the last invocation; not yet told
  int attempt_ = 0;
};

}  // namespace reprise::internal
