// EXPECT-ERROR: constraints not satisfied|no matching member function|no matching function
#include "reprise/sdk/handler.h"

struct Foreign {
  bool await_ready() { return true; }
  void await_suspend(std::coroutine_handle<>) {}
  void await_resume() {}
};

reprise::Task<> handler(reprise::DurableContext) {
  co_await Foreign();
  co_return;
}
