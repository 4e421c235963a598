#include "reprise/sdk/task.h"

#include "reprise/sdk/internal/engine.h"
#include "reprise/sdk/internal/operation_core.h"

namespace reprise::internal {
namespace {

thread_local std::int64_t frames = 0;

}  // namespace

std::int64_t live_frames() { return frames; }

PromiseBase::PromiseBase() { ++frames; }
PromiseBase::~PromiseBase() { --frames; }

void PromiseBase::finished() noexcept {
  if (continuation) {
    engine->set_next(continuation);
  } else if (on_finished != nullptr) {
    engine->post(*on_finished);
  } else {
    engine->root_done();
  }
}

void start_awaited(PromiseBase& callee, std::coroutine_handle<> callee_handle, PromiseBase& caller,
                   std::coroutine_handle<> caller_handle) {
  callee.engine = caller.engine;
  callee.continuation = caller_handle;
  caller.engine->set_next(callee_handle);
}

}  // namespace reprise::internal
