#include "scenarios/order_chaining.h"

#include <absl/strings/str_cat.h>
#include <absl/time/time.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

namespace scenarios::order_chaining {

using nlohmann::json;
using reprise::DurableContext;
using reprise::Outcome;
using reprise::Scenario;
using reprise::Task;
using reprise::fakes::attr;
using reprise::fakes::attribute_exists;
using reprise::fakes::attribute_not_exists;
using reprise::fakes::PaymentAnswer;
using reprise::fakes::Table;
using reprise::fakes::Update;
using reprise::fakes::WriteResult;

namespace {

constexpr std::string_view kAllocated = "allocated:";

/// The attribute that says what a line of an order holds of its product.
std::string mark_of(const Order& order, std::size_t line) {
  return absl::StrCat("allocated:", order.orderId, "/", line + 1);
}

bool blank(const std::string& text) { return text.find_first_not_of(" \t") == std::string::npos; }

std::string format(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

}  // namespace

void to_json(json& out, const OrderResult& result) {
  out = {{"orderId", result.orderId}, {"status", result.status}};
  const auto add = [&](const char* name, const std::string& text) {
    if (!text.empty()) out[name] = text;
  };
  add("reason", result.reason);
  if (!result.errors.empty()) out["errors"] = result.errors;
  add("productId", result.productId);
  add("paymentId", result.paymentId);
  add("trackingId", result.trackingId);
  add("timestamp", result.timestamp);
}

void from_json(const json& in, OrderResult& result) {
  result.orderId = in.at("orderId").get<std::string>();
  result.status = in.at("status").get<std::string>();
  result.reason = in.value("reason", "");
  result.errors = in.value("errors", std::vector<std::string>());
  result.productId = in.value("productId", "");
  result.paymentId = in.value("paymentId", "");
  result.trackingId = in.value("trackingId", "");
  result.timestamp = in.value("timestamp", "");
}

std::vector<std::string> validate(const Order& order) {
  std::vector<std::string> errors;
  if (order.items.empty()) errors.emplace_back("the order has no items");
  double total = 0;
  for (const Item& item : order.items) {
    if (item.quantity <= 0)
      errors.push_back("the quantity of " + item.productId + " is not positive");
    total += static_cast<double>(item.quantity) * item.unitPrice;
  }
  if (blank(order.shippingAddress)) errors.emplace_back("the shipping address is blank");
  if (blank(order.billingAddress)) errors.emplace_back("the billing address is blank");
  if (blank(order.paymentMethod.cardNumber)) errors.emplace_back("there is no card");
  // Half a cent of slack, because 0.1 + 0.2 is not 0.3.
  if (std::abs(total - order.orderTotal) > 0.01 + 1e-9) {
    errors.push_back(absl::StrCat("the total is ", order.orderTotal, ", the items make ", total));
  }
  return errors;
}

// --- world --------------------------------------------------------------------------------------

Carrier::Booking Carrier::book(const std::string& order, std::source_location location) {
  return reprise::effect({.target = "carrier",
                          .action = "book",
                          .arguments = order,
                          .key = "book/" + order,
                          .location = location},
                         [&](reprise::EffectOutcome& outcome) {
                           Booking booking;
                           booking.reason = refusal_;
                           booking.accepted = refusal_.empty();
                           if (!booking.accepted) {
                             outcome.unchanged();
                             return booking;
                           }
                           const auto [entry, is_new] =
                               bookings_.try_emplace(order, "track-" + order);
                           if (!is_new) outcome.unchanged();
                           booking.tracking_id = entry->second;
                           return booking;
                         });
}

void Carrier::cancel(const std::string& order, std::source_location location) {
  reprise::effect({.target = "carrier",
                   .action = "cancel",
                   .arguments = order,
                   .key = {},
                   .location = location},
                  [&](reprise::EffectOutcome& outcome) {
                    if (bookings_.erase(order) == 0) outcome.unchanged();
                  });
}

std::int64_t Shop::stock(const std::string& product) const {
  return products.get(product).value("stockLevel", std::int64_t{0});
}

std::int64_t Shop::allocated(const std::string& product) const {
  const json item = products.get(product);
  std::int64_t sum = 0;
  for (const auto& [name, value] : item.items()) {
    if (name.starts_with(kAllocated)) sum += value.get<std::int64_t>();
  }
  return sum;
}

std::vector<std::string> Shop::holders() const {
  std::set<std::string> orders;
  for (const Table::Row& row : products.scan()) {
    for (const auto& [name, value] : row.item.items()) {
      if (!name.starts_with(kAllocated)) continue;
      orders.insert(name.substr(kAllocated.size(), name.rfind('/') - kAllocated.size()));
    }
  }
  return {orders.begin(), orders.end()};
}

// --- the three workers --------------------------------------------------------------------------

WorkerAnswer Workers::authorize_payment(const Order& order) {
  WorkerAnswer answer;
  for (const Item& item : order.items) {
    const json product = shop_.products.get(item.productId);
    if (product.is_null()) {
      answer.status = "declined";
      answer.reason = "there is no product " + item.productId;
      return answer;
    }
    answer.amountCents += item.quantity * product.at("priceCents").get<std::int64_t>();
  }
  const PaymentAnswer held =
      shop_.payments.authorise(order.orderId, order.paymentMethod.cardNumber, answer.amountCents,
                               "authorize/" + order.orderId);
  answer.status = held.ok() ? "authorized" : "declined";
  answer.reason = held.message;
  answer.paymentId = held.payment_id;
  return answer;
}

WorkerAnswer Workers::allocate_inventory(const Order& order) {
  WorkerAnswer answer;
  answer.status = "allocated";
  for (std::size_t line = 0; line < order.items.size(); ++line) {
    if (take(order, line)) continue;
    give_up(order, line);
    answer.status = "short";
    answer.productId = order.items[line].productId;
    break;
  }
  return answer;
}

bool Workers::take(const Order& order, std::size_t line) {
  const Item& item = order.items[line];
  const std::string mark = mark_of(order, line);
  // Check, decrement and mark are one write: no other order comes between, and a second attempt
  // finds the mark.
  const WriteResult taken = shop_.products.update(
      item.productId, Update().add("stockLevel", -item.quantity).set(mark, item.quantity),
      attr("stockLevel") >= item.quantity && attribute_not_exists(mark));
  return taken.ok() || taken.item.contains(mark);
}

void Workers::put_back(const Order& order, std::size_t line) {
  const Item& item = order.items[line];
  const std::string mark = mark_of(order, line);
  shop_.products.update(item.productId, Update().add("stockLevel", item.quantity).remove(mark),
                        attribute_exists(mark));
}

void Workers::give_up(const Order& order, std::size_t line) {
  while (line-- > 0) put_back(order, line);
}

WorkerAnswer Workers::fulfill_order(const Shipment& shipment) {
  const std::string& id = shipment.order.orderId;
  WorkerAnswer answer;
  answer.status = "failed";
  const Carrier::Booking booking = shop_.carrier.book(id);
  answer.reason = booking.reason;
  if (!booking.accepted) return answer;
  const PaymentAnswer captured =
      shop_.payments.capture(shipment.paymentId, shipment.amountCents, "capture/" + id);
  answer.reason = captured.message;
  if (!captured.ok()) return answer;
  answer.status = "shipped";
  answer.trackingId = booking.tracking_id;
  return answer;
}

void Workers::call_off(const Shipment& shipment) {
  const Order& order = shipment.order;
  shop_.carrier.cancel(order.orderId);
  // Refused, and nothing happens, unless it was captured; the authorisation lapses by itself.
  shop_.payments.refund(shipment.paymentId, shipment.amountCents, "refund/" + order.orderId);
  for (std::size_t line = 0; line < order.items.size(); ++line) put_back(order, line);
}

// --- the orchestrator ---------------------------------------------------------------------------

namespace {

/// Invokes a worker, again when its process died: what it did by then is unknown, and workers are
/// idempotent.
template <class Payload>
Task<Outcome<WorkerAnswer>> invoke_worker(DurableContext ctx, int attempts, std::string operation,
                                          std::string function, Payload payload) {
  for (int attempt = 1;; ++attempt) {
    Outcome<WorkerAnswer> answer =
        co_await ctx.try_invoke<WorkerAnswer>(operation, function, payload);
    const bool died = !answer.ok() && answer.error().cause_type() == "Runtime.ExitError";
    if (!died || attempt == attempts) co_return answer;
  }
}

}  // namespace

Task<OrderResult> Orchestrator::run(DurableContext ctx, Order order) {
  OrderResult result = co_await process(ctx, order);
  std::string stamped = co_await timestamp(ctx);
  result.timestamp = std::move(stamped);
  co_return result;
}

Task<OrderResult> Orchestrator::process(DurableContext ctx, Order order) {
  OrderResult result;
  result.orderId = order.orderId;

  result.status = "rejected";
  std::vector<std::string> errors =
      co_await ctx.step("validate-order", [&] { return validate(order); });
  result.errors = std::move(errors);
  if (!result.errors.empty()) co_return result;

  result.status = "payment_declined";
  Answer payment = co_await authorize(ctx, order);
  result.reason = payment->reason;
  if (payment->status != "authorized") co_return result;

  Shipment shipment;
  shipment.order = order;
  shipment.paymentId = payment->paymentId;
  shipment.amountCents = payment->amountCents;
  result.paymentId = payment->paymentId;

  result.status = "inventory_unavailable";
  Answer allocation = co_await allocate(ctx, order);
  if (!allocation.ok()) co_await compensate(ctx, shipment);
  // From here an allocation that failed throws its error, as the others do.
  result.productId = allocation->productId;
  if (allocation->status != "allocated") co_return result;

  result.status = "fulfillment_failed";
  Answer fulfillment = co_await fulfill(ctx, shipment);
  const bool shipped = fulfillment.ok() && fulfillment->status == "shipped";
  if (!shipped) co_await compensate(ctx, shipment);
  result.reason = fulfillment->reason;
  if (!shipped) co_return result;

  result.status = "completed";
  result.trackingId = fulfillment->trackingId;
  co_return result;
}

Task<Orchestrator::Answer> Orchestrator::authorize(DurableContext ctx, Order order) {
  co_return co_await invoke_worker(ctx, worker_attempts_, "authorize-payment", "payment-worker",
                                   order);
}

Task<Orchestrator::Answer> Orchestrator::allocate(DurableContext ctx, Order order) {
  co_return co_await invoke_worker(ctx, worker_attempts_, "allocate-inventory", "inventory-worker",
                                   order);
}

Task<Orchestrator::Answer> Orchestrator::fulfill(DurableContext ctx, Shipment shipment) {
  co_return co_await invoke_worker(ctx, worker_attempts_, "fulfill-order", "fulfillment-worker",
                                   shipment);
}

Task<> Orchestrator::compensate(DurableContext ctx, Shipment shipment) {
  co_await ctx.step("restore-inventory", [&] { workers_.call_off(shipment); });
}

Task<std::string> Orchestrator::timestamp(DurableContext ctx) {
  co_return co_await ctx.step("get-timestamp", [&] { return format(shop_.host.now()); });
}

// --- the flawed twins ---------------------------------------------------------------------------

namespace {

/// Reads the clock outside a step: each replay puts another time into the result.
class WithTimestampOutsideStep : public Orchestrator {
 public:
  using Orchestrator::Orchestrator;
  Task<std::string> timestamp(DurableContext) override { co_return format(shop_.host.now()); }
};

/// Compensates inside the step that failed: a step body must not call operations.
class WithStepInStep : public Orchestrator {
 public:
  using Orchestrator::Orchestrator;
  Task<Answer> fulfill(DurableContext ctx, Shipment shipment) override {
    co_return co_await ctx.step("fulfill-order", [&] {
      WorkerAnswer answer = workers_.fulfill_order(shipment);
      if (answer.status == "failed") {
        [[maybe_unused]] auto nested =
            ctx.step("restore-inventory", [&] { workers_.call_off(shipment); });
      }
      return answer;
    });
  }
  Task<> compensate(DurableContext, Shipment) override { co_return; }
};

/// Reads the stock, then writes what is left: an order that comes between is overwritten.
class WithCheckThenSet : public Workers {
 public:
  using Workers::Workers;
  bool take(const Order& order, std::size_t line) override {
    const Item& item = order.items[line];
    const std::string mark = mark_of(order, line);
    const json product = shop_.products.get(item.productId);
    if (product.contains(mark)) return true;
    const std::int64_t stock = product.at("stockLevel").get<std::int64_t>();
    if (stock < item.quantity) return false;
    shop_.products.update(
        item.productId, Update().set("stockLevel", stock - item.quantity).set(mark, item.quantity));
    return true;
  }
};

/// Calls the worker with a client of its own inside a step: the service knows nothing of the call,
/// and a crash before the step's checkpoint makes it again.
class WithWorkerCalledByHand : public Orchestrator {
 public:
  using Orchestrator::Orchestrator;
  Task<Answer> authorize(DurableContext ctx, Order order) override {
    co_return co_await ctx.step("authorize-payment", [&] {
      return shop_.functions.call("payment-worker", order).get<WorkerAnswer>();
    });
  }
};

/// Adds to the stock whether or not it was added before.
class WithRestoreUnconditional : public Workers {
 public:
  using Workers::Workers;
  void put_back(const Order& order, std::size_t line) override {
    const Item& item = order.items[line];
    shop_.products.update(item.productId,
                          Update().add("stockLevel", item.quantity).remove(mark_of(order, line)));
  }
};

/// Answers "short" and keeps what it took for the lines before.
class WithFirstItemKept : public Workers {
 public:
  using Workers::Workers;
  void give_up(const Order&, std::size_t) override {}
};

std::unique_ptr<Workers> make_workers(Flaw flaw, Shop& shop) {
  if (flaw == Flaw::kCheckThenSet) return std::make_unique<WithCheckThenSet>(shop);
  if (flaw == Flaw::kRestoreUnconditional) return std::make_unique<WithRestoreUnconditional>(shop);
  if (flaw == Flaw::kFirstItemKept) return std::make_unique<WithFirstItemKept>(shop);
  return std::make_unique<Workers>(shop);
}

std::unique_ptr<Orchestrator> make_orchestrator(Flaw flaw, Shop& shop, Workers& workers) {
  if (flaw == Flaw::kTimestampOutsideStep) {
    return std::make_unique<WithTimestampOutsideStep>(shop, workers);
  }
  if (flaw == Flaw::kStepInStep) return std::make_unique<WithStepInStep>(shop, workers);
  if (flaw == Flaw::kWorkerCalledByHand) {
    return std::make_unique<WithWorkerCalledByHand>(shop, workers);
  }
  return std::make_unique<Orchestrator>(shop, workers);
}

std::string_view name_of(Situation situation) {
  switch (situation) {
    case Situation::kCompleted:
      return "completed";
    case Situation::kRejected:
      return "rejected";
    case Situation::kDeclined:
      return "declined";
    case Situation::kShort:
      return "short";
    case Situation::kNotFulfilled:
      return "not-fulfilled";
    case Situation::kTwoOrders:
      return "two-orders";
    case Situation::kLastLamps:
      return "last-lamps";
  }
  return {};
}

std::string_view name_of(Flaw flaw) {
  switch (flaw) {
    case Flaw::kNone:
      return "";
    case Flaw::kTimestampOutsideStep:
      return "timestamp-outside-step";
    case Flaw::kStepInStep:
      return "step-in-step";
    case Flaw::kCheckThenSet:
      return "check-then-set";
    case Flaw::kWorkerCalledByHand:
      return "worker-called-by-hand";
    case Flaw::kRestoreUnconditional:
      return "restore-unconditional";
    case Flaw::kFirstItemKept:
      return "first-item-kept";
  }
  return {};
}

// --- situations ---------------------------------------------------------------------------------

constexpr std::int64_t kLamps = 5;
constexpr std::int64_t kBulbs = 2;

Order an_order(std::string id, std::int64_t lamps, std::int64_t bulbs) {
  Order order;
  order.orderId = std::move(id);
  order.customerId = "customer-7";
  if (lamps > 0) order.items.push_back({"lamp", lamps, 25.00});
  if (bulbs > 0) order.items.push_back({"bulb", bulbs, 3.10});
  order.shippingAddress = "1 Harbour Street, Kiel";
  order.billingAddress = "1 Harbour Street, Kiel";
  order.paymentMethod = {"card", "4242-4242", "visa"};
  order.orderTotal = static_cast<double>(lamps) * 25.00 + static_cast<double>(bulbs) * 3.10;
  order.orderTimestamp = "2025-12-31T23:59:00Z";
  return order;
}

Order a_bad_order() {
  Order order = an_order("order-1", 0, 0);
  order.shippingAddress = " ";
  order.billingAddress = "";
  order.paymentMethod.cardNumber = "";
  order.orderTotal = 25.02;
  return order;
}

std::vector<Order> orders_of(Situation situation) {
  switch (situation) {
    case Situation::kCompleted:
    case Situation::kDeclined:
    case Situation::kNotFulfilled:
      return {an_order("order-1", 2, 1)};
    case Situation::kRejected:
      return {a_bad_order()};
    case Situation::kShort:
      return {an_order("order-1", 1, kBulbs + 1)};
    case Situation::kTwoOrders:
      return {an_order("order-1", 2, 0), an_order("order-2", 3, 0)};
    case Situation::kLastLamps:
      return {an_order("order-1", 3, 0), an_order("order-2", 3, 0)};
  }
  return {};
}

}  // namespace

std::string scenario_name(Situation situation, Flaw flaw) {
  std::string name = absl::StrCat("order-chaining.", std::string(name_of(situation)));
  if (flaw != Flaw::kNone) absl::StrAppend(&name, ".", std::string(name_of(flaw)));
  return name;
}

OrderChaining::OrderChaining(Situation situation, Flaw flaw)
    : name_(scenario_name(situation, flaw)),
      workers_(make_workers(flaw, shop_)),
      orchestrator_(make_orchestrator(flaw, shop_, *workers_)),
      orders_(orders_of(situation)) {
  shop_.products.put("lamp", {{"priceCents", 2500}, {"stockLevel", kLamps}});
  shop_.products.put("bulb", {{"priceCents", 310}, {"stockLevel", kBulbs}});
  if (situation == Situation::kDeclined) shop_.payments.decline_card("4242-4242", "no funds");
  if (situation == Situation::kNotFulfilled) shop_.carrier.refuse("the street is flooded");
  // What two orders can go through is the product of what each can: fewer attempts keep it small.
  if (orders_.size() > 1) orchestrator_->set_worker_attempts(2);
  shop_.functions.add("payment-worker", [this](const json& order) -> json {
    return workers_->authorize_payment(order.get<Order>());
  });
}

Scenario OrderChaining::scenario() {
  Scenario scenario(name_);
  reprise::FunctionConfig config;
  config.execution_timeout_seconds = 3600;
  scenario.durable_function(
      "order",
      [this](DurableContext ctx, Order order) { return orchestrator_->run(ctx, std::move(order)); },
      config);
  scenario.function("payment-worker",
                    [this](const Order& order) { return workers_->authorize_payment(order); });
  scenario.function("inventory-worker",
                    [this](const Order& order) { return workers_->allocate_inventory(order); });
  scenario.function("fulfillment-worker",
                    [this](const Shipment& shipment) { return workers_->fulfill_order(shipment); });
  for (const Order& order : orders_) scenario.start(order.orderId, "order", order);
  scenario.world(shop_);
  reprise::ExploreOptions options;
  options.states_after_finding = 500;
  scenario.options(options);
  add_invariants(scenario);
  return scenario;
}

void OrderChaining::add_invariants(Scenario& scenario) {
  scenario.always("stock is never negative",
                  [this] { return shop_.stock("lamp") >= 0 && shop_.stock("bulb") >= 0; });
  scenario.always("at most one authorisation is captured per order", [this] {
    return std::all_of(orders_.begin(), orders_.end(), [this](const Order& order) {
      return shop_.payments.captures_of(order.orderId) <= 1;
    });
  });
  // When it does not hold, a decrement was overwritten.
  scenario.at_end(
      "stock and allocations make what there was",
      [this] {
        return shop_.stock("lamp") + shop_.allocated("lamp") == kLamps &&
               shop_.stock("bulb") + shop_.allocated("bulb") == kBulbs;
      },
      "LOST_EFFECT");
  // When it does not hold, an allocation was not undone.
  scenario.at_end(
      "who holds stock is shipped",
      [this] {
        const std::vector<std::string> holders = shop_.holders();
        return std::all_of(holders.begin(), holders.end(),
                           [this](const std::string& order) { return shop_.carrier.has(order); });
      },
      "ORPHAN_EFFECT");
}

}  // namespace scenarios::order_chaining
