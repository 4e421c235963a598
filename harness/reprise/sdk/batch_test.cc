#include "reprise/sdk/batch.h"

#include <gmock/gmock.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "reprise/sdk/invocation_test_support.h"

namespace reprise {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class Upper final : public CustomSerdes<std::string> {
 public:
  SharedText encode(const std::string& value, const SerdesContext&) const override {
    return SharedText("wrapped:" + value);
  }
  std::string decode(const SharedText& payload, const SerdesContext&) const override {
    return payload.str().substr(8);
  }
};

class Joined final : public CustomSerdes<BatchResult<std::string>> {
 public:
  SharedText encode(const BatchResult<std::string>& value, const SerdesContext&) const override {
    std::string text = "OPS:";
    for (const std::string& result : value.results()) text += result + ";";
    return SharedText(text);
  }
  BatchResult<std::string> decode(const SharedText& payload, const SerdesContext&) const override {
    BatchItem<std::string> item;
    item.status = BatchItemStatus::kSucceeded;
    item.result = payload.str();
    return BatchResult<std::string>({item}, CompletionReason::kAllCompleted);
  }
};

std::string counts(const BatchResult<int>& batch) {
  return std::string(to_string(batch.completion_reason())) + " " +
         std::to_string(batch.success_count()) + "/" + std::to_string(batch.failure_count()) + "/" +
         std::to_string(batch.started_count()) + " " + std::string(to_string(batch.status()));
}

class BatchTest : public InvocationTest {
 protected:
  /// Runs a map over `items` in which negative items fail and 0 waits for ever.
  std::string run_items(std::vector<int> items, BatchOptions options) {
    const auto result = invoke([&](DurableContext ctx) -> Task<std::string> {
      const auto body = [](DurableContext item_ctx, int item) -> Task<int> {
        if (item < 0) throw ApplicationError("Bad", "item " + std::to_string(item));
        if (item == 0) co_await item_ctx.wait("ever", absl::Hours(1));
        co_return item;
      };
      const BatchResult<int> batch = co_await ctx.map("m", items, body, options);
      co_return counts(batch);
    });
    if (result.output.status != InvocationStatus::kSucceeded) {
      return result.output.error ? result.output.error->type.value_or("?") : "PENDING";
    }
    return result.output.result.str();
  }
  static BatchOptions with(CompletionConfig completion, std::int64_t concurrency = 1) {
    BatchOptions options;
    options.completion(std::move(completion)).max_concurrency(concurrency);
    return options;
  }
};

TEST_F(BatchTest, MapRunsEachItemInAContextOfItsOwn) {
  const auto handler = [](DurableContext ctx) -> Task<std::vector<int>> {
    const std::vector<int> items = {1, 2};
    const auto twice = [](DurableContext item_ctx, int item) -> Task<int> {
      const int result = co_await item_ctx.step("double", [&] { return 2 * item; });
      co_return result;
    };
    BatchOptions options;
    options.max_concurrency(1);
    const BatchResult<int> batch = co_await ctx.map("m", items, twice, options);
    co_return batch.results();
  };
  EXPECT_EQ(invoke(handler).output.result, "[2,4]");
  EXPECT_THAT(
      spell(service_.updates),
      ElementsAre("START Map m", "START MapIteration map-item-0", "START Step double",
                  "SUCCEED Step double", "SUCCEED MapIteration map-item-0",
                  "START MapIteration map-item-1", "START Step double", "SUCCEED Step double",
                  "SUCCEED MapIteration map-item-1", "SUCCEED Map m"));
  EXPECT_EQ(service_.updates[2].parent_id, operation_id("1-1"));
  EXPECT_EQ(service_.updates[7].id, operation_id("1-2-1"));
  EXPECT_EQ(service_.updates[9].payload,
            R"({"all":[{"result":2,"index":0,"status":"SUCCEEDED"},)"
            R"({"result":4,"index":1,"status":"SUCCEEDED"}],"completionReason":"ALL_COMPLETED"})");
  EXPECT_EQ(invoke(handler).output.result, "[2,4]");
  EXPECT_THAT(service_.updates, IsEmpty());
}

TEST_F(BatchTest, BranchesStartTogether) {
  const auto result = invoke([](DurableContext ctx) -> Task<int> {
    Branches<int> branches;
    branches.add("left", [](DurableContext branch) -> Task<int> {
      const int value = co_await branch.step("a", [] { return 1; });
      co_return value;
    });
    branches.add([](DurableContext branch) -> Task<int> {
      const int value = co_await branch.step("b", [] { return 2; });
      co_return value;
    });
    const BatchResult<int> batch = co_await ctx.parallel("p", branches);
    co_return batch.results()[0] + batch.results()[1];
  });
  EXPECT_EQ(result.output.result, "3");
  EXPECT_THAT(spell(service_.updates),
              ElementsAre("START Parallel p", "START ParallelBranch left",
                          "START ParallelBranch parallel-branch-1", "START Step a", "START Step b",
                          "SUCCEED Step a", "SUCCEED Step b", "SUCCEED ParallelBranch left",
                          "SUCCEED ParallelBranch parallel-branch-1", "SUCCEED Parallel p"));
}

TEST_F(BatchTest, AnEmptyBatchIsComplete) {
  EXPECT_EQ(run_items({}, BatchOptions()), "\"ALL_COMPLETED 0/0/0 SUCCEEDED\"");
  EXPECT_THAT(spell(service_.updates), ElementsAre("START Map m", "SUCCEED Map m"));
}

TEST_F(BatchTest, FailsFastWhenNothingIsConfigured) {
  EXPECT_EQ(run_items({1, -1, 2}, BatchOptions().max_concurrency(1)),
            "\"FAILURE_TOLERANCE_EXCEEDED 1/1/0 FAILED\"");
}

struct CompletionCase {
  std::vector<int> items;
  CompletionConfig config;
  const char* expected;
};

class CompletionTest : public BatchTest, public testing::WithParamInterface<CompletionCase> {};

TEST_P(CompletionTest, DecidesInTheOrderOfTheRules) {  // PROTOCOL 6.6.3
  EXPECT_EQ(run_items(GetParam().items, with(GetParam().config)),
            "\"" + std::string(GetParam().expected) + "\"");
}

INSTANTIATE_TEST_SUITE_P(
    Rules, CompletionTest,
    testing::Values(
        CompletionCase{{1, -1, 2},
                       CompletionConfig().tolerated_failure_count(1),
                       "ALL_COMPLETED 2/1/0 FAILED"},
        CompletionCase{{-1, -2, 1},
                       CompletionConfig().tolerated_failure_count(1),
                       "FAILURE_TOLERANCE_EXCEEDED 0/2/0 FAILED"},
        CompletionCase{{-1, 1, 2, 3},
                       CompletionConfig().tolerated_failure_percentage(25),
                       "ALL_COMPLETED 3/1/0 FAILED"},
        CompletionCase{{-1, -2, 1, 2},
                       CompletionConfig().tolerated_failure_percentage(25),
                       "FAILURE_TOLERANCE_EXCEEDED 0/2/0 FAILED"},
        CompletionCase{{1, 2, 3},
                       CompletionConfig().min_successful(2),
                       "MIN_SUCCESSFUL_REACHED 2/0/0 SUCCEEDED"},
        CompletionCase{
            {1, -1, 2}, CompletionConfig().min_successful(3), "ALL_COMPLETED 2/1/0 FAILED"},
        CompletionCase{{1, 2},
                       CompletionConfig().min_successful(2),
                       "ALL_COMPLETED 2/0/0 SUCCEEDED"},  // all done is tested before the minimum
        CompletionCase{{1, -1},
                       CompletionConfig().min_successful(2).tolerated_failure_count(0),
                       "FAILURE_TOLERANCE_EXCEEDED 1/1/0 FAILED"},
        CompletionCase{{-1, -2}, CompletionConfig::all_completed(), "ALL_COMPLETED 0/2/0 FAILED"},
        CompletionCase{{1, 2, 3},
                       CompletionConfig().should_complete([](const BatchProgress& so) {
                         return so.succeeded == 1 ? CompletionConfig::Decision::kFail
                                                  : CompletionConfig::Decision::kContinue;
                       }),
                       "CUSTOM_COMPLETION_FAILED 1/0/0 FAILED"},
        CompletionCase{{1, 2},
                       CompletionConfig().should_complete([](const BatchProgress&) {
                         return CompletionConfig::Decision::kSucceed;
                       }),
                       "CUSTOM_COMPLETION_SUCCEEDED 0/0/0 SUCCEEDED"}));

TEST_F(BatchTest, RefusesBoundsThatMeanNothing) {
  EXPECT_EQ(run_items({1}, BatchOptions().max_concurrency(0)), "InvalidArgumentError");
  EXPECT_EQ(run_items({1}, with(CompletionConfig().min_successful(0))), "InvalidArgumentError");
  EXPECT_EQ(run_items({1}, with(CompletionConfig().min_successful(2))), "InvalidArgumentError");
  EXPECT_EQ(run_items({1}, with(CompletionConfig().tolerated_failure_percentage(101))),
            "InvalidArgumentError");
  EXPECT_EQ(run_items({1}, with(CompletionConfig().tolerated_failure_count(-1))),
            "InvalidArgumentError");
  EXPECT_THAT(service_.updates, IsEmpty());
}

TEST_F(BatchTest, ReportsItemsInFlightAndSendsNothingMoreForThem) {
  EXPECT_EQ(run_items({0, 1, 2}, with(CompletionConfig().min_successful(1), 2)),
            "\"MIN_SUCCESSFUL_REACHED 1/0/1 SUCCEEDED\"");
  EXPECT_THAT(
      spell(service_.updates),
      ElementsAre("START Map m", "START MapIteration map-item-0", "START MapIteration map-item-1",
                  "START Wait ever", "SUCCEED MapIteration map-item-1", "SUCCEED Map m"));
}

TEST_F(BatchTest, ASuspendedItemKeepsItsPlace) {
  EXPECT_EQ(run_items({0, 0, 1}, with(CompletionConfig(), 2)), "PENDING");
  EXPECT_THAT(service_.records, SizeIs(5));  // the map, two items, two waits
}

TEST_F(BatchTest, ReportsWhatTheDestructorsOfAbandonedBranchesDo) {
  struct Careless {
    DurableContext ctx;
    ~Careless() {
      auto late = ctx.step("late", [] {});
    }
  };
  const auto result = invoke([](DurableContext ctx) -> Task<> {
    Branches<int> branches;
    branches.add([](DurableContext branch) -> Task<int> {
      const Careless careless{branch};
      co_await branch.wait("ever", absl::Hours(1));
      co_return 1;
    });
    branches.add([](DurableContext) -> Task<int> { co_return 2; });
    BatchOptions options;
    options.completion(CompletionConfig().min_successful(1));
    co_await ctx.parallel("p", branches, options);
  });
  EXPECT_EQ(result.output.error->type, "ContextUsageError");
}

TEST_F(BatchTest, FlatItemsWriteNoRecordOfTheirOwn) {
  const auto handler = [](DurableContext ctx) -> Task<std::vector<int>> {
    const std::vector<int> items = {7, 8};
    const auto body = [](DurableContext item_ctx, int item) -> Task<int> {
      const int value = co_await item_ctx.step("s", [&] { return item; });
      co_return value;
    };
    BatchOptions options;
    options.nesting(BatchNesting::kFlat).max_concurrency(1);
    const BatchResult<int> batch = co_await ctx.map("m", items, body, options);
    co_return batch.results();
  };
  EXPECT_EQ(invoke(handler).output.result, "[7,8]");
  EXPECT_THAT(spell(service_.updates),
              ElementsAre("START Map m", "START Step s", "SUCCEED Step s", "START Step s",
                          "SUCCEED Step s", "SUCCEED Map m"));
  EXPECT_EQ(service_.updates[3].id, operation_id("1-2-1"));
  EXPECT_EQ(service_.updates[3].parent_id, operation_id("1"));
}

TEST_F(BatchTest, NamesItemsAndStoresThemByTheirSerdes) {
  const auto handler = [](DurableContext ctx) -> Task<std::vector<std::string>> {
    const std::vector<std::string> items = {"x", "y"};
    const auto body = [](DurableContext, const std::string& item) -> Task<std::string> {
      co_return item + item;
    };
    BatchOptions options;
    options.item_namer([](std::size_t index) { return "row-" + std::to_string(index); });
    options.item_serdes(std::make_shared<Upper>());
    const auto batch = co_await ctx.map("m", items, body, options);
    co_return batch.results();
  };
  EXPECT_EQ(invoke(handler).output.result, R"(["xx","yy"])");
  EXPECT_EQ(service_.updates[1].name, "row-0");
  EXPECT_EQ(service_.updates[3].payload, "wrapped:xx");
  EXPECT_EQ(invoke(handler).output.result, R"(["xx","yy"])");
}

TEST_F(BatchTest, StoresTheWholeByItsSerdes) {
  const auto handler = [](DurableContext ctx) -> Task<std::string> {
    const std::vector<std::string> items = {"x", "y"};
    const auto body = [](DurableContext, std::string item) -> Task<std::string> { co_return item; };
    BatchOptions options;
    options.serdes(std::make_shared<Joined>());
    const auto batch = co_await ctx.map("m", items, body, options);
    co_return batch.results()[0];
  };
  EXPECT_EQ(invoke(handler).output.result, "\"OPS:x;y;\"");
  EXPECT_EQ(service_.records[0]->result, "OPS:x;y;");
}

TEST_F(BatchTest, RebuildsALargeResultFromItsItems) {  // PROTOCOL 6.6.5
  options_.inline_context_limit = 100;
  int bodies = 0;
  const auto handler = [&](DurableContext ctx) -> Task<std::string> {
    Branches<std::string> branches;
    branches.add([](DurableContext branch) -> Task<std::string> {
      co_await branch.wait("ever", absl::Hours(1));
      co_return "never";
    });
    branches.add([&](DurableContext branch) -> Task<std::string> {
      const std::string text = co_await branch.step("long", [&] {
        ++bodies;
        return std::string(80, 'x');
      });
      co_return text;
    });
    branches.add([](DurableContext) -> Task<std::string> { throw std::runtime_error("broken"); });
    BatchOptions options;
    options.completion(CompletionConfig().min_successful(1));
    const auto batch = co_await ctx.parallel("p", branches, options);
    std::string text(to_string(batch.completion_reason()));
    for (const auto& item : batch.all()) {
      text += " ";
      text += to_string(item.status);
      if (item.error) text += std::string(":") + item.error->what();
    }
    co_return text + std::to_string(batch.results()[0].size());
  };
  const std::string expected = "\"MIN_SUCCESSFUL_REACHED STARTED SUCCEEDED FAILED:broken80\"";
  EXPECT_EQ(invoke(handler).output.result.view(), expected);
  EXPECT_TRUE(*service_.updates.back().replay_children);
  EXPECT_THAT(
      service_.updates.back().payload.str(),
      AllOf(HasSubstr("\"itemStatuses\":\"-SF\""), HasSubstr("\"type\":\"ParallelResult\"")));
  EXPECT_EQ(invoke(handler).output.result.view(), expected);
  EXPECT_THAT(service_.updates, IsEmpty());
  EXPECT_EQ(bodies, 1);
}

TEST_F(BatchTest, NoticesThatALargeBatchHasLostItems) {
  options_.inline_context_limit = 10;
  std::vector<int> items = {1, 2, 3};
  const auto handler = [&](DurableContext ctx) -> Task<int> {
    const auto body = [](DurableContext, int item) -> Task<int> { co_return item; };
    const auto batch = co_await ctx.map("m", items, body);
    co_return batch.results()[0];
  };
  EXPECT_EQ(invoke(handler).output.result, "1");
  items.pop_back();
  EXPECT_EQ(invoke(handler).output.error->type, "NonDeterministicExecutionError");
}

TEST_F(BatchTest, GoesOnWhereItWasInterrupted) {
  int bodies = 0;
  const auto handler = [&](DurableContext ctx) -> Task<std::vector<int>> {
    const std::vector<int> items = {1, 2, 3};
    const auto body = [&](DurableContext item_ctx, int item) -> Task<int> {
      const int value = co_await item_ctx.step("s", [&] { return ++bodies * 10 + item; });
      co_return value;
    };
    BatchOptions options;
    options.max_concurrency(1);
    const auto batch = co_await ctx.map("m", items, body, options);
    co_return batch.results();
  };
  service_.fail_call = 5;  // the second item's step has been started
  service_.error = ApiError{ApiError::kConnectionLost, 0, "gone"};
  EXPECT_FALSE(invoke(handler).responded);
  service_.fail_call = 0;
  EXPECT_EQ(invoke(handler).output.result, "[11,32,43]");
  EXPECT_THAT(spell(service_.updates),
              ElementsAre("SUCCEED Step s", "SUCCEED MapIteration map-item-1",
                          "START MapIteration map-item-2", "START Step s", "SUCCEED Step s",
                          "SUCCEED MapIteration map-item-2", "SUCCEED Map m"));
}

TEST_F(BatchTest, ThrowIfErrorThrowsTheFirstFailure) {
  const auto handler = [](DurableContext ctx) -> Task<> {
    const std::vector<int> items = {1, 2};
    const auto body = [](DurableContext, int item) -> Task<int> {
      throw ApplicationError("Broken", "item " + std::to_string(item));
      co_return item;
    };
    const auto batch = co_await ctx.map("m", items, body);
    batch.throw_if_error();
  };
  for (int run = 0; run < 2; ++run) {  // the same on a replay (S-7)
    const auto result = invoke(handler);
    EXPECT_EQ(result.output.error->type, "ChildContextError");
    EXPECT_EQ(result.output.error->message, "item 1");
  }
}

TEST_F(BatchTest, BatchesNest) {
  const auto handler = [](DurableContext ctx) -> Task<int> {
    const std::vector<int> outer = {1, 2};
    const auto body = [](DurableContext item_ctx, int item) -> Task<int> {
      const std::vector<int> inner = {10, 20};
      const auto add = [&](DurableContext inner_ctx, int more) -> Task<int> {
        const int value = co_await inner_ctx.step("add", [&] { return item + more; });
        co_return value;
      };
      const auto batch = co_await item_ctx.map("inner", inner, add);
      co_return batch.results()[0] + batch.results()[1];
    };
    const auto batch = co_await ctx.map("outer", outer, body);
    co_return batch.results()[0] * 100 + batch.results()[1];
  };
  EXPECT_EQ(invoke(handler).output.result, "3234");
  EXPECT_EQ(invoke(handler).output.result, "3234");
}

}  // namespace
}  // namespace reprise
