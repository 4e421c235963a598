#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "reprise/world/effect.h"

namespace reprise::fakes {

/// A run of one process for the tests of fakes: notes each effect and dies where it is told to.
class RecordingSink final : public EffectSink {
 public:
  struct Seen {
    std::string call;  ///< "table.put(a, {})"
    std::string key;
    std::string object;
    bool repeatable = false;
    bool changed = true;
    std::uint_least32_t line = 0;
  };

  RecordingSink() : outer_(exchange_current(this)) {}
  ~RecordingSink() override { exchange_current(outer_); }
  RecordingSink(const RecordingSink&) = delete;
  RecordingSink& operator=(const RecordingSink&) = delete;

  /// The process dies before (after) its effect of this number, counted from 1.
  void die_before(int effect) { dies_before_ = effect; }
  void die_after(int effect) { dies_after_ = effect; }
  /// What another process does while this one stands before its next effect.
  void meanwhile(std::function<void()> other) { other_ = std::move(other); }
  /// What time it is, from now on.
  void set_now(std::int64_t ms) { now_ms_ = ms; }
  /// How often hidden inputs have changed, from now on.
  void vary(std::uint64_t changes) { changes_ = changes; }
  /// The service that fakes reach which call it.
  void serve(FakeService& service) { service_ = &service; }
  /// Destroys frames from now on: no effect happens, and no exception may leave a fake.
  void tear_down() { tearing_down_ = true; }

  /// The effects that happened.
  const std::vector<Seen>& seen() const { return seen_; }
  const Seen& last() const { return seen_.at(seen_.size() - 1); }

  EffectFate before_effect(const EffectCall&) override {
    if (dead_ || tearing_down_) return EffectFate::kDies;
    if (const std::function<void()> other = std::exchange(other_, nullptr)) {
      exchange_current(nullptr);
      other();
      exchange_current(this);
    }
    dead_ = ++count_ == dies_before_;
    return fate();
  }
  EffectFate after_effect(const EffectCall& call, bool changed) override {
    seen_.push_back(
        {std::string(call.target) + "." + std::string(call.action) + "(" + call.arguments + ")",
         call.key, call.object, call.repeatable, changed, call.location.line()});
    dead_ = count_ == dies_after_;
    return fate();
  }
  bool tearing_down() const override { return tearing_down_; }
  std::uint64_t variation(HiddenInput) override { return changes_; }
  std::int64_t now_ms() const override { return now_ms_; }
  std::uint64_t entropy() override { return 0; }
  FakeService* service_for_callers() override { return service_; }

 private:
  EffectFate fate() const { return dead_ ? EffectFate::kDies : EffectFate::kGoesOn; }

  EffectSink* outer_;
  FakeService* service_ = nullptr;
  std::vector<Seen> seen_;
  std::function<void()> other_;
  std::int64_t now_ms_ = 0;
  std::uint64_t changes_ = 0;
  int count_ = 0;
  int dies_before_ = 0;
  int dies_after_ = 0;
  bool dead_ = false;
  bool tearing_down_ = false;
};

}  // namespace reprise::fakes
