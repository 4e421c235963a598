#include "scenarios/order_book.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "reprise/sdk/errors.h"

namespace scenarios::order_processing {

using nlohmann::json;
using reprise::fakes::attr;
using reprise::fakes::item_exists;
using reprise::fakes::item_not_exists;
using reprise::fakes::Table;
using reprise::fakes::TableWrite;
using reprise::fakes::Update;
using reprise::fakes::WriteResult;

namespace {

constexpr std::size_t kFailedRank = 99;

std::string prefix_of(const std::string& order) { return absl::StrCat("order/", order, "/"); }
std::string item_key(const std::string& order) { return prefix_of(order) + "item"; }
std::string points_key(const std::string& order) { return prefix_of(order) + "points"; }
std::string stock_key(const std::string& product) { return "stock/" + product; }
std::string customer_key(const std::string& customer) { return "customer/" + customer; }

std::string status_key(const std::string& order, std::size_t rank) {
  return absl::StrCat(prefix_of(order), "status/", rank < 10 ? "0" : "", rank);
}

std::size_t rank_of(std::string_view status) {
  const auto* const found = std::find(std::begin(kWay), std::end(kWay), status);
  return found == std::end(kWay) ? kFailedRank : static_cast<std::size_t>(found - kWay);
}

/// What is known of an order once it has come to a status.
const std::map<std::string_view, std::vector<std::string>>& details_of_status() {
  static const std::map<std::string_view, std::vector<std::string>> kDetails = {
      {"paid", {"paymentId"}},
      {"reserved", {"reservationId"}},
      {"awaiting-warehouse", {"invoiceId", "totalCents"}},
      {"packaged", {"packageId"}},
      {"awaiting-carrier", {"carrier", "trackingId"}},
      {"completed", {"elapsedSeconds"}},
      {kFailed, {"reason"}}};
  return kDetails;
}

}  // namespace

OrderStatus order_status(const Table& orders, const std::string& order) {
  OrderStatus answer;
  std::map<std::string, std::string> history;  // a scan has no order
  const std::string prefix = prefix_of(order);
  for (const Table::Row& row : orders.scan(prefix)) {
    const std::string_view key = std::string_view(row.key).substr(prefix.size());
    if (key.starts_with("status/")) history[row.key] = row.item.at("status").get<std::string>();
    if (key != "item") continue;
    answer.found = true;
    answer.status = row.item.at("status").get<std::string>();
    answer.details = row.item;
    answer.details.erase("status");
  }
  for (const auto& [key, status] : history) answer.history.push_back(status);
  return answer;
}

std::string impossibility(const OrderStatus& status) {
  if (!status.found) return status.history.empty() ? "" : "a history of nothing";
  if (status.history.empty()) return "no history";
  if (status.history.back() != status.status) {
    return absl::StrCat(status.status, " although it is ", status.history.back());
  }
  std::set<std::string> expected;
  for (std::size_t i = 0; i < status.history.size(); ++i) {
    const std::string& each = status.history[i];
    const bool last = i + 1 == status.history.size();
    const bool failed = last && each == kFailed && (i == 0 || status.history[i - 1] != "completed");
    if (!failed && (i >= std::size(kWay) || each != kWay[i])) {
      return absl::StrCat(each, " as number ", i + 1, " of its way");
    }
    const auto found = details_of_status().find(each);
    if (found != details_of_status().end()) {
      expected.insert(found->second.begin(), found->second.end());
    }
  }
  for (const auto& [name, value] : status.details.items()) {
    if (expected.erase(name) == 0) return absl::StrCat(status.status, " with ", name);
  }
  return expected.empty() ? "" : absl::StrCat(status.status, " without ", *expected.begin());
}

bool goes_on_from(const OrderStatus& earlier, const OrderStatus& later) {
  return earlier.history.size() <= later.history.size() &&
         std::equal(earlier.history.begin(), earlier.history.end(), later.history.begin());
}

OrderBook::Moved OrderBook::advance(const std::string& order, std::string_view to,
                                    const json& attributes, std::vector<TableWrite> with) {
  const std::size_t rank = rank_of(to);
  Update update;
  update.set("status", std::string(to));
  for (const auto& [name, value] : attributes.items()) update.set(name, value);
  // The status of the item is for those who ask; what counts is the history.
  if (rank > 0) with.push_back(TableWrite::check(status_key(order, rank - 1), item_exists()));
  with.push_back(TableWrite::check(status_key(order, kFailedRank), item_not_exists()));
  with.push_back(TableWrite::update(item_key(order), update));
  with.push_back(
      TableWrite::put(status_key(order, rank), {{"status", std::string(to)}}, item_not_exists()));
  const WriteResult written = table_.transact(std::move(with));
  Moved moved;
  // Where its line of history stands, this is a repetition.
  moved.ok = written.ok() || table_.contains(status_key(order, rank));
  moved.item = item(order);
  return moved;
}

OrderBook::Moved OrderBook::reserve(const std::string& order, const std::vector<Line>& lines,
                                    const std::string& reservation) {
  std::vector<TableWrite> takes;
  takes.reserve(lines.size());
  for (const Line& line : lines) {
    takes.push_back(TableWrite::update(stock_key(line.productId),
                                       Update().add("stockLevel", -line.quantity),
                                       attr("stockLevel") >= line.quantity));
  }
  return advance(order, "reserved", {{"reservationId", reservation}}, std::move(takes));
}

void OrderBook::give_points(const std::string& order, const std::string& customer,
                            std::int64_t points) {
  table_.transact({TableWrite::update(customer_key(customer), Update().add("points", points)),
                   TableWrite::put(points_key(order), {{"points", points}}, item_not_exists())});
}

void OrderBook::fail(const std::string& order, const std::string& customer,
                     const std::vector<Line>& lines, const std::string& reason) {
  const std::string failed(kFailed);
  std::vector<TableWrite> writes = {
      TableWrite::check(status_key(order, rank_of("completed")), item_not_exists()),
      TableWrite::update(item_key(order), Update().set("status", failed).set("reason", reason)),
      TableWrite::put(status_key(order, kFailedRank), {{"status", failed}}, item_not_exists())};
  if (item(order).contains("reservationId")) {
    for (const Line& line : lines) {
      writes.push_back(
          TableWrite::update(stock_key(line.productId), Update().add("stockLevel", line.quantity)));
    }
  }
  const json reward = table_.get(points_key(order));
  if (!reward.is_null()) {
    const std::int64_t points = reward.at("points").get<std::int64_t>();
    writes.push_back(TableWrite::update(customer_key(customer), Update().add("points", -points)));
    writes.push_back(TableWrite::remove(points_key(order), item_exists()));
  }
  table_.transact(std::move(writes));
}

json OrderBook::item(const std::string& order) const { return table_.get(item_key(order)); }

std::int64_t OrderBook::number(const std::string& key, const std::string& attribute) const {
  const json found = table_.get(key);
  return found.is_null() ? 0 : found.value(attribute, std::int64_t{0});
}

std::int64_t OrderBook::stock(const std::string& product) const {
  return number(stock_key(product), "stockLevel");
}

std::int64_t OrderBook::customer(const std::string& customer, const std::string& attribute) const {
  return number(customer_key(customer), attribute);
}

std::vector<std::string> OrderBook::orders() const {
  constexpr std::string_view kPrefix = "order/";
  constexpr std::string_view kSuffix = "/item";
  std::vector<std::string> names;
  for (const Table::Row& row : table_.scan(kPrefix)) {
    if (!row.key.ends_with(kSuffix)) continue;
    names.push_back(
        row.key.substr(kPrefix.size(), row.key.size() - kPrefix.size() - kSuffix.size()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

int OrderBook::shipments_of(const std::string& order) const {
  return static_cast<int>(table_.scan("shipment/", attr("order") == order).size());
}

}  // namespace scenarios::order_processing
