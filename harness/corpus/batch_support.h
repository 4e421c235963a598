#pragma once

#include <string>
#include <vector>

#include "handler_support.h"

namespace reprise::corpus {

inline std::vector<int> one_to_five() { return {1, 2, 3, 4, 5}; }

/// What the handlers with a minimum of successes return.
inline Json describe_min_successful(const BatchResult<std::string>& batch) {
  return Json{{"successCount", batch.success_count()},
              {"totalCount", batch.total_count()},
              {"completionReason", to_string(batch.completion_reason())},
              {"results", batch.results()}};
}

}  // namespace reprise::corpus
