#include "reprise/fakes/event_source_mapping.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

namespace reprise::fakes {
namespace {

using nlohmann::json;

constexpr absl::Duration kSynchronousMax = absl::Minutes(15);
constexpr int kBatchMax = 10000;

json record_of(const QueueMessage& message, const std::string& queue) {
  return {{"messageId", message.id},
          {"body", message.body},
          {"attributes", {{"ApproximateReceiveCount", std::to_string(message.receive_count)}}},
          {"eventSource", "aws:sqs"},
          {"eventSourceARN", "arn:aws:sqs:us-east-1:123456789012:" + queue}};
}

}  // namespace

EventSourceMapping::EventSourceMapping(std::string name, Queue& queue,
                                       EventSourceMappingOptions options)
    : name_(std::move(name)), queue_(&queue), options_(std::move(options)) {
  const absl::Duration visible = queue.options().visibility_timeout;
  if (visible < options_.function_timeout) {
    throw std::invalid_argument(absl::StrCat(
        "InvalidParameterValueException: Queue visibility timeout: ", absl::ToInt64Seconds(visible),
        " seconds is less than Function timeout: ", absl::ToInt64Seconds(options_.function_timeout),
        " seconds"));
  }
  if (options_.function_timeout > kSynchronousMax) {
    throw std::invalid_argument(
        "InvalidParameterValueException: a function that is invoked synchronously has 15 minutes");
  }
  if (options_.batch_size < 1 || options_.batch_size > kBatchMax) {
    throw std::invalid_argument(
        absl::StrCat("InvalidParameterValueException: BatchSize must be 1 to ", kBatchMax));
  }
}

std::optional<TimestampMs> EventSourceMapping::next_due(TimestampMs now) const {
  if (!in_flight_.empty()) return std::nullopt;
  const std::optional<absl::Time> visible = queue_->next_visible();
  if (!visible) return std::nullopt;
  return std::max(now, absl::ToUnixMillis(*visible));
}

std::optional<SharedText> EventSourceMapping::take(TimestampMs now) {
  const std::vector<QueueMessage> batch =
      queue_->receive(options_.batch_size, absl::FromUnixMillis(now));
  if (batch.empty()) return std::nullopt;
  json records = json::array();
  for (const QueueMessage& message : batch) {
    in_flight_.push_back(message.id);
    records.push_back(record_of(message, queue_->name()));
  }
  return SharedText(
      json{{"Records", std::move(records)}}.dump(-1, ' ', false, json::error_handler_t::replace));
}

void EventSourceMapping::finish(const PlainOutcome& outcome, TimestampMs) {
  const std::vector<std::string> failed = failures(outcome);
  for (const std::string& id : std::exchange(in_flight_, {})) {
    if (std::find(failed.begin(), failed.end(), id) == failed.end()) queue_->remove(id);
  }
}

std::vector<std::string> EventSourceMapping::failures(const PlainOutcome& outcome) const {
  if (outcome.error) return in_flight_;
  if (!options_.report_batch_item_failures || !outcome.result) return {};
  const json answer = json::parse(outcome.result.view(), nullptr, false);
  if (answer.is_null()) return {};
  if (!answer.is_object()) return in_flight_;
  const auto list = answer.find("batchItemFailures");
  if (list == answer.end() || list->is_null()) return {};
  if (!list->is_array()) return in_flight_;
  std::vector<std::string> failed;
  for (const json& each : *list) {
    const auto id = each.is_object() ? each.find("itemIdentifier") : each.end();
    if (id == each.end() || !id->is_string()) return in_flight_;
    failed.push_back(id->get<std::string>());
    const bool known =
        std::find(in_flight_.begin(), in_flight_.end(), failed.back()) != in_flight_.end();
    if (!known) return in_flight_;
  }
  return failed;
}

}  // namespace reprise::fakes
