// Gateways and clients of the durable service in runs, in which the service answers.

#include "reprise/fakes/gateway.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "reprise/testing/testing.h"

namespace reprise::fakes {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A gateway before a durable function of a tenant, whose callback the outside answers.
class GatewayRuns : public testing::Test {
 protected:
  GatewayRuns() {
    gateway_.start("/workflow", {.function = "workflow:$LATEST",
                                 .tenant_header = "X-Tenant-Id",
                                 .name_header = "x-request-id",
                                 .required_headers = {"x-request-id"}});
    gateway_.start("/nowhere", {.function = "nobody:$LATEST"});
    gateway_.proxy("/callback", [this](const HttpRequest& request) {
      const ClientAnswer answer = client_.succeed_callback(token_, request.body);
      if (!answer.ok()) return message_response(answer.http_status, answer.error);
      return message_response(200, "thank you");
    });
    gateway_.proxy("/broken", [](const HttpRequest&) -> HttpResponse {
      throw std::runtime_error("secret details");
    });
  }

  HttpRequest workflow(const std::string& id, const std::string& tenant, std::string body = "1") {
    HttpRequest request{.path = "/workflow", .headers = {}, .body = std::move(body)};
    if (!id.empty()) request.headers["x-request-id"] = id;
    if (!tenant.empty()) request.headers["x-tenant-id"] = tenant;
    return request;
  }

  /// A run in which the requests come one after the other, each when nothing else can happen.
  RunRecord run_with(const std::vector<HttpRequest>& requests) {
    Scenario scenario("gateway");
    FunctionConfig config;
    config.per_tenant = true;
    scenario.durable_function(
        "workflow",
        [this](DurableContext ctx, int number) -> Task<std::string> {
          CallbackOptions one_day;
          one_day.timeout(absl::Hours(24));
          auto hand_out = [&](const std::string& id) { token_ = id; };
          const Outcome<std::string> answer =
              co_await ctx.try_wait_for_callback("answer", hand_out, one_day);
          co_return answer.ok() ? *answer + std::to_string(number) : std::string("late");
        },
        config);
    int count = 0;
    for (const HttpRequest& request : requests) {
      scenario.external_event(
          "request " + std::to_string(++count), [] { return true; },
          [this, request] { responses_.push_back(gateway_.handle(request)); });
    }
    return run(scenario);
  }

  std::vector<int> statuses() const {
    std::vector<int> statuses;
    for (const HttpResponse& response : responses_) statuses.push_back(response.status);
    return statuses;
  }

