#include "scenarios/tenant_isolation.h"

#include <absl/strings/str_cat.h>
#include <absl/time/time.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace scenarios::tenant_isolation {

using nlohmann::json;
using reprise::DurableContext;
using reprise::Outcome;
using reprise::Scenario;
using reprise::Task;
using reprise::fakes::ClientAnswer;
using reprise::fakes::HttpRequest;
using reprise::fakes::HttpResponse;
using reprise::fakes::message_response;

namespace {

constexpr const char* kTenantHeader = "x-tenant-id";
constexpr const char* kRequestHeader = "x-request-id";

std::string token_key(const std::string& tenant, const std::string& request) {
  return tenant + "/" + request;
}

}  // namespace

void to_json(json& out, const Result& result) {
  out = {{"requestId", result.requestId}, {"status", result.status}};
  const auto add = [&](const char* name, const std::string& text) {
    if (!text.empty()) out[name] = text;
  };
  add("tenantId", result.tenantId);
  add("accountNumber", result.accountNumber);
  add("purpose", result.purpose);
  add("confirmation", result.confirmation);
  add("environment", result.environment);
}

void from_json(const json& in, Result& result) {
  result.requestId = in.at("requestId").get<std::string>();
  result.status = in.at("status").get<std::string>();
  result.tenantId = in.value("tenantId", "");
  result.accountNumber = in.value("accountNumber", "");
  result.purpose = in.value("purpose", "");
  result.confirmation = in.value("confirmation", "");
  result.environment = in.value("environment", "");
}

std::string World::token_of(const std::string& tenant, const std::string& request) const {
  const json row = tokens.get(token_key(tenant, request));
  return row.is_null() ? "" : row.at("callbackId").get<std::string>();
}

// --- the durable function -----------------------------------------------------------------------

// From the memory of the environment; a cold one has nothing yet.  That it holds the data of this
// tenant and of no other is what tenant isolation mode is for.
TenantData Workflow::tenant_data() {
  std::optional<TenantData> cached = cache_.get();
  if (cached) return *std::move(cached);
  TenantData loaded = world_.tenants.get(host_.tenant()).get<TenantData>();
  cache_.put(loaded);
  return loaded;
}

Validation Workflow::validate(const Request& request) {
  const TenantData data = tenant_data();
  Validation validation;
  validation.plan = data.plan;
  validation.accepted = request.amountCents > 0 && request.amountCents <= data.limitCents;
  if (!validation.accepted) {
    validation.reason =
        absl::StrCat(request.amountCents, " is not between 1 and ", data.limitCents);
  }
  return validation;
}

Result Workflow::finish(const Request& request, const std::string& confirmation) {
  const TenantData data = data_after_the_wait();
  Result result;
  result.requestId = request.requestId;
  result.status = "completed";
  result.tenantId = data.tenantId;
  result.accountNumber = data.accountNumber;
  result.purpose = request.purpose;
  result.confirmation = confirmation;
  world_.results.put(absl::StrCat(host_.tenant(), "/", request.requestId, ".json"),
                     json(result).dump());
  return result;
}

Task<Result> Workflow::run(DurableContext ctx, Request request) {
  Validation validation =
      co_await ctx.step("validate-and-cache", [&] { return validate(request); });
  Result result;
  result.requestId = request.requestId;
  if (!validation.accepted) {
    result.status = "rejected";
    result.purpose = validation.reason;
    co_return result;
  }
  reprise::CallbackOptions options;
  options.timeout(patience());
  auto hand_out = [&](const std::string& callback_id) {
    world_.tokens.put(token_key(host_.tenant(), request.requestId), {{"callbackId", callback_id}});
  };
  Outcome<std::string> confirmation =
      co_await ctx.try_wait_for_callback("confirmation", hand_out, options);
  if (!confirmation.ok()) {
    result.status = "expired";
    co_return result;
  }
  Result finished =
      co_await ctx.step("build-result", [&] { return finish(request, *confirmation); });
  co_return returned(finished);
}

