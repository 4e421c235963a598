// The handler of order_processing.h as later versions might have it: what becomes of orders that
// are under way when they are deployed?
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/order_processing.h"

namespace scenarios::order_processing {

/// What a step does is no matter for executions under way.
class HigherTax : public Processor {
 public:
  using Processor::Processor;
  Invoice make_invoice(const Accepted& accepted) override {
    Invoice invoice = Processor::make_invoice(accepted);
    invoice.totalCents = accepted.netCents + (accepted.netCents * 19 + 50) / 100;
    return invoice;
  }
};

/// A new operation in the middle.
class Weighing : public Processor {
 public:
  using Processor::Processor;
  reprise::Task<> pack(reprise::DurableContext ctx, std::string order) override {
    co_await Processor::pack(ctx, order);
    co_await ctx.step("weigh-package", [&] {});
  }
};

/// A new operation behind the last one.
class AskingForReview : public Processor {
 public:
  using Processor::Processor;
  reprise::Task<std::int64_t> complete(reprise::DurableContext ctx, Accepted accepted) override {
    std::int64_t elapsed_seconds = co_await Processor::complete(ctx, accepted);
    co_await ctx.step("ask-for-review", [&] {});
    co_return elapsed_seconds;
  }
};

/// Another carrier comes sooner.
class FasterCarrier : public Processor {
 public:
  using Processor::Processor;
  reprise::Task<> await_carrier(reprise::DurableContext ctx, std::string) override {
    co_await ctx.wait("wait-for-carrier", absl::Minutes(1));
  }
};

/// What `validate-order` returns says its time as a date.
struct Dated {
  std::string orderId;
  std::string receivedAt;
  std::int64_t netCents = 0;
  std::vector<std::string> errors;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Dated, orderId, receivedAt, netCents, errors)

class DatedAcceptance : public Processor {
 public:
  using Processor::Processor;
  reprise::Task<Accepted> accept(reprise::DurableContext ctx, Order order) override {
    const Dated dated = co_await ctx.step("validate-order", [&] {
      const absl::Time now = shop_.host.now();
      Dated made{.orderId = order.orderId.empty() ? new_id("order") : order.orderId,
                 .receivedAt = absl::FormatTime(absl::RFC3339_full, now, absl::UTCTimeZone()),
                 .errors = validate(order)};
      for (const Line& line : order.lines) made.netCents += line.quantity * line.unitCents;
      return made;
    });
    absl::Time received;
    std::string error;
    absl::ParseTime(absl::RFC3339_full, dated.receivedAt, &received, &error);
    co_return Accepted{dated.orderId, absl::ToUnixMillis(received), dated.netCents, dated.errors};
  }
};

}  // namespace scenarios::order_processing
