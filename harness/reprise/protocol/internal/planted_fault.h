#pragma once

// Faults that are planted in the library to measure its tests (docs/mutants.md).  A build without
// REPRISE_PLANTED_FAULTS has none: the macro is the constant `false`.

#ifdef REPRISE_PLANTED_FAULTS

#include <string_view>

namespace reprise::internal {

/// The one that is there; none at first.  Only programs set it, and before anything else.
inline std::string_view planted_fault;

}  // namespace reprise::internal

/// True where the fault of that name is to show.  Each name stands in one place.
#define REPRISE_FAULT(id) (::reprise::internal::planted_fault == #id)

#else
#define REPRISE_FAULT(id) false
#endif
