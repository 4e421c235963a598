#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "batch_support.h"
#include "handler_lists.h"
#include "handler_support.h"

namespace reprise::corpus {
namespace {

using When = CallbackResponder::When;

// A branch that is one step.
template <class R>
class StepBranch {
 public:
  StepBranch(OperationName name, R result) : StepBranch(name, absl::ZeroDuration(), result) {}
  StepBranch(OperationName name, absl::Duration busy, R result)
      : name_(name.view()), busy_(busy), result_(std::move(result)) {}

  Task<R> operator()(DurableContext branch) const {
    const auto body = [this] {
      sleep_in_body(busy_);
      return result_;
    };
    const OperationName name = name_.empty() ? OperationName(unnamed) : OperationName(name_);
    R result = co_await branch.step(name, body);
    co_return result;
  }

 private:
  std::string name_;
  absl::Duration busy_;
  R result_;
};

Task<std::string> wait_in_branch(DurableContext branch) {
  co_await branch.wait(unnamed, absl::Seconds(1));
  co_return std::string("task 3 completed after wait");
}

Task<std::vector<std::string>> parallel_basic(DurableContext ctx) {
  Branches<std::string> branches;
  branches.add(StepBranch<std::string>(unnamed, "task 1 completed"))
      .add(StepBranch<std::string>(unnamed, "task 2 completed"))
      .add(wait_in_branch);
  const BatchOptions options = BatchOptions().max_concurrency(2);
  BatchResult<std::string> batch = co_await ctx.parallel("parallel", branches, options);
  co_return batch.results();
}

Task<Json> parallel_heterogeneous(DurableContext ctx) {
  Branches<Json> branches;
  branches.add(StepBranch<Json>(unnamed, Json{{"step1", "completed"}}))
      .add(StepBranch<Json>(unnamed, Json("task 2 completed")))
      .add(StepBranch<Json>(unnamed, Json(42)));
  BatchResult<Json> batch = co_await ctx.parallel("parallel-heterogeneous", branches);
  co_return Json(batch.results());
}

class RetriedTask {
 public:
  explicit RetriedTask(int number) : number_(number) {}

  Task<std::string> operator()(DurableContext branch) const {
    const std::string number = std::to_string(number_);
    const auto body = [&] {
      if (number_ <= 3) throw Error("Task " + number + " failed");
      return "Task " + number + " success";
    };
    // Drawn by the jitter of the origin.
    const auto drawn_seconds = [this](int) { return number_ == 1 ? 2 : 1; };
    const StepOptions options = StepOptions().retry(retry_until(2, drawn_seconds));
    std::string result = co_await branch.step("task-" + number, body, options);
    co_return result;
  }

 private:
  int number_;
};

Task<Json> failure_threshold_exceeded_percentage(DurableContext ctx) {
  Branches<std::string> branches;
  for (const int number : one_to_five()) branches.add(RetriedTask(number));
  const BatchOptions options =
      BatchOptions().completion(CompletionConfig().tolerated_failure_percentage(50));
  BatchResult<std::string> batch =
      co_await ctx.parallel("failure-threshold-tasks", branches, options);
  co_await ctx.wait(unnamed, absl::Seconds(1));
  co_return Json{{"completionReason", to_string(batch.completion_reason())},
                 {"successCount", batch.success_count()},
                 {"failureCount", batch.failure_count()},
                 {"totalCount", batch.total_count()}};
}

class FailingEvenBranch {
 public:
  explicit FailingEvenBranch(int number) : number_(number) {}

  Task<std::string> operator()(DurableContext branch) const {
    const std::string number = std::to_string(number_);
    const auto body = [&] {
      if (number_ % 2 == 0) throw Error("Branch " + number + " failed");
      return "Branch " + number + " success";
    };
    std::string result = co_await branch.step("branch-" + number, body, no_retry());
    co_return result;
  }

