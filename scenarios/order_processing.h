// This scenario shows a long chain with two waits: seventeen operations from a received order to a
// completed one, a compensation for whatever goes wrong, and a status query that may come at any
// moment.
//
// What is worth copying: ids are made inside steps, and the first step makes the one that all
// others build on; every write to the table is in a step and can be repeated (order_book.h); a step
// that was refused is not retried, one that failed is; what is undone is found out when it is
// undone, not remembered; mails do not fail an order.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "reprise/explore/scenario.h"
#include "reprise/fakes/mailer.h"
#include "reprise/fakes/payment_service.h"
#include "reprise/fakes/sms.h"
#include "reprise/fakes/table.h"
#include "reprise/sdk/context.h"
#include "reprise/world/host.h"
#include "scenarios/order_book.h"

namespace scenarios::order_processing {

// --- data ---------------------------------------------------------------------------------------

/// The event.  Amounts are whole cents.
struct Order {
  std::string orderId;  ///< "": one is made
  std::string customerId;
  std::string email;
  std::string phone;
  std::string address;
  std::string cardNumber;
  std::vector<Line> lines;
};

/// What `validate-order` finds out.
struct Accepted {
  std::string orderId;
  std::int64_t receivedAtMs = 0;
  std::int64_t netCents = 0;
  std::vector<std::string> errors;
};

struct Invoice {
  std::string invoiceId;
  std::int64_t totalCents = 0;  ///< with tax
};

struct Label {
  std::string carrier;
  std::string trackingId;
};

struct OrderResult {
  std::string orderId;
  std::string invoiceId;
  std::int64_t totalCents = 0;
  std::string carrier;
  std::string trackingId;
  std::int64_t points = 0;
  std::int64_t elapsedSeconds = 0;
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Order, orderId, customerId, email, phone, address,
                                                cardNumber, lines)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Accepted, orderId, receivedAtMs, netCents, errors)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Invoice, invoiceId, totalCents)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Label, carrier, trackingId)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(OrderResult, orderId, invoiceId, totalCents, carrier, trackingId,
                                   points, elapsedSeconds)

/// What is wrong with an order; empty: nothing.
std::vector<std::string> validate(const Order& order);

inline constexpr std::int64_t kCreditCheckAboveCents = 100'000;
inline constexpr std::int64_t kExpressAboveCents = 50'000;
inline constexpr std::int64_t kTaxPercent = 8;
inline constexpr std::int64_t kPointsPercent = 10;

// --- world --------------------------------------------------------------------------------------

/// Everything outside the handler.
struct Shop {
  reprise::Host host;
  reprise::fakes::Table orders{"orders"};
  reprise::fakes::PaymentService payments{"payments"};
  reprise::fakes::Mailer mailer{"mailer"};
  reprise::fakes::SmsGateway sms{"sms"};

  bool operator==(const Shop&) const = default;
};

// --- the handler --------------------------------------------------------------------------------

class Processor {
 public:
  explicit Processor(Shop& shop) : shop_(shop), book_(shop.orders) {}
  Processor(const Processor&) = delete;
  virtual ~Processor() = default;

  reprise::Task<OrderResult> run(reprise::DurableContext ctx, Order order);

 protected:
  // Each is one part of the chain, and what a flawed twin or another version does in another way.
  virtual reprise::Task<Accepted> accept(reprise::DurableContext ctx, Order order);
  /// The body of `process-payment`.
  virtual void pay(const Order& order, const Accepted& accepted);
  virtual Invoice make_invoice(const Accepted& accepted);
  virtual reprise::Task<> await_warehouse(reprise::DurableContext ctx, std::string order);
  virtual reprise::Task<> pack(reprise::DurableContext ctx, std::string order);
  virtual reprise::Task<> await_carrier(reprise::DurableContext ctx, std::string order);
  virtual void notify(const Order& order, const Accepted& accepted, const Label& label);
  virtual reprise::Task<std::int64_t> complete(reprise::DurableContext ctx, Accepted accepted);
  virtual void refund(const reprise::fakes::Payment& payment);

  std::string new_id(const std::string& prefix) const;
  /// Undoes whatever was done; can be repeated.
  void undo(const Order& order, const Accepted& accepted, const std::string& reason);
  std::int64_t finish(const std::string& order, std::int64_t elapsed_seconds);

