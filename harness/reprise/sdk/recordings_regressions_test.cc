#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <vector>

#include "reprise/sdk/invocation_test_support.h"

namespace reprise {
namespace {

using testing::ElementsAre;

std::string describe(const BatchResult<std::string>& batch) {
  std::string text(to_string(batch.completion_reason()));
  for (const auto& item : batch.all()) {
    text += ' ';
    text += to_string(item.status);
  }
  return text;
}

// A body gives its text, "-": it fails, "": it waits for ever.
Task<std::string> give(DurableContext ctx, std::string text) {
  if (text == "-") throw ApplicationError("Bad", "-");
  if (text.empty()) co_await ctx.wait("ever", absl::Hours(1));
  co_return text;
}

class ResumedBatchTest : public InvocationTest {
 protected:
  template <class H>
  std::string run(const H& handler) {
    const InvocationResult result = invoke(handler);
    if (!result.responded) return "no response";
    if (result.output.status != InvocationStatus::kSucceeded) return "not succeeded";
    return result.output.result.str();
  }

  // The result of a run whose process dies when the batch is to be closed, and of the next one.
  template <class H>
  std::string run_without_last_checkpoint(const H& handler) {
    service_ = LogService();
    invoke(handler);
    const int calls = service_.calls;
    service_ = LogService();
    service_.fail_call = calls;
    service_.error = ApiError{ApiError::kConnectionLost, 0, "gone"};
    EXPECT_EQ(run(handler), "no response");
    service_.fail_call = 0;
    return run(handler);
  }

  template <class H>
  void expect_the_same_when_resumed(const H& handler, const std::string& expected) {
    EXPECT_EQ(run(handler), expected);
    EXPECT_EQ(run_without_last_checkpoint(handler), expected);
    EXPECT_EQ(service_.updates.size(), 1u) << "only the batch is left to be closed";
  }

  static auto map_over(std::vector<std::string> texts, BatchOptions options) {
    return [texts = std::move(texts),
            options = std::move(options)](DurableContext ctx) -> Task<std::string> {
      const BatchResult<std::string> batch = co_await ctx.map("m", texts, give, options);
      co_return describe(batch);
    };
  }
};

TEST_F(ResumedBatchTest, KnowsTheItemsThatHadStarted) {
  expect_the_same_when_resumed(map_over({"", "-", ""}, BatchOptions()),
                               "\"FAILURE_TOLERANCE_EXCEEDED STARTED FAILED STARTED\"");
}

TEST_F(ResumedBatchTest, CountsWhatHasEndedBeforeItDecides) {
  const auto handler = [](DurableContext ctx) -> Task<std::string> {
    Branches<std::string> branches;
    branches.add([](DurableContext branch) -> Task<std::string> {
      const std::string text = co_await branch.step("later", [] { return std::string("a"); });
      co_return text;
    });
    branches.add([](DurableContext branch) { return give(branch, "b"); });
    CompletionConfig first;
    first.should_complete([](const BatchProgress& progress) {
      const bool done =
          !progress.started.empty() && progress.started[0] == BatchItemStatus::kSucceeded;
      return done ? CompletionConfig::Decision::kSucceed : CompletionConfig::Decision::kContinue;
    });
    BatchOptions options;
    options.completion(first);
    const BatchResult<std::string> batch = co_await ctx.parallel("p", branches, options);
    co_return describe(batch);
  };
  expect_the_same_when_resumed(handler, "\"CUSTOM_COMPLETION_SUCCEEDED SUCCEEDED SUCCEEDED\"");
}

TEST_F(ResumedBatchTest, CountsResultsThatAreMadeAgain) {
  options_.inline_context_limit = 10;
  const std::string large(20, 'x');
  const auto handler = map_over({large, "-", ""}, BatchOptions());
  EXPECT_EQ(run(handler), "\"FAILURE_TOLERANCE_EXCEEDED SUCCEEDED FAILED STARTED\"");
  EXPECT_EQ(run_without_last_checkpoint(handler),
            "\"FAILURE_TOLERANCE_EXCEEDED SUCCEEDED FAILED STARTED\"");
}

TEST_F(ResumedBatchTest, OmitsItemsThatHadAPlaceAndDidNotBegin) {
  BatchOptions two_at_a_time;
  two_at_a_time.max_concurrency(2);
  expect_the_same_when_resumed(map_over({"a", "-", "c"}, two_at_a_time),
                               "\"FAILURE_TOLERANCE_EXCEEDED SUCCEEDED FAILED\"");
}

/// Time passes when the engine sleeps.
class VirtualHost final : public InvocationHost {
 public:
  std::int64_t service_time_ms() const override { return now_ms; }
  void sleep_until(std::int64_t at_ms) override { now_ms = std::max(now_ms, at_ms); }
  std::int64_t take_busy_ms() override { return std::exchange(busy_ms, 0); }

  std::int64_t now_ms = 0;
  std::int64_t busy_ms = 0;
};

TEST_F(ResumedBatchTest, AnAbandonedBodyKeepsTheInvocationBusy) {  // PROTOCOL 7.1 (c)
  VirtualHost host;
  options_.host = &host;
  const auto handler = [&](DurableContext ctx) -> Task<std::string> {
    Branches<std::string> branches;
    branches.add([&](DurableContext branch) -> Task<std::string> {
      const std::string text = co_await branch.step("slow", [&] {
        host.busy_ms = 2000;
        return std::string("slow");
      });
      co_return text;
    });
    branches.add([](DurableContext branch) -> Task<std::string> {
      const std::string text = co_await branch.step("quick", [] { return std::string("quick"); });
      co_return text;
    });
    BatchOptions options;
    options.completion(CompletionConfig().min_successful(1));
    const BatchResult<std::string> batch = co_await ctx.parallel("p", branches, options);
    co_await ctx.wait("pause", absl::Seconds(5));
    co_return describe(batch);
  };
  EXPECT_EQ(invoke(handler).output.status, InvocationStatus::kPending);
  EXPECT_EQ(host.now_ms, 2000);
  EXPECT_THAT(
      spell(service_.updates),
      ElementsAre("START Parallel p", "START ParallelBranch parallel-branch-0",
                  "START ParallelBranch parallel-branch-1", "START Step slow", "START Step quick",
                  "SUCCEED Step quick", "SUCCEED ParallelBranch parallel-branch-1",
                  "SUCCEED Parallel p", "START Wait pause"));
}

}  // namespace
}  // namespace reprise
