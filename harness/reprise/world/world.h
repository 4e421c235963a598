#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

namespace reprise {

/// A copy of a world's value.
using WorldCopy = std::shared_ptr<const void>;

/// The world of a run: the fakes, which stay at their addresses.  Their *values* are copied out and
/// back in, so handlers keep plain references and tests need no factory.
class World {
 public:
  /// Adds a part.  It is never moved and must outlive the world.  A part that can be copied and
  /// compared lets states be joined; any other part needs a `reset` that brings it back to where
  /// the test left it.
  template <class W>
  requires std::copyable<W> && std::equality_comparable<W>
  void add(W& part) {
    parts_.push_back({type_name(typeid(W)),
                      [&part]() -> WorldCopy { return std::make_shared<const W>(part); },
                      [&part](const void* copy) { part = *static_cast<const W*>(copy); },
                      [&part](const void* copy) { return part == *static_cast<const W*>(copy); },
                      [](const void* a, const void* b) {
                        return *static_cast<const W*>(a) == *static_cast<const W*>(b);
                      }});
  }
  void add_uncopyable(std::function<void()> reset) { resets_.push_back(std::move(reset)); }

  /// False: some part cannot be copied or compared, so states are rebuilt by running their prefix
  /// again and are never joined.
  bool joinable() const { return resets_.empty(); }

  using Copy = std::vector<WorldCopy>;
  Copy save() const;
  void restore(const Copy& copy);
  bool equals(const Copy& copy) const;
  static bool equal(const World& world, const Copy& a, const Copy& b);
  /// The types of the parts in which two copies differ: "Mailer, Table".
  static std::string difference(const World& world, const Copy& a, const Copy& b);

 private:
  static std::string type_name(const std::type_info& type);

  struct Part {
    std::string type;
    std::function<WorldCopy()> save;
    std::function<void(const void*)> restore;
    std::function<bool(const void*)> equals;
    std::function<bool(const void*, const void*)> equal;
  };
  std::vector<Part> parts_;
  std::vector<std::function<void()>> resets_;
};

}  // namespace reprise
