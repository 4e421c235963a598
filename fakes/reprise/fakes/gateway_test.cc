#include "reprise/fakes/gateway.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "reprise/fakes/recording_sink_test_support.h"
#include "reprise/service/fake_service.h"

namespace reprise::fakes {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// A gateway before a service that knows a function of tenants.
class GatewayTest : public testing::Test {
 protected:
  GatewayTest() {
    FunctionConfig config;
    config.name = "workflow";
    config.per_tenant = true;
    service_.register_function(config);
    run_.serve(service_);
    gateway_.start("/workflow", {.function = "workflow:$LATEST",
                                 .tenant_header = "X-Tenant-Id",
                                 .name_header = "x-request-id",
                                 .required_headers = {"x-request-id", "x-trace"}});
    gateway_.proxy("/broken", [](const HttpRequest&) -> HttpResponse {
      throw std::runtime_error("secret details");
    });
  }

  HttpRequest request(const std::string& id, const std::string& tenant) {
    return {.path = "/workflow",
            .headers = {{"x-request-id", id}, {"x-tenant-id", tenant}, {"x-trace", "1"}},
            .body = "7"};
  }

  FakeService service_;
  RecordingSink run_;
  Gateway gateway_;
};

TEST_F(GatewayTest, AStartIsOneEffectOnTheService) {
  EXPECT_EQ(gateway_.handle(request("a", "acme")).status, 202);
  ASSERT_EQ(service_.execution_count(), 1U);
  EXPECT_EQ(service_.execution(0).name, "a");
  EXPECT_EQ(service_.execution(0).tenant_id, "acme");
  EXPECT_EQ(service_.execution(0).input_payload, "7");
  EXPECT_EQ(run_.last().call, "gateway.start(workflow:$LATEST, 7, tenant acme)");
  EXPECT_EQ(run_.last().key, "a");
  EXPECT_TRUE(run_.last().changed);
  EXPECT_EQ(gateway_.handle(request("a", "acme")).status, 202);
  EXPECT_FALSE(run_.last().changed) << "it had been started before";
}

TEST_F(GatewayTest, ADeadProcessStartsNothing) {
  run_.tear_down();
  EXPECT_EQ(gateway_.handle(request("a", "acme")), HttpResponse());
  EXPECT_EQ(service_.execution_count(), 0U);
}

TEST_F(GatewayTest, NamesEveryRequiredHeaderThatIsMissing) {
  const HttpResponse response = gateway_.handle({.path = "/workflow"});
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.body, HasSubstr("parameters: [x-request-id, x-trace]"));
  EXPECT_THAT(run_.seen(), IsEmpty());
}

TEST_F(GatewayTest, WhatTheServiceRefusesIsAnEffectThatChangedNothing) {
  const HttpResponse response = gateway_.handle(request("a", ""));
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.body, HasSubstr("tenant"));
  EXPECT_THAT(run_.seen(), SizeIs(1));
  EXPECT_FALSE(run_.last().changed);
}

TEST_F(GatewayTest, TellsNothingAboutAFunctionThatThrows) {
  EXPECT_EQ(gateway_.handle({.path = "/broken"}), message_response(502, "Internal server error"));
}

TEST_F(GatewayTest, KnowsItsRoutesOnly) {
  EXPECT_EQ(gateway_.handle({.path = "/elsewhere"}).status, 403);
  EXPECT_EQ(gateway_.handle({.method = "GET", .path = "/workflow"}).status, 403);
}

TEST_F(GatewayTest, HeadersHaveNoCase) {
  const HttpRequest request{.headers = {{"x-tenant-id", "acme"}}};
  EXPECT_EQ(request.header("X-Tenant-ID"), "acme");
  EXPECT_EQ(request.header("x-other"), "");
}

TEST_F(GatewayTest, IsComparedByItsRoutes) {
  Gateway other = gateway_;
  EXPECT_EQ(other, gateway_);
  other.start("/more", {.function = "workflow:$LATEST"});
  EXPECT_FALSE(other == gateway_);
}

TEST_F(GatewayTest, ACallbackThatNeverWasIsRefused) {
  const ClientAnswer answer = DurableClient().succeed_callback("no token", "x");
  EXPECT_EQ(answer.http_status, 400);
  EXPECT_EQ(answer.error, "InvalidParameterValueException");
  EXPECT_FALSE(run_.last().changed);
}

}  // namespace
}  // namespace reprise::fakes
