#include "reprise/explore/scenario.h"

#include <utility>

namespace reprise {
namespace {

std::int64_t milliseconds(absl::Duration duration) { return absl::ToInt64Milliseconds(duration); }

}  // namespace

Scenario::Scenario(std::string name) : program_(std::make_unique<Program>()) {
  program_->name = std::move(name);
}

Scenario& Scenario::add(Function function) {
  program_->functions.push_back(std::move(function));
  return *this;
}

Scenario& Scenario::tenant(std::string tenant_id) {
  if (program_->starts.empty()) {
    throw ProgramError(program_->name + ": tenant() says for whom the start before it is");
  }
  program_->starts.back().tenant_id = std::move(tenant_id);
  return *this;
}

Scenario& Scenario::answer_callback(std::string operation, std::string payload,
                                    absl::Duration delay) {
  CallbackResponder responder;
  responder.operation = std::move(operation);
  responder.delay_ms = milliseconds(delay);
  responder.answer.payload = SharedText(std::move(payload));
  program_->responders.push_back(std::move(responder));
  return *this;
}

Scenario& Scenario::fail_callback(std::string operation, ErrorObject error, absl::Duration delay) {
  CallbackResponder responder;
  responder.operation = std::move(operation);
  responder.delay_ms = milliseconds(delay);
  responder.answer.kind = CallbackAnswer::Kind::kFailure;
  responder.answer.error = std::make_shared<const ErrorObject>(std::move(error));
  program_->responders.push_back(std::move(responder));
  return *this;
}

Scenario& Scenario::add_invariant(Invariant::Kind kind, std::string name,
                                  std::function<bool()> holds, std::string verdict) {
  Invariant invariant;
  invariant.kind = kind;
  invariant.name = std::move(name);
  invariant.holds = std::move(holds);
  invariant.verdict = std::move(verdict);
  program_->invariants.push_back(std::move(invariant));
  return *this;
}

Scenario& Scenario::always(std::string name, std::function<bool()> holds, std::string verdict) {
  return add_invariant(Invariant::Kind::kAlways, std::move(name), std::move(holds),
                       std::move(verdict));
}
Scenario& Scenario::at_end(std::string name, std::function<bool()> holds, std::string verdict) {
  return add_invariant(Invariant::Kind::kAtEnd, std::move(name), std::move(holds),
                       std::move(verdict));
}
Scenario& Scenario::sometimes(std::string name, std::function<bool()> holds, std::string verdict) {
  return add_invariant(Invariant::Kind::kSometimes, std::move(name), std::move(holds),
                       std::move(verdict));
}

}  // namespace reprise
