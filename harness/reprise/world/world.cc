#include "reprise/world/world.h"

namespace reprise {

World::Copy World::save() const {
  Copy copy;
  copy.reserve(parts_.size());
  for (const Part& part : parts_) copy.push_back(part.save());
  return copy;
}

void World::restore(const Copy& copy) {
  for (std::size_t i = 0; i < parts_.size(); ++i) parts_[i].restore(copy[i].get());
  for (const auto& reset : resets_) reset();
}

bool World::equals(const Copy& copy) const {
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (!parts_[i].equals(copy[i].get())) return false;
  }
  return true;
}

bool World::equal(const World& world, const Copy& a, const Copy& b) {
  for (std::size_t i = 0; i < world.parts_.size(); ++i) {
    if (!world.parts_[i].equal(a[i].get(), b[i].get())) return false;
  }
  return true;
}

}  // namespace reprise