 private:
  int number_;
};

Task<Json> tolerated_failure_percentage(DurableContext ctx) {
  Branches<std::string> branches;
  for (const int number : one_to_five()) branches.add(FailingEvenBranch(number));
  const BatchOptions options =
      BatchOptions().completion(CompletionConfig().tolerated_failure_percentage(40));
  BatchResult<std::string> batch =
      co_await ctx.parallel("failure-percentage-branches", branches, options);
  co_await ctx.wait(unnamed, absl::Seconds(1));
  co_return Json{{"successCount", batch.success_count()},
                 {"failureCount", batch.failure_count()},
                 {"totalCount", batch.total_count()},
                 {"failurePercentage", 100 * batch.failure_count() / batch.total_count()},
                 {"completionReason", to_string(batch.completion_reason())}};
}

// A branch without operations.
Branches<std::string>::Body gives(std::string result, int turns = 0) {
  return [result = std::move(result), turns](DurableContext branch) -> Task<std::string> {
    co_await yield(branch, turns);
    co_return result;
  };
}

Task<Json> parallel_min_successful(DurableContext ctx) {
  Branches<std::string> branches;
  for (int i = 1; i <= 4; ++i) {
    const std::string number = std::to_string(i);
    branches.add("branch-" + number, gives("Branch " + number + " result"));
  }
  const BatchOptions options = BatchOptions().completion(CompletionConfig().min_successful(2));
  BatchResult<std::string> batch =
      co_await ctx.parallel("min-successful-branches", branches, options);
  co_await ctx.wait(unnamed, absl::Seconds(1));
  co_return describe_min_successful(batch);
}

Task<Json> passing_threshold(DurableContext ctx) {
  constexpr int kBusyMs[] = {10, 50, 50, 50, 2000};
  Branches<std::string> branches;
  for (int i = 1; i <= 5; ++i) {
    const std::string step = "branch-" + std::to_string(std::min(i, 4));
    const absl::Duration busy = absl::Milliseconds(kBusyMs[i - 1]);
    branches.add("branch-" + std::to_string(i),
                 StepBranch<std::string>(step, busy, "Branch " + std::to_string(i) + " result"));
  }
  const BatchOptions options = BatchOptions().completion(CompletionConfig().min_successful(2));
  BatchResult<std::string> batch =
      co_await ctx.parallel("min-successful-branches", branches, options);
  co_await ctx.wait(unnamed, absl::Seconds(1));
  co_return describe_min_successful(batch);
}

Task<Json> cancellation_min_successful(DurableContext ctx) {
  Branches<std::string> branches;
  branches.add(gives("branch 0 (fast)"));
  for (int i = 1; i <= 3; ++i) branches.add(gives("branch " + std::to_string(i) + " (slow)"));
  const BatchOptions options =
      BatchOptions().max_concurrency(2).completion(CompletionConfig().min_successful(1));
  BatchResult<std::string> batch = co_await ctx.parallel(unnamed, branches, options);
  co_return Json{{"completionReason", to_string(batch.completion_reason())},
                 {"successCount", batch.success_count()},
                 {"startedCount", batch.started_count()},
                 {"totalCount", batch.total_count()},
                 {"results", batch.results()}};
}

// The origin of the recording knew one custom reason only.
constexpr const char* kCustomReason = "CUSTOM_COMPLETION";

class QuorumSerdes final : public CustomSerdes<BatchResult<std::string>> {
  using Result = BatchResult<std::string>;

 public:
  SharedText encode(const Result& batch, const SerdesContext&) const override {
    Json all = Json::array();
    for (const Result::Item& item : batch.all()) {
      Json& entry = all.emplace_back(Json::object());
      if (item.result) entry["result"] = *item.result;
      entry["index"] = item.index;
      entry["status"] = to_string(item.status);
    }
    return SharedText(Json{{"all", all}, {"completionReason", kCustomReason}}.dump());
  }
  Result decode(const SharedText& payload, const SerdesContext&) const override {
    std::vector<Result::Item> items;
    const Json json = Json::parse(payload.view());
    for (const Json& entry : json.at("all")) {
      Result::Item& item = items.emplace_back();
      item.index = entry.at("index").get<std::size_t>();
      if (!entry.contains("result")) continue;
      item.status = BatchItemStatus::kSucceeded;
      item.result = entry.at("result").get<std::string>();
    }
    return Result(std::move(items), CompletionReason::kCustomCompletionSucceeded);
  }
};

CompletionConfig::Decision quorum(const BatchProgress& progress) {
  const auto succeeded = [&](std::size_t index) {
    return index < progress.started.size() &&
           progress.started[index] == BatchItemStatus::kSucceeded;
  };
  return succeeded(0) || (succeeded(1) && succeeded(2)) ? CompletionConfig::Decision::kSucceed
                                                        : CompletionConfig::Decision::kContinue;
}

Task<Json> parallel_should_complete(DurableContext ctx) {
  Branches<std::string> branches;
  branches.add(gives("Branch A done", /*turns=*/4))
      .add(gives("Branch B done", /*turns=*/1))
      .add(gives("Branch C done", /*turns=*/2));
  const BatchOptions options = BatchOptions()
                                   .completion(CompletionConfig().should_complete(quorum))
                                   .serdes(std::make_shared<const QuorumSerdes>());
  BatchResult<std::string> batch = co_await ctx.parallel("quorum-branches", branches, options);
  co_await ctx.wait(unnamed, absl::Seconds(1));
  co_return Json{{"successCount", batch.success_count()},
                 {"totalCount", batch.total_count()},
                 {"completionReason", kCustomReason},
                 {"results", batch.results()}};
}

class WaitBranch {
 public:
  WaitBranch(std::string name, int seconds) : name_(std::move(name)), seconds_(seconds) {}
  Task<void> operator()(DurableContext branch) const {
    co_await branch.wait(name_, absl::Seconds(seconds_));
  }

