// Entropy.  In a run every draw comes from a stream that the run can repeat; in handler code the
// stream differs from invocation to invocation when the run varies entropy.

#include <stdlib.h>
#include <sys/random.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>

#include "reprise/guard/internal/interposed.h"

namespace {

using reprise::AmbientKind;
using reprise::internal::AmbientRegion;
using reprise::internal::draw_bits;

void fill(void* to, std::size_t size) {
  auto* bytes = static_cast<unsigned char*>(to);
  while (size > 0) {
    const std::uint64_t bits = draw_bits();
    const std::size_t now = std::min(size, sizeof bits);
    std::memcpy(bytes, &bits, now);
    bytes += now;
    size -= now;
  }
}

std::uint32_t draw32() { return static_cast<std::uint32_t>(draw_bits() >> 32); }
std::int32_t draw31() { return static_cast<std::int32_t>(draw_bits() >> 33); }
double draw_unit() { return static_cast<double>(draw_bits() >> 11) * 0x1p-53; }

// A generator that the code has seeded itself gives the same numbers on every replay.
bool is_seeded() {
  const reprise::AmbientScope scope = reprise::internal::quiet_scope();
  return scope.state != nullptr && scope.state->seeded;
}
void note_seed() {
  const reprise::AmbientScope scope = reprise::internal::quiet_scope();
  if (scope.state != nullptr) scope.state->seeded = true;
}

}  // namespace

REPRISE_GUARD_OBJECT(entropy)

REPRISE_INTERPOSED(ssize_t, getrandom, (void* to, std::size_t size, unsigned int flags)) {
  const AmbientRegion region(AmbientKind::kEntropy, "getrandom", REPRISE_CALLER);
  if (region.outside()) return next_getrandom.get()(to, size, flags);
  fill(to, size);
  return static_cast<ssize_t>(size);
}

REPRISE_INTERPOSED(int, getentropy, (void* to, std::size_t size)) {
  const AmbientRegion region(AmbientKind::kEntropy, "getentropy", REPRISE_CALLER);
  if (region.outside()) return next_getentropy.get()(to, size);
  fill(to, size);
  return 0;
}

REPRISE_INTERPOSED(std::uint32_t, arc4random, ()) {
  const AmbientRegion region(AmbientKind::kEntropy, "arc4random", REPRISE_CALLER);
  return region.outside() ? next_arc4random.get()() : draw32();
}

REPRISE_INTERPOSED(std::uint32_t, arc4random_uniform, (std::uint32_t bound)) {
  const AmbientRegion region(AmbientKind::kEntropy, "arc4random_uniform", REPRISE_CALLER);
  if (region.outside() || bound == 0) return next_arc4random_uniform.get()(bound);
  return draw32() % bound;
}

REPRISE_INTERPOSED(void, arc4random_buf, (void* to, std::size_t size)) {
  const AmbientRegion region(AmbientKind::kEntropy, "arc4random_buf", REPRISE_CALLER);
  if (region.outside()) {
    next_arc4random_buf.get()(to, size);
  } else {
    fill(to, size);
  }
}

// What std::random_device{}() ends in with libstdc++.  It executes rdseed or rdrand there, which
// nothing can interpose, so it is the member function that is replaced.  Weak: where libstdc++ is
// linked statically, its own definition wins.
extern "C" [[gnu::weak]] unsigned int reprise_interposed_random_device(
    std::random_device* device) __asm__("_ZNSt13random_device9_M_getvalEv");
extern "C" unsigned int reprise_interposed_random_device(std::random_device* device) {
  static constinit reprise::internal::Next<unsigned int(std::random_device*)> next(
      "_ZNSt13random_device9_M_getvalEv", nullptr);
  const AmbientRegion region(AmbientKind::kEntropy, "std::random_device", REPRISE_CALLER);
  return region.outside() ? next.get()(device) : draw32();
}

#define REPRISE_SEEDED_DRAW(result, name, value)                                \
  REPRISE_INTERPOSED(result, name, ()) {                                        \
    if (is_seeded()) return next_##name.get()();                                \
    const AmbientRegion region(AmbientKind::kEntropy, #name, REPRISE_CALLER);   \
    return region.outside() ? next_##name.get()() : static_cast<result>(value); \
  }
#define REPRISE_SEED(result, name, parameters, argument) \
  REPRISE_INTERPOSED(result, name, parameters) {         \
    note_seed();                                         \
    return next_##name.get()(argument);                  \
  }

REPRISE_SEEDED_DRAW(int, rand, draw31())
REPRISE_SEEDED_DRAW(long, random, draw31())
REPRISE_SEEDED_DRAW(double, drand48, draw_unit())
REPRISE_SEEDED_DRAW(long, lrand48, draw31())
REPRISE_SEEDED_DRAW(long, mrand48, static_cast<std::int32_t>(draw32()))
REPRISE_SEED(void, srand, (unsigned int seed), seed)
REPRISE_SEED(void, srandom, (unsigned int seed), seed)
REPRISE_SEED(void, srand48, (long seed), seed)
