#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/world/effect.h"

namespace reprise::fakes {

enum class SmsStatus : std::uint8_t {
  kNoAnswer,  ///< the process is dead; what a default-constructed answer says
  kAccepted,
  kOptedOut,       ///< the owner of the number wants no messages
  kInvalidNumber,  ///< not a '+' and 8 to 15 digits, the first of which is no 0
  kInvalidText,    ///< empty, or of more parts than the gateway takes
  kTokenReused,    ///< the token was used before, for another message
};
std::string_view to_string(SmsStatus status);

/// What the gateway answers.
struct SmsAnswer {
  SmsStatus status = SmsStatus::kNoAnswer;
  std::string message_id;  ///< "" unless accepted
  int parts = 0;           ///< so many are charged; 0 unless accepted

  bool ok() const { return status == SmsStatus::kAccepted; }
  bool operator==(const SmsAnswer&) const = default;
};
/// As JSON, so that a step body can return it; from_json throws a nlohmann exception, or
/// std::invalid_argument for a status that is none.
void to_json(nlohmann::json& json, const SmsAnswer& answer);
void from_json(const nlohmann::json& json, SmsAnswer& answer);

/// The parts in which a text is sent.  Of the 7-bit alphabet of GSM 160 characters fit into one
/// message, and 153 into each part of a longer one; `^{}\[~]|` and the euro sign count as two, and
/// are not torn apart.  With any other character in the text it is 70 and 67 units of UTF-16.  0
/// for an empty text; bytes that are no UTF-8 count as characters of their own.
int sms_parts(std::string_view text);

/// A gateway for text messages.
///
///     SmsGateway sms;
///     sms.opt_out("+4915201234567");
///
///     // In a step body; the token is the same on every attempt.
///     SmsAnswer sent = sms.send("+4915207654321", "Your order is on its way", "shipped/order-1");
///     if (sent.status == SmsStatus::kOptedOut) mail_instead();
///
///     EXPECT_THAT(sms.accepted_for("+4915207654321"), SizeIs(1));
///
/// Has of the real services:
/// - what was accepted cannot be taken back; sent again without a token it is another message;
/// - client tokens: the same message with a token that was seen before is answered like the first
///   time, and nothing is sent; another message with it is kTokenReused.  What was not accepted is
///   not remembered;
/// - numbers whose owners want no messages, also from some moment on (STOP), and again (START);
/// - long texts, which are sent and charged in parts, up to ten;
/// - delivery is a promise of nobody: carriers deliver a message twice, or never, and the gateway's
///   answer does not say so.  A test says which (`deliver_twice`, `deliver_never`);
/// - no promised order: messages are sorted, so that two gateways with the same messages are equal
///   however executions and branches interleave.
///
/// Leaves out: tokens that expire, receipts of delivery, sender ids, spending limits, rate limits,
/// quiet hours, which countries are served, landlines.
///
/// Each `send` is one effect: a fault point before and after, never repeatable, its object is the
/// number; it is unchanged when nothing was sent.  Message ids count per number, so that they do
/// not depend on how executions interleave.  Queries are no effects.
///
/// A copyable value, part of a world.
class SmsGateway {
 public:
  struct Message {
    std::string number;
    std::string text;
    int parts = 0;
    auto operator<=>(const Message&) const = default;
  };

  /// `name` is what the ledger and reports call it.
  explicit SmsGateway(std::string name = "sms") : name_(std::move(name)) {}

  // --- rules, set up by the test, or an external event ---
  void opt_out(std::string number) { opted_out_.insert(std::move(number)); }
  void opt_in(const std::string& number) { opted_out_.erase(number); }
  /// What goes to this number arrives twice; or not at all.
  void deliver_twice(std::string number) { copies_[std::move(number)] = 2; }
  void deliver_never(std::string number) { copies_[std::move(number)] = 0; }

  // --- the call ---
  SmsAnswer send(std::string number, std::string text, std::string token = "",
                 std::source_location location = std::source_location::current());

  // --- queries ---
  /// What the gateway has accepted, sorted.
  std::vector<Message> accepted() const;
  /// What it has accepted for one number, sorted by text.
  std::vector<Message> accepted_for(const std::string& number) const;
  /// The texts on the phone, sorted.
  std::vector<std::string> inbox(const std::string& number) const;
  /// All that was charged.
  int parts_charged() const;

  bool operator==(const SmsGateway&) const = default;

 private:
  struct Remembered {
    std::string number;
    std::string text;
    SmsAnswer answer;
    bool operator==(const Remembered&) const = default;
  };

  std::string name_;
  std::set<std::string> opted_out_;
  std::map<std::string, int> copies_;  // by number; of those without an entry one arrives
  std::map<std::string, std::vector<Message>> accepted_;  // by number, each sorted
  std::map<std::string, Remembered> tokens_;
};

}  // namespace reprise::fakes
