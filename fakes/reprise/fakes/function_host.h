#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "reprise/service/fake_service.h"
#include "reprise/world/environment_pool.h"

namespace reprise::fakes {

/// How a function is hosted.
struct HostedFunction {
  /// Tenant isolation mode: an environment serves one tenant for as long as it lives.
  bool per_tenant = false;
  /// How many invocations may run at the same time; nullopt: any number; 0: none.
  std::optional<int> reserved_concurrency = std::nullopt;
};

/// The execution environments of a function service, in the manner of AWS Lambda: processes that
/// are kept warm, with memory that outlives the invocation.
///
///     FunctionHost host;
///     host.add("workflow", {.per_tenant = true});
///     EnvironmentLocal<TenantData> cache(host, "tenant data");
///
///     scenario.durable_function("workflow", handler, host.config("workflow"));
///     scenario.start("a", "workflow", request).tenant("acme");
///     scenario.environments(host);
///     EXPECT_DURABLE(scenario);
///
/// Which environment serves an invocation nobody can foretell.  Without faults it is the one that
/// served the same execution last, and a cold one when there is none.  An exploration tries every
/// other one too, for every invocation, in every combination.
///
/// Has of the real service:
/// - an environment serves one invocation at a time, stays warm behind it, and keeps what the
///   function left in memory; a process that dies takes it along, and so does one whose invocation
///   the service has given up on; an error that the function returns does not;
/// - a cold environment may be made for any invocation, however many are warm;
/// - tenant isolation mode: an environment serves one tenant only; an invocation without a tenant
/// is
///   refused by the service (FunctionConfig::per_tenant, which config() sets), with
///   InvalidParameterValueException;
/// - reserved concurrency: an invocation beyond it is throttled with TooManyRequestsException.  The
///   service tries an asynchronous one again, later and later; the caller of a plain function gets
///   the error.
///
/// Leaves out: the time that a cold start takes, code that runs while an environment starts,
/// provisioned concurrency and snapshots, the concurrency of the account, deployments, the
/// disk (/tmp; hold it as an EnvironmentLocal), and when idle environments are reclaimed: none is,
/// but a cold one can always come instead.  Of several idle ones that hold the same and served the
/// same execution last one is kept.  Memory is read and written without effects: it is no fault
/// point, and orders of branches that share it are not told apart by it.
///
/// A copyable value, part of a world.  Compared by the environments: function, tenants, execution
/// served last, memory, busy or idle; not by their names.
class FunctionHost final : public EnvironmentPool {
 public:
  /// Says how a function is hosted; one that is not added is hosted without limits.
  FunctionHost& add(const std::string& function, HostedFunction hosted);
  /// What a scenario registers the function with.
  FunctionConfig config(const std::string& function) const;

  // --- for code that runs in an environment; throws std::logic_error elsewhere
  /// Tenant of the invocation; "": none.
  std::string tenant() const;
  /// Name of the environment, as in its log stream: "workflow/order-1/2" is the second that was
  /// made for the execution order-1.  Handler code outside steps sees that; a step body sees one
  /// name, because what it records about its host is of no consequence.
  std::string environment_name() const;

  // --- for tests
  /// Environments of a function, idle and busy.
  std::size_t environments(const std::string& function) const;
  /// An environment has served more than one tenant.
  bool any_served_two_tenants() const;

  // --- EnvironmentPool
  std::vector<std::string> candidates(const ArrivingInvocation& invocation) const override;
  void occupy(const ArrivingInvocation& invocation, const std::string& environment) override;
  void release(bool alive) override;
  void lose_busy() override;
  void retire() override;

  friend bool operator==(const FunctionHost& a, const FunctionHost& b);

 private:
  template <class T>
  friend class EnvironmentLocal;

  /// A value of any type.
  struct Slot {
    std::shared_ptr<const void> value;
    bool (*equal)(const void*, const void*) = nullptr;
    bool operator==(const Slot& other) const {
      return equal == other.equal &&
             (value == other.value || equal(value.get(), other.value.get()));
    }
  };
  using Memory = std::map<std::string, Slot>;

  struct Process {
    std::string function;
    std::string last;               // execution
    std::string tenant;             // of the invocation that was served last
    std::set<std::string> tenants;  // of all
    Memory memory;
    int busy = 0;      // 0: idle; otherwise its place among those that are, the oldest first
    std::string name;  // not compared: how many were made before must not matter
    bool alike(const Process& other) const;
  };

  HostedFunction hosted(const std::string& function) const;
  bool may_serve(const Process& process, const ArrivingInvocation& invocation) const;
  std::vector<std::pair<std::string, const Process*>> choices(
      const ArrivingInvocation& invocation) const;
  const Process& running() const;
  Process& running();
  void settle();

  std::map<std::string, HostedFunction> functions_;
  std::vector<Process> processes_;   // in an order that the value alone gives
  std::map<std::string, int> made_;  // for each execution; not compared
};

/// A variable in the memory of the environment that runs: what a static variable is in the code of
/// a function.  Each environment has its own; a cold one has none yet.
///
///     EnvironmentLocal<TenantData> cache(host, "tenant data");
///     TenantData data = cache.get().value_or(load(tenant));  // in a step body
///     cache.put(data);
///
/// `T` is copyable and has ==.  Two with the same name are the same variable.  Throws
/// std::logic_error where no environment runs, and when the name is used with another type.
template <class T>
class EnvironmentLocal {
 public:
  /// `host` must outlive it.
  EnvironmentLocal(FunctionHost& host, std::string name) : host_(&host), name_(std::move(name)) {}

  /// The value; nullopt: nothing was put since the environment was cold.
  std::optional<T> get() const { return read(host_->running().memory); }
  void put(T value) const {
    static_cast<void>(get());  // of this type
    host_->running().memory[name_] = {std::make_shared<const T>(std::move(value)), &equal};
  }
  void clear() const { host_->running().memory.erase(name_); }
  /// The values in all environments, for tests.
  std::vector<T> everywhere() const {
    std::vector<T> values;
    for (const FunctionHost::Process& process : host_->processes_) {
      if (std::optional<T> value = read(process.memory)) values.push_back(*std::move(value));
    }
    return values;
  }

 private:
  static bool equal(const void* a, const void* b) {
    return *static_cast<const T*>(a) == *static_cast<const T*>(b);
  }
  std::optional<T> read(const FunctionHost::Memory& memory) const {
    const auto found = memory.find(name_);
    if (found == memory.end()) return std::nullopt;
    if (found->second.equal != &equal) {
      throw std::logic_error("the variable \"" + name_ + "\" has another type");
    }
    return *static_cast<const T*>(found->second.value.get());
  }

  FunctionHost* host_;
  std::string name_;
};

}  // namespace reprise::fakes
