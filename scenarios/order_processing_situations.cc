// Situations of the scenario: what the world is like, and what must hold in it.

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "scenarios/order_processing.h"
#include "scenarios/order_processing_twins.h"

namespace scenarios::order_processing {

using reprise::DurableContext;
using reprise::Scenario;
using reprise::fakes::Payment;
using reprise::fakes::PaymentState;

namespace {

constexpr std::int64_t kLamps = 5;
constexpr std::int64_t kBulbs = 40;
constexpr const char* kCustomer = "customer-7";

std::string_view name_of(Situation situation) {
  switch (situation) {
    case Situation::kCompleted:
      return "completed";
    case Situation::kExpensive:
      return "expensive";
    case Situation::kWithoutId:
      return "without-id";
    case Situation::kOptedOut:
      return "opted-out";
    case Situation::kRejected:
      return "rejected";
    case Situation::kOutOfStock:
      return "out-of-stock";
    case Situation::kDeclined:
      return "declined";
    case Situation::kFraud:
      return "fraud";
    case Situation::kNoCredit:
      return "no-credit";
    case Situation::kDamaged:
      return "damaged";
    case Situation::kTwoOrders:
      return "two-orders";
    case Situation::kLastLamps:
      return "last-lamps";
    case Situation::kWatched:
      return "watched";
  }
  return {};
}

std::string_view name_of(Flaw flaw) {
  switch (flaw) {
    case Flaw::kNone:
      return "";
    case Flaw::kStatusOutsideStep:
      return "status-outside-step";
    case Flaw::kIdFromClock:
      return "id-from-clock";
    case Flaw::kRefundWithoutKey:
      return "refund-without-key";
    case Flaw::kMailWithTheWrite:
      return "mail-with-the-write";
    case Flaw::kElapsedFromId:
      return "elapsed-from-id";
    case Flaw::kCatchEverything:
      return "catch-everything";
  }
  return {};
}

Order an_order(std::string id, std::int64_t lamps, std::int64_t bulbs) {
  Order order;
  order.orderId = std::move(id);
  order.customerId = kCustomer;
  order.email = "ann@example.com";
  order.phone = "+4915201234567";
  order.address = "1 Harbour Street, Kiel";
  order.cardNumber = "4242-4242";
  if (lamps > 0) order.lines.push_back({"lamp", lamps, 30'000});
  if (bulbs > 0) order.lines.push_back({"bulb", bulbs, 310});
  return order;
}

Order a_bad_order() {
  Order order = an_order("order-1", 0, -2);
  order.lines.push_back({"bulb", -2, 310});
  order.customerId = "";
  order.address = " ";
  order.cardNumber = "";
  return order;
}

std::vector<Order> orders_of(Situation situation) {
  switch (situation) {
    case Situation::kCompleted:
    case Situation::kOptedOut:
    case Situation::kDeclined:
    case Situation::kFraud:
    case Situation::kDamaged:
    case Situation::kWatched:
      return {an_order("order-1", 1, 2)};
    case Situation::kExpensive:
    case Situation::kNoCredit:
      return {an_order("order-1", 4, 0)};
    case Situation::kWithoutId:
      return {an_order("", 1, 0)};
    case Situation::kRejected:
      return {a_bad_order()};
    case Situation::kOutOfStock:
      return {an_order("order-1", 1, kBulbs + 1)};
    case Situation::kTwoOrders:
      return {an_order("order-1", 2, 0), an_order("order-2", 3, 0)};
    case Situation::kLastLamps:
      return {an_order("order-1", 3, 0), an_order("order-2", 3, 0)};
  }
  return {};
}

/// Whether all of its orders can be completed.
bool goes_through(Situation situation) {
  switch (situation) {
    case Situation::kCompleted:
    case Situation::kExpensive:
    case Situation::kWithoutId:
    case Situation::kOptedOut:
    case Situation::kTwoOrders:
    case Situation::kWatched:
      return true;
    case Situation::kRejected:
    case Situation::kOutOfStock:
    case Situation::kDeclined:
    case Situation::kFraud:
    case Situation::kNoCredit:
    case Situation::kDamaged:
    case Situation::kLastLamps:
      return false;
  }
  return false;
}

}  // namespace

std::string scenario_name(Situation situation, Flaw flaw) {
  std::string name = absl::StrCat("order-processing.", std::string(name_of(situation)));
  if (flaw != Flaw::kNone) absl::StrAppend(&name, ".", std::string(name_of(flaw)));
  return name;
}

OrderProcessing::OrderProcessing(Situation situation, Flaw flaw)
    : situation_(situation),
      name_(scenario_name(situation, flaw)),
      processor_(make_processor(flaw, shop_)),
      orders_(orders_of(situation)) {
  const bool damaged = situation == Situation::kDamaged;
  shop_.orders.put("stock/lamp", {{"stockLevel", kLamps}, {"damagedIn", damaged ? "order-1" : ""}});
  shop_.orders.put("stock/bulb", {{"stockLevel", kBulbs}, {"damagedIn", ""}});
  shop_.orders.put(std::string("customer/") + kCustomer,
                   {{"points", 0},
                    {"riskScore", situation == Situation::kFraud ? 90 : 10},
                    {"creditCents", situation == Situation::kNoCredit ? 50'000 : 500'000}});
  // The bank is a simple one: it pays back as often as it is told to.
  shop_.payments.allow_over_refund();
  if (situation == Situation::kDeclined) shop_.payments.decline_card("4242-4242", "no funds");
  if (situation == Situation::kOptedOut) shop_.sms.opt_out("+4915201234567");
}

Scenario OrderProcessing::scenario() {
  Scenario scenario(name_);
  reprise::FunctionConfig config;
  config.execution_timeout_seconds = 24 * 3600;
  scenario.durable_function(
      "process-order",
      [this](DurableContext ctx, Order order) { return processor_->run(ctx, std::move(order)); },
      config);
  scenario.function("order-status",
                    [this](const std::string& order) { return order_status(shop_.orders, order); });
  for (const Order& order : orders_) {
    scenario.start(order.orderId.empty() ? "execution-1" : order.orderId, "process-order", order);
  }
  if (situation_ == Situation::kWatched) {
    scenario.durable_function("watch-order", [this](DurableContext ctx, std::string order) {
      return watcher_.run(ctx, order);
    });
    scenario.start("watcher", "watch-order", std::string("order-1"));
  }
  scenario.world(shop_);
  reprise::ExploreOptions options;
  options.states_after_finding = 500;
  scenario.options(options);
  add_invariants(scenario);
  add_money_invariants(scenario);
  return scenario;
}

// Only an order that was given no id has another one than its event says.
const std::vector<Line>& OrderProcessing::lines_of(const std::string& order) const {
  for (const Order& each : orders_) {
    if (each.orderId == order) return each.lines;
  }
  return orders_.front().lines;
}

bool OrderProcessing::every_order(const std::function<bool(const std::string& order)>& holds) {
  const std::vector<std::string> orders = book().orders();
  return std::all_of(orders.begin(), orders.end(), holds);
}

void OrderProcessing::add_invariants(Scenario& scenario) {
  // The query comes after every effect and every checkpoint: whenever there is something new.
  scenario.always("the status query never sees an impossible state", [this] {
    return every_order([this](const std::string& order) {
      return impossibility(order_status(shop_.orders, order)).empty();
    });
  });
  scenario.always("stock is never negative",
                  [this] { return book().stock("lamp") >= 0 && book().stock("bulb") >= 0; });
  scenario.always("at most one shipment of an order", [this] {
    return every_order(
        [this](const std::string& order) { return book().shipments_of(order) <= 1; });
  });
  scenario.at_end("what is gone from stock is reserved", [this] {
    std::int64_t lamps = kLamps - book().stock("lamp");
    std::int64_t bulbs = kBulbs - book().stock("bulb");
    for (const std::string& id : book().orders()) {
      const OrderStatus status = order_status(shop_.orders, id);
      if (status.history.back() == kFailed || !status.details.contains("reservationId")) continue;
      for (const Line& line : lines_of(id)) {
        (line.productId == "lamp" ? lamps : bulbs) -= line.quantity;
      }
    }
    return lamps == 0 && bulbs == 0;
  });
}

void OrderProcessing::add_money_invariants(Scenario& scenario) {
  scenario.always("at most one payment for an order", [this] {
    return every_order(
        [this](const std::string& order) { return shop_.payments.payments_of(order).size() <= 1; });
  });
  scenario.always("whose order has failed gets the money back", [this] {
    return every_order([this](const std::string& order) {
      if (book().item(order).at("status") != std::string(kFailed)) return true;
      const std::vector<Payment> payments = shop_.payments.payments_of(order);
      return std::all_of(payments.begin(), payments.end(), [](const Payment& payment) {
        return payment.state() != PaymentState::kCaptured &&
               payment.state() != PaymentState::kAuthorised;
      });
    });
  });
  if (!goes_through(situation_)) return;
  // When it does not hold, an order is left alone with what was done for it.
  scenario.at_end(
      "every order is completed",
      [this] {
        return every_order([this](const std::string& order) {
          const OrderStatus status = order_status(shop_.orders, order);
          return !status.history.empty() && status.history.back() == "completed";
        });
      },
      "ORPHAN_EFFECT");
}

}  // namespace scenarios::order_processing
