#pragma once

#include <coroutine>
#include <memory>
#include <vector>

#include "reprise/sdk/handler_observer.h"
#include "reprise/sdk/internal/engine.h"
#include "reprise/sdk/invocation.h"
#include "reprise/sdk/task.h"

namespace reprise::internal {

/// A handler about to be run.
class RootInvocation {
 public:
  virtual ~RootInvocation() = default;
  /// Makes the handler's coroutine for `input`.
  virtual std::coroutine_handle<> start(ContextState& root, const SharedText& input,
                                        PromiseBase*& promise) = 0;
  /// Takes and encodes the result; throws what the handler threw.
  virtual SharedText take() = 0;
  /// Destroys the frames.
  virtual void destroy() = 0;
};

InvocationResult run_invocation(RootInvocation& root, const InvocationInput& input,
                                DurableService& service, const InvocationOptions& options);
/// The same, with the handler's own observers.
InvocationResult run_observed(RootInvocation& root, const InvocationInput& input,
                              DurableService& service, const InvocationOptions& options,
                              const std::vector<std::shared_ptr<HandlerObserver>>& observers);

}  // namespace reprise::internal