  Gateway gateway_;
  DurableClient client_;
  std::string token_;
  std::vector<HttpResponse> responses_;
};

TEST_F(GatewayRuns, StartsAndSays202WithoutWaiting) {
  const RunRecord record = run_with({workflow("a", "acme"), {.path = "/callback", .body = "yes"}});
  EXPECT_THAT(statuses(), ElementsAre(202, 200));
  EXPECT_THAT(responses_[0].headers.at("x-amz-durable-execution-arn"), HasSubstr("workflow"));
  ASSERT_EQ(record.outcomes.size(), 1U);
  EXPECT_EQ(record.outcomes[0].name, "a");
  EXPECT_EQ(record.outcomes[0].result, "\"yes1\"");
}

TEST_F(GatewayRuns, RefusesWhatLacksARequiredHeader) {
  run_with({workflow("", "acme")});
  EXPECT_THAT(statuses(), ElementsAre(400));
  EXPECT_EQ(responses_[0].body,
            R"({"message":"Missing required request parameters: [x-request-id]"})");
}

TEST_F(GatewayRuns, PassesOnThatTheServiceWantsATenant) {
  run_with({workflow("a", "")});
  EXPECT_THAT(statuses(), ElementsAre(400));
  EXPECT_THAT(responses_[0].body, HasSubstr("Add a valid tenant ID"));
}

TEST_F(GatewayRuns, ANameStartsOneExecutionAndBelongsToItsPayload) {
  const RunRecord record = run_with({workflow("a", "acme"),
                                     workflow("a", "acme"),
                                     workflow("a", "acme", "2"),
                                     {.path = "/callback", .body = "yes"}});
  EXPECT_THAT(statuses(), ElementsAre(202, 202, 409, 200));
  EXPECT_EQ(responses_[0].headers, responses_[1].headers);
  EXPECT_EQ(record.outcomes.size(), 1U);
}

TEST_F(GatewayRuns, KnowsItsRoutesOnly) {
  run_with({{.path = "/elsewhere"},
            {.method = "GET", .path = "/workflow"},
            {.path = "/nowhere", .body = "1"}});
  EXPECT_THAT(statuses(), ElementsAre(403, 403, 404));
}

TEST_F(GatewayRuns, TellsNothingAboutAFunctionThatThrows) {
  run_with({{.path = "/broken"}});
  EXPECT_THAT(statuses(), ElementsAre(502));
  EXPECT_EQ(responses_[0].body, R"({"message":"Internal server error"})");
}

TEST_F(GatewayRuns, ACallbackIsAnsweredOnceAndOnlyWhenThereIsOne) {
  token_ = "no token at all";
  run_with({{.path = "/callback", .body = "early"},
            workflow("a", "acme"),
            {.path = "/callback", .body = "yes"},
            {.path = "/callback", .body = "again"}});
  EXPECT_THAT(statuses(), ElementsAre(400, 202, 200, 400));
  EXPECT_THAT(responses_[0].body, HasSubstr("InvalidParameterValueException"));
  EXPECT_THAT(responses_[3].body, HasSubstr("CallbackTimeoutException"));
}

// --- the client ---------------------------------------------------------------------------------

/// A handler that starts another execution, and one that fails the callback of another.
TEST(DurableClient, ACallFromAStepBodyIsAnEffect) {
  DurableClient client;
  Scenario scenario("starter", [&](DurableContext ctx) -> Task<bool> {
    const bool started = co_await ctx.step(
        "start", [&] { return client.start("other:$LATEST", "other-1", 7).ok(); });
    co_return started;
  });
  scenario.durable_function("other", [](DurableContext ctx, int number) -> Task<int> {
    const int twice = co_await ctx.step("double", [&] { return 2 * number; });
    co_return twice;
  });
  scenario.world(client);
  const RunRecord record = run(scenario);
  ASSERT_EQ(record.ledger.size(), 1U);
  EXPECT_EQ(record.ledger.front().call(), "lambda.start(other:$LATEST, 7)");
  EXPECT_EQ(record.ledger.front().key, "other-1");
  EXPECT_EQ(record.outcomes.size(), 2U);
  EXPECT_DURABLE(scenario);
}

TEST(DurableClient, StartsTwiceWhatHasNoName) {
  DurableClient client;
  Scenario scenario("starter", [&](DurableContext ctx) -> Task<bool> {
    const bool started =
        co_await ctx.step("start", [&] { return client.start("other:$LATEST", "", 7).ok(); });
    co_return started;
  });
  scenario.durable_function("other",
                            [](DurableContext, int number) -> Task<int> { co_return number; });
  scenario.world(client);
  EXPECT_FINDS(scenario, Verdict::kDuplicateEffect, 1);
}

TEST(DurableClient, FailsACallbackAndKeepsItAlive) {
  DurableClient client;
  std::string token;
  Scenario scenario("waiter", [&](DurableContext ctx) -> Task<std::string> {
    CallbackOptions alive;
    alive.heartbeat_timeout(absl::Hours(1));
    auto hand_out = [&](const std::string& id) { token = id; };
    const Outcome<std::string> answer =
        co_await ctx.try_wait_for_callback("answer", hand_out, alive);
    co_return answer.ok() ? *answer : std::string(answer.error().cause_type());
  });
  ErrorObject refused;
  refused.type = "Refused";
  std::vector<int> statuses;
  scenario.external_event(
      "heartbeat", [&] { return !token.empty(); },
      [&] { statuses.push_back(client.heartbeat(token).http_status); });
  scenario.external_event(
      "failure", [&] { return statuses.size() == 1; },
      [&] { statuses.push_back(client.fail_callback(token, refused).http_status); });
  EXPECT_EQ(run(scenario).outcomes.front().result.view(), "\"CallbackExternalError\"");
  EXPECT_THAT(statuses, ElementsAre(200, 200));
}

}  // namespace
}  // namespace reprise::fakes
