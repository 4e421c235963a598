#pragma once

#include <compare>
#include <cstdint>
#include <set>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reprise/world/effect.h"

namespace reprise::fakes {

enum class MailStatus : std::uint8_t {
  kNoAnswer,  ///< the process is dead; what a default-constructed answer says
  kAccepted,
  kRejected,  ///< no such recipient
};
std::string_view to_string(MailStatus status);

struct Mail {
  std::string to;
  std::string subject;
  std::string body;
  auto operator<=>(const Mail&) const = default;
};

/// A service that sends messages: mails, text messages, notifications.
///
///     Mailer mailer;
///     mailer.send("ann@example.com", "Welcome", "...");  // again on every attempt
///     mailer.send("ann@example.com", "Shipped", "...", "shipped/order-1");  // once
///
///     EXPECT_THAT(mailer.sent_to("ann@example.com"), SizeIs(2));
///
/// Has of the real services:
/// - what was accepted cannot be taken back, and is sent again when it is asked for again;
/// - deduplication keys: a message whose key was seen before is answered like the first and
///   dropped, whatever it says;
/// - no promised order: the outbox is sorted by recipient, subject and body, so that two outboxes
///   with the same mails are equal however executions and branches interleave;
/// - recipients that do not exist, as set up by the test.
///
/// Leaves out: keys that expire, bounces that come later, attachments, templates, rate limits.
///
/// Each `send` is one effect: a fault point before and after, never repeatable; it is unchanged
/// when nothing was sent.  Queries are no effects.
///
/// A copyable value, part of a world.
class Mailer {
 public:
  /// `name` is what the ledger and reports call it.
  explicit Mailer(std::string name = "mailer") : name_(std::move(name)) {}

  /// From now on there is no such recipient.
  void reject(std::string recipient) { rejected_.insert(std::move(recipient)); }

  /// An empty recipient is rejected as well.
  MailStatus send(std::string to, std::string subject, std::string body, std::string key = "",
                  std::source_location location = std::source_location::current());

  /// All that was sent, sorted.
  const std::vector<Mail>& outbox() const { return outbox_; }
  /// What was sent to one recipient, sorted by subject and body.
  std::vector<Mail> sent_to(std::string_view recipient) const;

  bool operator==(const Mailer&) const = default;

 private:
  std::string name_;
  std::vector<Mail> outbox_;
  std::set<std::string> keys_;
  std::set<std::string> rejected_;
};

}  // namespace reprise::fakes