  Shop& shop_;
  OrderBook book_;

 private:
  reprise::Task<OrderResult> process(reprise::DurableContext ctx, Order order, Accepted accepted);
  reprise::Task<> prepare(reprise::DurableContext ctx, Order order, Accepted accepted);
  reprise::Task<Label> ship(reprise::DurableContext ctx, Order order, Accepted accepted);
};

/// What a client of the status query does: looks again and again, and says what is wrong.
class Watcher {
 public:
  reprise::Task<std::string> run(reprise::DurableContext ctx, std::string order);
};

/// Steps that are refused ("Refused...") are not tried again; others are, as usual.
reprise::StepOptions unless_refused();

// --- the scenarios ------------------------------------------------------------------------------

enum class Situation : std::uint8_t {
  kCompleted,   ///< a small order that goes through
  kExpensive,   ///< above 1000: credit check and express
  kWithoutId,   ///< the caller gives the order no id
  kOptedOut,    ///< the customer wants no text messages
  kRejected,    ///< an order with every mistake that validation knows
  kOutOfStock,  ///< not enough in stock
  kDeclined,    ///< the bank declines the card
  kFraud,       ///< the customer is a risk: refund and release
  kNoCredit,    ///< above 1000, with too little credit
  kDamaged,     ///< found out by the quality check, after the first wait
  kTwoOrders,   ///< two orders, enough stock for both
  kLastLamps,   ///< two orders, enough stock for either
  kWatched,     ///< one order, and a client that asks for its status
};

/// The mistakes: each was published in the sample.
enum class Flaw : std::uint8_t {
  kNone,
  kStatusOutsideStep,
  kIdFromClock,
  kRefundWithoutKey,
  kMailWithTheWrite,
  kElapsedFromId,
  kCatchEverything,
};

/// Handler and world of one situation.
///
///     OrderProcessing processing(Situation::kFraud);
///     Scenario scenario = processing.scenario();   // must not outlive `processing`
///     EXPECT_DURABLE(scenario);
class OrderProcessing {
 public:
  explicit OrderProcessing(Situation situation, Flaw flaw = Flaw::kNone);
  OrderProcessing(const OrderProcessing&) = delete;

  reprise::Scenario scenario();
  Shop& shop() { return shop_; }
  OrderBook book() { return OrderBook(shop_.orders); }
  const std::vector<Order>& orders() const { return orders_; }
  /// Another version of the handler.
  void set_processor(std::unique_ptr<Processor> processor) { processor_ = std::move(processor); }

 private:
  void add_invariants(reprise::Scenario& scenario);
  void add_money_invariants(reprise::Scenario& scenario);
  const std::vector<Line>& lines_of(const std::string& order) const;
  bool every_order(const std::function<bool(const std::string& order)>& holds);

  Situation situation_;
  std::string name_;
  Shop shop_;
  std::unique_ptr<Processor> processor_;
  Watcher watcher_;
  std::vector<Order> orders_;
};

/// Name of the scenario: "order-processing.fraud", "order-processing.fraud.refund-without-key".
std::string scenario_name(Situation situation, Flaw flaw = Flaw::kNone);

/// A flawed twin with the situation that shows its mistake, as a type of its own.
template <Situation situation, Flaw flaw>
class Twin : public OrderProcessing {
 public:
  Twin() : OrderProcessing(situation, flaw) {}
  static std::string name() { return scenario_name(situation, flaw); }
};
using StatusOutsideStep = Twin<Situation::kCompleted, Flaw::kStatusOutsideStep>;
using IdFromClock = Twin<Situation::kWithoutId, Flaw::kIdFromClock>;
using RefundWithoutKey = Twin<Situation::kFraud, Flaw::kRefundWithoutKey>;
using MailWithTheWrite = Twin<Situation::kCompleted, Flaw::kMailWithTheWrite>;
using ElapsedFromId = Twin<Situation::kWithoutId, Flaw::kElapsedFromId>;
using CatchEverything = Twin<Situation::kCompleted, Flaw::kCatchEverything>;

}  // namespace scenarios::order_processing
