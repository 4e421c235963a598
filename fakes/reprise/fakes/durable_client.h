#pragma once

#include <optional>
#include <source_location>
#include <string>
#include <utility>

#include "reprise/world/effect.h"

namespace reprise::fakes {

/// What the durable service answered to a caller.
struct ClientAnswer {
  int http_status = 0;        ///< 0: the process is dead; what a default-constructed answer says
  std::string error;          ///< "InvalidParameterValueException", ...; "": none
  std::string message;        ///< of the error
  std::string execution_arn;  ///< of a start
  bool existing = false;      ///< of a start: an execution of that name had been started before

  bool ok() const { return http_status / 100 == 2; }
  bool operator==(const ClientAnswer&) const = default;
};

/// A client of the durable service, for code that is no durable handler: plain functions, gateways
/// and the outside world.  It starts executions and completes callbacks.
///
///     DurableClient client;
///     scenario.external_event("the partner answers", [&] { return partner.has_token(); },
///                             [&] { client.complete_callback(partner.token(), "\"yes\""); });
///
/// Has of the real service: every rule and error of the service of the run, which it calls
/// (reprise/service/fake_service.h).  An answer to a callback takes effect at once.
///
/// Leaves out: synchronous invocations, the queries (get, list, history), stop, signatures, client
/// timeouts and retries.
///
/// Each call is one effect: a fault point before and after, unchanged when the service refuses it
/// and when the execution had been started before.  Outside runs there is no service, and a call
/// throws std::logic_error.
///
/// A copyable value without contents.
class DurableClient {
 public:
  /// `name` is what the ledger and reports call it.
  explicit DurableClient(std::string name = "durable-service") : name_(std::move(name)) {}

  /// Starts an execution and does not wait for it; 202.  `function` is qualified
  /// ("workflow:$LATEST"), `payload` sent raw.  Idempotent for an execution with a name.
  ClientAnswer start(const std::string& function, const std::string& payload,
                     const std::optional<std::string>& execution_name = std::nullopt,
                     const std::optional<std::string>& tenant = std::nullopt,
                     std::source_location location = std::source_location::current()) const;
  /// 200; a callback that has ended is refused with CallbackTimeoutException, one that never was
  /// with InvalidParameterValueException.
  ClientAnswer complete_callback(
      const std::string& callback_id, const std::string& payload,
      std::source_location location = std::source_location::current()) const;
  ClientAnswer fail_callback(const std::string& callback_id, const std::string& error_type,
                             const std::string& message,
                             std::source_location location = std::source_location::current()) const;
  /// Renews the heartbeat timeout.
  ClientAnswer heartbeat(const std::string& callback_id,
                         std::source_location location = std::source_location::current()) const;

  bool operator==(const DurableClient&) const = default;

 private:
  std::string name_;
};

}  // namespace reprise::fakes
