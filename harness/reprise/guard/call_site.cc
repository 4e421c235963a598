#include "reprise/guard/internal/call_site.h"

#include <unwind.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "reprise/guard/internal/debug_info.h"

namespace reprise::internal {
namespace {

constexpr std::size_t kDepthMax = 64;

struct Stack {
  std::uintptr_t from = 0;  // the frame to begin with
  std::array<std::uintptr_t, kDepthMax> calls;
  std::size_t size = 0;
};

_Unwind_Reason_Code collect(_Unwind_Context* context, void* data) {
  Stack& stack = *static_cast<Stack*>(data);
  int before_call = 0;
  const std::uintptr_t at = _Unwind_GetIPInfo(context, &before_call);
  if (at == 0) return _URC_END_OF_STACK;
  if (stack.size == 0 && at != stack.from) return _URC_NO_REASON;
  // A return address may belong to the line after the call.
  stack.calls[stack.size++] = before_call != 0 ? at : at - 1;
  return stack.size == kDepthMax ? _URC_END_OF_STACK : _URC_NO_REASON;
}

/// What one frame of the stack says; functions that were inlined into it count as frames.
struct Resolved {
  CodeOwner owner = CodeOwner::kLibrary;  // kLibrary: look at the next frame
  CallSite site;
};

Resolved resolve(std::uintptr_t address) {
  for (CodePlace& place : code_places(address)) {
    if (place.owner == CodeOwner::kLibrary) continue;
    return {place.owner, {std::move(place.location), std::move(place.symbol)}};
  }
  return {};
}

}  // namespace

const CallSite* find_call_site(void* caller) {
  // Reachable for ever: handlers may run in destructors of static objects.
  static auto& mutex = *new std::mutex;
  static auto& known = *new std::unordered_map<std::uintptr_t, Resolved>;  // only ever looked up
  Stack stack;
  stack.from = reinterpret_cast<std::uintptr_t>(caller);
  _Unwind_Backtrace(collect, &stack);
  const std::lock_guard<std::mutex> lock(mutex);
  for (std::size_t i = 0; i < stack.size; ++i) {
    auto found = known.find(stack.calls[i]);
    if (found == known.end()) {
      found = known.emplace(stack.calls[i], resolve(stack.calls[i])).first;
    }
    switch (found->second.owner) {
      case CodeOwner::kLibrary:
        continue;
      case CodeOwner::kTestTool:
        return nullptr;
      case CodeOwner::kProgram:
        return &found->second.site;
    }
  }
  return nullptr;
}

}  // namespace reprise::internal