// --- the plain function -------------------------------------------------------------------------

HttpResponse Callback::accept(const std::string& tenant, const std::string& body) {
  const json parsed = json::parse(body, nullptr, false);
  if (!parsed.is_object()) return message_response(400, "the body is no JSON object");
  const Confirmation confirmation = parsed.get<Confirmation>();
  if (confirmation.callbackId.empty()) return id_is_missing();
  if (!is_of(tenant, confirmation.callbackId)) {
    return message_response(403, "no such token was handed out to " + tenant);
  }
  const ClientAnswer answer =
      world_.client.succeed_callback(confirmation.callbackId, confirmation.payload);
  if (!answer.ok()) return message_response(answer.http_status, answer.message);
  return message_response(200, "thank you");
}

HttpResponse Callback::id_is_missing() { return message_response(400, "callbackId is missing"); }

bool Callback::is_of(const std::string& tenant, const std::string& callback_id) {
  const std::vector<reprise::fakes::Table::Row> own = world_.tokens.scan(tenant + "/");
  return std::any_of(own.begin(), own.end(),
                     [&](const auto& row) { return row.item.at("callbackId") == callback_id; });
}

// --- the mistakes -------------------------------------------------------------------------------

namespace {

class AssumingWorkflow final : public Workflow {
 public:
  using Workflow::Workflow;

 protected:
  TenantData data_after_the_wait() override { return cache_.get().value_or(TenantData()); }
};

class SigningWorkflow final : public Workflow {
 public:
  using Workflow::Workflow;

 protected:
  Result returned(const Result& finished) override {
    Result signed_result = finished;
    signed_result.environment = host_.environment_name();
    return signed_result;
  }
};

class PoliteCallback final : public Callback {
 public:
  using Callback::Callback;

 protected:
  HttpResponse id_is_missing() override { return message_response(200, "thank you"); }
};

class TrustfulCallback final : public Callback {
 public:
  using Callback::Callback;

 protected:
  bool is_of(const std::string&, const std::string&) override { return true; }
};

// --- the next version ---------------------------------------------------------------------------

class ExplainedWorkflow final : public Workflow {
 public:
  using Workflow::Workflow;

 protected:
  Result returned(const Result& finished) override {
    Result explained = finished;
    explained.purpose += ", and was confirmed";
    return explained;
  }
};

class PatientWorkflow final : public Workflow {
 public:
  using Workflow::Workflow;

 protected:
  absl::Duration patience() const override { return absl::Hours(48); }
};

std::unique_ptr<Workflow> make_workflow(Flaw flaw, Version version, World& world,
                                        reprise::fakes::FunctionHost& host) {
  if (version == Version::kExplained) return std::make_unique<ExplainedWorkflow>(world, host);
  if (version == Version::kPatient) return std::make_unique<PatientWorkflow>(world, host);
  if (flaw == Flaw::kCacheAssumed) return std::make_unique<AssumingWorkflow>(world, host);
  if (flaw == Flaw::kEnvironmentInResult) return std::make_unique<SigningWorkflow>(world, host);
  return std::make_unique<Workflow>(world, host);
}

std::unique_ptr<Callback> make_callback(Flaw flaw, World& world) {
  if (flaw == Flaw::kCallbackUnchecked) return std::make_unique<PoliteCallback>(world);
  if (flaw == Flaw::kForeignToken) return std::make_unique<TrustfulCallback>(world);
  return std::make_unique<Callback>(world);
}

}  // namespace

// --- situations ---------------------------------------------------------------------------------

