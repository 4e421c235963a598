#pragma once

#include <absl/time/time.h>

#include <optional>
#include <string>
#include <vector>

#include "reprise/fakes/queue.h"
#include "reprise/world/event_source.h"

namespace reprise::fakes {

struct EventSourceMappingOptions {
  std::string function;  ///< that it invokes
  /// The most messages in one invocation.
  int batch_size = 10;
  /// The function answers with the messages that have failed, and the others are deleted.
  bool report_batch_item_failures = false;
  /// That of the function.
  absl::Duration function_timeout = absl::Seconds(3);

  bool operator==(const EventSourceMappingOptions&) const = default;
};

/// Polls a queue, and invokes a plain function with what it gets: the AWS Lambda event source
/// mapping for SQS.
///
///     Queue orders("orders", {.visibility_timeout = absl::Minutes(12), .max_receives = 3});
///     EventSourceMapping mapping("intake", orders, {.function = "intermediary"});
///
///     scenario.function("intermediary", intermediary)
///         .event_source(mapping)
///         .world(orders, mapping)
///         .external_event("order", always, [&] { orders.send(R"({"id":7})"); });
///
/// The event is that of the real service, as far as it goes:
/// {"Records": [{"messageId", "body", "attributes": {"ApproximateReceiveCount"}, ...}]}.
///
/// Has of the real service:
/// - it invokes synchronously, and a function may take 15 minutes at most; so a durable function
///   whose execution timeout is longer is refused, delivery after delivery;
/// - a batch that succeeds is deleted; of one that fails, because the function throws or its
///   process dies, nothing is: all of it comes back after the visibility timeout, also what was
///   done, until the redrive policy of the queue ends that;
/// - with `report_batch_item_failures` the answer {"batchItemFailures": [{"itemIdentifier": id}]}
///   keeps those; no answer, and an empty list, mean that all went well; an answer that cannot be
///   read, or that names a message which is not in the batch, means that all has failed;
/// - a queue whose visibility timeout is shorter than the function timeout is refused.
///
/// Leaves out: batching windows, filters, scaling (one invocation at a time; so what is received
/// while the function works is not worked on beside it), the back-off of failing functions,
/// `ReportBatchItemFailures` of streams, on-failure destinations, durable functions that are fast
/// enough to be invoked directly.
///
/// A copyable value, part of a world, as is the queue, which must outlive it.
class EventSourceMapping final : public EventSource {
 public:
  /// Throws std::invalid_argument with the error of the service when the timeouts do not fit.
  EventSourceMapping(std::string name, Queue& queue, EventSourceMappingOptions options);

  std::string source_name() const override { return name_; }
  std::string function_name() const override { return options_.function; }
  std::optional<TimestampMs> next_due(TimestampMs now) const override;
  std::optional<SharedText> take(TimestampMs now) override;
  void finish(const PlainOutcome& outcome, TimestampMs now) override;

  bool operator==(const EventSourceMapping&) const = default;

 private:
  /// The ids of the messages that have not succeeded.
  std::vector<std::string> failures(const PlainOutcome& outcome) const;

  std::string name_;
  Queue* queue_;
  EventSourceMappingOptions options_;
  std::vector<std::string> in_flight_;  // ids
};

}  // namespace reprise::fakes
