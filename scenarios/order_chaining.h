// This scenario shows a chain of plain functions: an orchestrator that validates an order and then
// invokes three workers over one product table, and undoes what it did when the last one fails.
//
// It is the first of five, and the one to read first.  What is worth copying: results carry
// timestamps that a step took; workers are idempotent, each by a key or by a condition of the
// write; a worker whose process died is called again, a few times; a compensation is an operation
// of its own, and may be repeated like any other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/explore/scenario.h"
#include "reprise/fakes/function_caller.h"
#include "reprise/fakes/payment_service.h"
#include "reprise/fakes/table.h"
#include "reprise/sdk/context.h"
#include "reprise/world/host.h"

namespace scenarios::order_chaining {

// --- data ---------------------------------------------------------------------------------------

struct Item {
  std::string productId;
  std::int64_t quantity = 0;
  double unitPrice = 0;
};

struct PaymentMethod {
  std::string type;
  std::string cardNumber;
  std::string cardBrand;
};

/// The event of the orchestrator, and what it passes to the first two workers.  What a caller
/// leaves out is empty, and `validate-order` says so.
struct Order {
  std::string orderId;
  std::string customerId;
  std::vector<Item> items;
  std::string shippingAddress;
  std::string billingAddress;
  PaymentMethod paymentMethod;
  double orderTotal = 0;
  std::string orderTimestamp;
};

/// What the third worker is asked to do.
struct Shipment {
  Order order;
  std::string paymentId;
  std::int64_t amountCents = 0;
};

/// What a worker answers.
struct WorkerAnswer {
  std::string status;  ///< "authorized", "declined"; "allocated", "short"; "shipped", "failed"
  std::string reason;
  std::string productId;  ///< of the item that is short
  std::string paymentId;
  std::int64_t amountCents = 0;
  std::string trackingId;
};

/// The result of the orchestrator.  Empty members are left out of its JSON.
struct OrderResult {
  std::string orderId;
  /// "completed", "rejected", "payment_declined", "inventory_unavailable", "fulfillment_failed"
  std::string status;
  std::string reason;
  std::vector<std::string> errors;
  std::string productId;
  std::string paymentId;
  std::string trackingId;
  std::string timestamp;
};

void to_json(nlohmann::json& out, const OrderResult& result);
void from_json(const nlohmann::json& in, OrderResult& result);
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Item, productId, quantity, unitPrice)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(PaymentMethod, type, cardNumber, cardBrand)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Order, orderId, customerId, items, shippingAddress,
                                                billingAddress, paymentMethod, orderTotal,
                                                orderTimestamp)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Shipment, order, paymentId, amountCents)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(WorkerAnswer, status, reason, productId, paymentId, amountCents,
                                   trackingId)

/// What is wrong with an order; empty: nothing.
std::vector<std::string> validate(const Order& order);

// --- world --------------------------------------------------------------------------------------

/// Takes parcels, one for an order: booking an order again finds its first booking.
class Carrier {
 public:
  struct Booking {
    bool accepted = false;
    std::string tracking_id;
    std::string reason;  ///< why not
  };

  /// From now on no order is accepted.
  void refuse(std::string reason) { refusal_ = std::move(reason); }

  Booking book(const std::string& order,
               std::source_location location = std::source_location::current());
  /// Does nothing when there is no booking.
  void cancel(const std::string& order,
              std::source_location location = std::source_location::current());
  bool has(const std::string& order) const { return bookings_.contains(order); }

  bool operator==(const Carrier&) const = default;

 private:
  std::string refusal_;
  std::map<std::string, std::string> bookings_;  // order to tracking id
};

/// Everything outside the functions.
///
/// An item of `products` has priceCents, stockLevel, and an attribute "allocated:<order>/<line>"
/// with the quantity for each line of an order that holds some of it.
struct Shop {
  reprise::Host host;
  reprise::fakes::Table products{"products"};
  reprise::fakes::PaymentService payments{"payments"};
  Carrier carrier;
  reprise::fakes::FunctionCaller functions{"functions"};  ///< for who calls workers by hand

  std::int64_t stock(const std::string& product) const;
  /// How much of the product orders hold.
  std::int64_t allocated(const std::string& product) const;
  /// The orders that hold some of any product.
  std::vector<std::string> holders() const;

  bool operator==(const Shop&) const = default;
};

// --- the three workers --------------------------------------------------------------------------

/// Plain functions over the shop.  The service calls each once; but its process may die at any
/// effect, and then the orchestrator calls it again: so each can be repeated.
class Workers {
 public:
  explicit Workers(Shop& shop) : shop_(shop) {}
  Workers(const Workers&) = delete;
  virtual ~Workers() = default;

