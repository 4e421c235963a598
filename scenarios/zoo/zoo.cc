#include "scenarios/zoo/zoo.h"

#include <vector>

namespace scenarios::zoo {

std::span<const ZooEntry> zoo() {
  static const std::vector<ZooEntry> all = [] {
    std::vector<ZooEntry> entries;
    for (const auto& family : {nd_entries, cf_entries, st_entries, su_entries, cc_entries,
                               id_entries, cb_entries, lc_entries, is_entries, decoys}) {
      const std::span<const ZooEntry> more = family();
      entries.insert(entries.end(), more.begin(), more.end());
    }
    return entries;
  }();
  return all;
}

}  // namespace scenarios::zoo
