// Each run-time bug of the cage is let out in turn; something that the suite checks must notice.

#include "reprise/sdk/internal/cage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "reprise/sdk/log_service_test_support.h"
#include "reprise/testing/testing.h"

namespace reprise {
namespace internal {

CagedBug caged_bug = CagedBug::kNone;

}  // namespace internal

namespace {

using internal::CagedBug;

/// What a run or an exploration must come to: "" when it has.
using Probe = std::function<std::string()>;

std::string unlike(const std::string& expected, const std::string& found) {
  return expected == found ? "" : "expected " + expected + ", found " + found;
}

std::string outcome_of(Scenario& scenario) {
  const RunRecord record = run(scenario);
  const ExecutionOutcome& outcome = record.outcomes.front();
  if (outcome.error) return outcome.error->type.value_or("?");
  return std::string(to_string(record.end)) + " " + outcome.result.str();
}

// A handler that calls another operation in its second invocation (conformance requirement of the
// suite "general").
std::string probe_mismatch() {
  int invocations = 0;
  int bodies = 0;
  Scenario scenario("probe", [&](DurableContext ctx) -> Task<int> {
    if (++invocations > 1) {
      const int value = co_await ctx.step("slot", [&] { return ++bodies; });
      co_return value;
    }
    co_await ctx.wait("slot", absl::Seconds(1));
    co_return 0;
  });
  return unlike("NonDeterministicExecutionError", outcome_of(scenario));
}

std::string probe_large_batch() {
  Limits limits;
  limits.inline_context_limit = 100;
  Scenario scenario("probe", [](DurableContext ctx) -> Task<std::size_t> {
    const std::vector<int> items = {1, 2};
    const auto body = [](DurableContext, int) -> Task<std::string> {
      co_return std::string(80, 'x');
    };
    const auto batch = co_await ctx.map("m", items, body);
    co_await ctx.wait("w", absl::Seconds(1));
    co_return batch.results().size();
  });
  scenario.limits(limits);
  return unlike("completed 2", outcome_of(scenario));
}

// The log is only replayed while the logger is silent.
std::string probe_paged_state() {
  class Lines final : public InvocationObserver {
   public:
    void logged(LogLevel, std::string_view message, std::string_view) override {
      text += std::string(message) + ";";
    }
    std::string text;
  };
  LogService service;
  const HandlerFunction handler = make_handler([](DurableContext ctx) -> Task<> {
    ctx.logger().info("before");
    co_await ctx.step("a", [] {});
    co_await ctx.wait("w", absl::Hours(1));
  });
  InvocationOptions options;
  (void)handler(service.input(), service, options);
  Lines lines;
  options.observer = &lines;
  (void)handler(service.input("null", /*paged=*/true), service, options);
  return unlike("", lines.text);
}

// The callback is answered while another branch runs.
std::string probe_news_during_an_invocation() {
  Scenario scenario("probe", [](DurableContext ctx) -> Task<std::string> {
    auto create = ctx.create_callback("answer");
    const Callback<> callback = co_await create;
    auto answer = callback.result();
    auto other = ctx.step("other", [] { return 1; });
    auto more = ctx.step("more", [] { return 2; });
    const auto joined = co_await ctx.all("both", answer, other, more);
    co_return std::get<0>(joined);
  });
  scenario.answer_callback("answer", "yes", absl::ZeroDuration());
  // A lost wake-up costs a rejected response and another invocation (PROTOCOL 1.5).
  const RunRecord record = run(scenario);
  return unlike("\"yes\" in 1 invocation", record.outcomes[0].result.str() + " in " +
                                               std::to_string(record.invocations) + " invocation");
}

// PROTOCOL 5.3: the interrupted attempt is recorded as failed, and retried.
std::string probe_at_most_once() {
  LogService service;
  service.fail_call = 2;
  service.error = ApiError{ApiError::kConnectionLost, 0, "gone"};
  const HandlerFunction handler = make_handler([](DurableContext ctx) -> Task<int> {
    StepOptions options;
    options.semantics(StepSemantics::kAtMostOncePerRetry);
    const int value = co_await ctx.step(
        "once", [] { return 1; }, options);
    co_return value;
  });
  (void)handler(service.input(), service, {});
  service.fail_call = 0;
  service.updates.clear();
  (void)handler(service.input(), service, {});
  return unlike("RETRY Step once", service.updates.empty() ? "" : spell(service.updates)[0]);
}

std::string probe_refused_checkpoint() {
  Scenario scenario("probe", [](DurableContext ctx) -> Task<int> {
    auto large = ctx.step("large", [] { return std::string(300000, 'x'); });
    auto small = ctx.step("small", [] { return 1; });
    const int value = co_await small;
    const std::string text = co_await large;
    co_return value + static_cast<int>(text.size());
  });
  return unlike("CheckpointError", outcome_of(scenario));
}

std::string probe_suspension() {
  Scenario scenario("probe", [](DurableContext ctx) -> Task<int> {
    co_await ctx.wait("w", absl::Seconds(1));
    co_return 1;
  });
  return unlike("completed 1", outcome_of(scenario));
}

// PROTOCOL 4.6: a stale token is answered by another invocation.
std::string probe_stale_token() {
  LogService service;
  service.fail_call = 1;
  service.error =
      ApiError{"InvalidParameterValueException", 400, "Invalid checkpoint token: too late"};
  const HandlerFunction handler =
      make_handler([](DurableContext ctx) -> Task<> { co_await ctx.step("a", [] {}); });
  const InvocationResult result = handler(service.input(), service, {});
  return unlike("thrown", result.responded ? "answered" : "thrown");
}

struct Caged {
  const char* name;
  CagedBug bug;
  std::string (*probe)();
};

const Caged kCage[] = {
    {"R01MismatchConsumedSilently", CagedBug::kMismatchConsumedSilently, probe_mismatch},
    {"R02DeterminismErrorMasked", CagedBug::kDeterminismErrorMasked, probe_mismatch},
    {"R03BatchRebuiltEmpty", CagedBug::kBatchRebuiltEmpty, probe_large_batch},
    {"R05ReplayModeFromFirstPage", CagedBug::kReplayModeFromFirstPage, probe_paged_state},
    {"R07SuspendsOnStaleState", CagedBug::kSuspendsOnStaleState, probe_news_during_an_invocation},
    {"R08AtMostOnceNeverRetried", CagedBug::kAtMostOnceNeverRetried, probe_at_most_once},
    {"R10GoesOnAfterFailedCheckpoint", CagedBug::kGoesOnAfterFailedCheckpoint,
     probe_refused_checkpoint},
    {"R12SuspensionIsFailure", CagedBug::kSuspensionIsFailure, probe_suspension},
    {"R13StaleTokenIsFatal", CagedBug::kStaleTokenIsFatal, probe_stale_token},
};

class Cage : public testing::TestWithParam<Caged> {
 protected:
  void TearDown() override { internal::caged_bug = CagedBug::kNone; }
};

TEST_P(Cage, TheBugIsNoticed) {
  EXPECT_EQ(GetParam().probe(), "") << "without the bug";
  internal::caged_bug = GetParam().bug;
  EXPECT_NE(GetParam().probe(), "") << "with the bug";
}

INSTANTIATE_TEST_SUITE_P(Bugs, Cage, testing::ValuesIn(kCage),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(CageSummary, Prints) {
  std::size_t noticed = 0;
  for (const Caged& caged : kCage) {
    internal::caged_bug = caged.bug;
    noticed += caged.probe().empty() ? 0 : 1;
  }
  internal::caged_bug = CagedBug::kNone;
  std::printf("R cage: %zu/%zu noticed\n", noticed, std::size(kCage));
  EXPECT_EQ(noticed, std::size(kCage));
}

}  // namespace
}  // namespace reprise