namespace {

constexpr std::string_view kTenants[] = {"acme", "bolt", "coil", "dune",
                                         "echo", "flux", "gala", "hive"};
constexpr std::int64_t kLimitCents = 10000;

std::string_view name_of(Situation situation) {
  switch (situation) {
    case Situation::kConfirmed:
      return "confirmed";
    case Situation::kForgetful:
      return "forgetful";
    case Situation::kWrongToken:
      return "wrong-token";
    case Situation::kNeverConfirmed:
      return "never-confirmed";
    case Situation::kRejected:
      return "rejected";
    case Situation::kSameTenant:
      return "same-tenant";
    case Situation::kThroughGateway:
      return "through-gateway";
  }
  return {};
}

std::string_view name_of(Flaw flaw) {
  switch (flaw) {
    case Flaw::kNone:
      return "";
    case Flaw::kIsolationOff:
      return "isolation-off";
    case Flaw::kCacheAssumed:
      return "cache-assumed";
    case Flaw::kCallbackUnchecked:
      return "callback-unchecked";
    case Flaw::kEnvironmentInResult:
      return "environment-in-result";
    case Flaw::kForeignToken:
      return "foreign-token";
  }
  return {};
}

}  // namespace

std::string scenario_name(const Tenancy& tenancy) {
  std::string name = absl::StrCat("tenant-isolation.", std::string(name_of(tenancy.situation)), ".",
                                  tenancy.tenants);
  for (const int request : tenancy.order) absl::StrAppend(&name, "-", request);
  if (tenancy.flaw != Flaw::kNone) absl::StrAppend(&name, ".", std::string(name_of(tenancy.flaw)));
  return name;
}

std::string TenantIsolation::tenant(int request) const {
  const bool same = tenancy_.situation == Situation::kSameTenant;
  return std::string(kTenants[same ? 0 : request]);
}

std::string TenantIsolation::execution(int request) const {
  const bool same = tenancy_.situation == Situation::kSameTenant;
  return absl::StrCat(tenant(request), "-", same ? request + 1 : 1);
}

std::string TenantIsolation::secret(int request) const { return "secret of " + tenant(request); }

HttpRequest TenantIsolation::start_request(int request) const {
  Request body;
  body.requestId = execution(request);
  body.purpose = "a purchase, the " + secret(request);
  body.amountCents = tenancy_.situation == Situation::kRejected ? kLimitCents + 1 : 4200;
  return {.path = "/workflow",
          .headers = {{kTenantHeader, tenant(request)}, {kRequestHeader, body.requestId}},
          .body = json(body).dump()};
}

HttpRequest TenantIsolation::confirmation(int request) const {
  Confirmation body;
  body.callbackId = world_.token_of(tenant(request), execution(request));
  body.payload = absl::StrCat("confirmed, the ", secret(request));
  return {.path = "/callback",
          .headers = {{kTenantHeader, tenant(request)}},
          .body = json(body).dump()};
}

TenantIsolation::TenantIsolation(Tenancy tenancy)
    : tenancy_(std::move(tenancy)),
      workflow_(make_workflow(tenancy_.flaw, tenancy_.version, world_, host_)),
      callback_(make_callback(tenancy_.flaw, world_)) {
  for (int i = 0; i < tenancy_.tenants; ++i) {
    TenantData data;
    data.tenantId = tenant(i);
    data.plan = i % 2 == 0 ? "gold" : "silver";
    data.accountNumber = "account, the " + secret(i);
    data.limitCents = kLimitCents;
    world_.tenants.put(tenant(i), data);
  }
  host_.add("workflow", {.per_tenant = tenancy_.flaw != Flaw::kIsolationOff});
  gateway_.start("/workflow", {.function = "workflow:$LATEST",
                               .tenant_header = kTenantHeader,
                               .name_header = kRequestHeader,
                               .required_headers = {kTenantHeader}});
  gateway_.proxy("/callback", [this](const HttpRequest& request) {
    return callback_->accept(request.header(kTenantHeader), request.body);
  });
}

Scenario TenantIsolation::scenario() {
  Scenario scenario(scenario_name(tenancy_));
  scenario.durable_function(
      "workflow",
      [this](DurableContext ctx, Request request) {
        return workflow_->run(ctx, std::move(request));
      },
      host_.config("workflow"));
  scenario.environments(host_).world(world_);
  add_starts(scenario);
  if (tenancy_.situation != Situation::kNeverConfirmed &&
      tenancy_.situation != Situation::kRejected) {
    add_confirmations(scenario);
  }
  add_invariants(scenario);
  return scenario;
}

