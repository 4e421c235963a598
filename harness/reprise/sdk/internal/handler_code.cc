#include "reprise/sdk/internal/handler_code.h"

#include <utility>

namespace reprise::internal {
namespace {

thread_local bool handler_code_runs = false;

}  // namespace

HandlerCode::HandlerCode(bool runs) : before_(std::exchange(handler_code_runs, runs)) {}
HandlerCode::~HandlerCode() { handler_code_runs = before_; }

bool HandlerCode::runs() { return handler_code_runs; }

}  // namespace reprise::internal
