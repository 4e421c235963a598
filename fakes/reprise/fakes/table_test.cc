#include "reprise/fakes/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <source_location>
#include <stdexcept>
#include <string>
#include <vector>

#include "reprise/fakes/recording_sink_test_support.h"
#include "reprise/sdk/errors.h"
#include "reprise/sdk/serdes.h"

namespace reprise::fakes {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;
using testing::UnorderedElementsAreArray;

static_assert(std::copyable<Table> && std::equality_comparable<Table>);

class TableTest : public testing::Test {
 protected:
  TableTest() { table_.put("p1", {{"name", "lamp"}, {"stockLevel", 5}}); }

  int stock(const std::string& key) const { return table_.get(key).at("stockLevel").get<int>(); }

  // The type of error with which the write is refused; nothing may have changed.
  template <class F>
  std::string refusal(F write) {
    const Table before = table_;
    std::string type = "none";
    try {
      write();
    } catch (const ApplicationError& error) {
      type = error.error().type.value_or("");
    }
    EXPECT_EQ(table_, before);
    return type;
  }

  Table table_{"products"};
};

TEST_F(TableTest, ReadsWhatWasPut) {
  EXPECT_EQ(table_.get("p1"), json({{"name", "lamp"}, {"stockLevel", 5}}));
  EXPECT_TRUE(table_.contains("p1"));
  EXPECT_EQ(table_.size(), 1U);
}

TEST_F(TableTest, ReadsNullWhereThereIsNothing) {
  EXPECT_TRUE(table_.get("p2").is_null());
  EXPECT_FALSE(table_.contains("p2"));
  EXPECT_EQ(table_.version("p2"), 0);
}

TEST_F(TableTest, PutReplacesTheWholeItem) {
  const WriteResult result = table_.put("p1", {{"gone", true}});
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(result.item, json({{"gone", true}}));
  EXPECT_EQ(table_.get("p1"), json({{"gone", true}}));
}

TEST_F(TableTest, UpdateSetsAddsAndRemoves) {
  const WriteResult result = table_.update(
      "p1", Update().set("name", "big lamp").add("stockLevel", -2).add("sold", 2).remove("note"));
  const json expected = {{"name", "big lamp"}, {"stockLevel", 3}, {"sold", 2}};
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(result.item, expected);
  EXPECT_EQ(table_.get("p1"), expected);
  table_.update("p1", Update().remove("name"));
  EXPECT_FALSE(table_.get("p1").contains("name"));
}

TEST_F(TableTest, UpdateMakesTheItemUnlessItOnlyRemoves) {
  EXPECT_TRUE(table_.update("p2", Update().remove("note")).ok());
  EXPECT_FALSE(table_.contains("p2"));
  EXPECT_TRUE(table_.update("p2", Update().add("stockLevel", 4)).ok());
  EXPECT_EQ(stock("p2"), 4);
}

TEST_F(TableTest, RemoveIsFineWithoutAnItem) {
  EXPECT_TRUE(table_.remove("p1").ok());
  EXPECT_TRUE(table_.remove("p1").ok());
  EXPECT_EQ(table_.size(), 0U);
}

TEST_F(TableTest, WritesOnlyWhenTheConditionHolds) {
  const auto enough = [](int quantity) { return attr("stockLevel") >= quantity; };
  EXPECT_TRUE(table_.update("p1", Update().add("stockLevel", -3), enough(3)).ok());
  const WriteResult second = table_.update("p1", Update().add("stockLevel", -3), enough(3));
  EXPECT_EQ(second.status, WriteStatus::kConditionalCheckFailed);
  EXPECT_EQ(second.item.at("stockLevel"), 2);
  EXPECT_EQ(stock("p1"), 2);

  EXPECT_FALSE(table_.put("p1", json::object(), item_not_exists()).ok());
  EXPECT_TRUE(table_.put("p2", json::object(), item_not_exists()).ok());
  EXPECT_FALSE(table_.remove("p1", attr("stockLevel") == 0).ok());
  EXPECT_TRUE(table_.contains("p1"));
}

std::vector<std::string> keys_of(const std::vector<Table::Row>& rows) {
  std::vector<std::string> keys;
  for (const Table::Row& row : rows) keys.push_back(row.key);
  return keys;
}

TEST_F(TableTest, ScansWhatHasThePrefixAndTheCondition) {
  table_.put("p10", {{"stockLevel", 0}});
  table_.put("order-1", {{"status", "open"}});
  table_.put("p0", {{"stockLevel", 9}});
  EXPECT_THAT(keys_of(table_.scan()), UnorderedElementsAre("order-1", "p0", "p1", "p10"));
  EXPECT_THAT(keys_of(table_.scan("p1")), UnorderedElementsAre("p1", "p10"));
  EXPECT_THAT(keys_of(table_.scan("p", attr("stockLevel") > 0)), UnorderedElementsAre("p0", "p1"));
  EXPECT_THAT(table_.scan("q"), IsEmpty());
}

TEST_F(TableTest, ScansInAnOrderThatIsNotThatOfTheKeys) {
  for (char c = 'a'; c <= 'h'; ++c) table_.put(std::string(1, c), json::object());
  const std::vector<std::string> keys = keys_of(table_.scan());
  EXPECT_FALSE(std::is_sorted(keys.begin(), keys.end()));
  EXPECT_EQ(keys_of(table_.scan()), keys);
  EXPECT_EQ(keys_of(Table(table_).scan()), keys);
}

TEST_F(TableTest, EachChangeOfTheUnorderedOrderIsAnotherOrder) {
  for (const int others : {1, 7}) {
    for (int i = 0; i < others; ++i) table_.put("k" + std::to_string(i), json::object());
    RecordingSink run;
    std::vector<std::string> before = keys_of(table_.scan());
    const std::vector<std::string> first = before;
    for (std::uint64_t changes = 1; changes <= 5; ++changes) {
      run.vary(changes);
      const std::vector<std::string> keys = keys_of(table_.scan());
      if (changes % 2 == 1) {
        EXPECT_NE(keys, before) << changes;
      }
      EXPECT_THAT(keys, UnorderedElementsAreArray(first));
      before = keys;
    }
    run.vary(0);
    EXPECT_EQ(keys_of(table_.scan()), first);
  }
}

TEST_F(TableTest, VersionGrowsOnlyWhenTheContentChanges) {
  EXPECT_EQ(table_.version("p1"), 1);
  table_.put("p1", {{"stockLevel", 5}, {"name", "lamp"}});
  table_.update("p1", Update().set("name", "lamp").add("stockLevel", 0));
  table_.update("p1", Update().add("stockLevel", -9), attr("stockLevel") >= 9);
  EXPECT_EQ(table_.version("p1"), 1);
  table_.update("p1", Update().add("stockLevel", 1));
  EXPECT_EQ(table_.version("p1"), 2);
}

TEST_F(TableTest, ComparesContentsAndNotTheWayToThem) {
  Table other = table_;
  other.put("p1", {{"stockLevel", 0}});
  EXPECT_NE(other, table_);
  other.put("p1", table_.get("p1"));
  EXPECT_EQ(other, table_);
  EXPECT_NE(other.version("p1"), table_.version("p1"));
}

TEST_F(TableTest, CopiesAreIndependent) {
  Table copy = table_;
  copy.update("p1", Update().add("stockLevel", -5));
  EXPECT_EQ(stock("p1"), 5);
  table_ = copy;
  EXPECT_EQ(stock("p1"), 0);
}

TEST_F(TableTest, KnowsOneFormOfANumber) {
  EXPECT_TRUE(table_.put("n", {{"a", {5.0, -0.0, 2.5}}}).ok());
  EXPECT_EQ(table_.get("n").dump(), R"({"a":[5,0,2.5]})");
  table_.update("n", Update().set("b", 7.0));
  EXPECT_EQ(table_.get("n").at("b").dump(), "7");
}

TEST_F(TableTest, RefusesRequestsThatAreWrongInThemselves) {
  const std::string wrong = "ValidationException";
  const double nan = std::nan("");
  EXPECT_EQ(refusal([&] { table_.put("", json::object()); }), wrong);
  EXPECT_EQ(refusal([&] { table_.put("p1", json::array()); }), wrong);
  EXPECT_EQ(refusal([&] { table_.put("p1", {{"a", {nan}}}); }), wrong);
  EXPECT_EQ(refusal([&] { table_.update("p1", Update().set("a", nan)); }), wrong);
  EXPECT_EQ(refusal([&] { table_.update("p1", Update().add("name", 1)); }), wrong);
  EXPECT_EQ(refusal([&] { table_.update("p1", Update().add("stockLevel", "1")); }), wrong);
  EXPECT_EQ(refusal([&] { table_.update("p1", Update().set("a", 1).remove("a")); }), wrong);
  const auto most = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(refusal([&] { table_.update("p1", Update().add("stockLevel", most)); }), wrong);
  EXPECT_EQ(refusal([&] { table_.transact({}); }), wrong);
  EXPECT_EQ(refusal([&] {
              table_.transact({TableWrite::remove("p1"), TableWrite::remove("p1")});
            }),
            wrong);
  EXPECT_EQ(refusal([&] {
              table_.transact({TableWrite::remove("p1"), TableWrite::put("p2", json::array())});
            }),
            wrong);
}

std::vector<std::string> codes_of(const WriteResult& result) {
  std::vector<std::string> codes;
  for (const CancellationReason& reason : result.reasons)
    codes.emplace_back(to_string(reason.code));
  return codes;
}

TEST_F(TableTest, TransactsAllOrNothing) {
  table_.put("p2", {{"stockLevel", 1}});
  const auto take = [](const std::string& key, int quantity) {
    return TableWrite::update(key, Update().add("stockLevel", -quantity),
                              attr("stockLevel") >= quantity);
  };
  const WriteResult short_of_p2 = table_.transact({take("p1", 2), take("p2", 2)});
  EXPECT_EQ(short_of_p2.status, WriteStatus::kTransactionCanceled);
  EXPECT_THAT(codes_of(short_of_p2), ElementsAre("None", "ConditionalCheckFailed"));
  EXPECT_TRUE(short_of_p2.reasons[0].item.is_null());
  EXPECT_EQ(short_of_p2.reasons[1].item, json({{"stockLevel", 1}}));
  EXPECT_EQ(stock("p1"), 5);

  const WriteResult taken = table_.transact({take("p1", 2), take("p2", 1)});
  EXPECT_TRUE(taken.ok());
  EXPECT_THAT(taken.reasons, IsEmpty());
  EXPECT_EQ(stock("p1"), 3);
  EXPECT_EQ(stock("p2"), 0);
}

TEST_F(TableTest, ATransactionChecksWhatItDoesNotWrite) {
  std::vector<TableWrite> writes{TableWrite::check("p1", item_not_exists()),
                                 TableWrite::put("o", json::object())};
  EXPECT_THAT(codes_of(table_.transact(writes)), ElementsAre("ConditionalCheckFailed", "None"));
  writes[0] = TableWrite::check("p1", item_exists());
  EXPECT_TRUE(table_.transact(writes).ok());
  EXPECT_EQ(table_.version("p1"), 1);
}

TEST_F(TableTest, AMarkerMakesATransactionHappenOnce) {
  const auto allocate = [&] {
    return table_.transact({TableWrite::update("p1", Update().add("stockLevel", -3)),
                            TableWrite::put("taken/order-1", {{"n", 3}}, item_not_exists())});
  };
  RecordingSink run;
  EXPECT_TRUE(allocate().ok());
  EXPECT_TRUE(run.last().changed);
  EXPECT_THAT(codes_of(allocate()), ElementsAre("None", "ConditionalCheckFailed"));
  EXPECT_FALSE(run.last().changed);
  EXPECT_EQ(stock("p1"), 2);
}

TEST_F(TableTest, AnItemThatDoesNotAllowTheUpdateCancelsTheTransaction) {
  const Table before = table_;
  const WriteResult result = table_.transact({TableWrite::put("p2", json::object()),
                                              TableWrite::update("p1", Update().add("name", 1)),
                                              TableWrite::remove("p3", item_exists())});
  EXPECT_EQ(result.status, WriteStatus::kTransactionCanceled);
  EXPECT_THAT(codes_of(result), ElementsAre("None", "ValidationError", "ConditionalCheckFailed"));
  EXPECT_EQ(table_, before);
}

TEST_F(TableTest, TransactsUpToAHundredWrites) {
  std::vector<TableWrite> writes;
  for (int i = 0; i < 100; ++i)
    writes.push_back(TableWrite::put("k" + std::to_string(i), {{"i", i}}));
  EXPECT_TRUE(table_.transact(writes).ok());
  EXPECT_EQ(table_.size(), 101U);
  writes.push_back(TableWrite::put("one-more", json::object()));
  EXPECT_EQ(refusal([&] { table_.transact(writes); }), "ValidationException");
}

class TableTokens : public TableTest {
 protected:
  static constexpr std::int64_t kTenMinutes = 600'000;

