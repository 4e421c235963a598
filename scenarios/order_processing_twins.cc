#include "scenarios/order_processing_twins.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/time/time.h>

#include <utility>

namespace scenarios::order_processing {

using reprise::DurableContext;
using reprise::Task;
using reprise::fakes::Payment;
using reprise::fakes::Update;

namespace {

std::string item_key(const std::string& order) { return "order/" + order + "/item"; }

/// Announces each wait by a write outside any step: every replay writes it again, over what has
/// come since.
class WithStatusOutsideStep : public Processor {
 public:
  using Processor::Processor;
  Task<> await_warehouse(DurableContext ctx, std::string order) override {
    shop_.orders.update(item_key(order), Update().set("status", "awaiting-warehouse"));
    co_await ctx.wait("wait-for-warehouse", absl::Minutes(5));
  }
  Task<> await_carrier(DurableContext ctx, std::string order) override {
    shop_.orders.update(item_key(order), Update().set("status", "awaiting-carrier"));
    co_await ctx.wait("wait-for-carrier", absl::Minutes(3));
  }
};

/// Takes the id of an order that has none from the clock, outside any step: after each wait it is
/// another order.
class WithIdFromClock : public Processor {
 public:
  using Processor::Processor;
  Task<Accepted> accept(DurableContext ctx, Order order) override {
    if (order.orderId.empty()) {
      order.orderId = absl::StrCat("order-", absl::ToUnixMillis(shop_.host.now()));
    }
    Accepted accepted = co_await Processor::accept(ctx, order);
    accepted.orderId = order.orderId;
    co_return accepted;
  }
};

/// Pays back without a key: a crash between the refund and the end of the step pays again.
class WithRefundWithoutKey : public Processor {
 public:
  using Processor::Processor;
  void refund(const Payment& payment) override {
    shop_.payments.refund(payment.id, payment.captured_cents);
  }
};

/// Sends the mail and notes that it was sent in one step: a crash between the two sends it again.
class WithMailWithTheWrite : public Processor {
 public:
  using Processor::Processor;
  void notify(const Order& order, const Accepted& accepted, const Label& label) override {
    if (shop_.orders.contains("notified/" + accepted.orderId)) return;
    shop_.mailer.send(order.email, "Your order is on its way", label.trackingId);
    shop_.orders.put("notified/" + accepted.orderId, {{"email", order.email}});
  }
};

/// Reads from the order's id when the order came, and subtracts it from the clock, outside any
/// step.
class WithElapsedFromId : public Processor {
 public:
  using Processor::Processor;
  Task<Accepted> accept(DurableContext ctx, Order order) override {
    co_return co_await ctx.step("validate-order", [&] {
      Accepted accepted;
      accepted.receivedAtMs = absl::ToUnixMillis(shop_.host.now());
      accepted.orderId = absl::StrCat("order-", accepted.receivedAtMs);
      for (const Line& line : order.lines) accepted.netCents += line.quantity * line.unitCents;
      return accepted;
    });
  }
  Task<std::int64_t> complete(DurableContext ctx, Accepted accepted) override {
    std::int64_t since_ms = 0;
    (void)absl::SimpleAtoi(accepted.orderId.substr(accepted.orderId.find('-') + 1), &since_ms);
    const std::int64_t elapsed_ms = absl::ToUnixMillis(shop_.host.now()) - since_ms;
    co_await ctx.step("complete-order", [&] { finish(accepted.orderId, 480); });
    co_return elapsed_ms / 1000;
  }
};

/// Catches everything around the payment, and goes on: also what is not its own, the end of its
/// process.  (Suspension is no exception here, so a catch around an await would be sound.)
class WithCatchEverything : public Processor {
 public:
  using Processor::Processor;
  void pay(const Order& order, const Accepted& accepted) override {
    try {
      Processor::pay(order, accepted);
    } catch (...) {  // whatever it was, the order goes on
    }
  }
};

}  // namespace

std::unique_ptr<Processor> make_processor(Flaw flaw, Shop& shop) {
  switch (flaw) {
    case Flaw::kNone:
      break;
    case Flaw::kStatusOutsideStep:
      return std::make_unique<WithStatusOutsideStep>(shop);
    case Flaw::kIdFromClock:
      return std::make_unique<WithIdFromClock>(shop);
    case Flaw::kRefundWithoutKey:
      return std::make_unique<WithRefundWithoutKey>(shop);
    case Flaw::kMailWithTheWrite:
      return std::make_unique<WithMailWithTheWrite>(shop);
    case Flaw::kElapsedFromId:
      return std::make_unique<WithElapsedFromId>(shop);
    case Flaw::kCatchEverything:
      return std::make_unique<WithCatchEverything>(shop);
  }
  return std::make_unique<Processor>(shop);
}

}  // namespace scenarios::order_processing
