// A program that links the guard asks for `reprise_guard_anchor` (-u, see the target), and the
// linker takes with it the objects that are named here.  Nothing else refers to them.

#include "reprise/guard/internal/interposed.h"

extern "C" {
extern const char reprise_guard_clock;
extern const char reprise_guard_entropy;
extern const char reprise_guard_environment;
extern const char reprise_guard_files;
extern const char reprise_guard_unordered;
extern const char reprise_guard_waiting;
extern const char* const reprise_guard_anchor[];

[[gnu::used]] const char* const reprise_guard_anchor[] = {
    &reprise_guard_clock, &reprise_guard_entropy,   &reprise_guard_environment,
    &reprise_guard_files, &reprise_guard_unordered, &reprise_guard_waiting};
}

[[maybe_unused]] static const bool linked = reprise::internal::note_ambient_guard();
