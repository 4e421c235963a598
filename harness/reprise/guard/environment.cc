// Environment variables, time zone, locale, and what tells one host from another.

#include <locale.h>
#include <stdlib.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "reprise/guard/internal/interposed.h"
#include "reprise/world/effect.h"

namespace {

using reprise::AmbientKind;
using reprise::internal::AmbientRegion;

// On every other host what is set is not set, and what is not set is.
char* varied(const AmbientRegion& region, char* value) {
  if (!region.in_handler()) return value;
  reprise::EffectSink* sink = reprise::EffectSink::current();
  if (sink->variation(reprise::HiddenInput::kEnvironment) % 2 == 0) return value;
  static char one[] = "1";
  return value == nullptr ? one : nullptr;
}

}  // namespace

REPRISE_GUARD_OBJECT(environment)

REPRISE_INTERPOSED(char*, getenv, (const char* name)) {
  const AmbientRegion region(AmbientKind::kEnvironment, "getenv", REPRISE_CALLER);
  return varied(region, next_getenv.get()(name));
}

REPRISE_INTERPOSED(char*, secure_getenv, (const char* name)) {
  const AmbientRegion region(AmbientKind::kEnvironment, "secure_getenv", REPRISE_CALLER);
  return varied(region, next_secure_getenv.get()(name));
}

REPRISE_OBSERVED(kTimeZone, tm*, localtime, (const time_t* at), at)
REPRISE_OBSERVED(kTimeZone, tm*, localtime_r, (const time_t* at, tm* to), at, to)
REPRISE_OBSERVED(kTimeZone, time_t, mktime, (tm * of), of)
REPRISE_OBSERVED(kTimeZone, void, tzset, ())
REPRISE_OBSERVED(kLocale, char*, setlocale, (int category, const char* locale), category, locale)
REPRISE_OBSERVED(kLocale, locale_t, newlocale, (int mask, const char* locale, locale_t base), mask,
                 locale, base)
REPRISE_OBSERVED(kHost, int, gethostname, (char* name, std::size_t size), name, size)
REPRISE_OBSERVED(kHost, int, __gethostname_chk, (char* name, std::size_t size, std::size_t room),
                 name, size, room)
REPRISE_OBSERVED(kHost, int, uname, (utsname * name), name)
REPRISE_OBSERVED(kHost, int, get_nprocs, ())
REPRISE_OBSERVED(kHost, pid_t, getpid, ())
