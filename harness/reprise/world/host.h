#pragma once

#include <absl/time/time.h>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace reprise {

/// The machine a handler runs on: clock, environment variables, entropy, the order of hash tables.
///
/// These are *hidden inputs*: no history records them, so a handler may read them only inside
/// steps.  In a step body they are steady (the clock shows virtual time); outside they may differ
/// from invocation to invocation, as on another host, after a deployment, in another process.  The
/// exploration varies all of them and names the one that mattered.
///
///     absl::Time stamped = co_await ctx.step("stamp", [&] { return host.now(); });  // right
///     order.stamped = host.now();                                                    // found
///
/// A copyable value: part of a world.
class Host {
 public:
  /// The wall clock.
  absl::Time now() const;
  /// The value of an environment variable; "" when it is not set.
  std::string env(const std::string& name) const;
  /// Sets a variable, and the value that it has after the next deployment.
  void set_env(const std::string& name, std::string value, std::string after_deployment);
  void set_env(const std::string& name, std::string value);
  /// The name of the machine; another invocation may run on another one.
  std::string name() const;
  /// Puts elements whose order nobody specifies, what a sort finds equal or what a directory lists
  /// for instance, into an order of this process: call it before the sort.  It stays as it is until
  /// it varies.
  template <class Range>
  void in_any_order(Range& range) const {
    std::uint64_t salt = tie_salt();
    if (salt == 0) return;
    for (std::size_t left = std::size(range); left > 1; --left) {
      salt = salt * 6364136223846793005U + 1442695040888963407U;
      const auto other = static_cast<std::size_t>((salt >> 33U) % left);
      std::swap(*std::next(std::begin(range), static_cast<std::ptrdiff_t>(other)),
                *std::next(std::begin(range), static_cast<std::ptrdiff_t>(left - 1)));
    }
  }
  /// A random number.
  std::uint64_t entropy() const;
  /// Virtual time that a step body takes: its result is recorded so much later, and what becomes
  /// due meanwhile happens meanwhile.
  ///
  ///     co_await ctx.step("render", [&] { host.spend(absl::Seconds(30)); return render(); });
  void spend(absl::Duration duration) const;
  /// What seeds the hash functions of this process (0 until it varies): `std::unordered_map<K, V,
  /// SaltedHash>` keeps its order within a process and differs in the next.
  std::uint64_t hash_salt() const;

  friend bool operator==(const Host&, const Host&) = default;

 private:
  struct Variable {
    std::string value;
    std::string after_deployment;
    friend bool operator==(const Variable&, const Variable&) = default;
  };
  static std::uint64_t tie_salt();

  std::map<std::string, Variable> variables_;
};

/// A hash of texts that depends on the host's salt.
class SaltedHash {
 public:
  explicit SaltedHash(const Host& host) : salt_(host.hash_salt()) {}
  std::size_t operator()(std::string_view text) const;

 private:
  std::uint64_t salt_;
};

}  // namespace reprise
