// The examples of docs/walkthrough_order_processing.md, in its order.

#include <absl/strings/str_cat.h>

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "page_test_support.h"
#include "reprise/fakes/mailer.h"
#include "reprise/fakes/payment_service.h"
#include "reprise/fakes/table.h"
#include "reprise/testing/testing.h"
#include "reprise/world/host.h"

namespace walkthrough_order_processing {  // clang warns of an unused from_json in an unnamed one

using reprise::DurableContext;
using reprise::Host;
using reprise::Scenario;
using reprise::Task;
using reprise::fakes::attr;
using reprise::fakes::item_not_exists;
using reprise::fakes::Mailer;
using reprise::fakes::Payment;
using reprise::fakes::PaymentService;
using reprise::fakes::Table;
using reprise::fakes::Update;

// [types]
struct Request {
  std::string orderId;  // "": the handler makes one
  std::string email;
  int cents = 0;
  bool damaged = false;  // the quality check finds that out
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Request, orderId, email, cents, damaged)

struct Receipt {
  std::string orderId;
  std::int64_t seconds = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Receipt, orderId, seconds)

/// What the handler begins with.
struct Begun {
  std::string orderId;
  std::int64_t atMs = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Begun, orderId, atMs)

/// Everything outside.
struct Shop {
  Host host;
  Table orders{"orders"};
  PaymentService payments;
  Mailer mailer;

  bool operator==(const Shop&) const = default;
};
// [/types]

// [published]
class Published {
 public:
  explicit Published(Shop& outside) : shop(outside) { shop.payments.allow_over_refund(); }
  virtual ~Published() = default;

  Task<Receipt> run(DurableContext ctx, Request request) {
    Begun begun = co_await begin(ctx, request);
    const std::string& id = begun.orderId;
    co_await ctx.step("process-payment", [&] { pay(id, request); });
    co_await announce(ctx, id, "awaiting-warehouse");
    co_await ctx.wait("wait-for-warehouse", absl::Minutes(5));
    if (request.damaged) {
      co_await ctx.step("compensate", [&] { compensate(id); });
      throw reprise::ApplicationError("Damaged", id);
    }
    co_await ctx.step("package-order", [&] { set_status(id, "packaged"); });
    co_await announce(ctx, id, "awaiting-carrier");
    co_await ctx.wait("wait-for-carrier", absl::Minutes(3));
    co_await ctx.step("complete-order", [&] { complete(id, request); });
    Receipt receipt;
    receipt.orderId = id;
    std::int64_t seconds = co_await elapsed(ctx, begun);
    receipt.seconds = seconds;
    co_return receipt;
  }

 protected:
  virtual Task<Begun> begin(DurableContext, Request request) {
    Begun begun;
    begun.orderId = request.orderId;
    if (begun.orderId.empty()) begun.orderId = "order-" + std::to_string(now_ms());
    co_return begun;
  }
  virtual void pay(const std::string& id, const Request& request) {
    const auto held = shop.payments.authorise(id, "4242-4242", request.cents);
    shop.payments.capture(held.payment_id, request.cents);
    set_status(id, "paid");
  }
  virtual Task<> announce(DurableContext, std::string id, std::string status) {
    set_status(id, status);
    co_return;
  }
  virtual void compensate(const std::string& id) {
    for (const Payment& payment : shop.payments.payments_of(id)) {
      shop.payments.refund(payment.id, payment.captured_cents);
    }
    set_status(id, "failed");
  }
  virtual void complete(const std::string& id, const Request& request) {
    shop.mailer.send(request.email, "On its way", id);
    set_status(id, "completed");
  }
  virtual Task<std::int64_t> elapsed(DurableContext, Begun begun) {
    co_return (now_ms() - std::stoll(begun.orderId.substr(6))) / 1000;  // "order-1767225600000"
  }
  virtual void set_status(const std::string& id, const std::string& status) {
    shop.orders.update(id, Update().set("status", status).set(status, true));
  }

  std::int64_t now_ms() const { return absl::ToUnixMillis(shop.host.now()); }

  Shop& shop;
};
// [/published]

// [world]
/// World, handler and event of one test.
template <class Handler>
struct Order {
  Shop shop;
  Handler handler{shop};

  Scenario scenario(const std::string& name, const Request& request) {
    auto run = [this](DurableContext ctx, Request event) { return handler.run(ctx, event); };
    Scenario scenario(name, run, request);
    scenario.world(shop);
    scenario.always("the status never goes back", [this] { return possible(); });
    return scenario;
  }
  /// What a client may see who asks at any moment.
  bool possible() const {
    for (const Table::Row& order : shop.orders.scan()) {
      const std::string status = order.item.at("status");
      if (status == "awaiting-warehouse" && order.item.contains("packaged")) return false;
      if (status != "completed" && order.item.contains("completed")) return false;
    }
    return true;
  }
};

Request an_order(const std::string& id) { return {id, "ann@example.com", 1200, false}; }
// [/world]

TEST(Walkthrough, AsPublished) {
  // [as_published]
  Order<Published> order;
  Scenario scenario = order.scenario("as-published", an_order("order-1"));
  std::string text;
  for (const reprise::ReportedFinding& each : reprise::explore(scenario).findings) {
    absl::StrAppend(&text, std::string(to_string(each.finding.verdict)), ": ", each.finding.what,
                    "\n    ", reprise::describe(each.schedule), "\n");
  }
  // [/as_published]
  pages::expect_documented(__FILE__, text);
}

// [keys]
class WithKeys : public Published {
 public:
  using Published::Published;

