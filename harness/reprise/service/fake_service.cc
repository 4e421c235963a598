#include "reprise/service/fake_service.h"

#include <algorithm>

#include "reprise/service/internal/batch.h"

namespace reprise {

FakeService::FakeService(Limits limits)
    : limits_(limits), plan_(std::make_unique<internal::BatchPlan>()) {}

FakeService::~FakeService() = default;

void FakeService::register_function(FunctionConfig config) {
  std::string name = config.name;
  functions_.insert_or_assign(std::move(name), std::move(config));
}

const FunctionConfig* FakeService::find_function(std::string_view name) const {
  const auto found = functions_.find(name);
  return found == functions_.end() ? nullptr : &found->second;
}

bool FakeService::all_closed() const {
  return std::all_of(state_.executions.begin(), state_.executions.end(),
                     [](const auto& execution) { return is_closed(execution->status); });
}

}  // namespace reprise
