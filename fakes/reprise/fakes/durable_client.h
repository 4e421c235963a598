#pragma once

#include <source_location>
#include <string>
#include <utility>

#include "reprise/sdk/serdes.h"
#include "reprise/service/fake_service.h"
#include "reprise/world/effect.h"

namespace reprise::fakes {

/// What the durable service answered to a caller.
struct ClientAnswer {
  int http_status = 0;        ///< 0: the process is dead; what a default-constructed answer says
  std::string error;          ///< "DurableExecutionAlreadyStartedException", ...; "": none
  std::string message;        ///< of the error
  std::string execution_arn;  ///< of a start
  bool existing = false;      ///< of a start: an execution of that name had been started before

  bool ok() const { return http_status / 100 == 2; }
  bool operator==(const ClientAnswer&) const = default;
};

/// A client of the durable service for code that is no durable handler: the plain function or the
/// gateway that starts executions, the web page that answers a callback.
///
///     DurableClient lambda("lambda");
///     ClientAnswer started = lambda.start("order:$LATEST", "order-7", order);
///     if (!started.ok()) throw std::runtime_error(started.message);
///
///     lambda.succeed_callback(callback_id, "approved");
///
/// A durable handler calls other functions by `ctx.invoke`, which the service remembers; in a step
/// it may start executions with this, by a name that is the same on every attempt.
///
/// Has of the real service: every rule and error of the fake service of the run, which answers
/// (reprise/service/fake_service.h).  A start by a name that exists gives the execution that
/// exists, and an error when its payload was another one; a start without a name gives one more
/// execution each time; synchronous starts are refused when the execution timeout is above 15
/// minutes.  Of a callback the first answer wins, and takes effect at once.
///
/// Leaves out: waiting for the end of what was started synchronously, the queries (get, list,
/// history), stop, signatures, client timeouts and retries.
///
/// Each call is one effect, whose idempotency key is the execution name; unchanged when an
/// execution existed, a start was refused, an answer came too late.  Outside runs there is no
/// service, and a call throws std::logic_error.
///
/// A copyable value without state of its own: the service belongs to the run.
class DurableClient {
 public:
  /// `name` is what the ledger and reports call it.
  explicit DurableClient(std::string name = "lambda") : name_(std::move(name)) {}

  /// Starts `function` ("order:$LATEST"); 202, or 200 for a synchronous start.  An empty
  /// `execution_name` lets the service make one.
  template <class Event>
  ClientAnswer start(const std::string& function, const std::string& execution_name,
                     const Event& event, InvocationType type = InvocationType::kEvent,
                     std::source_location location = std::source_location::current()) const {
    StartRequest request;
    request.function_name = function;
    if (!execution_name.empty()) request.execution_name = execution_name;
    request.payload = Serdes<Event>::encode(event);
    request.type = type;
    return send(std::move(request), location);
  }
  /// The same, for whoever has a tenant or an encoded payload.
  ClientAnswer send(StartRequest request,
                    std::source_location location = std::source_location::current()) const;

  /// Sends the payload raw; 200.  A callback that has ended is refused with
  /// CallbackTimeoutException, one that never was with InvalidParameterValueException.
  ClientAnswer succeed_callback(
      const std::string& callback_id, const std::string& payload,
      std::source_location location = std::source_location::current()) const;
  ClientAnswer fail_callback(const std::string& callback_id, ErrorObject error,
                             std::source_location location = std::source_location::current()) const;
  /// Renews the heartbeat timeout.
  ClientAnswer heartbeat(const std::string& callback_id,
                         std::source_location location = std::source_location::current()) const;

  bool operator==(const DurableClient&) const = default;

 private:
  std::string name_;
};

}  // namespace reprise::fakes
