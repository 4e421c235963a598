// The part of Simulation that is about what outlives a process.

#include <algorithm>
#include <utility>

#include "reprise/protocol/internal/planted_fault.h"
#include "reprise/runtime/internal/frame.h"
#include "reprise/runtime/simulation.h"
#include "reprise/world/event_source.h"

namespace reprise {

SharedText OperationTexts::find(std::size_t execution, std::string_view id) const {
  if (execution >= maps_.size() || !maps_[execution]) return {};
  const auto found = maps_[execution]->find(id);
  return found == maps_[execution]->end() ? SharedText() : found->second;
}

void OperationTexts::set(std::size_t execution, std::string_view id, const SharedText& text) {
  if (maps_.size() <= execution) maps_.resize(execution + 1);
  std::shared_ptr<Map>& map = maps_[execution];
  if (map && map->count(id) > 0 && map->find(id)->second == text) return;
  if (!map) {
    map = std::make_shared<Map>();
  } else if (map.use_count() > 1) {
    map = std::make_shared<Map>(*map);
  }
  (*map)[std::string(id)] = text;
}

OperationTexts::Map OperationTexts::of(std::size_t execution) const {
  return execution < maps_.size() && maps_[execution] ? *maps_[execution] : Map();
}

DurableState Simulation::save() const {
  const bool in_plain_call = !frames_.empty() && !frames_.back()->plain_operation.empty();
  // Whoever resumes from here is another invocation than the one in flight.
  const bool dies =
      !in_plain_call && !frames_.empty() && !REPRISE_FAULT(resumed_invocation_sees_same_inputs);
  std::optional<std::size_t> source;
  if (!frames_.empty()) source = frames_.back()->source;
  return {service_->save(),
          program_.world.save(),
          arguments_,
          paths_,
          starts_made_,
          dies ? variation_ + 1 : variation_,
          happened_,
          in_plain_call,
          frames_.empty() ? invocation_numbers_ : std::vector<int>(),
          deliveries_,
          source};
}

StateDigest Simulation::digest() const {
  StateDigest digest = service_->digest();
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15U;
  for (const int times : happened_) digest.low = digest.low * kOdd + static_cast<unsigned>(times);
  const TimestampMs now = service_->now();
  for (const EventSource* source : program_.event_sources) {
    const std::optional<TimestampMs> due = source->next_due(now);
    const TimestampMs left = due ? std::max(*due, now) - now + 1 : 0;
    digest.low = digest.low * kOdd + static_cast<std::uint64_t>(left);
  }
  return digest;
}

bool Simulation::quiet() const { return frames_.size() == 1 && service_->quiet(); }

std::vector<Resumption> Simulation::resumptions() {
  std::vector<Resumption> list;
  const ServiceState before = service_->save();
  for (std::size_t i = 0; i < service_->execution_count(); ++i) {
    if (is_closed(service_->execution(i).status)) continue;
    Resumption resumption{name_of(i), service_->begin_invocation(i), arguments_.of(i)};
    InvocationInput& input = resumption.input;
    while (!input.next_marker.empty()) {
      const auto page = service_->get_state(
          {input.durable_execution_arn, input.checkpoint_token, input.next_marker});
      if (!page.ok()) break;
      input.operations.insert(input.operations.end(), page->operations.begin(),
                              page->operations.end());
      input.next_marker = page->next_marker;
    }
    if (input.operations.size() > 1) list.push_back(std::move(resumption));
  }
  service_->restore(before);
  return list;
}

RunRecord Simulation::replay(const Resumption& resumption) {
  /// Nothing that would go past the records happens.
  class ReplayOnly final : public Choices {
   public:
    Alternative at(const PlaceRef&) override { return Alternative::kPowerOff; }
  };
  ReplayOnly choices;
  RunRecord record;
  begin(choices, RecordLevel::kFull, record);
  begin_from_start();
  const Current current(*this);
  if (program_.on_run_start) program_.on_run_start();
  start_all();
  for (std::size_t i = 0; i < service_->execution_count(); ++i) {
    if (name_of(i) != resumption.execution) continue;
    for (const auto& [id, text] : resumption.arguments) arguments_.set(i, id, text);
    const ArrivingInvocation invocation = arriving(i);
    const std::vector<std::string> environments =
        program_.environments ? program_.environments->candidates(invocation)
                              : std::vector<std::string>(1);
    if (!environments.empty()) invoke(i, resumption.input, environments.front());
  }
  powered_off_ = true;
  finish(record);
  return record;
}

}  // namespace reprise
