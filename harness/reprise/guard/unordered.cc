// The order of hash tables.  libstdc++ lists the elements of a table in an order that follows from
// when it grew, and asks a function of its library for that: in handler code, when the run varies
// the order, tables grow at other moments and to other sizes, as with another version of the
// library.

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>

#include "reprise/guard/internal/interposed.h"
#include "reprise/world/effect.h"

#ifdef __GLIBCXX__

namespace {

using Policy = std::__detail::_Prime_rehash_policy;
using NeedRehash = std::pair<bool, std::size_t>(const Policy*, std::size_t, std::size_t,
                                                std::size_t);

std::uint64_t changes() {
  const reprise::AmbientScope scope = reprise::internal::quiet_scope();
  if (scope.region != reprise::CodeRegion::kHandler) return 0;
  return reprise::EffectSink::current()->variation(reprise::HiddenInput::kUnorderedOrder);
}

}  // namespace

// Weak: where libstdc++ is linked statically, its own definition wins.
[[gnu::weak]] std::pair<bool, std::size_t> reprise_interposed_need_rehash(
    const Policy* policy, std::size_t buckets, std::size_t elements,
    std::size_t inserted) __asm__("_ZNKSt8__detail20_Prime_rehash_policy14_M_need_rehashEmmm");
std::pair<bool, std::size_t> reprise_interposed_need_rehash(const Policy* policy,
                                                            std::size_t buckets,
                                                            std::size_t elements,
                                                            std::size_t inserted) {
  static constinit reprise::internal::Next<NeedRehash> next(
      "_ZNKSt8__detail20_Prime_rehash_policy14_M_need_rehashEmmm", nullptr);
  const std::pair<bool, std::size_t> usual = next.get()(policy, buckets, elements, inserted);
  const std::uint64_t count = changes();
  if (count == 0 || elements == 0) return usual;
  // Growing puts the elements that are there into the opposite order.  Only while the table is
  // small: each time it grows by a sixth, too.
  constexpr std::size_t kElementsMax = 32;
  if (elements > kElementsMax || (elements + count) % 2 == 0) return usual;
  const std::size_t least = usual.first ? usual.second : buckets;
  return {true, policy->_M_next_bkt(least + 1)};
}

#endif

REPRISE_GUARD_OBJECT(unordered)