  WriteResult sell(int quantity, const std::string& token) {
    return table_.transact({TableWrite::update("p1", Update().add("stockLevel", -quantity),
                                               attr("stockLevel") >= quantity)},
                           token);
  }

  RecordingSink run_;
};

TEST_F(TableTokens, TheSameTransactionWithTheSameTokenHappensOnce) {
  EXPECT_TRUE(sell(2, "sale-1").ok());
  EXPECT_EQ(run_.last().key, "sale-1");
  EXPECT_TRUE(run_.last().changed);
  run_.set_now(kTenMinutes - 1);
  EXPECT_TRUE(sell(2, "sale-1").ok());
  EXPECT_FALSE(run_.last().changed);
  EXPECT_EQ(stock("p1"), 3);
  EXPECT_TRUE(sell(2, "sale-2").ok());
  EXPECT_EQ(stock("p1"), 1);
}

TEST_F(TableTokens, ATokenIsForgottenAfterTenMinutes) {
  EXPECT_TRUE(sell(2, "sale-1").ok());
  run_.set_now(kTenMinutes);
  EXPECT_TRUE(sell(2, "sale-1").ok());
  EXPECT_EQ(stock("p1"), 1);
  // From the second one on it counts again.
  run_.set_now(2 * kTenMinutes - 1);
  EXPECT_TRUE(sell(2, "sale-1").ok());
  EXPECT_EQ(stock("p1"), 1);
}

TEST_F(TableTokens, ATokenIsForOneTransaction) {
  sell(2, "sale-1");
  EXPECT_EQ(refusal([&] { sell(1, "sale-1"); }), "IdempotentParameterMismatchException");
  run_.set_now(kTenMinutes);
  EXPECT_TRUE(sell(1, "sale-1").ok());
}

TEST_F(TableTokens, ATransactionThatWasCancelledIsNotRemembered) {
  EXPECT_FALSE(sell(6, "sale-1").ok());
  EXPECT_FALSE(run_.last().changed);
  table_.update("p1", Update().set("stockLevel", 7));
  EXPECT_TRUE(sell(6, "sale-1").ok());
  EXPECT_EQ(stock("p1"), 1);
}

TEST_F(TableTokens, TellTablesApartAndTheirTimesDoNot) {
  Table other = table_;
  const std::vector<TableWrite> nothing{TableWrite::check("p1", item_exists())};
  table_.transact(nothing, "t");
  EXPECT_TRUE(run_.last().changed);
  EXPECT_NE(other, table_);
  run_.set_now(7);
  other.transact(nothing, "t");
  EXPECT_EQ(other, table_);
}

TEST_F(TableTokens, HaveAtMost36Characters) {
  EXPECT_TRUE(sell(1, std::string(36, 'x')).ok());
  EXPECT_EQ(refusal([&] { sell(1, std::string(37, 'x')); }), "ValidationException");
}

TEST_F(TableTest, TheObjectOfAWriteIsItsKey) {
  RecordingSink run;
  table_.put("p2", json::object());
  EXPECT_EQ(run.last().object, "p2");
  table_.transact({TableWrite::remove("p1"), TableWrite::remove("p2")});
  EXPECT_EQ(run.last().object, "");
}

TEST_F(TableTest, EveryWriteIsOneEffectWithACallThatReadsWell) {
  RecordingSink run;
  const auto line = std::source_location::current().line() + 1;
  table_.put("p2", {{"stockLevel", 1}});
  EXPECT_EQ(run.last().call, R"(products.put(p2, {"stockLevel":1}))");
  EXPECT_EQ(run.last().line, line);
  table_.update("p1", Update().set("a", "x").add("stockLevel", -3).remove("b"), item_exists());
  EXPECT_EQ(run.last().call,
            R"(products.update(p1, set a="x", add stockLevel -3, remove b, if item_exists()))");
  table_.remove("p1");
  EXPECT_EQ(run.last().call, "products.remove(p1)");
  table_.transact({TableWrite::remove("p1"), TableWrite::check("p2", item_exists())});
  EXPECT_EQ(run.last().call, "products.transact(remove p1; check p2, if item_exists())");
  EXPECT_EQ(run.last().line, line + 8);
  EXPECT_THAT(run.seen(), SizeIs(4));
}

TEST_F(TableTest, LongItemsStayShortInTheCallAndApart) {
  RecordingSink run;
  table_.put("p2", {{"text", std::string(500, 'a')}});
  const std::string first = run.last().call;
  table_.put("p2", {{"text", std::string(499, 'a') + "b"}});
  EXPECT_LT(first.size(), 150U);
  EXPECT_NE(run.last().call, first);
}

TEST_F(TableTest, OnlyAddingIsNotRepeatable) {
  RecordingSink run;
  const auto repeatable = [&] { return run.last().repeatable; };
  table_.put("p2", json::object());
  EXPECT_TRUE(repeatable());
  table_.update("p2", Update().set("a", 1).remove("b"));
  EXPECT_TRUE(repeatable());
  table_.update("p2", Update().set("c", 1).add("n", 1));
  EXPECT_FALSE(repeatable());
  table_.remove("p2");
  EXPECT_TRUE(repeatable());
  table_.transact({TableWrite::put("p2", json::object()), TableWrite::remove("p1")});
  EXPECT_TRUE(repeatable());
  table_.transact({TableWrite::update("p2", Update().add("n", 1)), TableWrite::remove("p1")});
  EXPECT_FALSE(repeatable());
}

TEST_F(TableTest, SaysUnchangedExactlyWhenNothingChanged) {
  RecordingSink run;
  const auto agrees = [&](auto write) {
    const Table before = table_;
    write();
    return run.last().changed == (table_ != before);
  };
  const json lamp = table_.get("p1");
  EXPECT_TRUE(agrees([&] { table_.put("p1", lamp); }));
  EXPECT_FALSE(run.last().changed);
  EXPECT_TRUE(agrees([&] { table_.put("p1", lamp, item_not_exists()); }));
  EXPECT_TRUE(agrees([&] { table_.update("p1", Update().set("name", "lamp").remove("x")); }));
  EXPECT_FALSE(run.last().changed);
  EXPECT_TRUE(agrees([&] { table_.update("p1", Update().add("stockLevel", 1)); }));
  EXPECT_TRUE(run.last().changed);
  EXPECT_TRUE(agrees([&] { table_.update("p7", Update()); }));
  EXPECT_TRUE(agrees([&] { table_.transact({TableWrite::check("p1", item_exists())}); }));
  EXPECT_TRUE(agrees([&] { table_.remove("p1"); }));
  EXPECT_TRUE(agrees([&] { table_.remove("p1"); }));
  EXPECT_FALSE(run.last().changed);
}

TEST_F(TableTest, LooksAtItemsWhenTheWriteHappensAndNotWhenItIsAskedFor) {
  const auto take = [&] {
    return table_.update("p1", Update().add("stockLevel", -3), attr("stockLevel") >= 3);
  };
  RecordingSink run;
  run.meanwhile(take);
  EXPECT_FALSE(take().ok());
  EXPECT_EQ(stock("p1"), 2);
  run.meanwhile([&] { table_.remove("p1"); });
  EXPECT_FALSE(table_.transact({TableWrite::check("p1", item_exists())}).ok());
}

TEST_F(TableTest, CrashBeforeAWriteLeavesItUndone) {
  const Table before = table_;
  RecordingSink run;
  run.die_before(1);
  EXPECT_THROW(table_.remove("p1"), PowerCut);
  EXPECT_THROW(table_.put("p2", json::object()), PowerCut);
  EXPECT_EQ(table_, before);
}

TEST_F(TableTest, CrashAfterAWriteLeavesItDoneAndIgnoresTheRest) {
  RecordingSink run;
  run.die_after(1);
  EXPECT_THROW(table_.update("p1", Update().add("stockLevel", -1)), PowerCut);
  EXPECT_THROW(table_.update("p1", Update().add("stockLevel", -1)), PowerCut);
  EXPECT_THROW(table_.transact({TableWrite::remove("p1")}), PowerCut);
  EXPECT_EQ(stock("p1"), 4);
}

TEST_F(TableTest, DestructorsOfADeadProcessGetNoAnswer) {
  struct Guard {
    Table& table;
    WriteResult& result;
    ~Guard() { result = table.remove("p1"); }
  };
  WriteResult result{WriteStatus::kOk, nullptr, {}};
  RecordingSink run;
  run.die_after(1);
  const auto body = [&] {
    const Guard guard{table_, result};
    table_.put("p2", json::object());
  };
  EXPECT_THROW(body(), PowerCut);
  EXPECT_EQ(result, WriteResult());
  EXPECT_TRUE(table_.contains("p1"));
}

TEST_F(TableTest, WritesDuringATeardownChangeNothingAndThrowNothing) {
  RecordingSink run;
  run.tear_down();
  EXPECT_EQ(table_.remove("p1").status, WriteStatus::kNoAnswer);
  EXPECT_EQ(table_.put("", json::array()).status, WriteStatus::kNoAnswer);
  EXPECT_EQ(table_.transact({}).status, WriteStatus::kNoAnswer);
  EXPECT_TRUE(table_.contains("p1"));
}

TEST_F(TableTest, WriteResultsAreJson) {
  Table table("t");
  const WriteResult made = table.put("a", {{"n", 1}}, item_not_exists());
  const WriteResult failed = table.put("a", {{"n", 2}}, item_not_exists());
  const WriteResult both = table.transact(
      {TableWrite::put("b", {{"n", 1}}), TableWrite::put("a", {{"n", 2}}, item_not_exists())});
  for (const WriteResult& result : {made, failed, both, WriteResult()}) {
    EXPECT_EQ(Serdes<WriteResult>::decode(Serdes<WriteResult>::encode(result)), result);
  }
  EXPECT_THAT(codes_of(both), ElementsAre("None", "ConditionalCheckFailed"));
  for (const char* const wrong :
       {R"({"status":"Perhaps","item":null,"reasons":[]})",
        R"({"status":"Ok","item":null,"reasons":[{"code":"Because","item":null}]})"}) {
    EXPECT_THROW(Serdes<WriteResult>::decode(SharedText(wrong)), std::invalid_argument);
  }
}

}  // namespace
}  // namespace reprise::fakes
