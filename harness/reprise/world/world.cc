#include "reprise/world/world.h"

#include <cxxabi.h>

#include <cstdlib>

#include "reprise/protocol/internal/planted_fault.h"

namespace reprise {

World::Copy World::save() const {
  Copy copy;
  copy.reserve(parts_.size());
  for (const Part& part : parts_) copy.push_back(part.save());
  return copy;
}

void World::restore(const Copy& copy) {
  const std::size_t kept = REPRISE_FAULT(last_fake_not_restored) && parts_.size() > 1 ? 1 : 0;
  for (std::size_t i = 0; i + kept < parts_.size(); ++i) parts_[i].restore(copy[i].get());
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

std::string World::difference(const World& world, const Copy& a, const Copy& b) {
  std::string types;
  for (std::size_t i = 0; i < world.parts_.size(); ++i) {
    if (world.parts_[i].equal(a[i].get(), b[i].get())) continue;
    types += (types.empty() ? "" : ", ") + world.parts_[i].type;
  }
  return types;
}

std::string World::type_name(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> name(
      abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), std::free);
  const std::string text = status == 0 ? name.get() : type.name();
  const std::size_t scope = text.rfind("::");
  return scope == std::string::npos ? text : text.substr(scope + 2);
}

}  // namespace reprise
