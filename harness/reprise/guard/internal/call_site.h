#pragma once

#include <string>

namespace reprise::internal {

/// Where the program's own code made a call.
struct CallSite {
  std::string location;  ///< "order.cpp:17"; without debug information "order_test+0x1f30"
  std::string symbol;    ///< mangled name of the function; "" when unknown
};

/// The innermost place in the program's own code from which `caller`, a return address on the stack
/// of this thread, was reached: standard and system libraries are looked past.  Null when a test
/// framework or a sanitizer made the call, or nobody knows who.  The result lives as long as the
/// program.
///
/// One thread at a time; what was resolved once is remembered.
const CallSite* find_call_site(void* caller);

}  // namespace reprise::internal
