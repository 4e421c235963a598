// This scenario shows workflows of many tenants that wait for confirmations at the same time: each
// begins behind an HTTP gateway, caches data of its tenant in the memory of its execution
// environment, hands out a callback token, and is finished by the payload that comes back with it.
//
// It is the fourth of five.  What is worth copying: a cache in the memory of an environment is a
// convenience that a cold start takes away, so what is missing is loaded again; tenant isolation
// mode is what makes it safe, and not the code; the token of a tenant is accepted from that tenant
// only; the function that accepts it refuses what it cannot understand instead of saying 200.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/explore/scenario.h"
#include "reprise/fakes/durable_client.h"
#include "reprise/fakes/function_host.h"
#include "reprise/fakes/gateway.h"
#include "reprise/fakes/object_store.h"
#include "reprise/fakes/table.h"
#include "reprise/sdk/context.h"

namespace scenarios::tenant_isolation {

// --- data ---------------------------------------------------------------------------------------

/// The body of POST /workflow.
struct Request {
  std::string requestId;
  std::string purpose;
  std::int64_t amountCents = 0;
};

/// What is known of a tenant, and cached in the memory of its environment.
struct TenantData {
  std::string tenantId;
  std::string plan;
  std::string accountNumber;
  std::int64_t limitCents = 0;

  bool operator==(const TenantData&) const = default;
};

/// What the first step finds out.
struct Validation {
  bool accepted = false;
  std::string reason;  ///< why not
  std::string plan;
};

/// The body of POST /callback.
struct Confirmation {
  std::string callbackId;
  std::string payload;  ///< of whoever confirms
};

struct Result {
  std::string requestId;
  std::string status;  ///< "completed", "rejected", "expired"
  std::string tenantId;
  std::string accountNumber;
  std::string purpose;
  std::string confirmation;
  std::string environment;  ///< left out unless a flawed twin fills it in
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Request, requestId, purpose, amountCents)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(TenantData, tenantId, plan, accountNumber,
                                                limitCents)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Validation, accepted, reason, plan)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Confirmation, callbackId, payload)
void to_json(nlohmann::json& out, const Result& result);
void from_json(const nlohmann::json& in, Result& result);

// --- world --------------------------------------------------------------------------------------

/// Everything outside the two functions.
struct World {
  reprise::fakes::Table tenants{"tenants"};  ///< TenantData by tenant
  reprise::fakes::Table tokens{"tokens"};    ///< callback id by "<tenant>/<request>"
  reprise::fakes::ObjectStore results{"results"};
  reprise::fakes::DurableClient client;
  std::set<std::string> thanked;  ///< requests whose confirmation was answered 200

  /// The token that a workflow has handed out; "": none yet.
  std::string token_of(const std::string& tenant, const std::string& request) const;

  bool operator==(const World&) const = default;
};

// --- the two functions --------------------------------------------------------------------------

/// The durable function behind /workflow.
class Workflow {
 public:
  Workflow(World& world, reprise::fakes::FunctionHost& host)
      : world_(world), host_(host), cache_(host, "tenant data") {}
  Workflow(const Workflow&) = delete;
  virtual ~Workflow() = default;

  reprise::Task<Result> run(reprise::DurableContext ctx, Request request);

 protected:
  /// Of the tenant whose invocation this is: from the memory of the environment, or loaded.
  TenantData tenant_data();

  // What a flawed twin does in another way.
  virtual TenantData data_after_the_wait() { return tenant_data(); }
  virtual Result returned(const Result& finished) { return finished; }
  // What the next version does in another way.
  virtual absl::Duration patience() const { return absl::Hours(24); }

  World& world_;
  reprise::fakes::FunctionHost& host_;
  reprise::fakes::EnvironmentLocal<TenantData> cache_;

 private:
  Validation validate(const Request& request);
  Result finish(const Request& request, const std::string& confirmation);
};

/// The plain function behind /callback: completes the callback whose token the body has, for the
/// tenant that it was handed out to.
class Callback {
 public:
  explicit Callback(World& world) : world_(world) {}
  Callback(const Callback&) = delete;
  virtual ~Callback() = default;

  reprise::fakes::HttpResponse accept(const std::string& tenant, const std::string& body);

 protected:
  // What a flawed twin does in another way.
  virtual reprise::fakes::HttpResponse id_is_missing();
  /// The token was handed out to the tenant.
  virtual bool is_of(const std::string& tenant, const std::string& callback_id);