 private:
  std::string name_;
  int seconds_;
};

Task<std::string> wait_for_all(DurableContext ctx, Branches<void> branches) {
  co_await ctx.parallel("parent-block", branches);
  co_return std::string("Completed waits");
}

Task<std::string> parallel_wait(DurableContext ctx) {
  Branches<void> branches;
  branches.add(WaitBranch("wait-1-second", 1))
      .add(WaitBranch("wait-1-second-again", 1))
      .add(WaitBranch("wait-2-seconds", 2))
      .add(WaitBranch("wait-5-seconds", 5));
  std::string text = co_await wait_for_all(ctx, branches);
  co_return text;
}

Task<std::string> parallel_wait_of_2025(DurableContext ctx) {
  Branches<void> branches;
  branches.add(WaitBranch("wait-1-second", 1))
      .add(WaitBranch("wait-2-seconds", 2))
      .add(WaitBranch("wait-5-seconds", 5));
  std::string text = co_await wait_for_all(ctx, branches);
  co_return text;
}

StepBranch<std::string> long_running() {
  return StepBranch<std::string>("long-running-step", absl::Seconds(10), "long-complete");
}

std::string whole_text(const BatchResult<std::string>& batch) {
  Json all = Json::array();
  for (const auto& item : batch.all()) {
    all.push_back(
        {{"result", *item.result}, {"index", item.index}, {"status", to_string(item.status)}});
  }
  return Json{{"all", all}, {"completionReason", to_string(batch.completion_reason())}}.dump();
}

Task<std::string> retried_in_process(DurableContext branch) {
  const auto body = [](StepContext step) {
    if (step.attempt() <= 2) throw Error("Attempt " + std::to_string(step.attempt()) + " failed");
    return std::string("retry-complete");
  };
  const StepOptions options = StepOptions().retry(retry_until(5, [](int) { return 1; }));
  std::string result = co_await branch.step("retrying-step", body, options);
  co_return result;
}

Task<std::string> five_waits(DurableContext branch) {
  for (const int number : one_to_five()) {
    co_await branch.wait("wait-" + std::to_string(number), absl::Seconds(1));
  }
  co_return std::string("waits-complete");
}

Task<std::string> force_checkpointing(DurableContext ctx) {
  Branches<std::string> branches;
  branches.add(long_running()).add(retried_in_process);
  BatchResult<std::string> batch = co_await ctx.parallel(unnamed, branches);
  co_return whole_text(batch);
}

Task<std::string> force_checkpointing_multiple_wait(DurableContext ctx) {
  Branches<std::string> branches;
  branches.add(long_running()).add(five_waits);
  BatchResult<std::string> batch = co_await ctx.parallel(unnamed, branches);
  co_return whole_text(batch);
}

class CallbackBranch {
 public:
  CallbackBranch(std::string name, absl::Duration submitting)
      : name_(std::move(name)), submitting_(submitting) {}
  Task<std::string> operator()(DurableContext branch) const {
    const auto submit = [this](const std::string&) { sleep_in_body(submitting_); };
    std::string answer = co_await branch.wait_for_callback(name_, submit);
    co_return answer;
  }

 private:
  std::string name_;
  absl::Duration submitting_;
};

Task<Json> concurrent_callback_submitter(DurableContext ctx) {
  Branches<std::string> branches;
  branches.add(CallbackBranch("wait-for-callback-1", absl::Seconds(2)))
      .add(CallbackBranch("wait-for-callback-2", absl::ZeroDuration()));
  BatchResult<std::string> batch = co_await ctx.parallel(unnamed, branches);
  Json results = Json::array();
  for (const std::string& text : batch.results()) results.push_back(Json::parse(text));
  co_return Json{{"results", results}, {"allCompleted", true}};
}

}  // namespace

std::vector<CorpusHandler> parallel_handlers() {
  std::vector<CorpusHandler> list = {
      entry("parallel-basic", parallel_basic),
      entry("parallel-heterogeneous", parallel_heterogeneous),
      entry("parallel-failure-threshold-exceeded-percentage",
            failure_threshold_exceeded_percentage),
      entry("parallel-tolerated-failure-percentage", tolerated_failure_percentage),
      entry("parallel-min-successful", parallel_min_successful),
      entry("min-successful-with-passing-threshold", passing_threshold),
      entry("concurrent-cancellation-min-successful", cancellation_min_successful),
      entry("parallel-should-complete", parallel_should_complete),
      entry("parallel-wait", parallel_wait),
      entry("parallel-wait--2025-12", parallel_wait_of_2025),
      entry("force-checkpointing", force_checkpointing),
      entry("force-checkpointing-multiple-wait", force_checkpointing_multiple_wait),
  };
  CorpusHandler submitter = entry("concurrent-callback-submitter", concurrent_callback_submitter);
  submitter.responders = {
      succeeds("wait-for-callback-1", When::kCreated, 101, R"({"id":1,"data":"first-completed"})"),
      succeeds("wait-for-callback-2", When::kCreated, 100, R"({"id":2,"data":"second-completed"})"),
  };
  list.push_back(std::move(submitter));
  return list;
}

}  // namespace reprise::corpus
