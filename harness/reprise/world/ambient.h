#pragma once

#include <cstdint>
#include <string_view>

namespace reprise {

/// What a call takes from outside, or does there, past the world of the test.
enum class AmbientKind : std::uint8_t {
  kClock,
  kEntropy,
  kEnvironment,
  kTimeZone,
  kLocale,
  kHost,  ///< name, kind and number of processors of the machine, id of the process
  kFile,
  kNetwork,
  kProcess,
  kSleep,
  kThread,
};
/// What code does that makes such a call: "reads the clock".
std::string_view to_string(AmbientKind kind);

/// A call of the C library that the guard (reprise::guard, docs/guard.md) saw in handler code.
struct AmbientCall {
  AmbientKind kind = AmbientKind::kClock;
  std::string_view function;  ///< "clock_gettime"
  /// "order.cpp:17"; without debug information "order_test+0x1f30".
  std::string_view location;
  std::string_view symbol;  ///< mangled name of the function that called; "" when unknown
};

/// Whose code runs.
enum class CodeRegion : std::uint8_t {
  kOutside,  ///< no process of a run: the test itself
  kHarness,  ///< step bodies, plain functions, and whatever else the harness calls
  kHandler,  ///< the handler, outside steps
};

/// What the guard remembers about the code that runs: as long as a step body, or an invocation.
struct AmbientState {
  std::uint64_t clock_readings = 0;
  std::int64_t passed_ns = 0;  ///< virtual time, besides EffectSink::now_ms
  std::int64_t began_ms = -1;  ///< virtual; when the clock was first read
  bool seeded = false;         ///< the code has seeded the generator of the C library itself
};

/// Where an ambient call falls.
struct AmbientScope {
  CodeRegion region = CodeRegion::kOutside;
  AmbientState* state = nullptr;  ///< null exactly where it is kOutside
};

/// True in programs that are linked with reprise::guard.
bool ambient_guard_linked();

namespace internal {
/// Called by the guard when the program starts.
bool note_ambient_guard();
}  // namespace internal

}  // namespace reprise
