#include "reprise/fakes/payment_service.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "reprise/fakes/internal/text.h"
#include "reprise/protocol/internal/planted_fault.h"

namespace reprise::fakes {
namespace {

using internal::money_text;

PaymentAnswer approved(const Payment& payment) {
  return {PaymentStatus::kApproved, payment.id, ""};
}

PaymentAnswer declined(std::string reason) {
  return {PaymentStatus::kDeclined, "", std::move(reason)};
}

PaymentAnswer refused(std::string reason) {
  return {PaymentStatus::kRefused, "", std::move(reason)};
}

PaymentAnswer unknown(const std::string& payment_id) {
  return refused("there is no payment " + payment_id);
}

PaymentAnswer not_positive() { return refused("the amount must be above 0"); }

}  // namespace

std::string_view to_string(PaymentStatus status) {
  switch (status) {
    case PaymentStatus::kNoAnswer:
      return "NoAnswer";
    case PaymentStatus::kApproved:
      return "Approved";
    case PaymentStatus::kDeclined:
      return "Declined";
    case PaymentStatus::kRefused:
      return "Refused";
    case PaymentStatus::kKeyReused:
      return "KeyReused";
    case PaymentStatus::kBusy:
      return "Busy";
  }
  return "";
}

void to_json(nlohmann::json& json, const PaymentAnswer& answer) {
  json = {{"status", to_string(answer.status)},
          {"payment_id", answer.payment_id},
          {"message", answer.message}};
}

void from_json(const nlohmann::json& json, PaymentAnswer& answer) {
  const std::string status = json.at("status").get<std::string>();
  json.at("payment_id").get_to(answer.payment_id);
  json.at("message").get_to(answer.message);
  for (const PaymentStatus known :
       {PaymentStatus::kNoAnswer, PaymentStatus::kApproved, PaymentStatus::kDeclined,
        PaymentStatus::kRefused, PaymentStatus::kKeyReused, PaymentStatus::kBusy}) {
    if (status != to_string(known)) continue;
    answer.status = known;
    return;
  }
  throw std::invalid_argument("\"" + status + "\" is no status of a payment answer");
}

std::string_view to_string(PaymentState state) {
  switch (state) {
    case PaymentState::kAuthorised:
      return "Authorised";
    case PaymentState::kCaptured:
      return "Captured";
    case PaymentState::kRefunded:
      return "Refunded";
    case PaymentState::kVoided:
      return "Voided";
  }
  return "";
}

PaymentState Payment::state() const {
  if (voided) return PaymentState::kVoided;
  if (captured_cents == 0) return PaymentState::kAuthorised;
  return refunded_cents < captured_cents ? PaymentState::kCaptured : PaymentState::kRefunded;
}

void PaymentService::decline_card(std::string card, std::string reason) {
  declined_cards_[std::move(card)] = std::move(reason);
}

void PaymentService::decline_next(int count, std::string reason) {
  declines_left_ = count;
  decline_reason_ = std::move(reason);
}

PaymentAnswer PaymentService::answer(const Request& request, const std::string& key,
                                     const std::source_location& location, const Act& act) {
  EffectCall call{.target = name_,
                  .action = request.action,
                  .arguments = request.subject,
                  .key = key,
                  .repeatable = false,
                  .location = location};
  if (!request.card.empty()) call.arguments += ", " + request.card;
  if (request.action != "void") call.arguments += ", " + money_text(request.cents);
  return effect(call, [&](EffectOutcome& outcome) {
    if (busy_left_ > 0) {  // counting down is a change
      --busy_left_;
      return PaymentAnswer{PaymentStatus::kBusy, "", "the service is busy"};
    }
    const bool keyed = !key.empty() && !ignores_keys_;
    if (const auto found = answered_.find(key); keyed && found != answered_.end()) {
      outcome.unchanged();
      if (REPRISE_FAULT(key_remembered_without_request) || found->second.request == request) {
        return found->second.answer;
      }
      return PaymentAnswer{PaymentStatus::kKeyReused, "",
                           "the key " + key + " was used for another request"};
    }
    const int declines_before = declines_left_;
    PaymentAnswer given = act();
    const bool decided = given.ok() || (given.status == PaymentStatus::kDeclined &&
                                        !REPRISE_FAULT(decline_not_remembered));
    const bool remembered = decided && keyed;
    if (remembered) answered_.emplace(key, Answered{request, given});
    const bool counted = declines_left_ != declines_before;
    if (!given.ok() && !remembered && !counted) outcome.unchanged();
    return given;
  });
}

PaymentAnswer PaymentService::authorise(std::string order, std::string card, std::int64_t cents,
                                        std::string key, std::source_location location) {
  const Request request{"authorise", std::move(order), std::move(card), cents};
  return answer(request, key, location, [&] { return do_authorise(request); });
}

PaymentAnswer PaymentService::capture(std::string payment_id, std::int64_t cents, std::string key,
                                      std::source_location location) {
  const Request request{"capture", std::move(payment_id), "", cents};
  return answer(request, key, location, [&] { return do_capture(request); });
}

PaymentAnswer PaymentService::refund(std::string payment_id, std::int64_t cents, std::string key,
                                     std::source_location location) {
  const Request request{"refund", std::move(payment_id), "", cents};
  return answer(request, key, location, [&] { return do_refund(request); });
}

PaymentAnswer PaymentService::void_payment(std::string payment_id, std::string key,
                                           std::source_location location) {
  const Request request{"void", std::move(payment_id), "", 0};
  return answer(request, key, location, [&] { return do_void(request); });
}

PaymentAnswer PaymentService::do_authorise(const Request& request) {
  if (request.cents <= 0) return not_positive();
  if (declines_left_ > 0) {
    --declines_left_;
    return declined(decline_reason_);
  }
  if (const auto rule = declined_cards_.find(request.card); rule != declined_cards_.end()) {
    return declined(rule->second);
  }
  if (limit_cents_ && request.cents > *limit_cents_) return declined("amount above the limit");
  std::vector<Payment>& payments = orders_[request.subject];
  Payment payment;
  payment.id = "pay-" + request.subject + "-" + std::to_string(payments.size() + 1);
  payment.order = request.subject;
  payment.card = request.card;
  payment.authorised_cents = request.cents;
  payments.push_back(payment);
  return approved(payment);
}

PaymentAnswer PaymentService::do_capture(const Request& request) {
  Payment* payment = payment_at(request.subject);
  if (payment == nullptr) return unknown(request.subject);
  if (request.cents <= 0) return not_positive();
  if (payment->voided) return refused("the payment was voided");
  if (payment->captured_cents > 0) return refused("the payment was captured already");
  if (request.cents > payment->authorised_cents) {
    return refused("only " + money_text(payment->authorised_cents) + " are authorised");
  }
  payment->captured_cents = request.cents;
  return approved(*payment);
}

PaymentAnswer PaymentService::do_refund(const Request& request) {
  Payment* payment = payment_at(request.subject);
  if (payment == nullptr) return unknown(request.subject);
  if (request.cents <= 0) return not_positive();
  const std::int64_t refundable = REPRISE_FAULT(uncaptured_money_refunded)
                                      ? payment->authorised_cents
                                      : payment->captured_cents;
  const std::int64_t left = refundable - payment->refunded_cents;
  if (!over_refund_ && request.cents > left) {
    return refused("only " + money_text(left) + " are left to refund");
  }
  std::int64_t total = 0;
  if (__builtin_add_overflow(payment->refunded_cents, request.cents, &total)) {
    return refused("the refunds would overflow");
  }
  payment->refunded_cents = total;
  return approved(*payment);
}

PaymentAnswer PaymentService::do_void(const Request& request) {
  Payment* payment = payment_at(request.subject);
  if (payment == nullptr) return unknown(request.subject);
  if (payment->voided) return refused("the payment was voided already");
  if (payment->captured_cents > 0) return refused("the payment was captured; refund it");
  payment->voided = true;
  return approved(*payment);
}

Payment* PaymentService::payment_at(const std::string& payment_id) {
  for (auto& [order, payments] : orders_) {
    for (Payment& payment : payments) {
      if (payment.id == payment_id) return &payment;
    }
  }
  return nullptr;
}

std::optional<Payment> PaymentService::find(const std::string& payment_id) const {
  for (const auto& [order, payments] : orders_) {
    for (const Payment& payment : payments) {
      if (payment.id == payment_id) return payment;
    }
  }
  return std::nullopt;
}

std::vector<Payment> PaymentService::payments_of(std::string_view order) const {
  const auto found = orders_.find(order);
  return found == orders_.end() ? std::vector<Payment>() : found->second;
}

std::vector<Payment> PaymentService::payments() const {
  std::vector<Payment> all;
  for (const auto& [order, payments] : orders_) {
    all.insert(all.end(), payments.begin(), payments.end());
  }
  return all;
}

int PaymentService::captures_of(std::string_view order) const {
  int captures = 0;
  for (const Payment& payment : payments_of(order)) captures += payment.captured_cents > 0 ? 1 : 0;
  return captures;
}

std::int64_t PaymentService::captured_cents(std::string_view order) const {
  std::int64_t total = 0;
  for (const Payment& payment : payments_of(order)) total += payment.captured_cents;
  return total;
}

std::int64_t PaymentService::refunded_cents(std::string_view order) const {
  std::int64_t total = 0;
  for (const Payment& payment : payments_of(order)) total += payment.refunded_cents;
  return total;
}

}  // namespace reprise::fakes
