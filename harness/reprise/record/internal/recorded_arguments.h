#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/protocol/event.h"
#include "reprise/sdk/observer.h"

namespace reprise::internal {

/// The arguments of operations, as far as the events of a history hold them: durations of waits,
/// timeouts of callbacks, target, tenant and payload of invokes.
class RecordedArguments {
 public:
  explicit RecordedArguments(const std::vector<Event>& events);

  struct Difference {
    std::string recorded;
    std::string current;
  };
  /// What differs in a call; nullopt: nothing that the history holds.  Payloads are compared as
  /// JSON values; an empty or missing target or payload was not recorded.
  std::optional<Difference> compare(const OperationCall& call) const;

 private:
  std::map<std::string, const Event*, std::less<>> starts_;  // by operation id
};

}  // namespace reprise::internal