 protected:
  void pay(const std::string& id, const Request& request) override {
    const auto held = shop.payments.authorise(id, "4242-4242", request.cents, "authorise/" + id);
    shop.payments.capture(held.payment_id, request.cents, "capture/" + id);
    set_status(id, "paid");
  }
  void complete(const std::string& id, const Request& request) override {
    shop.mailer.send(request.email, "On its way", id, "completed/" + id);
    set_status(id, "completed");
  }
};
// [/keys]

// [keys_test]
FAILING_TEST(Walkthrough, WithKeys) {
  Order<WithKeys> order;
  Scenario scenario = order.scenario("with-keys", an_order("order-1"));
  EXPECT_DURABLE(scenario);
}
// [/keys_test]

// [steps]
class WithStatusInSteps : public WithKeys {
 public:
  using WithKeys::WithKeys;

 protected:
  Task<> announce(DurableContext ctx, std::string id, std::string status) override {
    co_await ctx.step("announce", [&] { set_status(id, status); });
  }
};
// [/steps]

FAILING_TEST(Walkthrough, WithStatusInSteps) {
  Order<WithStatusInSteps> order;
  Scenario scenario = order.scenario("with-status-in-steps", an_order("order-1"));
  EXPECT_DURABLE(scenario);
}

// [elapsed]
class WithRecordedTime : public WithStatusInSteps {
 public:
  using WithStatusInSteps::WithStatusInSteps;

 protected:
  Task<Begun> begin(DurableContext ctx, Request request) override {
    Begun begun = co_await WithStatusInSteps::begin(ctx, request);
    std::int64_t at_ms = co_await ctx.step("note-begin", [&] { return now_ms(); });
    begun.atMs = at_ms;
    co_return begun;
  }
  Task<std::int64_t> elapsed(DurableContext ctx, Begun begun) override {
    std::int64_t at_ms = co_await ctx.step("note-end", [&] { return now_ms(); });
    co_return (at_ms - begun.atMs) / 1000;
  }
};
// [/elapsed]

FAILING_TEST(Walkthrough, WithRecordedTime) {
  Order<WithRecordedTime> order;
  Scenario scenario = order.scenario("with-recorded-time", an_order("order-1"));
  EXPECT_DURABLE(scenario);
}

// [forward]
class Forward : public WithRecordedTime {
 public:
  using WithRecordedTime::WithRecordedTime;

 protected:
  void set_status(const std::string& id, const std::string& status) override {
    static const std::map<std::string, int> kRank = {{"paid", 1},     {"awaiting-warehouse", 2},
                                                     {"packaged", 3}, {"awaiting-carrier", 4},
                                                     {"failed", 5},   {"completed", 5}};
    const int rank = kRank.at(status);
    shop.orders.update(id, Update().set("status", status).set(status, true).set("rank", rank),
                       item_not_exists() || attr("rank") < rank);
  }
};
// [/forward]

// [forward_test]
TEST(Walkthrough, Forward) {
  Order<Forward> order;
  Scenario scenario = order.scenario("forward", an_order("order-1"));
  EXPECT_DURABLE(scenario);
  EXPECT_EQ(reprise::run(scenario).outcomes.front().result,
            R"({"orderId":"order-1","seconds":480})");
}
// [/forward_test]

// [without_id]
FAILING_TEST(Walkthrough, WithoutAnId) {
  Order<Forward> order;
  Scenario scenario = order.scenario("without-id", an_order(""));
  EXPECT_DURABLE(scenario);
}
// [/without_id]

// [id]
class WithId : public Forward {
 public:
  using Forward::Forward;

 protected:
  Task<Begun> begin(DurableContext ctx, Request request) override {
    co_return co_await ctx.step("begin", [&] {
      Begun begun;
      begun.atMs = now_ms();
      begun.orderId = request.orderId;
      if (begun.orderId.empty()) begun.orderId = "order-" + std::to_string(begun.atMs);
      return begun;
    });
  }
};
// [/id]

TEST(Walkthrough, WithId) {
  Order<WithId> order;
  Scenario scenario = order.scenario("with-id", an_order(""));
  EXPECT_DURABLE(scenario);
}

// [damaged]
FAILING_TEST(Walkthrough, Damaged) {
  Order<WithId> order;
  Request request = an_order("order-1");
  request.damaged = true;
  Scenario scenario = order.scenario("damaged", request);
  EXPECT_DURABLE(scenario);
}
// [/damaged]

// [refund]
class Sound : public WithId {
 public:
  using WithId::WithId;

 protected:
  void compensate(const std::string& id) override {
    for (const Payment& payment : shop.payments.payments_of(id)) {
      shop.payments.refund(payment.id, payment.captured_cents, "refund/" + payment.id);
    }
    set_status(id, "failed");
  }
};
// [/refund]

TEST(Walkthrough, Sound) {
  std::string text;
  // [sound]
  for (const bool damaged : {false, true}) {
    for (const char* id : {"order-1", ""}) {
      Order<Sound> order;
      Request request = an_order(id);
      request.damaged = damaged;
      Scenario scenario = order.scenario("sound", request);
      EXPECT_DURABLE(scenario);
      absl::StrAppend(&text, reprise::explore(scenario).certificate.text(), "\n");
    }
  }
  // [/sound]
  pages::expect_documented(__FILE__, text);
}

}  // namespace walkthrough_order_processing
