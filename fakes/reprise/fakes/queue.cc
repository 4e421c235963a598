#include "reprise/fakes/queue.h"

#include <algorithm>

#include "reprise/fakes/internal/text.h"

namespace reprise::fakes {

std::string Queue::send(std::string body, std::string deduplication_id,
                        std::source_location location) {
  const EffectCall call{.target = name_,
                        .action = "send",
                        .arguments = internal::short_text(body),
                        .key = deduplication_id,
                        .location = location};
  return effect(call, [&](EffectOutcome& outcome) {
    if (const auto known = ids_.find(deduplication_id); known != ids_.end()) {
      outcome.unchanged();
      return known->second;
    }
    QueueMessage& message = messages_.emplace_back();
    message.id = name_ + "-" + std::to_string(++sent_);
    message.body = std::move(body);
    if (!deduplication_id.empty()) ids_.emplace(std::move(deduplication_id), message.id);
    return message.id;
  });
}

std::vector<QueueMessage> Queue::receive(int count, absl::Time now, std::source_location location) {
  const std::int64_t now_ms = absl::ToUnixMillis(now);
  const auto visible = [&](const QueueMessage& message) {
    return message.invisible_until_ms.value_or(now_ms) <= now_ms;
  };
  observed(name_);
  if (std::none_of(messages_.begin(), messages_.end(), visible)) return {};
  const EffectCall call{.target = name_,
                        .action = "receive",
                        .arguments = "up to " + std::to_string(count),
                        .location = location};
  return effect(call, [&](EffectOutcome&) {
    std::vector<QueueMessage> received;
    std::vector<QueueMessage> kept;
    for (QueueMessage& message : messages_) {
      const bool wanted = static_cast<int>(received.size()) < count && visible(message);
      if (wanted && options_.max_receives > 0 && message.receive_count >= options_.max_receives) {
        message.invisible_until_ms.reset();
        dead_letters_.push_back(std::move(message));
        continue;
      }
      if (wanted) {
        ++message.receive_count;
        message.invisible_until_ms = absl::ToUnixMillis(now + options_.visibility_timeout);
        received.push_back(message);
      }
      kept.push_back(std::move(message));
    }
    messages_ = std::move(kept);
    return received;
  });
}

bool Queue::remove(const std::string& id, std::source_location location) {
  const EffectCall call{
      .target = name_, .action = "remove", .arguments = id, .object = id, .location = location};
  return effect(call, [&](EffectOutcome& outcome) {
    const bool removed =
        std::erase_if(messages_, [&](const QueueMessage& each) { return each.id == id; }) > 0;
    if (!removed) outcome.unchanged();
    return removed;
  });
}

void Queue::redrive() {
  for (QueueMessage& message : dead_letters_) {
    message.receive_count = 0;
    messages_.push_back(std::move(message));
  }
  dead_letters_.clear();
}

std::optional<absl::Time> Queue::next_visible() const {
  std::optional<absl::Time> next;
  for (const QueueMessage& message : messages_) {
    const absl::Time at = message.invisible_until_ms
                              ? absl::FromUnixMillis(*message.invisible_until_ms)
                              : absl::InfinitePast();
    next = std::min(next.value_or(at), at);
  }
  return next;
}

bool Queue::operator==(const Queue& other) const {
  return name_ == other.name_ && options_ == other.options_ && messages_ == other.messages_ &&
         dead_letters_ == other.dead_letters_ && ids_ == other.ids_;
}

}  // namespace reprise::fakes
