#pragma once

#include <cstdint>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>

#include "reprise/sdk/internal/operation_core.h"

namespace reprise::internal {

/// The arguments of calls as one text, in which a replay compares them (S-11).
SharedText wait_arguments(std::int64_t seconds);
SharedText invoke_arguments(std::string_view function, const std::optional<std::string>& tenant_id,
                            const SharedText& payload);
/// 0: none.  Absent when there is neither.
SharedText callback_arguments(std::int64_t timeout_seconds, std::int64_t heartbeat_seconds);

/// PROTOCOL 6.1.
class WaitCore : public OperationCore {
 public:
  void run() final;
  void commit() final {}
  void record_changed() final;

 protected:
  WaitCore(ContextState& context, const OperationName& name, absl::Duration duration,
           const std::source_location& location);

 private:
  void settle();
  std::int64_t seconds_ = 0;
};

/// PROTOCOL 6.4.
class InvokeCore : public OperationCore {
 public:
  void run() final;
  void commit() final {}
  void record_changed() final;

 protected:
  InvokeCore(ContextState& context, const OperationName& name, std::string_view function,
             SharedText payload, InvokeOptions options, const std::source_location& location);
  const InvokeOptions& options() const { return options_; }
  SharedText payload() const { return record()->result; }

 private:
  void settle();
  std::string function_;
  SharedText input_;
  InvokeOptions options_;
};

/// PROTOCOL 6.3.1: done as soon as there is a callback id.
class CallbackCore : public OperationCore {
 public:
  void run() final;
  void commit() final {}
  void record_changed() final;

 protected:
  CallbackCore(ContextState& context, const OperationName& name, const CallbackOptions& options,
               const std::source_location& location);

 private:
  void settle();
  std::int64_t timeout_seconds_ = 0;
  std::int64_t heartbeat_seconds_ = 0;
};

/// The result of a callback that exists; fails only when it is awaited (PROTOCOL 6.3.1).
class CallbackResultCore : public UnitCore {
 public:
  void run() final {}
  void commit() final {}
  void record_changed() final;

 protected:
  CallbackResultCore(ContextState& context, std::size_t slot);
  ~CallbackResultCore() = default;
  SharedText payload() const { return engine().slot(slot_).record->result; }
  std::string_view operation_id() const { return engine().slot(slot_).id.view(); }

 private:
  std::size_t slot_;
};

}  // namespace reprise::internal
