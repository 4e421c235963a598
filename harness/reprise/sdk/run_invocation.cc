#include "reprise/sdk/internal/run_invocation.h"

#include <cstdlib>

#include "reprise/sdk/errors.h"
#include "reprise/sdk/internal/child_impl.h"
#include "reprise/sdk/internal/handler_code.h"
#include "reprise/sdk/internal/observer_tee.h"

namespace reprise {

std::string OperationCall::path() const {
  std::string path;
  append_path(path);
  return path;
}

void OperationCall::append_path(std::string& text) const {
  if (number != 0) context->append_path_of(number, text);
}

std::string_view to_string(Misuse misuse) {
  switch (misuse) {
    case Misuse::kNestedOperation:
      return "operation inside a step body";
    case Misuse::kWrongContext:
      return "context of another scope";
    case Misuse::kSharedContext:
      return "context shared by branches";
    case Misuse::kContextAfterScope:
      return "context used after its scope";
    case Misuse::kNeverAwaited:
      return "operation never awaited";
    case Misuse::kOpenAtReturn:
      return "operation open at return";
    case Misuse::kDuringTeardown:
      return "operation while frames are destroyed";
    case Misuse::kSwallowedCrash:
      return "crash swallowed by a step body";
    case Misuse::kInvalidArgument:
      return "invalid argument";
  }
  std::abort();
}

std::string_view to_string(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "DEBUG";
    case LogLevel::kInfo:
      return "INFO";
    case LogLevel::kWarning:
      return "WARN";
    case LogLevel::kError:
      return "ERROR";
  }
  std::abort();
}

void Logger::log(LogLevel level, std::string_view message) const {
  InvocationObserver* observer = context_->engine->observer();
  if (observer == nullptr || (context_->is_replaying() && !with_replay_)) return;
  observer->logged(level, message, step_ != nullptr ? step_->path() : context_->path());
}

namespace internal {
namespace {

/// Destroys the frames whichever way the invocation is left.
class Teardown {
 public:
  Teardown(Engine& engine, RootInvocation& root) : engine_(engine), root_(root) {}
  Teardown(const Teardown&) = delete;
  ~Teardown() {
    engine_.begin_teardown();
    root_.destroy();
    engine_.end_teardown();
  }

 private:
  Engine& engine_;
  RootInvocation& root_;
};

ErrorPtr shared_error(const std::exception& exception) {
  return std::make_shared<const ErrorObject>(error_object_of(exception));
}

}  // namespace

DurableErrorKind wait_for_callback_error(const ErrorObject& error) {
  const std::string_view type = error.type ? std::string_view(*error.type) : std::string_view();
  for (const DurableErrorKind kind :
       {DurableErrorKind::kCallback, DurableErrorKind::kCallbackExternal,
        DurableErrorKind::kCallbackTimeout, DurableErrorKind::kCallbackSubmitter,
        DurableErrorKind::kSerdes}) {
    if (type == to_string(kind)) return kind;
  }
  const bool submitter = type == to_string(DurableErrorKind::kStep) ||
                         type == to_string(DurableErrorKind::kStepInterrupted);
  return submitter ? DurableErrorKind::kCallbackSubmitter : DurableErrorKind::kChildContext;
}

InvocationResult run_invocation(RootInvocation& root, const InvocationInput& input,
                                DurableService& service, const InvocationOptions& options) {
  Engine engine(input, service, options);
  if (!engine.load()) return engine.result({}, nullptr);
  SharedText value;
  ErrorPtr error;
  {
    const Teardown teardown(engine, root);
    PromiseBase* promise = nullptr;
    std::coroutine_handle<> handle;
    try {
      const HandlerCode handler_code(true);
      handle = root.start(engine.root_context(), engine.execution_record()->input_payload, promise);
    } catch (const std::exception& exception) {
      engine.root_done();
      error = shared_error(exception);
    }
    if (handle) {
      engine.run(handle, *promise);
      if (!engine.ended()) {
        engine.check_visits();
        if (engine.root_finished()) {
          try {
            value = root.take();
          } catch (const std::exception& exception) {
            error = shared_error(exception);
          }
          if (!error) engine.check_open_at_return();
        }
      }
    }
  }
  return engine.result(value, error);
}

InvocationResult run_observed(RootInvocation& root, const InvocationInput& input,
                              DurableService& service, const InvocationOptions& options,
                              const std::vector<std::shared_ptr<HandlerObserver>>& observers) {
  if (observers.empty()) return run_invocation(root, input, service, options);
  ObserverTee tee(observers, options.observer, input);
  InvocationOptions observed = options;
  observed.observer = &tee;
  tee.started();
  InvocationResult result = run_invocation(root, input, service, observed);
  tee.ended(result);
  return result;
}

}  // namespace internal
}  // namespace reprise
