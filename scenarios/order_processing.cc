#include "scenarios/order_processing.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <absl/strings/str_join.h>
#include <absl/time/time.h>

#include <exception>
#include <string_view>

#include "reprise/sdk/errors.h"

namespace scenarios::order_processing {

using nlohmann::json;
using reprise::ApplicationError;
using reprise::DurableContext;
using reprise::Task;
using reprise::fakes::item_not_exists;
using reprise::fakes::Payment;
using reprise::fakes::PaymentAnswer;
using reprise::fakes::PaymentState;
using reprise::fakes::PaymentStatus;
using reprise::fakes::TableWrite;

namespace {

constexpr std::string_view kRefused = "Refused.";
constexpr int kRiskMax = 80;

bool blank(const std::string& text) { return text.find_first_not_of(" \t") == std::string::npos; }

[[noreturn]] void refuse(const std::string& type, const std::string& message) {
  throw ApplicationError(absl::StrCat(std::string(kRefused), type), message);
}

/// What the order is now, once it has moved on; it cannot from where it is when it has not.
json moved_on(const OrderBook::Moved& moved) {
  if (moved.ok) return moved.item;
  const bool known = moved.item.is_object();
  throw ApplicationError("WrongStatus", known ? "the order is " + moved.item.value("status", "")
                                              : "there is no such order");
}

}  // namespace

std::vector<std::string> validate(const Order& order) {
  std::vector<std::string> errors;
  if (order.lines.empty()) errors.emplace_back("the order has no lines");
  for (const Line& line : order.lines) {
    if (line.quantity <= 0) errors.push_back("the quantity of " + line.productId + " is wrong");
  }
  if (blank(order.customerId)) errors.emplace_back("there is no customer");
  if (blank(order.address)) errors.emplace_back("the address is blank");
  if (blank(order.cardNumber)) errors.emplace_back("there is no card");
  return errors;
}

reprise::StepOptions unless_refused() {
  reprise::StepOptions options;
  options.retry([](const reprise::ErrorObject& error, int attempts_made) {
    if (error.type.value_or("").starts_with(kRefused)) return reprise::RetryDecision::stop();
    return reprise::retry::step_default()(error, attempts_made);
  });
  return options;
}

// --- the handler --------------------------------------------------------------------------------

Task<OrderResult> Processor::run(DurableContext ctx, Order order) {
  Accepted accepted = co_await accept(ctx, order);
  OrderResult result;
  std::exception_ptr first;
  std::string reason;
  try {
    OrderResult processed = co_await process(ctx, order, accepted);
    result = std::move(processed);
  } catch (const std::exception& error) {
    first = std::current_exception();
    reason = error.what();
  }
  if (first != nullptr) {
    // Whether or not it can be undone, the execution ends with what went wrong first.
    reprise::StepOptions patient;
    patient.retry(reprise::retry::critical());
    reprise::Outcome<void> undone = co_await ctx.try_step(
        "compensate", [&] { undo(order, accepted, reason); }, patient);
    if (!undone.ok()) ctx.logger().error("not undone: " + accepted.orderId);
    std::rethrow_exception(first);
  }
  co_return result;
}

Task<OrderResult> Processor::process(DurableContext ctx, Order order, Accepted accepted) {
  if (!accepted.errors.empty()) refuse("Order", absl::StrJoin(accepted.errors, "; "));
  const std::string& id = accepted.orderId;
  OrderResult result;
  result.orderId = id;

  co_await prepare(ctx, order, accepted);
  Invoice invoice = co_await ctx.step(
      "generate-invoice",
      [&] {
        const Invoice made = make_invoice(accepted);
        const json item = moved_on(book_.advance(id, "awaiting-warehouse", made));
        return item.get<Invoice>();
      },
      unless_refused());
  result.invoiceId = invoice.invoiceId;
  result.totalCents = invoice.totalCents;
  co_await await_warehouse(ctx, id);
  co_await pack(ctx, id);

  Label label = co_await ship(ctx, order, accepted);
  result.carrier = label.carrier;
  result.trackingId = label.trackingId;
  // Mails are worth no order: when they cannot be sent, it goes on.
  (void)co_await ctx.try_step("send-notifications", [&] { notify(order, accepted, label); });
  std::int64_t points = co_await ctx.step(
      "update-loyalty-points",
      [&] {
        const std::int64_t earned = accepted.netCents * kPointsPercent / 100 / 100;
        book_.give_points(id, order.customerId, earned);
        return earned;
      },
      unless_refused());
  result.points = points;
  std::int64_t elapsed_seconds = co_await complete(ctx, accepted);
  result.elapsedSeconds = elapsed_seconds;
  co_return result;
}

// The only operation without an effect: what it makes up is in the record before anybody sees it.
Task<Accepted> Processor::accept(DurableContext ctx, Order order) {
  co_return co_await ctx.step("validate-order", [&] {
    Accepted accepted;
    accepted.orderId = order.orderId.empty() ? new_id("order") : order.orderId;
    accepted.receivedAtMs = absl::ToUnixMillis(shop_.host.now());
    accepted.errors = validate(order);
    for (const Line& line : order.lines) accepted.netCents += line.quantity * line.unitCents;
    return accepted;
  });
}

Task<> Processor::prepare(DurableContext ctx, Order order, Accepted accepted) {
  const std::string& id = accepted.orderId;
  co_await ctx.step(
      "check-inventory",
      [&] {
        book_.advance(id, "received");
        for (const Line& line : order.lines) {
          if (book_.stock(line.productId) < line.quantity)
            refuse("Stock", "short of " + line.productId);
        }
      },
      unless_refused());
  co_await ctx.step(
      "process-payment", [&] { pay(order, accepted); }, unless_refused());
  co_await ctx.step(
      "reserve-inventory",
      [&] {
        const OrderBook::Moved reserved = book_.reserve(id, order.lines, new_id("res"));
        if (!reserved.ok) refuse("Stock", "sold in the meantime");
      },
      unless_refused());
  co_await ctx.step(
      "fraud-check",
      [&] {
        if (book_.customer(order.customerId, "riskScore") > kRiskMax) {
          refuse("Fraud", "the customer is a risk");
        }
      },
      unless_refused());
  if (accepted.netCents > kCreditCheckAboveCents) {
    co_await ctx.step(
        "credit-check",
        [&] {
          if (book_.customer(order.customerId, "creditCents") < accepted.netCents) {
            refuse("Credit", "the customer has not enough credit");
          }
        },
        unless_refused());
  }
}

void Processor::pay(const Order& order, const Accepted& accepted) {
  const std::string& id = accepted.orderId;
  const PaymentAnswer held =
      shop_.payments.authorise(id, order.cardNumber, accepted.netCents, "authorise/" + id);
  if (held.status == PaymentStatus::kDeclined) refuse("Payment", held.message);
  if (!held.ok()) throw ApplicationError("Payment", held.message);
  const PaymentAnswer taken =
      shop_.payments.capture(held.payment_id, accepted.netCents, "capture/" + id);
  if (!taken.ok()) throw ApplicationError("Payment", taken.message);
  moved_on(book_.advance(id, "paid", {{"paymentId", held.payment_id}}));
}

Invoice Processor::make_invoice(const Accepted& accepted) {
  Invoice invoice;
  invoice.invoiceId = new_id("inv");
  invoice.totalCents = accepted.netCents + (accepted.netCents * kTaxPercent + 50) / 100;
  return invoice;
}

Task<> Processor::await_warehouse(DurableContext ctx, std::string) {
  co_await ctx.wait("wait-for-warehouse", absl::Minutes(5));
}

Task<> Processor::pack(DurableContext ctx, std::string order) {
  co_await ctx.step(
      "pick-items", [&] { moved_on(book_.advance(order, "picked")); }, unless_refused());
  co_await ctx.step(
      "quality-check",
      [&] {
        if (!shop_.orders.scan("stock/", reprise::fakes::attr("damagedIn") == order).empty()) {
          refuse("Quality", "an item is damaged");
        }
      },
      unless_refused());
  co_await ctx.step(
      "package-order",
      [&] {
        const json package = {{"packageId", new_id("pkg")}};
        moved_on(book_.advance(order, "packaged", package));
      },
      unless_refused());
}

Task<> Processor::await_carrier(DurableContext ctx, std::string) {
  co_await ctx.wait("wait-for-carrier", absl::Minutes(3));
}

Task<Label> Processor::ship(DurableContext ctx, Order, Accepted accepted) {
  const std::string& id = accepted.orderId;
  Label label = co_await ctx.step(
      "generate-shipping-label",
      [&] {
        const bool express = accepted.netCents > kExpressAboveCents;
        Label made;
        made.carrier = express ? "ExpressShip" : "StandardShip";
        made.trackingId = new_id(express ? "exp" : "std");
        return moved_on(book_.advance(id, "awaiting-carrier", made)).get<Label>();
      },
      unless_refused());
  co_await await_carrier(ctx, id);
  co_await ctx.step(
      "ship-order",
      [&] {
        moved_on(book_.advance(
            id, "shipped", json::object(),
            {TableWrite::put("shipment/" + label.trackingId, {{"order", id}}, item_not_exists())}));
      },
      unless_refused());
  co_return label;
}

void Processor::notify(const Order& order, const Accepted& accepted, const Label& label) {
  const std::string key = "shipped/" + accepted.orderId;
  shop_.mailer.send(order.email, "Your order is on its way", label.trackingId, key);
  shop_.sms.send(order.phone, "On its way: " + label.trackingId, key);
}

Task<std::int64_t> Processor::complete(DurableContext ctx, Accepted accepted) {
  co_return co_await ctx.step(
      "complete-order",
      [&] {
        const std::int64_t elapsed_ms =
            absl::ToUnixMillis(shop_.host.now()) - accepted.receivedAtMs;
        return finish(accepted.orderId, elapsed_ms / 1000);
      },
      unless_refused());
}

std::int64_t Processor::finish(const std::string& order, std::int64_t elapsed_seconds) {
  const json completed =
      moved_on(book_.advance(order, "completed", {{"elapsedSeconds", elapsed_seconds}}));
  return completed.at("elapsedSeconds").get<std::int64_t>();
}

// What was done is asked of who did it: the step that failed may have come far.
void Processor::undo(const Order& order, const Accepted& accepted, const std::string& reason) {
  const std::string& id = accepted.orderId;
  for (const Payment& payment : shop_.payments.payments_of(id)) {
    if (payment.state() == PaymentState::kCaptured) refund(payment);
    if (payment.state() == PaymentState::kAuthorised) {
      shop_.payments.void_payment(payment.id, "void/" + payment.id);
    }
  }
  book_.fail(id, order.customerId, order.lines, reason);
}

void Processor::refund(const Payment& payment) {
  shop_.payments.refund(payment.id, payment.captured_cents, "refund/" + payment.id);
}

std::string Processor::new_id(const std::string& prefix) const {
  return absl::StrFormat("%s-%08x", prefix, shop_.host.entropy() & 0xffffffffU);
}

Task<std::string> Watcher::run(DurableContext ctx, std::string order) {
  constexpr int kLooks = 3;
  OrderStatus before;
  for (int look = 1; look <= kLooks; ++look) {
    OrderStatus seen = co_await ctx.invoke<OrderStatus>("look", "order-status", order);
    const std::string problem = impossibility(seen);
    if (!problem.empty()) co_return problem;
    if (!goes_on_from(before, seen)) co_return "first " + before.status + ", then " + seen.status;
    before = std::move(seen);
    co_await ctx.wait("be-patient", absl::Minutes(4));
  }
  co_return std::string("everything in order");
}

}  // namespace scenarios::order_processing