// What the gateway makes of the requests, at the beginning of the run or in its course.
void TenantIsolation::add_starts(Scenario& scenario) {
  for (int i = 0; i < tenancy_.tenants; ++i) {
    const HttpRequest request = start_request(i);
    if (tenancy_.situation == Situation::kThroughGateway) {
      scenario.external_event(
          tenant(i) + " asks", [] { return true; }, [this, request] { gateway_.handle(request); });
      continue;
    }
    scenario
        .start(request.header(kRequestHeader), "workflow", json::parse(request.body).get<Request>())
        .tenant(request.header(kTenantHeader));
    if (tenancy_.situation == Situation::kSameTenant) continue;  // it may see what is its own
    scenario.canary(execution(i), secret(i));
  }
}

void TenantIsolation::confirm(int request) {
  HttpRequest right = confirmation(request);
  if (tenancy_.situation == Situation::kForgetful && request == 0) {
    HttpRequest forgotten = right;
    json body = json::parse(forgotten.body);
    body.erase("callbackId");
    forgotten.body = body.dump();
    if (gateway_.handle(forgotten).ok()) {  // so it was right
      world_.thanked.insert(execution(request));
      return;
    }
  }
  if (tenancy_.situation == Situation::kWrongToken && request == 1) {
    HttpRequest wrong = right;
    json body = json::parse(wrong.body);
    body["callbackId"] = world_.token_of(tenant(0), execution(0));
    wrong.body = body.dump();
    gateway_.handle(wrong);
  }
  if (gateway_.handle(right).ok()) world_.thanked.insert(execution(request));
}

void TenantIsolation::add_confirmations(Scenario& scenario) {
  std::vector<int> order = tenancy_.order;
  if (order.empty()) {
    order.resize(static_cast<std::size_t>(tenancy_.tenants));
    std::iota(order.begin(), order.end(), 0);
  }
  if (tenancy_.situation == Situation::kWrongToken) std::reverse(order.begin(), order.end());
  for (const int request : order) {
    const bool needs_other = tenancy_.situation == Situation::kWrongToken && request == 1;
    scenario.external_event(
        execution(request) + " is confirmed",
        [this, request, needs_other] {
          const auto has = [&](int of) {
            return !world_.token_of(tenant(of), execution(of)).empty();
          };
          return has(request) && (!needs_other || has(0));
        },
        [this, request] { confirm(request); });
  }
}

void TenantIsolation::add_invariants(Scenario& scenario) {
  if (tenancy_.flaw != Flaw::kIsolationOff) {
    scenario.always(
        "an environment serves one tenant", [this] { return !host_.any_served_two_tenants(); },
        "LEAK");
  }
  // When it does not hold, a confirmation was accepted and has led to nothing.
  scenario.at_end(
      "who was thanked for a confirmation has a result",
      [this] {
        for (int i = 0; i < tenancy_.tenants; ++i) {
          const std::string key = tenant(i) + "/" + execution(i) + ".json";
          if (world_.thanked.contains(execution(i)) && !world_.results.get(key)) return false;
        }
        return true;
      },
      "LOST_EFFECT");
  scenario.always(
      "what is stored for a tenant has no other's secret",
      [this] {
        for (int i = 0; i < tenancy_.tenants; ++i) {
          for (const std::string& key : world_.results.list(tenant(i) + "/").keys) {
            const std::string content = world_.results.get(key)->content;
            for (int other = 0; other < tenancy_.tenants; ++other) {
              if (tenant(other) == tenant(i)) continue;
              if (content.find(secret(other)) != std::string::npos) return false;
            }
          }
        }
        return true;
      },
      "LEAK");
}

}  // namespace scenarios::tenant_isolation
