// The table of an order system: what is written there when an order moves on, and the query that
// may come at any moment.
//
// What is worth copying: a status and its line of history are written by one transaction, on
// condition that the line before is there and this one is not.  So no status is written twice, or
// over a later one, and who repeats a write learns what the first one wrote.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/fakes/table.h"

namespace scenarios::order_processing {

struct Line {
  std::string productId;
  std::int64_t quantity = 0;
  std::int64_t unitCents = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Line, productId, quantity, unitCents)

/// The way of an order.  From each status but the last it may also become "failed".
inline constexpr std::string_view kWay[] = {"received",           "paid",    "reserved",
                                            "awaiting-warehouse", "picked",  "packaged",
                                            "awaiting-carrier",   "shipped", "completed"};
inline constexpr std::string_view kFailed = "failed";

/// What the status query answers.
struct OrderStatus {
  bool found = false;
  std::string status;
  std::vector<std::string> history;  ///< every status that the order had, in order
  nlohmann::json details;            ///< what was written with them: "paymentId", "trackingId", ...
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(OrderStatus, found, status, history, details)

/// The status query: a plain function, which only reads.
OrderStatus order_status(const reprise::fakes::Table& orders, const std::string& order);
/// What is wrong with an answer, whenever the question came; "": it is possible.
std::string impossibility(const OrderStatus& status);
/// Whether `later` can be the answer some time after `earlier` was.
bool goes_on_from(const OrderStatus& earlier, const OrderStatus& later);

/// One table for everything:
///
///     order/<order>/item           {status, paymentId, reservationId, invoiceId, ...}
///     order/<order>/status/<nn>    {status}: a line of its history
///     order/<order>/points         {points}: what it was rewarded with
///     shipment/<tracking id>       {order}
///     stock/<product>              {stockLevel, damaged}
///     customer/<customer>          {points, riskScore, creditCents}
///
/// Its writes can be repeated.  All are to be made in steps.
class OrderBook {
 public:
  explicit OrderBook(reprise::fakes::Table& table) : table_(table) {}

  /// How a write has ended.
  struct Moved {
    bool ok = false;      ///< the order has moved on, now or before
    nlohmann::json item;  ///< of the order, as it is now
  };

  /// The order comes to a status on its way, together with other writes; once.
  Moved advance(const std::string& order, std::string_view to,
                const nlohmann::json& attributes = nlohmann::json::object(),
                std::vector<reprise::fakes::TableWrite> with = {});
  /// The same, and takes the lines from stock; not ok when one of them is short.
  Moved reserve(const std::string& order, const std::vector<Line>& lines,
                const std::string& reservation);
  /// Rewards the customer; once.
  void give_points(const std::string& order, const std::string& customer, std::int64_t points);
  /// The order is failed from now on; what it holds of stock and points is given back.
  void fail(const std::string& order, const std::string& customer, const std::vector<Line>& lines,
            const std::string& reason);

  nlohmann::json item(const std::string& order) const;
  std::int64_t stock(const std::string& product) const;
  /// A number that is known of a customer; 0 when it is not.
  std::int64_t customer(const std::string& customer, const std::string& attribute) const;
  /// Every order that has an item, sorted.
  std::vector<std::string> orders() const;
  int shipments_of(const std::string& order) const;

 private:
  std::int64_t number(const std::string& key, const std::string& attribute) const;

  reprise::fakes::Table& table_;
};

}  // namespace scenarios::order_processing
