#pragma once

#include <dlfcn.h>

#include <atomic>

#include "reprise/guard/internal/ambient_region.h"

namespace reprise::internal {

/// The function that the program would call without the guard: that of a sanitizer, if the program
/// is built with one, else the next one of that name.
template <class F>
class Next {
 public:
  constexpr Next(const char* name, F* of_sanitizer) : name_(name), of_sanitizer_(of_sanitizer) {}

  F* get() {
    F* known = found_.load(std::memory_order_relaxed);
    if (known != nullptr) return known;
    known =
        of_sanitizer_ != nullptr ? of_sanitizer_ : reinterpret_cast<F*>(dlsym(RTLD_NEXT, name_));
    found_.store(known, std::memory_order_relaxed);
    return known;
  }

 private:
  const char* name_;
  F* of_sanitizer_;
  std::atomic<F*> found_ = nullptr;
};

}  // namespace reprise::internal

/// Begins the definition of the library function `name`; its body forwards with `next_<name>`.  The
/// name is given to the linker only: the library's own declaration, with its attributes and its
/// inline variants, stays out of the way.
#define REPRISE_INTERPOSED(result, name, parameters)                                            \
  extern "C"                                                                                    \
      [[gnu::weak]] result reprise_sanitizer_##name parameters __asm__("__interceptor_" #name); \
  extern "C" result reprise_interposed_##name parameters __asm__(#name);                        \
  static constinit ::reprise::internal::Next<result parameters> next_##name(                    \
      #name, &reprise_sanitizer_##name);                                                        \
  extern "C" result reprise_interposed_##name parameters

/// Where the interposed function was called from.
#define REPRISE_CALLER __builtin_extract_return_addr(__builtin_return_address(0))

/// A function whose calls are reported, and forwarded as they are.
#define REPRISE_OBSERVED(kind, result, name, parameters, ...)                            \
  REPRISE_INTERPOSED(result, name, parameters) {                                         \
    const ::reprise::internal::AmbientRegion region(::reprise::AmbientKind::kind, #name, \
                                                    REPRISE_CALLER);                     \
    return next_##name.get()(__VA_ARGS__);                                               \
  }

/// Names the object file for the linker (anchor.cc).
#define REPRISE_GUARD_OBJECT(name)            \
  extern "C" const char reprise_guard_##name; \
  const char reprise_guard_##name = 0;
