// Linked into the tests of a build with planted faults: the environment says which fault is there.

#include <cstdlib>

#include "reprise/protocol/internal/planted_fault.h"

namespace reprise {
namespace {

[[maybe_unused]] const bool kIsSet = [] {
  const char* fault = std::getenv("REPRISE_PLANTED_FAULT");
  if (fault != nullptr) internal::planted_fault = fault;
  return true;
}();

}  // namespace
}  // namespace reprise
