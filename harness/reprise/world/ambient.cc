#include "reprise/world/ambient.h"

#include <cstdlib>

namespace reprise {
namespace {

constinit bool guard_linked = false;

}  // namespace

std::string_view to_string(AmbientKind kind) {
  switch (kind) {
    case AmbientKind::kClock:
      return "reads the clock";
    case AmbientKind::kEntropy:
      return "reads entropy";
    case AmbientKind::kEnvironment:
      return "reads the environment";
    case AmbientKind::kTimeZone:
      return "reads the time zone";
    case AmbientKind::kLocale:
      return "reads the locale";
    case AmbientKind::kHost:
      return "reads the identity of the host";
    case AmbientKind::kFile:
      return "uses the file system";
    case AmbientKind::kNetwork:
      return "uses the network";
    case AmbientKind::kProcess:
      return "starts a process";
    case AmbientKind::kSleep:
      return "sleeps";
    case AmbientKind::kThread:
      return "starts a thread";
  }
  std::abort();
}

bool ambient_guard_linked() { return guard_linked; }

bool internal::note_ambient_guard() { return guard_linked = true; }

}  // namespace reprise
