#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reprise/world/effect.h"

namespace reprise::fakes {

enum class PaymentStatus : std::uint8_t {
  kNoAnswer,  ///< the process is dead; what a default-constructed answer says
  kApproved,
  kDeclined,   ///< the bank says no to the card or the amount
  kRefused,    ///< the request cannot be carried out: unknown payment, too high an amount, already
               ///< captured
  kKeyReused,  ///< the idempotency key was used before, for another request
  kBusy,       ///< nothing was decided; ask again
};
std::string_view to_string(PaymentStatus status);

/// What the service answers.
struct PaymentAnswer {
  PaymentStatus status = PaymentStatus::kNoAnswer;
  std::string payment_id;  ///< of the payment made or changed; "" unless approved
  std::string message;     ///< why not; "" when approved

  bool ok() const { return status == PaymentStatus::kApproved; }
  bool operator==(const PaymentAnswer&) const = default;
};
/// As JSON, so that a step body can return it; from_json throws a nlohmann exception, or
/// std::invalid_argument for a status that is none.
void to_json(nlohmann::json& json, const PaymentAnswer& answer);
void from_json(const nlohmann::json& json, PaymentAnswer& answer);

enum class PaymentState : std::uint8_t { kAuthorised, kCaptured, kRefunded, kVoided };
std::string_view to_string(PaymentState state);

/// One payment as the service knows it.  Amounts are whole cents.
struct Payment {
  std::string id;
  std::string order;
  std::string card;
  std::int64_t authorised_cents = 0;
  std::int64_t captured_cents = 0;
  std::int64_t refunded_cents = 0;
  bool voided = false;

  /// kRefunded once all that was captured has been paid back; kCaptured before.
  PaymentState state() const;
  bool operator==(const Payment&) const = default;
};

/// A payment processor: authorise, capture, refund, void.
///
///     PaymentService payments;
///     payments.decline_card("4000-0002", "insufficient funds");
///
///     // In a step body; the key is the same on every attempt.
///     PaymentAnswer held = payments.authorise("order-1", "4242-4242", 1200, "auth/order-1");
///     if (!held.ok()) return declined(held.message);
///     payments.capture(held.payment_id, 1200, "capture/order-1");
///
///     EXPECT_EQ(payments.captured_cents("order-1"), 1200);
///
/// Has of the real services:
/// - an authorisation is captured once, up to its amount; what is not captured is let go;
/// - several refunds up to what was captured; voiding what was not captured yet;
/// - idempotency keys, one space for all calls: a repeat of the same request is answered as the
///   first time, approval or decline, and changes nothing; the same key with another request is
///   kKeyReused.  Requests that were kRefused or kBusy are not remembered;
/// - without a key each call is a request of its own: two authorisations hold the money twice;
/// - two habits of legacy processors, when asked for: refunds that nobody compares with what was
///   captured, and keys that mean nothing.
///
/// Leaves out: keys that expire, currencies, fees, disputes, settlement, authorisations that
/// lapse, answers that come later, reports that lag behind.
///
/// Each call is one effect: a fault point before and after, never repeatable; it is unchanged when
/// the service remembers nothing new.  Payment ids count per order ("pay-order-1-1"), so that they
/// do not depend on how executions interleave.  Queries are no effects.
///
/// A copyable value, part of a world.
class PaymentService {
 public:
  /// `name` is what the ledger and reports call it.
  explicit PaymentService(std::string name = "payments") : name_(std::move(name)) {}

  // --- rules, set up by the test ---
  /// Authorisations on this card are declined.
  void decline_card(std::string card, std::string reason = "card declined");
  /// Authorisations above this amount are declined.
  void decline_above(std::int64_t cents) { limit_cents_ = cents; }
  /// The next `count` authorisations are declined, whatever the card.  A repeat that is recognised
  /// by its key does not count.
  void decline_next(int count, std::string reason = "card declined");
  /// The next `count` calls of any kind are turned away as kBusy, also repeats.
  void busy_next(int count) { busy_left_ = count; }
  /// Refunds are paid out whatever was captured.
  void allow_over_refund() { over_refund_ = true; }
  /// From now on it is a legacy service: it knows no idempotency keys and ignores those it gets.
  void ignore_keys() { ignores_keys_ = true; }

  // --- calls ---
  /// Holds an amount on a card and makes a payment of the order.
  PaymentAnswer authorise(std::string order, std::string card, std::int64_t cents,
                          std::string key = "",
                          std::source_location location = std::source_location::current());
  /// Takes money that was authorised.
  PaymentAnswer capture(std::string payment_id, std::int64_t cents, std::string key = "",
                        std::source_location location = std::source_location::current());
  /// Pays back money that was captured.
  PaymentAnswer refund(std::string payment_id, std::int64_t cents, std::string key = "",
                       std::source_location location = std::source_location::current());
  /// Lets go of an authorisation that was not captured.
  PaymentAnswer void_payment(std::string payment_id, std::string key = "",
                             std::source_location location = std::source_location::current());

  // --- queries ---
  std::optional<Payment> find(const std::string& payment_id) const;
  /// The payments of an order, in the order in which they were made.
  std::vector<Payment> payments_of(std::string_view order) const;
  /// All payments, by order.
  std::vector<Payment> payments() const;
  /// How many payments of the order have been captured, refunded or not.
  int captures_of(std::string_view order) const;
  std::int64_t captured_cents(std::string_view order) const;
  std::int64_t refunded_cents(std::string_view order) const;

  bool operator==(const PaymentService&) const = default;

 private:
  struct Request {
    std::string action;
    std::string subject;  // order or payment
    std::string card;
    std::int64_t cents = 0;
    bool operator==(const Request&) const = default;
  };
  struct Answered {
    Request request;
    PaymentAnswer answer;
    bool operator==(const Answered&) const = default;
  };
  using Act = std::function<PaymentAnswer()>;

  PaymentAnswer answer(const Request& request, const std::string& key,
                       const std::source_location& location, const Act& act);
  PaymentAnswer do_authorise(const Request& request);
  PaymentAnswer do_capture(const Request& request);
  PaymentAnswer do_refund(const Request& request);
  PaymentAnswer do_void(const Request& request);
  Payment* payment_at(const std::string& payment_id);

  std::string name_;
  std::map<std::string, std::string> declined_cards_;
  std::optional<std::int64_t> limit_cents_;
  bool over_refund_ = false;
  bool ignores_keys_ = false;
  int declines_left_ = 0;
  std::string decline_reason_;
  int busy_left_ = 0;
  std::map<std::string, std::vector<Payment>, std::less<>> orders_;
  std::map<std::string, Answered> answered_;  // by idempotency key
};

}  // namespace reprise::fakes
