#include "reprise/sdk/serdes.h"

#include <absl/time/time.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

#include "reprise/sdk/invocation_test_support.h"

namespace reprise {
namespace {

using testing::IsEmpty;

template <class T>
std::string encoded(const T& value) {
  return Serdes<T>::encode(value).str();
}
template <class T>
T there_and_back(const T& value) {
  return Serdes<T>::decode(Serdes<T>::encode(value));
}

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

TEST(Serdes, WritesATimeAsTextInUtc) {
  const absl::Time time = absl::FromUnixSeconds(1767225600);
  EXPECT_EQ(encoded(time), "\"2026-01-01T00:00:00Z\"");
  EXPECT_EQ(encoded(time + absl::Nanoseconds(1)), "\"2026-01-01T00:00:00.000000001Z\"");
  EXPECT_EQ(encoded(absl::InfiniteFuture()), "\"infinite-future\"");
  EXPECT_EQ(encoded(absl::InfinitePast()), "\"infinite-past\"");
}

TEST(Serdes, KeepsEveryTimeExactly) {
  const absl::Time now = absl::FromUnixSeconds(1767225600);
  for (const absl::Time time :
       {absl::UnixEpoch(), now, now + absl::Nanoseconds(1), now - absl::Nanoseconds(1),
        now + absl::Nanoseconds(1) / 4, absl::UnixEpoch() - absl::Nanoseconds(1) / 4,
        absl::UniversalEpoch(), absl::UniversalEpoch() - absl::Hours(24 * 365 * 300),
        absl::FromUnixNanos(kMax), absl::FromUnixSeconds(kMax) + absl::Nanoseconds(1) / 4,
        absl::FromUnixSeconds(kMin) + absl::Nanoseconds(1), now + absl::Hours(24 * 366) * 100000,
        absl::InfiniteFuture(), absl::InfinitePast()}) {
    EXPECT_EQ(there_and_back(time), time) << time;
  }
}

TEST(Serdes, KeepsEveryDurationExactly) {
  for (const absl::Duration duration :
       {absl::ZeroDuration(), absl::Nanoseconds(1) / 4, -absl::Nanoseconds(1) / 4,
        absl::Hours(72) + absl::Minutes(3) + absl::Milliseconds(500),
        absl::Seconds(59) + absl::Nanoseconds(999999999),
        absl::Seconds(kMin) + absl::Nanoseconds(1), absl::Seconds(kMax) + absl::Nanoseconds(1),
        -absl::Hours(24) - absl::Nanoseconds(3), absl::InfiniteDuration(),
        -absl::InfiniteDuration()}) {
    EXPECT_EQ(there_and_back(duration), duration) << duration;
  }
  EXPECT_EQ(encoded(absl::Hours(72) + absl::Minutes(3) + absl::Milliseconds(500)), "\"72h3m0.5s\"");
}

TEST(Serdes, SaysWhatIsNoTime) {
  const auto message = [](const char* text) -> std::string {
    try {
      (void)Serdes<absl::Time>::decode(SharedText(text));
      return "";
    } catch (const SerdesError& error) {
      return error.what();
    }
  };
  EXPECT_THAT(message("7"), testing::HasSubstr("expected a time in quotation marks, found 7"));
  EXPECT_THAT(message("\"noon\""), testing::HasSubstr("found noon"));
  EXPECT_THROW(Serdes<absl::Duration>::decode(SharedText("\"soon\"")), SerdesError);
  EXPECT_THROW(Serdes<absl::Duration>::decode(SharedText()), SerdesError);
}

using SerdesTest = InvocationTest;

TEST_F(SerdesTest, ATimeIsTheResultOfAStepAndTheElementOfACombinator) {
  const absl::Time then = absl::FromUnixMillis(1767225600123);
  const auto handler = [then](DurableContext ctx) -> Task<absl::Time> {
    auto stamp = ctx.step("stamp", [&] { return then; });
    auto left = ctx.step("left", [&] { return absl::Minutes(90); });
    const auto both = co_await ctx.all("both", stamp, left);
    co_return std::get<0>(both) + std::get<1>(both);
  };
  const std::string expected = "\"2026-01-01T01:30:00.123Z\"";
  EXPECT_EQ(invoke(handler).output.result, expected);
  EXPECT_EQ(invoke(handler).output.result, expected);
  EXPECT_THAT(service_.updates, IsEmpty());
}

}  // namespace
}  // namespace reprise
