#include <algorithm>
#include <string>

#include "reprise/service/fake_service.h"
#include "reprise/service/internal/batch.h"
#include "reprise/service/internal/names.h"

namespace reprise {
namespace {

EventTime event_time(TimestampMs ms) { return {.ms = ms, .verbatim = std::nullopt}; }

std::optional<std::string> text_of(const SharedText& text) {
  return text ? std::optional(text.str()) : std::nullopt;
}

// Spells out one entry (PROTOCOL 9.2).
class Speller {
 public:
  Speller(const HistoryEntry& entry, std::int64_t event_id, bool include_data)
      : entry_(entry), include_data_(include_data) {
    event_.type = entry.type;
    event_.event_id = event_id;
    event_.timestamp = event_time(entry.at_ms);
    if (entry.record) {
      event_.id = text_of(entry.record->id);
      event_.name = text_of(entry.record->name);
      event_.sub_type = text_of(entry.record->sub_type);
      event_.parent_id = text_of(entry.record->parent_id);
    }
  }

  Event spell() {
    switch (entry_.type) {
      case EventType::kExecutionStarted:
        details().input = payload(extra().payload);
        details().execution_timeout = extra().timeout;
        break;
      case EventType::kExecutionSucceeded:
        details().result = payload(extra().payload);
        break;
      case EventType::kExecutionFailed:
      case EventType::kExecutionTimedOut:
      case EventType::kExecutionStopped:
        details().error = error(extra().error);
        break;
      case EventType::kContextStarted:
      case EventType::kStepStarted:
        break;
      case EventType::kContextSucceeded:
      case EventType::kCallbackSucceeded:
      case EventType::kChainedInvokeSucceeded:
        details().result = payload(entry_.record->result);
        break;
      case EventType::kContextFailed:
      case EventType::kCallbackFailed:
      case EventType::kCallbackTimedOut:
      case EventType::kChainedInvokeFailed:
      case EventType::kChainedInvokeTimedOut:
      case EventType::kChainedInvokeStopped:
        details().error = error(entry_.record->error);
        break;
      case EventType::kStepSucceeded:
        details().result = payload(entry_.record->result);
        details().retry_details = retry_details();
        break;
      case EventType::kStepFailed:
        details().error = error(entry_.record->error);
        details().retry_details = retry_details();
        break;
      case EventType::kWaitStarted:
        details().duration = wait_seconds();
        details().scheduled_end = event_time(entry_.record->scheduled_end_ms.value_or(0));
        break;
      case EventType::kWaitSucceeded:
        details().duration = wait_seconds();
        break;
      case EventType::kWaitCancelled:
        break;
      case EventType::kCallbackStarted:
        details().callback_id = text_of(entry_.record->callback_id);
        if (entry_.extra) {
          details().timeout = extra().timeout;
          details().heartbeat_timeout = extra().heartbeat_timeout;
        }
        break;
      case EventType::kChainedInvokeStarted:
        spell_invoke();
        break;
      case EventType::kInvocationCompleted:
        details().start = event_time(extra().invocation_start_ms);
        details().end = event_time(entry_.at_ms);
        details().request_id = extra().request_id;
        if (extra().error) details().error = error(extra().error);
        break;
    }
    return std::move(event_);
  }

 private:
  EventDetails& details() { return event_.details; }
  const HistoryExtra& extra() const { return *entry_.extra; }

  // PROTOCOL 4.1: without IncludeExecutionData the payloads are left out.
  EventPayload payload(const SharedText& text) const {
    return {.payload = include_data_ ? text_of(text) : std::nullopt, .truncated = false};
  }
  EventError error(const ErrorPtr& error) const {
    EventError spelled{.payload = std::nullopt, .truncated = false};
    if (error && include_data_) spelled.payload = *error;
    return spelled;
  }

  // H-8
  RetryDetails retry_details() const {
    RetryDetails spelled;
    spelled.current_attempt = entry_.record->attempt;
    if (entry_.record->next_attempt_ms) {
      spelled.next_attempt_delay_seconds = (*entry_.record->next_attempt_ms - entry_.at_ms) / 1000;
    }
    return spelled;
  }

  std::int64_t wait_seconds() const {
    return (entry_.record->scheduled_end_ms.value_or(entry_.record->start_ms) -
            entry_.record->start_ms) /
           1000;
  }

  void spell_invoke() {
    details().function_name = text_of(extra().function_name);
    details().tenant_id = text_of(extra().tenant_id);
    details().input = payload(extra().payload);
    if (!extra().executed_version.empty()) details().executed_version = extra().executed_version;
    if (!extra().child_arn.empty()) details().durable_execution_arn = extra().child_arn;
  }

  const HistoryEntry& entry_;
  bool include_data_;
  Event event_;
};

}  // namespace

std::vector<Event> FakeService::history(std::size_t execution, bool include_data) const {
  const std::vector<HistoryEntry>& entries = this->execution(execution).history;
  std::vector<Event> events;
  events.reserve(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {  // H-1: numbered from 1
    events.push_back(Speller(entries[i], static_cast<std::int64_t>(i) + 1, include_data).spell());
  }
  return events;
}

ApiResult<HistoryResponse> FakeService::get_history(std::string_view arn, std::string_view marker,
                                                    int max_items, bool newest_first,
                                                    bool include_data) const {
  const std::optional<std::size_t> index = find_execution(arn);
  if (!index) {
    return ApiError{std::string(internal::code::kNotFound), 404,
                    "Durable execution not found: " + std::string(arn)};
  }
  if (max_items < 0 || max_items > limits_.state_page_size_max) {
    return internal::shape_error(
        "maxItems", std::to_string(max_items),
        "Member must have value between 0 and " + std::to_string(limits_.state_page_size_max));
  }
  const std::optional<std::uint64_t> first = marker.empty() ? 0 : internal::decode_marker(marker);
  if (!first) return internal::invalid_parameter("Invalid marker");
  const std::vector<HistoryEntry>& entries = execution(*index).history;
  const std::size_t page = static_cast<std::size_t>(
      max_items > 0 ? std::int64_t{max_items} : limits_.state_page_size_default);
  const std::size_t end = std::min(entries.size(), static_cast<std::size_t>(*first) + page);
  HistoryResponse response;
  for (std::size_t i = *first; i < end; ++i) {
    const std::size_t number = newest_first ? entries.size() - 1 - i : i;
    response.events.push_back(
        Speller(entries[number], static_cast<std::int64_t>(number) + 1, include_data).spell());
  }
  if (end < entries.size()) response.next_marker = internal::encode_marker(end);
  return response;
}

}  // namespace reprise
