#pragma once

#include <cstdint>
#include <source_location>
#include <string>
#include <utility>

#include "reprise/sdk/serdes.h"
#include "reprise/service/fake_service.h"
#include "reprise/world/effect.h"

namespace reprise::fakes {

/// What the service says to a start.
struct StartAnswer {
  std::string arn;        ///< of the execution; "": the start was refused
  bool existing = false;  ///< it had been started before
  std::string error;      ///< "DurableExecutionAlreadyStartedException"
  std::string message;

  bool ok() const { return !arn.empty(); }
  bool operator==(const StartAnswer&) const = default;
};

/// What the service says to somebody who answers a callback.
struct CallbackReply {
  bool accepted = false;
  std::string error;  ///< "CallbackTimeoutException": too late, another one was first
  std::string message;
  bool operator==(const CallbackReply&) const = default;
};

/// A client of the durable service for code that is no durable handler: the plain function that
/// starts executions, the web page that answers a callback.
///
///     DurableClient lambda("lambda");
///     StartAnswer started = lambda.start("order:$LATEST", "order-7", order);
///     if (!started.ok()) throw std::runtime_error(started.message);
///
///     lambda.succeed_callback(callback_id, "approved");
///
/// A durable handler calls other functions by `ctx.invoke`, which the service remembers; in a step
/// it may start executions with this, by a name that is the same on every attempt.
///
/// Has of the real service: all that the fake service of the run has, it is the one that answers.
/// A start by a name that exists gives the execution that exists, and an error when its payload was
/// another one; a start without a name gives one more execution each time; synchronous starts are
/// refused when the execution timeout is above 15 minutes.  Of a callback the first answer wins.
///
/// Leaves out: waiting for the end of what was started synchronously; clients that retry.
///
/// Each call is one effect, never repeatable; unchanged when an execution existed, a start was
/// refused, an answer came too late.  Its idempotency key is the execution name.
///
/// A copyable value without state of its own: the service belongs to the run.  Outside runs every
/// call is refused.
class DurableClient {
 public:
  /// `name` is what the ledger and reports call it.
  explicit DurableClient(std::string name = "lambda") : name_(std::move(name)) {}

  /// Starts `function` ("order:$LATEST").  An empty `execution_name` lets the service make one.
  template <class Event>
  StartAnswer start(const std::string& function, const std::string& execution_name,
                    const Event& event, InvocationType type = InvocationType::kEvent,
                    std::source_location location = std::source_location::current()) {
    return start_with(function, execution_name, Serdes<Event>::encode(event), type, location);
  }

  /// Sends the payload raw.
  CallbackReply succeed_callback(const std::string& callback_id, std::string payload,
                                 std::source_location location = std::source_location::current());
  CallbackReply fail_callback(const std::string& callback_id, ErrorObject error,
                              std::source_location location = std::source_location::current());

  bool operator==(const DurableClient&) const = default;

 private:
  StartAnswer start_with(const std::string& function, const std::string& execution_name,
                         SharedText payload, InvocationType type, std::source_location location);

  std::string name_;
};

}  // namespace reprise::fakes
