#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <map>
#include <optional>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

#include "reprise/world/effect.h"

namespace reprise::fakes {

struct QueueOptions {
  /// How long nobody else gets a message that was received and not deleted.
  absl::Duration visibility_timeout = absl::Seconds(30);
  /// A message that was received so often goes to the dead letters instead of being received again;
  /// 0: never.
  int max_receives = 0;

  bool operator==(const QueueOptions&) const = default;
};

struct QueueMessage {
  std::string id;  ///< "orders-1"
  std::string body;
  int receive_count = 0;
  /// Set: it was received, and comes back then unless it is deleted; in milliseconds.
  std::optional<std::int64_t> invisible_until_ms;
  bool operator==(const QueueMessage&) const = default;
};

/// A message queue that delivers at least once, with a queue of dead letters behind it.
///
///     Queue orders("orders", {.visibility_timeout = absl::Minutes(12), .max_receives = 3});
///     orders.send(R"({"id":7})");
///
///     for (const QueueMessage& message : orders.receive(10, host.now())) {
///       ...                             // a crash here: it comes back after twelve minutes
///       orders.remove(message.id);
///     }
///     EXPECT_THAT(orders.messages(), IsEmpty());
///
/// Handlers hardly ever poll a queue themselves: an `EventSourceMapping` does, and invokes a
/// function with what it got.
///
/// Has of the real service, Amazon SQS:
/// - what was received is invisible until its visibility timeout has passed, in virtual time, and
///   is then received again; what was removed is not;
/// - the receive count, and the redrive policy: who receives finds a message that was received
///   `max_receives` times before, and moves it to the dead letters instead;
/// - deduplication ids, as of a FIFO queue: what was sent under an id before is not sent again.
///
/// Leaves out: the order of FIFO queues and message groups, and that a standard queue promises none
/// (here the oldest comes first, unless a test sends in another order); deduplication ids that
/// expire; delays, long polling, retention, size limits, attributes; receipt handles, so who was
/// too slow may still remove a message that another one holds.  That a standard queue delivers a
/// message twice now and then is for the scenario to say: send it in an `external_event`, which an
/// exploration lets happen twice.
///
/// `send`, `remove` and a `receive` that finds something are one effect each, never repeatable.
///
/// A copyable value, part of a world.
class Queue {
 public:
  /// `name` is what the ledger and reports call it.
  explicit Queue(std::string name = "queue", QueueOptions options = QueueOptions())
      : name_(std::move(name)), options_(options) {}

  /// Returns the id of the message; that of the first one when `deduplication_id` was seen before.
  std::string send(std::string body, std::string deduplication_id = "",
                   std::source_location location = std::source_location::current());
  /// Up to `count` messages that are visible at `now`, oldest first; they are invisible then.
  /// `now` is virtual time (Host::now).
  std::vector<QueueMessage> receive(
      int count, absl::Time now, std::source_location location = std::source_location::current());
  /// Deletes a message; false: there is none.
  bool remove(const std::string& id,
              std::source_location location = std::source_location::current());
  /// Sends the dead letters again, with a receive count of 0.  For tests: a person does it.
  void redrive();

  /// What was sent and not removed, oldest first.
  const std::vector<QueueMessage>& messages() const { return messages_; }
  const std::vector<QueueMessage>& dead_letters() const { return dead_letters_; }
  /// When the next message can be received; nullopt: there is none.  May have passed.
  std::optional<absl::Time> next_visible() const;
  const QueueOptions& options() const { return options_; }
  const std::string& name() const { return name_; }

  /// How many messages were sent before, which the next id depends on, does not matter.
  bool operator==(const Queue& other) const;

 private:
  std::string name_;
  QueueOptions options_;
  int sent_ = 0;
  std::vector<QueueMessage> messages_;
  std::vector<QueueMessage> dead_letters_;
  std::map<std::string, std::string> ids_;  // of messages, by deduplication id
};

}  // namespace reprise::fakes
