#include "reprise/world/host.h"

#include <gtest/gtest.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "reprise/world/effect.h"
#include "reprise/world/world.h"

namespace reprise {
namespace {

/// A run in which every hidden input has changed `changes` times.
class ChangedInputs final : public EffectSink {
 public:
  explicit ChangedInputs(std::uint64_t changes)
      : changes_(changes), before_(exchange_current(this)) {}
  ~ChangedInputs() override { exchange_current(before_); }
  EffectFate before_effect(const EffectCall&) override { return fate(); }
  EffectFate after_effect(const EffectCall&, bool) override { return fate(); }
  bool tearing_down() const override { return false; }
  std::uint64_t variation(HiddenInput) override { return changes_; }
  std::int64_t now_ms() const override { return 1'000'000; }
  std::uint64_t entropy() override { return 7; }
  bool alive = true;

 private:
  EffectFate fate() const { return alive ? EffectFate::kGoesOn : EffectFate::kDies; }

  std::uint64_t changes_;
  EffectSink* before_;
};

std::vector<std::string> order(const Host& host) {
  std::unordered_map<std::string, int, SaltedHash> map(16, SaltedHash(host));
  for (const char* key : {"sum", "average", "max", "min", "count", "median"}) map[key] = 1;
  std::vector<std::string> keys;
  for (const auto& [key, unused] : map) keys.push_back(key);
  return keys;
}

TEST(Host, IsTheSameUntilSomethingChanges) {
  Host host;
  host.set_env("MODE", "old", "new");
  ChangedInputs run(0);
  EXPECT_EQ(host.now(), absl::FromUnixMillis(1'000'000));
  EXPECT_EQ(host.env("MODE"), "old");
  EXPECT_EQ(host.env("OTHER"), "");
  EXPECT_EQ(order(host), order(host));
}

TEST(Host, DiffersAfterAChange) {
  Host host;
  host.set_env("MODE", "old", "new");
  std::vector<std::string> before;
  {
    ChangedInputs run(0);
    before = order(host);
  }
  ChangedInputs run(1);
  EXPECT_NE(host.now(), absl::FromUnixMillis(1'000'000));
  EXPECT_EQ(host.env("MODE"), "new");
  EXPECT_NE(order(host), before) << "plain re-running would have kept the order";
}

TEST(Effect, AppliesOutsideRuns) {
  int value = 0;
  effect({.target = "t", .action = "a"}, [&](EffectOutcome&) { ++value; });
  EXPECT_EQ(value, 1);
}

TEST(Effect, DoesNothingOnceTheProcessIsDead) {
  ChangedInputs run(0);
  run.alive = false;
  int value = 0;
  EXPECT_THROW(effect({.target = "t", .action = "a"}, [&](EffectOutcome&) { ++value; }), PowerCut);
  EXPECT_EQ(value, 0);
}

TEST(World, BringsValuesBackWhereTheyAre) {
  int a = 1;
  std::string b = "x";
  World world;
  world.add(a);
  world.add(b);
  const World::Copy copy = world.save();
  a = 2;
  EXPECT_FALSE(world.equals(copy));
  world.restore(copy);
  EXPECT_TRUE(world.equals(copy));
  EXPECT_EQ(a, 1);
  EXPECT_TRUE(world.joinable());
  world.add_uncopyable([] {});
  EXPECT_FALSE(world.joinable());
}

}  // namespace
}  // namespace reprise
