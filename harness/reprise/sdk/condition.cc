#include "reprise/sdk/condition.h"

#include <algorithm>
#include <cmath>

namespace reprise::internal {

WaitDecision PollSchedule::after(int attempts_made) const {
  if (attempts_made >= max_attempts) {
    return WaitDecision::exhausted("waitForCondition exceeded maximum attempts (" +
                                   std::to_string(max_attempts) + ")");
  }
  return WaitDecision::check_again_after(std::min(initial * std::pow(rate, attempts_made - 1), max),
                                         jitter);
}

}  // namespace reprise::internal
