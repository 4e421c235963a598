#include <string>
#include <utility>
#include <vector>

#include "batch_support.h"
#include "handler_lists.h"
#include "handler_support.h"

namespace reprise::corpus {
namespace {

Task<int> double_it(DurableContext item, int number) {
  int doubled = co_await item.step(unnamed, [&] { return number * 2; });
  co_return doubled;
}

Task<std::vector<int>> map_basic(DurableContext ctx) {
  const BatchOptions options = BatchOptions().max_concurrency(2);
  const std::vector<int> numbers = one_to_five();
  BatchResult<int> doubled = co_await ctx.map("map", numbers, double_it, options);
  co_await ctx.wait(unnamed, absl::Seconds(1));
  co_return doubled.results();
}

Task<Json> map_empty(DurableContext ctx) {
  const std::vector<int> none;
  BatchResult<int> empty = co_await ctx.map("empty-map", none, double_it);
  co_await ctx.wait(unnamed, absl::Seconds(1));
  co_return Json{{"results", empty.results()},
                 {"errors", Json::array()},
                 {"successCount", empty.success_count()},
                 {"failureCount", empty.failure_count()},
                 {"totalCount", empty.total_count()},
                 {"status", to_string(empty.status())},
                 {"completionReason", to_string(empty.completion_reason())}};
}

// In the recording what fails settles first; the others have their steps done by then.
constexpr int kTurnsOfSuccess = 2;

Task<std::string> process_or_fail(DurableContext item, int id, std::size_t index) {
  const auto process = [&] {
    if (id == 2) throw ApplicationError("CallbackError", "Custom callback error for item 2");
    return "Processed item " + std::to_string(id);
  };
  Outcome<std::string> outcome =
      co_await item.try_step("process-item-" + std::to_string(index), process, no_retry());
  // In the origin an error of its own classes leaves a step as it is.
  if (!outcome.ok()) {
    throw ApplicationError(std::string(outcome.error().cause_type()), outcome.error().what());
  }
  co_await yield(item, kTurnsOfSuccess);
  co_return *outcome;
}

Json describe_error(const DurableError& error) {
  return Json{{"type", to_string(error.kind())},
              {"message", error.what()},
              {"originalType", error.cause_type()},
              {"originalMessage", error.error().message.value_or("")}};
}

Task<Json> map_error_preservation(DurableContext ctx) {
  const std::vector<int> ids = {1, 2, 3};
  BatchResult<std::string> batch = co_await ctx.map("map-with-errors", ids, process_or_fail);
  Json errors = Json::array();
  for (const DurableError& error : batch.errors()) errors.push_back(describe_error(error));
  co_return Json{{"success", batch.results()},
                 {"errors", errors},
                 {"totalErrors", batch.failure_count()},
                 {"totalSuccess", batch.success_count()}};
}

Task<int> fail_first_three(DurableContext item, int number, std::size_t index) {
  const auto process = [&] {
    if (number <= 3) throw Error("Item " + std::to_string(number) + " failed");
    return number * 2;
  };
  // Drawn by the jitter of the origin.
  const auto drawn_seconds = [=](int) { return number == 3 ? 3 : 4; };
  const StepOptions options = StepOptions().retry(retry_until(2, drawn_seconds));
  int doubled = co_await item.step("process-" + std::to_string(index), process, options);
  co_return doubled;
}

Task<Json> failure_threshold_exceeded_count(DurableContext ctx) {
  const BatchOptions options =
      BatchOptions().completion(CompletionConfig().tolerated_failure_count(2));
  const std::vector<int> numbers = one_to_five();
  BatchResult<int> batch =
      co_await ctx.map("failure-threshold-items", numbers, fail_first_three, options);
  co_await ctx.wait(unnamed, absl::Seconds(1));
  co_return Json{{"completionReason", to_string(batch.completion_reason())},
                 {"successCount", batch.success_count()},
                 {"failureCount", batch.failure_count()},
                 {"totalCount", batch.total_count()}};
}

Task<std::string> process_without_step(DurableContext, int number) {
  co_return "Item " + std::to_string(number) + " processed";
}

Task<Json> map_min_successful(DurableContext ctx) {
  const BatchOptions options =
      BatchOptions()
          .completion(CompletionConfig().min_successful(2))
          .item_namer([](std::size_t index) { return "process-" + std::to_string(index); });
  const std::vector<int> numbers = one_to_five();
  BatchResult<std::string> batch =
      co_await ctx.map("min-successful-items", numbers, process_without_step, options);
  co_await ctx.wait(unnamed, absl::Seconds(1));
  co_return describe_min_successful(batch);
}

Task<std::string> fail_even_ones(DurableContext item, int number, std::size_t index) {
  const std::string text = std::to_string(number);
  const auto process = [&] {
    if (number % 2 == 0) throw Error("Processing failed for item " + text);
    return "Item " + text + " processed";
  };
  std::string result = co_await item.step("process-" + std::to_string(index), process, no_retry());
  co_return result;
}

Task<Json> map_tolerated_failure_count(DurableContext ctx) {
  const BatchOptions options =
      BatchOptions().completion(CompletionConfig().tolerated_failure_count(2));
  const std::vector<int> numbers = one_to_five();
  BatchResult<std::string> batch =
      co_await ctx.map("failure-count-items", numbers, fail_even_ones, options);
  co_await ctx.wait(unnamed, absl::Seconds(1));
  co_return Json{{"successCount", batch.success_count()},
                 {"failureCount", batch.failure_count()},
                 {"totalCount", batch.total_count()},
                 {"completionReason", to_string(batch.completion_reason())},
                 {"hasFailure", batch.has_failure()}};
}

Task<std::string> fail_second(DurableContext item, int number, std::size_t index) {
  const std::string text = "item " + std::to_string(number);
  const auto process = [&] {
    if (number == 2) throw Error(text + " failed");
    return text + " ok";
  };
  std::string result = co_await item.step("process-" + std::to_string(index), process, no_retry());
  co_await yield(item, kTurnsOfSuccess);
  co_return result;
}

CompletionConfig::Decision fail_on_failure(const BatchProgress& progress) {
  return progress.failed > 0 ? CompletionConfig::Decision::kFail
                             : CompletionConfig::Decision::kContinue;
}

Task<Json> error_propagation_custom_failed(DurableContext ctx) {
  const std::vector<int> numbers = {1, 2, 3};
  const BatchOptions options =
      BatchOptions().completion(CompletionConfig().should_complete(fail_on_failure));
  BatchResult<std::string> batch = co_await ctx.map(unnamed, numbers, fail_second, options);
  co_await ctx.wait(unnamed, absl::Seconds(1));
  co_return Json{{"status", to_string(batch.status())},
                 {"completionReason", to_string(batch.completion_reason())},
                 {"hasFailure", batch.has_failure()},
                 {"failureCount", batch.failure_count()},
                 {"successCount", batch.success_count()}};
}

// One job of the pipeline: submitted, polled, collected.
Task<Json> run_job(DurableContext item, Json job) {
  const std::string name = job.at("name").get<std::string>();
  const int checks = job.at("completesAfterChecks").get<int>();
  const auto submit = [&] {
    return Json{
        {"jobId", job.at("id")}, {"jobName", name}, {"submittedAt", "2025-01-01T00:00:00Z"}};
  };
  Json submitted = co_await item.step("submit-" + name, submit);
  const Json initial = {{"jobId", job.at("id")}, {"checkCount", 0}, {"status", "pending"}};
  const auto check = [&](const Json& before) {
    Json after = before;
    const int count = before.at("checkCount").get<int>() + 1;
    after["checkCount"] = count;
    after["status"] = count >= checks ? "completed" : "running";
    return after;
  };
  const ConditionOptions<Json> options([](const Json& state, int) {
    return state.at("status") == "completed" ? WaitDecision::done()
                                             : WaitDecision::check_again_after(absl::Seconds(1));
  });
  Json polled = co_await item.wait_for_condition("poll-" + name, initial, check, options);
  const auto collect = [&] {
    Json collected = submitted;
    collected["finalStatus"] = polled.at("status");
    collected["totalChecks"] = polled.at("checkCount");
    return collected;
  };
  Json collected = co_await item.step("collect-" + name, collect);
  co_return collected;
}

Task<Json> map_with_condition(DurableContext ctx, Json event) {
  const std::vector<Json> jobs(event.at("jobs").begin(), event.at("jobs").end());
  const BatchOptions options = BatchOptions().max_concurrency(3);
  BatchResult<Json> batch = co_await ctx.map("job-pipeline", jobs, run_job, options);
  co_return Json{{"totalProcessed", batch.success_count()},
                 {"totalFailed", batch.failure_count()},
                 {"completionReason", to_string(batch.completion_reason())},
                 {"jobs", batch.results()}};
}

}  // namespace

std::vector<CorpusHandler> map_handlers() {
  std::vector<CorpusHandler> list = {
      entry("map-basic", map_basic),
      entry("map-empty", map_empty),
      entry("map-failure-threshold-exceeded-count", failure_threshold_exceeded_count),
      entry("map-min-successful", map_min_successful),
      entry("map-tolerated-failure-count", map_tolerated_failure_count),
      entry("map-with-condition-single-job", map_with_condition),
      entry("concurrent-error-propagation-custom-failed", error_propagation_custom_failed),
  };
  // Its batch was stored without the messages of the errors in it; the origin still had them in
  // memory.
  CorpusHandler errors = entry("map-error-preservation", map_error_preservation);
  errors.masks.members_of_replay = {"message", "originalType", "originalMessage"};
  list.push_back(std::move(errors));
  return list;
}

}  // namespace reprise::corpus
