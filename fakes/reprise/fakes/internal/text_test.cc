#include "reprise/fakes/internal/text.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

namespace reprise::fakes::internal {
namespace {

TEST(Text, WritesMoneyWithTwoPlaces) {
  EXPECT_EQ(money_text(0), "0.00");
  EXPECT_EQ(money_text(7), "0.07");
  EXPECT_EQ(money_text(1250), "12.50");
  EXPECT_EQ(money_text(-105), "-1.05");
  EXPECT_EQ(money_text(std::numeric_limits<std::int64_t>::min()), "-92233720368547758.08");
}

TEST(Text, LeavesShortTextsAlone) {
  EXPECT_EQ(short_text(std::string(96, 'a')), std::string(96, 'a'));
  EXPECT_EQ(quoted_text("lamp"), "\"lamp\"");
  EXPECT_EQ(short_text(nlohmann::json{{"b", 1}, {"a", 2.5}}), R"({"a":2.5,"b":1})");
}

TEST(Text, ShortensLongTextsAndKeepsThemApart) {
  const auto longer = [](std::size_t count, const char* end) {
    std::string text(count, 'a');
    text.append(end);  // operator+ on a temporary sets off a false array-bounds warning of g++ 12
    return text;
  };
  EXPECT_EQ(short_text(longer(97, "")), longer(56, "... (97 bytes, 6557c5cc)"));
  EXPECT_NE(short_text(longer(97, "b")), short_text(longer(97, "c")));
}

TEST(Text, CutsNoCharacterInTwo) {
  std::string text(55, 'a');
  for (int i = 0; i < 30; ++i) text += "\xC3\xA4";
  std::string kept(55, 'a');
  kept.append("...");
  EXPECT_TRUE(short_text(text).starts_with(kept));
}

TEST(Text, WritesBytesThatAreNoTextAsReplacements) {
  EXPECT_EQ(short_text(nlohmann::json("\xFF")), "\"\xEF\xBF\xBD\"");
}

}  // namespace
}  // namespace reprise::fakes::internal