  /// Holds the price of the order, as the table has it, on the card.
  WorkerAnswer authorize_payment(const Order& order);
  /// Takes every item of the order from stock, or none.
  WorkerAnswer allocate_inventory(const Order& order);
  /// Books the carrier and takes the money.
  WorkerAnswer fulfill_order(const Shipment& shipment);
  /// Undoes the latter two, however far they came.
  void call_off(const Shipment& shipment);

 protected:
  /// Takes one line of the order from stock; false when there is not enough.
  virtual bool take(const Order& order, std::size_t line);
  /// Gives back what `take` took, once.
  virtual void put_back(const Order& order, std::size_t line);
  /// After line `line` was short: gives back the lines before it.
  virtual void give_up(const Order& order, std::size_t line);

  Shop& shop_;
};

// --- the orchestrator ---------------------------------------------------------------------------

inline constexpr int kWorkerAttempts = 3;

class Orchestrator {
 public:
  Orchestrator(Shop& shop, Workers& workers) : shop_(shop), workers_(workers) {}
  Orchestrator(const Orchestrator&) = delete;
  virtual ~Orchestrator() = default;

  reprise::Task<OrderResult> run(reprise::DurableContext ctx, Order order);
  /// How often a worker is called whose process dies.
  void set_worker_attempts(int attempts) { worker_attempts_ = attempts; }

 protected:
  using Answer = reprise::Outcome<WorkerAnswer>;

  // Each is one part of the chain, and what a flawed twin does in another way.
  virtual reprise::Task<Answer> authorize(reprise::DurableContext ctx, Order order);
  virtual reprise::Task<Answer> allocate(reprise::DurableContext ctx, Order order);
  virtual reprise::Task<Answer> fulfill(reprise::DurableContext ctx, Shipment shipment);
  virtual reprise::Task<> compensate(reprise::DurableContext ctx, Shipment shipment);
  virtual reprise::Task<std::string> timestamp(reprise::DurableContext ctx);

  Shop& shop_;
  Workers& workers_;
  int worker_attempts_ = kWorkerAttempts;

 private:
  reprise::Task<OrderResult> process(reprise::DurableContext ctx, Order order);
};

// --- the scenarios ------------------------------------------------------------------------------

enum class Situation : std::uint8_t {
  kCompleted,     ///< one order that goes through
  kRejected,      ///< an order with every mistake that validation knows
  kDeclined,      ///< the bank declines the card
  kShort,         ///< the second item is short, the first is given back
  kNotFulfilled,  ///< the carrier refuses: compensation
  kTwoOrders,     ///< two orders, enough stock for both
  kLastLamps,     ///< two orders, enough stock for either
};

/// The mistakes: each was published, in the reviewed pull request or in the sample itself.
enum class Flaw : std::uint8_t {
  kNone,
  kTimestampOutsideStep,
  kStepInStep,
  kCheckThenSet,
  kWorkerCalledByHand,
  kRestoreUnconditional,
  kFirstItemKept,
};

/// Handlers, workers and world of one situation.
///
///     OrderChaining chain(Situation::kShort);
///     Scenario scenario = chain.scenario();   // must not outlive `chain`
///     EXPECT_DURABLE(scenario);
class OrderChaining {
 public:
  explicit OrderChaining(Situation situation, Flaw flaw = Flaw::kNone);
  OrderChaining(const OrderChaining&) = delete;

  reprise::Scenario scenario();
  Shop& shop() { return shop_; }
  const std::vector<Order>& orders() const { return orders_; }

 private:
  void add_invariants(reprise::Scenario& scenario);

  std::string name_;
  Shop shop_;
  std::unique_ptr<Workers> workers_;
  std::unique_ptr<Orchestrator> orchestrator_;
  std::vector<Order> orders_;
};

/// Name of the scenario: "order-chaining.short", "order-chaining.last-lamps.check-then-set".
std::string scenario_name(Situation situation, Flaw flaw = Flaw::kNone);

/// A flawed twin with the situation that shows its mistake, as a type of its own.
template <Situation situation, Flaw flaw>
class Twin : public OrderChaining {
 public:
  Twin() : OrderChaining(situation, flaw) {}
  static std::string name() { return scenario_name(situation, flaw); }
};
using TimestampOutsideStep = Twin<Situation::kCompleted, Flaw::kTimestampOutsideStep>;
using StepInStep = Twin<Situation::kNotFulfilled, Flaw::kStepInStep>;
using CheckThenSet = Twin<Situation::kLastLamps, Flaw::kCheckThenSet>;
using WorkerCalledByHand = Twin<Situation::kCompleted, Flaw::kWorkerCalledByHand>;
using RestoreUnconditional = Twin<Situation::kNotFulfilled, Flaw::kRestoreUnconditional>;
using FirstItemKept = Twin<Situation::kShort, Flaw::kFirstItemKept>;

}  // namespace scenarios::order_chaining
