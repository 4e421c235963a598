#include "reprise/fakes/condition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace reprise::fakes {
namespace {

using nlohmann::json;

const json kLamp = {{"name", "lamp"}, {"stockLevel", 3}, {"note", nullptr}, {"sold", true}};
const json kNoItem;

TEST(Condition, HoldsAlwaysWhenEmpty) {
  EXPECT_TRUE(Condition().holds(kLamp));
  EXPECT_TRUE(Condition().holds(kNoItem));
  EXPECT_EQ(Condition().text(), "");
}

TEST(Condition, ComparesNumbersWhateverTheirType) {
  EXPECT_TRUE((attr("stockLevel") == 3).holds(kLamp));
  EXPECT_TRUE((attr("stockLevel") == 3.0).holds(kLamp));
  EXPECT_TRUE((attr("stockLevel") != 4).holds(kLamp));
  EXPECT_TRUE((attr("stockLevel") < 3.5).holds(kLamp));
  EXPECT_TRUE((attr("stockLevel") <= 3).holds(kLamp));
  EXPECT_TRUE((attr("stockLevel") > -1).holds(kLamp));
  EXPECT_TRUE((attr("stockLevel") >= 3U).holds(kLamp));
  EXPECT_FALSE((attr("stockLevel") < 3).holds(kLamp));
  EXPECT_FALSE((attr("stockLevel") >= 4).holds(kLamp));
}

TEST(Condition, ComparesTextsByBytes) {
  EXPECT_TRUE((attr("name") < "lamq").holds(kLamp));
  EXPECT_TRUE((attr("name") > "Zebra").holds(kLamp));
  EXPECT_TRUE((attr("name") < "\xC3\xA4").holds(kLamp));
}

TEST(Condition, OrdersNothingBetweenOtherTypes) {
  EXPECT_FALSE((attr("name") > 3).holds(kLamp));
  EXPECT_FALSE((attr("name") <= 3).holds(kLamp));
  EXPECT_FALSE((attr("sold") >= true).holds(kLamp));
  EXPECT_FALSE((attr("name") == 3).holds(kLamp));
  EXPECT_TRUE((attr("name") != 3).holds(kLamp));
  EXPECT_TRUE((attr("sold") == true).holds(kLamp));
}

TEST(Condition, IsFalseOfAMissingAttributeUnlessItAsksForAnother) {
  EXPECT_FALSE((attr("price") >= 0).holds(kLamp));
  EXPECT_FALSE((attr("price") < 0).holds(kLamp));
  EXPECT_FALSE((attr("price") == nullptr).holds(kLamp));
  EXPECT_TRUE((attr("price") != 3).holds(kLamp));
  EXPECT_FALSE((attr("stockLevel") >= 0).holds(kNoItem));
  EXPECT_TRUE((attr("stockLevel") != 0).holds(kNoItem));
}

TEST(Condition, TellsMissingAttributesFromNullOnes) {
  EXPECT_TRUE(attribute_exists("note").holds(kLamp));
  EXPECT_FALSE(attribute_not_exists("note").holds(kLamp));
  EXPECT_FALSE(attribute_exists("price").holds(kLamp));
  EXPECT_TRUE(attribute_not_exists("price").holds(kLamp));
  EXPECT_TRUE(attribute_not_exists("price").holds(kNoItem));
}

TEST(Condition, TellsMissingItemsFromEmptyOnes) {
  EXPECT_TRUE(item_exists().holds(json::object()));
  EXPECT_FALSE(item_not_exists().holds(json::object()));
  EXPECT_TRUE(item_not_exists().holds(kNoItem));
}

TEST(Condition, ComparesPrefixesOfTextsOnly) {
  EXPECT_TRUE(begins_with("name", "la").holds(kLamp));
  EXPECT_TRUE(begins_with("name", "").holds(kLamp));
  EXPECT_FALSE(begins_with("name", "lamps").holds(kLamp));
  EXPECT_FALSE(begins_with("stockLevel", "3").holds(kLamp));
  EXPECT_FALSE(begins_with("name", "la").holds(kNoItem));
}

TEST(Condition, TakesAnyPredicate) {
  const Condition odd = satisfies("stock is odd", [](const json& item) {
    return !item.is_null() && item.at("stockLevel").get<int>() % 2 == 1;
  });
  EXPECT_TRUE(odd.holds(kLamp));
  EXPECT_FALSE(odd.holds(kNoItem));
  EXPECT_EQ(odd.text(), "stock is odd");
}

TEST(Condition, CombinesWithAndOrNot) {
  const Condition yes = attr("stockLevel") == 3;
  const Condition no = attr("stockLevel") == 4;
  EXPECT_TRUE((yes && yes).holds(kLamp));
  EXPECT_FALSE((yes && no).holds(kLamp));
  EXPECT_TRUE((no || yes).holds(kLamp));
  EXPECT_FALSE((no || no).holds(kLamp));
  EXPECT_TRUE((!no).holds(kLamp));
  EXPECT_FALSE((!yes).holds(kLamp));
}

TEST(Condition, CombinesWithTheOneThatHoldsAlways) {
  const Condition no = attr("stockLevel") == 4;
  EXPECT_FALSE((Condition() && no).holds(kLamp));
  EXPECT_FALSE((no && Condition()).holds(kLamp));
  EXPECT_TRUE((Condition() || no).holds(kLamp));
  EXPECT_TRUE((no || Condition()).holds(kLamp));
  EXPECT_FALSE((!Condition()).holds(kLamp));
}

TEST(Condition, ReadsLikeItsSource) {
  const Condition both = attr("stockLevel") >= 3 && attr("name") == "lamp";
  EXPECT_EQ(both.text(), "stockLevel >= 3 && name == \"lamp\"");
  EXPECT_EQ((both || !attribute_exists("x")).text(),
            "(stockLevel >= 3 && name == \"lamp\") || !(attribute_exists(x))");
  EXPECT_EQ(begins_with("name", "la").text(), "begins_with(name, \"la\")");
}

}  // namespace
}  // namespace reprise::fakes