  World& world_;
};

// --- the scenarios ------------------------------------------------------------------------------

enum class Situation : std::uint8_t {
  kConfirmed,       ///< each tenant confirms its own request
  kForgetful,       ///< the first tenant leaves callbackId out, and mends that when it is told
  kWrongToken,      ///< the second tenant sends the token of the first, and then its own
  kNeverConfirmed,  ///< nobody does, and the callbacks time out
  kRejected,        ///< above the limit of the tenant
  kSameTenant,      ///< one tenant asks several times; `tenants` says how often
  kThroughGateway,  ///< the requests come during the run, and not before it
};

/// The mistakes: each was published, or is what the pattern warns of.
enum class Flaw : std::uint8_t {
  kNone,
  kIsolationOff,         ///< the environment of one tenant serves another, cache and all
  kCacheAssumed,         ///< what the first step cached is taken for granted after the wait
  kCallbackUnchecked,    ///< /callback says 200 to a body without callbackId
  kEnvironmentInResult,  ///< the result names the environment that made it
  kForeignToken,         ///< /callback accepts the token of another tenant
};

/// Versions of the durable function.
enum class Version : std::uint8_t {
  kFirst,
  kExplained,  ///< a result says more
  kPatient,    ///< waits two days for a confirmation
};

/// How many tenants there are, and the order in which they confirm.
struct Tenancy {
  Situation situation = Situation::kConfirmed;
  Flaw flaw = Flaw::kNone;
  int tenants = 2;
  std::vector<int> order = {};  ///< of confirmations, from 0; empty: that of the tenants
  Version version = Version::kFirst;
};

/// Handlers and world of one situation.
///
///     TenantIsolation tenants({.tenants = 3, .order = {2, 0, 1}});
///     Scenario scenario = tenants.scenario();   // must not outlive `tenants`
///     EXPECT_DURABLE(scenario);
class TenantIsolation {
 public:
  explicit TenantIsolation(Tenancy tenancy);
  TenantIsolation(const TenantIsolation&) = delete;

  reprise::Scenario scenario();
  World& world() { return world_; }
  reprise::fakes::FunctionHost& host() { return host_; }
  const reprise::fakes::Gateway& gateway() const { return gateway_; }

  /// "acme", "bolt", ...: the tenant of a request, from 0.
  std::string tenant(int request) const;
  /// "acme-1", ...: name of the execution of a request.
  std::string execution(int request) const;
  /// What nobody but the tenant of the request may see: its purpose, account and payload have it.
  std::string secret(int request) const;
  /// POST /workflow of a request.
  reprise::fakes::HttpRequest start_request(int request) const;
  /// POST /callback of a request, with the token that was handed out for it.
  reprise::fakes::HttpRequest confirmation(int request) const;

 private:
  void add_starts(reprise::Scenario& scenario);
  void add_confirmations(reprise::Scenario& scenario);
  void add_invariants(reprise::Scenario& scenario);
  void confirm(int request);

  Tenancy tenancy_;
  World world_;
  reprise::fakes::FunctionHost host_;
  reprise::fakes::Gateway gateway_;
  std::unique_ptr<Workflow> workflow_;
  std::unique_ptr<Callback> callback_;
};

/// Name of the scenario: "tenant-isolation.confirmed.2",
/// "tenant-isolation.confirmed.2.isolation-off".
std::string scenario_name(const Tenancy& tenancy);

/// A flawed twin with the situation that shows its mistake, as a type of its own.
template <Situation situation, Flaw flaw>
class Twin : public TenantIsolation {
 public:
  static Tenancy tenancy() { return {.situation = situation, .flaw = flaw}; }
  Twin() : TenantIsolation(tenancy()) {}
  static std::string name() { return scenario_name(tenancy()); }
};
using IsolationOff = Twin<Situation::kConfirmed, Flaw::kIsolationOff>;
using CacheAssumed = Twin<Situation::kConfirmed, Flaw::kCacheAssumed>;
using CallbackUnchecked = Twin<Situation::kForgetful, Flaw::kCallbackUnchecked>;
using EnvironmentInResult = Twin<Situation::kConfirmed, Flaw::kEnvironmentInResult>;
using ForeignToken = Twin<Situation::kWrongToken, Flaw::kForeignToken>;

}  // namespace scenarios::tenant_isolation
