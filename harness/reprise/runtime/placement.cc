// The part of Simulation that says in which environment an invocation runs.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "reprise/runtime/internal/frame.h"
#include "reprise/runtime/simulation.h"

namespace reprise {

ArrivingInvocation Simulation::arriving(std::size_t execution) const {
  if (program_.environments == nullptr) return {};
  const Execution& known = service_->execution(execution);
  return {function_of(known.function_name.view()).config.name, known.name.str(),
          known.tenant_id.str()};
}

// Where an invocation runs; nullopt: nowhere.
std::optional<std::string> Simulation::environment_for(const ArrivingInvocation& invocation,
                                                       const std::string& operation, int number) {
  if (program_.environments == nullptr) return std::string();
  const std::vector<std::string> environments = program_.environments->candidates(invocation);
  if (environments.empty()) return std::nullopt;
  const std::function<std::string()> spelled = [&operation] { return operation; };
  const PlaceRef place{
      PointKind::kInvocation, Moment::kBefore, CheckpointAction::kOther, 0, 0, number, spelled};
  const std::size_t chosen = choices_->assign(place, environments);
  choices_active_ = choices_->active();
  if (chosen == Choices::kStop) {
    powered_off_ = true;
    return std::nullopt;
  }
  return environments[chosen];
}

// The service tries again later, as with any invocation that fails.
void Simulation::refuse_invocation(std::size_t execution) {
  throttled_ = true;
  InvocationEnd end;
  end.kind = InvocationEnd::Kind::kError;
  end.error = internal::throttled_error();
  service_->begin_invocation(execution);
  service_->end_invocation(execution, end);
}

}  // namespace reprise
