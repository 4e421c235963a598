#include "reprise/world/host.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "reprise/world/effect.h"

namespace reprise {
namespace {

constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15U;

std::uint64_t mix(std::uint64_t z) {  // splitmix64: the same everywhere
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

std::uint64_t variation(HiddenInput input) {
  EffectSink* sink = EffectSink::current();
  return sink ? sink->variation(input) : 0;
}

}  // namespace

absl::Time Host::now() const {
  const EffectSink* sink = EffectSink::current();
  const absl::Time base = sink ? absl::FromUnixMillis(sink->now_ms()) : absl::UnixEpoch();
  // Another host's clock is ahead or behind by an odd amount; and every other time so much time has
  // gone by that whatever is due some day is due.
  const auto skew = static_cast<std::int64_t>(variation(HiddenInput::kClock));
  const absl::Duration gone = skew % 2 == 0 ? absl::ZeroDuration() : absl::Hours(24 * 400);
  const auto rate = 1 + static_cast<std::int64_t>(variation(HiddenInput::kClockRate));
  const auto back = static_cast<std::int64_t>(variation(HiddenInput::kClockDirection));
  // Virtual time stands still while code outside bodies runs; a loop that waits for it must end.
  EffectSink* reader = EffectSink::current();
  const std::int64_t readings = reader ? reader->clock_readings() : 0;
  return base + gone + absl::Milliseconds(skew % 2 == 0 ? -1009 * skew : 1013 * skew) +
         absl::Milliseconds(readings * rate) - absl::Hours(back);
}

std::string Host::name() const {
  const std::uint64_t changes = variation(HiddenInput::kHostName);
  return "host-" + std::to_string(changes + 1);
}

std::uint64_t Host::tie_salt() {
  const std::uint64_t changes = variation(HiddenInput::kTieOrder);
  return changes == 0 ? 0 : mix(changes * kStep);
}

std::string Host::env(const std::string& name) const {
  const auto found = variables_.find(name);
  if (found == variables_.end()) return {};
  // Deployed and rolled back in turn: a first reading after a wait differs from the next one too.
  const bool deployed = variation(HiddenInput::kEnvironment) % 2 == 1;
  return deployed ? found->second.after_deployment : found->second.value;
}

void Host::set_env(const std::string& name, std::string value, std::string after_deployment) {
  variables_[name] = Variable{std::move(value), std::move(after_deployment)};
}

void Host::set_env(const std::string& name, std::string value) {
  variables_[name] = Variable{value, value};
}

std::uint64_t Host::entropy() const {
  EffectSink* sink = EffectSink::current();
  if (sink == nullptr) return kStep;
  return mix(sink->entropy() + kStep * (1 + sink->variation(HiddenInput::kEntropy)));
}

void Host::spend(absl::Duration duration) const {
  EffectSink* sink = EffectSink::current();
  if (sink != nullptr) sink->spend(absl::ToInt64Milliseconds(duration));
}

std::uint64_t Host::hash_salt() const {
  const std::uint64_t changes = variation(HiddenInput::kUnorderedOrder);
  return changes == 0 ? 0 : mix(changes * kStep);
}

std::size_t SaltedHash::operator()(std::string_view text) const {
  const std::uint64_t hash = XXH3_64bits_withSeed(text.data(), text.size(), salt_);
  // libstdc++ iterates in reverse order of insertion as long as no two keys share a bucket,
  // whatever their hashes: few values make them share, and the order change.
  constexpr std::uint64_t kValues = 3;
  return static_cast<std::size_t>(salt_ == 0 ? hash : hash % kValues);
}

}  // namespace reprise
