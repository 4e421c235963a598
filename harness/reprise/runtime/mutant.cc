#include "reprise/runtime/mutant.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utility>

#include "reprise/runtime/internal/frame.h"
#include "reprise/runtime/simulation.h"

namespace reprise {
namespace {

thread_local const Mutant* active = nullptr;
thread_local MutantCensus* census = nullptr;

}  // namespace

std::string_view to_string(Mutant::Kind kind) {
  switch (kind) {
    case Mutant::Kind::kForgottenResult:
      return "its result is forgotten";
    case Mutant::Kind::kOtherName:
      return "a replay finds another name";
    case Mutant::Kind::kOtherArguments:
      return "a replay finds other arguments";
    case Mutant::Kind::kLostEffect:
      return "its effects are lost";
    case Mutant::Kind::kNoCompletion:
      return "it is never completed";
  }
  std::abort();
}

ActiveMutant::ActiveMutant(const Mutant& mutant) : before_(std::exchange(active, &mutant)) {}
ActiveMutant::~ActiveMutant() { active = before_; }
const Mutant* ActiveMutant::now() { return active; }

MutantCensus::MutantCensus() : before_(std::exchange(census, this)) {}
MutantCensus::~MutantCensus() { census = before_; }
MutantCensus* MutantCensus::now() { return census; }

bool Simulation::is_mutated(Mutant::Kind kind, std::string_view operation) const {
  return mutant_ != nullptr && mutant_->kind == kind && mutant_->operation == operation;
}

// What a later invocation is given.
void Simulation::mutate(std::size_t execution, InvocationInput& input) const {
  const std::vector<OperationPtr>& all = service_->execution(execution).operations;
  const auto is_it = [&](const OperationPtr& record) {
    return record->type != OperationType::kExecution &&
           name_of(execution) + "/" + path_among(all, *record) == mutant_->operation;
  };
  if (mutant_->kind == Mutant::Kind::kForgottenResult) {
    std::erase_if(input.operations, [&](const OperationPtr& record) {
      return is_terminal(record->status) && is_it(record);
    });
  } else if (mutant_->kind == Mutant::Kind::kOtherName) {
    for (OperationPtr& record : input.operations) {
      if (!is_it(record)) continue;
      Operation other = *record;
      other.name = SharedText("another-name");
      record = std::make_shared<const Operation>(std::move(other));
    }
  }
}

// What the SDK says of an operation whose result it has forgotten is not for the service, which has
// not.
std::vector<OperationUpdate> Simulation::known_updates(const CheckpointRequest& request) const {
  const Execution& execution = service_->execution(frames_.back()->execution);
  std::vector<OperationUpdate> updates;
  for (const OperationUpdate& update : request.updates) {
    const OperationPtr* record = execution.find(update.id.view());
    const bool forgotten = record != nullptr && is_terminal((*record)->status);
    if (!forgotten) updates.push_back(update);
  }
  return updates;
}

}  // namespace reprise
