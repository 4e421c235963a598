#include "reprise/fakes/function_caller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <concepts>
#include <nlohmann/json.hpp>
#include <source_location>
#include <stdexcept>
#include <string>

#include "reprise/fakes/recording_sink_test_support.h"
#include "reprise/fakes/table.h"
#include "reprise/sdk/errors.h"

namespace reprise::fakes {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::SizeIs;

static_assert(std::copyable<FunctionCaller> && std::equality_comparable<FunctionCaller>);

class FunctionCallerTest : public testing::Test {
 protected:
  FunctionCallerTest() {
    table_.put("p1", {{"stockLevel", 10}});
    functions_.add("take", [this](const json& payload) {
      const int quantity = payload.at("quantity").get<int>();
      return json(table_.update("p1", Update().add("stockLevel", -quantity)).ok());
    });
    functions_.add("echo", [](const json& payload) { return payload; });
  }

  int stock() const { return table_.get("p1").at("stockLevel").get<int>(); }
  ErrorObject error_of(const std::string& function, const json& payload) {
    try {
      functions_.call(function, payload);
    } catch (const ApplicationError& error) {
      return error.error();
    }
    return {};
  }

  Table table_{"products"};
  FunctionCaller functions_;
};

TEST_F(FunctionCallerTest, RunsTheWorkerAndReturnsItsAnswer) {
  EXPECT_EQ(functions_.call("take", {{"quantity", 3}}), json(true));
  EXPECT_EQ(stock(), 7);
}

TEST_F(FunctionCallerTest, CountsEveryExecution) {
  EXPECT_EQ(functions_.executions("echo"), 0);
  functions_.call("echo", 2);
  functions_.call("echo", 1);
  functions_.call("echo", 2);
  EXPECT_EQ(functions_.executions("echo"), 3);
  EXPECT_EQ(functions_.executions("take"), 0);
  EXPECT_THAT(functions_.calls("echo"), ElementsAre("1", "2", "2"));
}

TEST_F(FunctionCallerTest, PassesAWorkersFailureOnAsTypeAndMessage) {
  functions_.add("fails", [](const json&) -> json { throw std::runtime_error("no power"); });
  functions_.add("declines",
                 [](const json&) -> json { throw ApplicationError("Declined", "no money"); });
  EXPECT_EQ(error_of("fails", {}).type, "std::runtime_error");
  EXPECT_EQ(error_of("fails", {}).message, "no power");
  EXPECT_EQ(error_of("declines", {}).type, "Declined");
  EXPECT_EQ(functions_.executions("fails"), 2);
}

TEST_F(FunctionCallerTest, RefusesUnknownNamesAndStartsNothing) {
  const FunctionCaller before = functions_;
  EXPECT_EQ(error_of("unknown", {}).type, "ResourceNotFoundException");
  EXPECT_EQ(functions_, before);
}

TEST_F(FunctionCallerTest, ComparesNamesAndCallsButNotCode) {
  FunctionCaller a;
  FunctionCaller b;
  a.add("f", [](const json&) { return json(1); });
  b.add("f", [](const json&) { return json(2); });
  EXPECT_EQ(a, b);
  a.call("f", 7);
  EXPECT_NE(a, b);
  b.call("f", 7);
  EXPECT_EQ(a, b);
  b.add("g", [](const json&) { return json(); });
  EXPECT_NE(a, b);
}

TEST_F(FunctionCallerTest, DoesNotDependOnHowCallersInterleave) {
  FunctionCaller other = functions_;
  for (const int payload : {1, 2}) functions_.call("echo", payload);
  for (const int payload : {2, 1}) other.call("echo", payload);
  EXPECT_EQ(functions_, other);
}

TEST_F(FunctionCallerTest, TheStartIsAnEffectAndTheWorkersEffectsFollow) {
  RecordingSink run;
  const auto line = std::source_location::current().line() + 1;
  functions_.call("take", {{"quantity", 3}});
  ASSERT_THAT(run.seen(), SizeIs(2));
  EXPECT_EQ(run.seen()[0].call, R"(functions.call(take, {"quantity":3}))");
  EXPECT_EQ(run.seen()[0].line, line);
  EXPECT_FALSE(run.seen()[0].repeatable);
  EXPECT_TRUE(run.seen()[0].changed);
  EXPECT_EQ(run.seen()[1].call, "products.update(p1, add stockLevel -3)");
}

TEST_F(FunctionCallerTest, CrashBeforeTheStartRunsNothing) {
  RecordingSink run;
  run.die_before(1);
  EXPECT_THROW(functions_.call("take", {{"quantity", 3}}), PowerCut);
  EXPECT_EQ(functions_.executions("take"), 0);
  EXPECT_EQ(stock(), 10);
}

TEST_F(FunctionCallerTest, CrashAfterTheStartCountsAnExecutionWithoutEffects) {
  RecordingSink run;
  run.die_after(1);
  EXPECT_THROW(functions_.call("take", {{"quantity", 3}}), PowerCut);
  EXPECT_EQ(functions_.executions("take"), 1);
  EXPECT_EQ(stock(), 10);
}

TEST_F(FunctionCallerTest, CrashInsideTheWorkerCutsItOffThere) {
  functions_.add("take twice", [this](const json&) {
    try {
      table_.update("p1", Update().add("stockLevel", -1));
    } catch (...) {  // does not help: the process is dead
    }
    table_.update("p1", Update().add("stockLevel", -1));
    return json();
  });
  RecordingSink run;
  run.die_after(2);
  EXPECT_THROW(functions_.call("take twice", {}), PowerCut);
  EXPECT_EQ(stock(), 9);
}

TEST_F(FunctionCallerTest, DestructorsOfADeadProcessGetNoAnswer) {
  struct Guard {
    FunctionCaller& functions;
    json& answer;
    ~Guard() { answer = functions.call("echo", 1); }
  };
  json answer = 7;
  RecordingSink run;
  run.die_after(1);
  const auto body = [&] {
    const Guard guard{functions_, answer};
    functions_.call("echo", 2);
  };
  EXPECT_THROW(body(), PowerCut);
  EXPECT_TRUE(answer.is_null());
  EXPECT_THAT(functions_.calls("echo"), ElementsAre("2"));
}

TEST_F(FunctionCallerTest, AWorkerThatFailsDuringUnwindingDoesNotEndTheProgram) {
  functions_.add("fails", [](const json&) -> json { throw std::runtime_error("no power"); });
  struct Guard {
    FunctionCaller& functions;
    ~Guard() { functions.call("fails", {}); }
  };
  RecordingSink run;
  const auto body = [&] {
    const Guard guard{functions_};
    throw std::logic_error("the body failed");
  };
  EXPECT_THROW(body(), std::logic_error);
  EXPECT_EQ(functions_.executions("fails"), 1);
}

TEST_F(FunctionCallerTest, CallsDuringATeardownRunNothing) {
  RecordingSink run;
  run.tear_down();
  EXPECT_TRUE(functions_.call("take", {{"quantity", 3}}).is_null());
  EXPECT_TRUE(functions_.call("unknown", {}).is_null());
  EXPECT_EQ(functions_.executions("take"), 0);
  EXPECT_EQ(stock(), 10);
}

}  // namespace
}  // namespace reprise::fakes
