#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "reprise/protocol/invocation.h"
#include "reprise/sdk/durable_service.h"
#include "reprise/sdk/observer.h"

namespace reprise {

/// Where an invocation runs, when time is virtual.  Without a host, step bodies take the time they
/// take.
class InvocationHost {
 public:
  virtual ~InvocationHost() = default;
  virtual std::int64_t service_time_ms() const = 0;
  /// Lets time pass until `at_ms`, in which timers of the service go off.
  virtual void sleep_until(std::int64_t at_ms) = 0;
  /// How long the body that has just ended takes; asked once a body.
  virtual std::int64_t take_busy_ms() = 0;
  /// True when the next two want to be told; asked once an invocation.
  virtual bool watches_handler() const { return false; }
  /// Code of the handler outside bodies runs between these two.
  virtual void handler_enters() {}
  virtual void handler_leaves() {}
  /// True when next_operation() wants to be asked.
  virtual bool orders_operations() const { return false; }
  /// Which of several operations that can go on goes first.  They come in the order in which they
  /// became ready, which is what happens without a host.
  virtual std::size_t next_operation(std::span<const OperationCall* const> /*ready*/) { return 0; }
};

/// What one invocation is run with.
struct InvocationOptions {
  InvocationObserver* observer = nullptr;
  InvocationHost* host = nullptr;
  /// A number in [0, 1) for the jitter of retry delays (S-6); empty: no jitter is added.
  std::function<double()> unit_random;
  std::int64_t inline_context_limit = 262144;
  std::int64_t response_limit = std::int64_t{6} * 1024 * 1024 - 50;
  std::int64_t max_checkpoint_updates = 250;
  std::int64_t max_checkpoint_bytes = std::int64_t{750} * 1024;
  /// Step bodies, checks and submitters do not run: a step without a result never ends.  The
  /// observer is told what decoding made of each payload (InvocationObserver::payload_read).  For
  /// tools that replay a log and go no further.
  bool replay_only = false;
};

/// How an invocation ended: with a response, or with an error that makes the service run it again
/// (PROTOCOL 1.4 "throw", 4.6).
struct InvocationResult {
  bool responded = true;
  InvocationOutput output;
  ErrorPtr error;  ///< when !responded
};

/// A handler of any event and result type, ready to be invoked.  Made by `make_handler`
/// (reprise/sdk/handler.h).
///
/// Throws only what is not a std::exception and came out of user code; the frames are destroyed
/// then too.
using HandlerFunction = std::function<InvocationResult(const InvocationInput&, DurableService&,
                                                       const InvocationOptions&)>;

}  // namespace reprise
