// What check_upgrade says of payloads and of arguments that histories hold.

#include <absl/time/time.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "reprise/record/upgrade.h"
#include "reprise/record/upgrade_test_support.h"
#include "reprise/sdk/context.h"
#include "reprise/sdk/handler.h"

namespace reprise {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Parcel {
  int weight = 0;
  std::string coupon;
};
void to_json(nlohmann::json& json, const Parcel& parcel) {
  json = {{"weight", parcel.weight}, {"coupon", parcel.coupon}};
}
void from_json(const nlohmann::json& json, Parcel& parcel) {
  json.at("weight").get_to(parcel.weight);
  json.at("coupon").get_to(parcel.coupon);
}

/// The next version: without the coupon, with a note, and the weight in kilograms.
struct NewParcel {
  double weight = 0;
  std::string note;
};
void to_json(nlohmann::json& json, const NewParcel& parcel) {
  json = {{"weight", parcel.weight}, {"note", parcel.note}};
}
void from_json(const nlohmann::json& json, NewParcel& parcel) {
  json.at("weight").get_to(parcel.weight);
  parcel.note = json.value("note", "");
}

enum class Size { kSmall, kLarge };
NLOHMANN_JSON_SERIALIZE_ENUM(Size, {{Size::kSmall, "small"}, {Size::kLarge, "large"}})
/// The same with another name for kLarge; what is unknown becomes the first.
enum class RenamedSize { kSmall, kBig };
NLOHMANN_JSON_SERIALIZE_ENUM(RenamedSize,
                             {{RenamedSize::kSmall, "small"}, {RenamedSize::kBig, "big"}})
/// The same, strict.
struct StrictSize {
  RenamedSize size = RenamedSize::kSmall;
};
void to_json(nlohmann::json& json, const StrictSize& strict) { json = strict.size; }
void from_json(const nlohmann::json& json, StrictSize& strict) {
  const auto text = json.get<std::string>();
  if (text != "small" && text != "big") throw std::invalid_argument("no size: " + text);
  strict.size = json.get<RenamedSize>();
}

template <class Before, class After>
HistoryUpgrade upgrade(Before before, After after, const Recording& recording = {}) {
  const History history = record_history(make_handler(std::move(before)), recording);
  return check_upgrade({{"order.json", history}}, make_handler(std::move(after))).histories.front();
}
template <class Before, class After>
std::string text(Before before, After after, const Recording& recording = {}) {
  return without_lines(describe(upgrade(std::move(before), std::move(after), recording)));
}

/// A step whose result is `value`, and a wait.
template <class T>
auto measuring(T value) {
  return [value](DurableContext ctx) -> Task<> {
    auto body = [&] { return value; };
    T measured = co_await ctx.step("measure", body);
    static_cast<void>(measured);
    co_await ctx.wait("pause", absl::Hours(1));
  };
}

TEST(UpgradePayloads, AnotherTypeOfAResultIsUndecodable) {
  const HistoryUpgrade result = upgrade(measuring(std::string("three")), measuring(3));
  EXPECT_EQ(without_lines(describe(result)),
            "order.json: safe before the end of step \"measure\"; breaks from the end of step "
            "\"measure\" on (suspended at wait \"pause\"), because the new handler cannot decode "
            "the result of step \"measure\": expected an integer of 4 bytes, found \"three\"; the "
            "history holds \"three\" (upgrade_payloads_test.cc:N)\n");
  ASSERT_EQ(result.breaks.size(), 1U);
  EXPECT_EQ(result.breaks[0].reason.verdict, Verdict::kUndecodable);
  EXPECT_EQ(result.breaks[0].reason.operation, "measure#1");
  EXPECT_EQ(result.breaks[0].reason.recorded, "\"three\"");
}

TEST(UpgradePayloads, ItIsReportedAlthoughTheHandlerCatchesIt) {
  const auto after = [](DurableContext ctx) -> Task<> {
    Outcome<int> measured = co_await ctx.try_step("measure", [&] { return 3; });
    static_cast<void>(measured);
    co_await ctx.wait("pause", absl::Hours(1));
  };
  const HistoryUpgrade result = upgrade(measuring(std::string("three")), after);
  ASSERT_EQ(result.breaks.size(), 1U);
  EXPECT_EQ(result.breaks[0].reason.verdict, Verdict::kUndecodable);
}

TEST(UpgradePayloads, ARenamedValueOfAStrictEnumIsUndecodable) {
  const HistoryUpgrade result = upgrade(measuring(Size::kLarge), measuring(StrictSize()));
  ASSERT_EQ(result.breaks.size(), 1U);
  EXPECT_EQ(result.breaks[0].reason.what,
            "the new handler cannot decode the result of step \"measure\": the recorded result "
            "cannot be decoded: no size: large; the history holds \"large\"");
}

TEST(UpgradePayloads, ARenamedValueThatIsReadAsAnotherOneIsANote) {
  EXPECT_EQ(text(measuring(Size::kLarge), measuring(RenamedSize::kSmall)),
            "order.json: safe everywhere (suspended at wait \"pause\")\n"
            "  note: the result of step \"measure\" decodes, but it reads as \"small\" where the "
            "history holds \"large\"\n");
}

TEST(UpgradePayloads, MembersThatAreLostFilledInOrChangedAreANote) {
  EXPECT_EQ(text(measuring(Parcel{1200, "TEN"}), measuring(NewParcel())),
            "order.json: safe everywhere (suspended at wait \"pause\")\n"
            "  note: the result of step \"measure\" decodes, but `coupon` is lost, `weight` reads "
            "as 1200.0 where the history holds 1200, `note` is filled in as \"\"\n");
}

TEST(UpgradePayloads, AMemberThatIsMissingIsUndecodable) {
  const HistoryUpgrade result = upgrade(measuring(NewParcel{1.2, "x"}), measuring(Parcel()));
  ASSERT_EQ(result.breaks.size(), 1U);
  EXPECT_EQ(result.breaks[0].reason.verdict, Verdict::kUndecodable);
}

TEST(UpgradePayloads, WhiteSpaceAndTheOrderOfMembersDoNotMatter) {
  History history = record_history(make_handler(measuring(Parcel{1, "x"})));
  history.events[2].details.result->payload = "{ \"weight\" : 1, \"coupon\" : \"x\" }";
  const UpgradeReport report =
      check_upgrade({{"order.json", history}}, make_handler(measuring(Parcel())));
  EXPECT_TRUE(report.ok());
  EXPECT_THAT(report.histories.front().notes, IsEmpty());
}

TEST(UpgradePayloads, AnEventThatDoesNotDecodeBreaksEverywhere) {
  const auto before = [](DurableContext ctx, std::string) -> Task<> {
    co_await ctx.wait("pause", absl::Hours(1));
  };
  const auto after = [](DurableContext ctx, Parcel) -> Task<> {
    co_await ctx.wait("pause", absl::Hours(1));
  };
  Recording recording;
  recording.event = "\"order-1\"";
  const HistoryUpgrade result = upgrade(before, after, recording);
  EXPECT_THAT(result.safe, IsEmpty());
  ASSERT_EQ(result.breaks.size(), 1U);
  EXPECT_EQ(result.breaks[0].reason.operation, "");
  EXPECT_THAT(result.breaks[0].reason.what,
              testing::StartsWith("the new handler cannot decode the event: "));
  EXPECT_THAT(result.breaks[0].reason.what, testing::EndsWith("; the history holds \"order-1\""));
}

Recording with_world() {
  Recording recording;
  Function pack;
  pack.config.name = "pack";
  pack.config.durable = false;
  pack.plain = [](const SharedText& payload) { return payload; };
  recording.functions.push_back(pack);
  CallbackResponder responder;
  responder.operation = "order/approve#1";
  responder.answer.payload = "\"yes\"";
  recording.responders.push_back(responder);
  return recording;
}

/// An invoke with result type R and the payload `sent`, and a callback of type C.
template <class R, class C>
auto asking(std::string function, R sent, absl::Duration timeout) {
  return [function, sent, timeout](DurableContext ctx) -> Task<> {
    R packed = co_await ctx.invoke<R>("pack", function, sent);
    static_cast<void>(packed);
    CallbackOptions options;
    options.timeout(timeout);
    auto create = ctx.create_callback<C>("approve", options);
    Callback<C> callback = co_await create;
    auto answer = callback.result();
    C approved = co_await answer;
    static_cast<void>(approved);
  };
}

TEST(UpgradePayloads, ResultsOfInvokesAndCallbacksAreDecodedToo) {
  const auto before = asking<std::string, std::string>("pack", "ten", absl::Hours(1));
  EXPECT_TRUE(upgrade(before, before, with_world()).ok());
  const HistoryUpgrade invoke =
      upgrade(before, asking<int, std::string>("pack", 10, absl::Hours(1)), with_world());
  ASSERT_EQ(invoke.breaks.size(), 2U);  // its payload, and its result
  EXPECT_EQ(invoke.breaks[1].reason.what,
            "the new handler cannot decode the result of invoke \"pack\": expected an integer of "
            "4 bytes, found \"ten\"; the history holds \"ten\"");
  const HistoryUpgrade callback =
      upgrade(before, asking<std::string, int>("pack", "ten", absl::Hours(1)), with_world());
  ASSERT_EQ(callback.breaks.size(), 1U);
  EXPECT_EQ(callback.breaks[0].reason.what,
            "the new handler cannot decode the result of callback \"approve\": expected an "
            "integer of 4 bytes, found \"yes\"; the history holds \"yes\"");
}

TEST(UpgradePayloads, ArgumentsOfInvokesAndCallbacksAreCompared) {
  const auto before = asking<std::string, std::string>("pack", "ten", absl::Hours(1));
  const auto after = asking<std::string, std::string>("pack:2", "two", absl::Hours(2));
  EXPECT_EQ(text(before, after, with_world()),
            "order.json: safe before invoke \"pack\"; breaks from invoke \"pack\" on (suspended "
            "at invoke \"pack\", callback \"approve\"), because the new handler calls invoke "
            "\"pack\" with function=pack:2 where the history holds function=pack "
            "(upgrade_payloads_test.cc:N); breaks from callback \"approve\" on (suspended at "
            "callback \"approve\"), because the new handler calls callback \"approve\" with "
            "timeout=7200 heartbeat=0 where the history holds timeout=3600 heartbeat=0 "
            "(upgrade_payloads_test.cc:N)\n");
  const HistoryUpgrade payload = upgrade(
      before, asking<std::string, std::string>("pack", "two", absl::Hours(1)), with_world());
  ASSERT_EQ(payload.breaks.size(), 1U);
  EXPECT_EQ(payload.breaks[0].reason.what,
            "the new handler calls invoke \"pack\" with payload=\"two\" where the history holds "
            "payload=\"ten\"");
}

TEST(UpgradePayloads, WhatAHistoryDoesNotHoldIsNotCompared) {
  History history = record_history(
      make_handler(asking<std::string, std::string>("pack", "ten", absl::Hours(1))), with_world());
  for (Event& event : history.events) {
    if (event.type != EventType::kChainedInvokeStarted) continue;
    event.details.function_name = "";
    event.details.input = EventPayload();
  }
  const auto after = asking<std::string, std::string>("other", "two", absl::Hours(1));
  EXPECT_TRUE(check_upgrade({{"order.json", history}}, make_handler(after)).ok());
}

TEST(UpgradePayloads, ItemsOfABatchAreDecoded) {
  const auto batch = [](auto value) {
    return [value](DurableContext ctx) -> Task<> {
      using T = decltype(value);
      std::vector<int> items = {1, 2};
      auto body = [value](DurableContext inner) -> Task<T> {
        auto weigh = [&] { return value; };
        T weighed = co_await inner.step("weigh", weigh);
        co_return weighed;
      };
      BatchResult<T> all = co_await ctx.map("all", items, body);
      static_cast<void>(all);
      co_await ctx.wait("pause", absl::Hours(1));
    };
  };
  const HistoryUpgrade result = upgrade(batch(std::string("ten")), batch(10));
  std::vector<std::string> operations;
  for (const UpgradeBreak& each : result.breaks) operations.push_back(each.reason.operation);
  EXPECT_THAT(operations,
              ElementsAre("all#1/map-item-0#1/weigh#1", "all#1/map-item-1#1/weigh#1", "all#1"));
}

TEST(UpgradePayloads, TheStateOfAConditionThatIsPolledIsDecoded) {
  const auto polling = [](auto initial, auto next) {
    return [initial, next](DurableContext ctx) -> Task<> {
      using T = decltype(initial);
      auto check = [next](const T&) { return next; };
      auto twice = [](const T&, int attempts) {
        return attempts > 1 ? WaitDecision::done()
                            : WaitDecision::check_again_after(absl::Seconds(5));
      };
      ConditionOptions<T> options(twice);
      T last = co_await ctx.wait_for_condition("arrived", initial, check, options);
      static_cast<void>(last);
    };
  };
  const HistoryUpgrade result =
      upgrade(polling(std::string("none"), std::string("half")), polling(0, 1));
  ASSERT_EQ(result.breaks.size(), 2U);
  EXPECT_EQ(result.breaks[0].reason.what,
            "the new handler cannot decode the state of wait_for_condition \"arrived\": expected "
            "an integer of 4 bytes, found \"half\"; the history holds \"half\"");
}

}  // namespace
}  // namespace reprise
