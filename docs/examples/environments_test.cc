// The examples of docs/environments.md.

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "page_test_support.h"
// [includes]
#include "reprise/fakes/function_host.h"
#include "reprise/fakes/gateway.h"
#include "reprise/fakes/mailer.h"
#include "reprise/testing/testing.h"
// [/includes]

namespace {

using reprise::DurableContext;
using reprise::Task;
using reprise::fakes::EnvironmentLocal;
using reprise::fakes::FunctionHost;
using reprise::fakes::Gateway;
using reprise::fakes::Mailer;

// [greet]
/// The signature of a tenant is looked up once and kept in the memory of the environment.
struct Greet {
  FunctionHost& host;
  Mailer& mailer;
  EnvironmentLocal<std::string> signature{host, "signature"};

  std::string looked_up(const std::string& tenant) {
    if (const auto cached = signature.get()) return *cached;
    signature.put("yours, " + tenant);
    return "yours, " + tenant;
  }

  Task<> operator()(DurableContext ctx, std::string to) {
    co_await ctx.step("greet",
                      [&] { mailer.send(to, "Hello", looked_up(host.tenant()), "greet/" + to); });
  }
};

reprise::Scenario two_tenants(FunctionHost& host, Mailer& mailer) {
  reprise::Scenario scenario("greetings");
  scenario.durable_function("greet", Greet{host, mailer}, host.config("greet"));
  scenario.start("a", "greet", std::string("ann@example.com")).tenant("acme");
  scenario.start("b", "greet", std::string("bob@example.com")).tenant("bolt");
  scenario.canary("a", "acme").canary("b", "bolt");
  scenario.environments(host).world(mailer);
  return scenario;
}
// [/greet]

// [shared]
FAILING_TEST(Greet, SignsForWhoeverCameFirst) {
  FunctionHost host;
  Mailer mailer;
  reprise::Scenario scenario = two_tenants(host, mailer);
  EXPECT_DURABLE(scenario);
}
// [/shared]

// [isolated]
TEST(Greet, SignsForItsTenantInIsolationMode) {
  FunctionHost host;
  host.add("greet", {.per_tenant = true});
  Mailer mailer;
  reprise::Scenario scenario = two_tenants(host, mailer);
  EXPECT_DURABLE(scenario);
}
// [/isolated]

TEST(Greet, SaysThatEveryChoiceWasTried) {
  FunctionHost host;
  host.add("greet", {.per_tenant = true});
  Mailer mailer;
  reprise::Scenario scenario = two_tenants(host, mailer);
  pages::expect_documented(__FILE__,
                           "greetings: " + reprise::explore(scenario).certificate.text() + "\n");
}

// [gateway]
/// Starts a workflow over HTTP and finishes it with a second request.
struct Approve {
  std::map<std::string, std::string>& tokens;

  Task<std::string> operator()(DurableContext ctx, std::string request) {
    reprise::CallbackOptions one_day;
    one_day.timeout(absl::Hours(24));
    auto hand_out = [&](const std::string& callback_id) {
      reprise::effect({.target = "tokens", .action = "set", .key = request, .repeatable = true},
                      [&](reprise::EffectOutcome&) { tokens[request] = callback_id; });
    };
    reprise::Outcome<std::string> answer =
        co_await ctx.try_wait_for_callback("answer", hand_out, one_day);
    co_return answer.ok() ? *answer : std::string("too late");
  }
};

TEST(Approve, IsStartedAndAnsweredOverHttp) {
  FunctionHost host;
  host.add("approve", {.per_tenant = true});
  std::map<std::string, std::string> tokens;
  reprise::fakes::DurableClient client;
  Gateway gateway;
  gateway.start("/workflow", {.function = "approve:$LATEST",
                              .tenant_header = "x-tenant-id",
                              .name_header = "x-request-id",
                              .required_headers = {"x-tenant-id"}});
  gateway.proxy("/callback", [&](const reprise::fakes::HttpRequest& request) {
    const auto answer = client.succeed_callback(request.header("x-token"), request.body);
    return reprise::fakes::message_response(answer.http_status, answer.message);
  });

  reprise::Scenario scenario("approvals");
  scenario.durable_function("approve", Approve{tokens}, host.config("approve"));
  scenario.environments(host).world(tokens);
  scenario.external_event(
      "ann asks", [] { return true; },
      [&] {
        const reprise::fakes::HttpRequest request{
            .path = "/workflow",
            .headers = {{"x-tenant-id", "acme"}, {"x-request-id", "ann-1"}},
            .body = "\"a new chair\""};
        EXPECT_EQ(gateway.handle(request).status, 202);
      });
  scenario.external_event(
      "the boss answers", [&] { return tokens.contains("a new chair"); },
      [&] {
        gateway.handle({.path = "/callback",
                        .headers = {{"x-token", tokens.at("a new chair")}},
                        .body = "granted"});
      });
  EXPECT_DURABLE(scenario);
  EXPECT_EQ(reprise::run(scenario).outcomes.front().result, "\"granted\"");
}
// [/gateway]

}  // namespace
