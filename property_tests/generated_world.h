#pragma once

#include <map>
#include <set>
#include <string>

#include "property_tests/generated_program.h"
#include "reprise/world/host.h"

namespace reprise::properties {

/// The world of generated programs: a copyable value.  The order in which lines come into the
/// journal is not part of it, because branches may write them in any.
class Desk {
 public:
  /// Makes an effect; `scope` tells apart what several items of a map do.
  void apply(const GeneratedEffect& what, const std::string& steady_key);
  int taken(int cell) const;

  friend bool operator==(const Desk&, const Desk&) = default;

 private:
  bool is_new(const std::string& key);

  std::map<int, int> accounts_;
  std::map<int, int> meters_;
  std::map<int, int> settings_;
  std::map<std::string, int> journal_;
  std::set<std::string> keys_;
  int charges_ = 0;
};

}  // namespace reprise::properties
