#include "reprise/record/internal/recorded_arguments.h"

#include <nlohmann/json.hpp>

#include "reprise/sdk/internal/service_core.h"

namespace reprise::internal {
namespace {

using Json = nlohmann::json;
using Difference = RecordedArguments::Difference;

constexpr std::string_view kPayload = " payload=";

bool same_payload(std::string_view a, std::string_view b) {
  if (a == b) return true;
  const Json first = Json::parse(a, nullptr, /*allow_exceptions=*/false);
  const Json second = Json::parse(b, nullptr, /*allow_exceptions=*/false);
  return !first.is_discarded() && !second.is_discarded() && first.dump() == second.dump();
}

std::optional<Difference> difference(const SharedText& recorded, const SharedText& current) {
  if (recorded == current) return std::nullopt;
  const auto spell = [](const SharedText& text) { return text ? text.str() : "no timeout"; };
  return Difference{spell(recorded), spell(current)};
}

// A target or payload that was not recorded is no part of `recorded`.
std::optional<Difference> compare_invoke(const EventDetails& details, const SharedText& arguments) {
  const std::string_view current = arguments.view();
  const std::string function = details.function_name.value_or("");
  std::string payload;
  if (details.input) payload = details.input->payload.value_or("");
  std::string target;
  if (!function.empty()) target = invoke_arguments(function, details.tenant_id, {}).str();

  std::size_t behind = current.find(kPayload);
  if (!target.empty()) {
    const bool same = current.substr(0, target.size()) == target &&
                      (current.size() == target.size() ||
                       current.substr(target.size(), kPayload.size()) == kPayload);
    if (!same) return Difference{target, std::string(current.substr(0, behind))};
    behind = target.size();
  }
  if (payload.empty()) return std::nullopt;
  const bool given = behind < current.size();
  if (given && same_payload(payload, current.substr(behind + kPayload.size()))) return std::nullopt;
  return Difference{"payload=" + payload,
                    given ? std::string(current.substr(behind + 1)) : "no payload"};
}

}  // namespace

RecordedArguments::RecordedArguments(const std::vector<Event>& events) {
  for (const Event& event : events) {
    const bool has_arguments = event.type == EventType::kWaitStarted ||
                               event.type == EventType::kCallbackStarted ||
                               event.type == EventType::kChainedInvokeStarted;
    if (has_arguments && event.id) starts_.emplace(*event.id, &event);
  }
}

std::optional<Difference> RecordedArguments::compare(const OperationCall& call) const {
  const auto found = starts_.find(call.id.view());
  if (found == starts_.end()) return std::nullopt;
  const EventDetails& details = found->second->details;
  switch (found->second->type) {
    case EventType::kWaitStarted:
      if (!details.duration) return std::nullopt;
      return difference(wait_arguments(*details.duration), call.arguments);
    case EventType::kCallbackStarted:
      return difference(
          callback_arguments(details.timeout.value_or(0), details.heartbeat_timeout.value_or(0)),
          call.arguments);
    default:
      return compare_invoke(details, call.arguments);
  }
}

}  // namespace reprise::internal
