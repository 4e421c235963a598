// The suites map, parallel and wait_for_condition.

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "conformance/handler_tools.h"

namespace reprise::corpus {
namespace {

constexpr const char* kFails = "!";

/// A body that gives `text`, or fails where that is kFails.
Task<std::string> give(DurableContext /*ctx*/, std::string text) {
  if (text == kFails) throw std::runtime_error("the item fails");
  co_return text;
}

BatchOptions one_by_one(CompletionConfig completion = CompletionConfig()) {
  BatchOptions options;
  options.max_concurrency(1).completion(std::move(completion));
  return options;
}

Json results_of(const BatchResult<std::string>& batch) { return Json(batch.results()); }

Json summary_of(const BatchResult<std::string>& batch) {
  return Json{{"completionReason", to_string(batch.completion_reason())},
              {"status", to_string(batch.status())},
              {"successCount", batch.success_count()},
              {"failureCount", batch.failure_count()},
              {"totalCount", batch.total_count()}};
}

/// The members of a summary that a requirement asks for.
Json some_of(const Json& whole, const std::vector<const char*>& members) {
  Json part = Json::object();
  for (const char* member : members) part[member] = whole[member];
  return part;
}

/// How a handler makes its result of a batch.
using Project = std::function<Json(const BatchResult<std::string>&)>;

Project projecting(std::vector<const char*> members) {
  return [members = std::move(members)](const BatchResult<std::string>& batch) {
    return some_of(summary_of(batch), members);
  };
}
Project full_summary() {
  return projecting({"completionReason", "status", "successCount", "failureCount", "totalCount"});
}
Project without_status() {
  return projecting({"completionReason", "successCount", "failureCount", "totalCount"});
}

/// A requirement whose items give constant texts.
struct BatchRequirement {
  const char* id;
  std::optional<const char*> name;
  std::vector<std::string> texts;
  BatchOptions options;
  Project project;
};

OperationName name_of(const BatchRequirement& requirement) {
  return requirement.name ? OperationName(*requirement.name) : OperationName(unnamed);
}

ConformanceHandler as_map(const BatchRequirement& requirement) {
  return covers(requirement.id, [requirement](DurableContext ctx) -> Task<Json> {
    const BatchResult<std::string> batch =
        co_await ctx.map(name_of(requirement), requirement.texts, give, requirement.options);
    co_return requirement.project(batch);
  });
}

ConformanceHandler as_parallel(const BatchRequirement& requirement) {
  return covers(requirement.id, [requirement](DurableContext ctx) -> Task<Json> {
    Branches<std::string> branches;
    for (const std::string& text : requirement.texts) {
      branches.add([text](DurableContext branch) { return give(branch, text); });
    }
    const BatchResult<std::string> batch =
        co_await ctx.parallel(name_of(requirement), branches, requirement.options);
    co_return requirement.project(batch);
  });
}

/// Encodes a text in front of which a mark stands.
class MarkedText final : public CustomSerdes<std::string> {
 public:
  MarkedText(std::string before, std::string after)
      : before_(std::move(before)), after_(std::move(after)) {}
  SharedText encode(const std::string& value, const SerdesContext& /*context*/) const override {
    return SharedText(before_ + value + after_);
  }
  std::string decode(const SharedText& payload, const SerdesContext& /*context*/) const override {
    const std::string text = payload.str();
    return text.substr(before_.size(), text.size() - before_.size() - after_.size());
  }

 private:
  std::string before_;
  std::string after_;
};

/// The results, joined by commas behind a mark.
class JoinedResults final : public CustomSerdes<BatchResult<std::string>> {
 public:
  SharedText encode(const BatchResult<std::string>& value,
                    const SerdesContext& /*context*/) const override {
    std::string text = kMark;
    for (const std::string& result : value.results()) {
      if (text != kMark) text += ',';
      text += result;
    }
    return SharedText(text);
  }
  BatchResult<std::string> decode(const SharedText& payload,
                                  const SerdesContext& /*context*/) const override {
    std::vector<BatchItem<std::string>> items;
    std::string rest = payload.str().substr(std::string(kMark).size());
    for (std::size_t comma = 0; comma != std::string::npos;) {
      comma = rest.find(',');
      BatchItem<std::string>& item = items.emplace_back();
      item.index = items.size() - 1;
      item.status = BatchItemStatus::kSucceeded;
      item.result = rest.substr(0, comma);
      rest.erase(0, comma == std::string::npos ? rest.size() : comma + 1);
    }
    return BatchResult<std::string>(std::move(items), CompletionReason::kAllCompleted);
  }

 private:
  static constexpr const char* kMark = "OPSERDE:";
};

// --- handlers that are no constant texts

Task<Json> greetings(DurableContext ctx, std::vector<std::string> names) {
  const auto greet = [](DurableContext item, std::string name) -> Task<std::string> {
    std::string text = co_await item.step(unnamed, [&] { return "Hello, " + name + "!"; });
    co_return text;
  };
  const BatchOptions options = one_by_one();
  const BatchResult<std::string> batch = co_await ctx.map("map", names, greet, options);
  co_return results_of(batch);
}

Task<std::vector<int>> doubled(DurableContext ctx, std::vector<int> numbers) {
  const auto twice = [](DurableContext, int number) -> Task<int> { co_return 2 * number; };
  const BatchOptions options = one_by_one();
  const BatchResult<int> batch = co_await ctx.map(unnamed, numbers, twice, options);
  co_return batch.results();
}

Task<std::string> in_a_step(DurableContext ctx, std::string text) {
  std::string result = co_await ctx.step(unnamed, [&] { return text; });
  co_return result;
}

Task<Json> flat_steps(DurableContext ctx) {
  const std::vector<std::string> items = {"fa", "fb"};
  BatchOptions options = one_by_one();
  options.nesting(BatchNesting::kFlat);
  const BatchResult<std::string> batch = co_await ctx.map("flat", items, in_a_step, options);
  co_return results_of(batch);
}

Task<Json> then_wait(DurableContext ctx) {
  const std::vector<std::string> items = {"A", "B"};
  const BatchOptions options = one_by_one();
  const BatchResult<std::string> batch = co_await ctx.map("then-wait", items, give, options);
  co_await ctx.wait(unnamed, absl::Seconds(1));
  co_return results_of(batch);
}

Task<> throwing(DurableContext ctx) {
  const std::vector<std::string> items = {kFails, "never"};
  const BatchOptions options = one_by_one(CompletionConfig().tolerated_failure_count(0));
  const BatchResult<std::string> batch = co_await ctx.map("throwing", items, give, options);
  batch.throw_if_error();
}

Task<Json> two_branches_of_a_step(DurableContext ctx) {
  Branches<std::string> branches;
  branches.add([](DurableContext branch) { return in_a_step(branch, "task-1"); });
  branches.add([](DurableContext branch) { return in_a_step(branch, "task-2"); });
  const BatchOptions options = one_by_one();
  const BatchResult<std::string> batch = co_await ctx.parallel("parallel", branches, options);
  co_return results_of(batch);
}

Task<Json> heterogeneous(DurableContext ctx) {
  Branches<Json> branches;
  branches.add([](DurableContext) -> Task<Json> { co_return Json("hello"); });
  branches.add([](DurableContext) -> Task<Json> { co_return Json(42); });
  branches.add([](DurableContext) -> Task<Json> { co_return Json{{"k", "v"}}; });
  const BatchOptions options = one_by_one();
  const BatchResult<Json> batch = co_await ctx.parallel("hetero", branches, options);
  co_return Json(batch.results());
}

Json accessors_of(const BatchResult<std::string>& batch) {
  return Json{{"hasFailure", batch.has_failure()},
              {"successCount", batch.succeeded().size()},
              {"failureCount", batch.failed().size()},
              {"errorCount", batch.errors().size()}};
}

BatchOptions concurrent(std::int64_t count) {
  BatchOptions options;
  options.max_concurrency(count);
  return options;
}

BatchOptions with_item_serdes(std::string before, std::string after) {
  BatchOptions options = one_by_one();
  options.item_serdes(std::make_shared<MarkedText>(std::move(before), std::move(after)));
  return options;
}

// --- wait_for_condition

ConditionOptions<int> until(int threshold) {
  PollUntil<int> poll([threshold](const int& state) { return state >= threshold; });
  return ConditionOptions<int>(poll);
}

ConditionOptions<int> every_two_seconds_until(int threshold) {
  PollUntil<int> poll([threshold](const int& state) { return state >= threshold; });
  poll.initial_delay(absl::Seconds(2)).rate(1).jitter(Jitter::kNone);
  return ConditionOptions<int>(poll);
}

int increment(int state) { return state + 1; }
int unchanged(int state) { return state; }
int no_such_job(int /*state*/) { throw std::runtime_error("the check fails"); }

ConformanceHandler counts_from(const char* id, int initial) {
  return covers(id, [initial](DurableContext ctx, int threshold) -> Task<int> {
    const ConditionOptions<int> options = until(threshold);
    const int state = co_await ctx.wait_for_condition(unnamed, initial, increment, options);
    co_return state;
  });
}

Task<int> met_at_once(DurableContext ctx, int threshold) {
  const ConditionOptions<int> options = until(threshold);
  const int state = co_await ctx.wait_for_condition(unnamed, 5, unchanged, options);
  co_return state;
}

Task<int> fixed_delay(DurableContext ctx, int threshold) {
  const ConditionOptions<int> options = every_two_seconds_until(threshold);
  const int state = co_await ctx.wait_for_condition(unnamed, 0, increment, options);
  co_return state;
}

Task<int> check_throws(DurableContext ctx) {
  const ConditionOptions<int> options = until(1);
  const int state = co_await ctx.wait_for_condition(unnamed, 0, no_such_job, options);
  co_return state;
}

Task<std::string> check_throws_and_is_caught(DurableContext ctx) {
  const ConditionOptions<int> options = until(1);
  const Outcome<int> state = co_await ctx.try_wait_for_condition(unnamed, 0, no_such_job, options);
  co_return state.ok() ? "met" : "recovered";
}

Task<Json> null_state(DurableContext ctx) {
  const auto check = [](const Json&) { return Json(); };
  const auto done = [](const Json&, int) { return WaitDecision::done(); };
  const ConditionOptions<Json> options(done);
  Json initial;
  Json state = co_await ctx.wait_for_condition(unnamed, initial, check, options);
  co_return state;
}

Task<std::string> marked_state(DurableContext ctx) {
  const auto append = [](const std::string& state) { return state + "x"; };
  PollUntil<std::string> poll([](const std::string& state) { return state.size() >= 2; });
  ConditionOptions<std::string> options(poll);
  options.serdes(std::make_shared<MarkedText>("<", ">"));
  const std::string initial;
  std::string state = co_await ctx.wait_for_condition(unnamed, initial, append, options);
  co_return state;
}

Task<int> one_after_another(DurableContext ctx) {
  const ConditionOptions<int> to_two = until(2);
  const int first = co_await ctx.wait_for_condition(unnamed, 0, increment, to_two);
  const ConditionOptions<int> to_four = until(4);
  const int second = co_await ctx.wait_for_condition(unnamed, first, increment, to_four);
  co_return second;
}

}  // namespace

std::vector<ConformanceHandler> map_conformance() {
  const auto fails_fast = CompletionConfig().tolerated_failure_count(0);
  const auto quarter = CompletionConfig().tolerated_failure_percentage(25);
  const auto two = CompletionConfig().min_successful(2);
  const std::string large(std::size_t{70} * 1000, 'x');
  BatchOptions joined = one_by_one();
  joined.serdes(std::make_shared<JoinedResults>());
  return {
      covers("9-1", greetings),
      covers("9-2", doubled),
      as_map({"9-4", "empty", {}, BatchOptions(), results_of}),
      as_map({"9-5", "failfast", {"ok", kFails, "x"}, one_by_one(fails_fast), full_summary()}),
      covers("9-6", throwing),
      as_map({"9-7",
              "min-successful",
              {"a", "b", "c", "d"},
              one_by_one(two),
              projecting({"completionReason", "successCount", "totalCount"})}),
      as_map({"9-10",
              "tolerated-pct",
              {kFails, kFails, "c", "d"},
              one_by_one(quarter),
              without_status()}),
      as_map({"9-11", "concurrent", {"r0", "r1", "r2"}, concurrent(2), results_of}),
      covers("9-12", flat_steps),
      as_map({"9-14", "serdes", {"X", "Y"}, with_item_serdes("wrapped:", ""), results_of}),
      as_map({"9-16",
              "large",
              {large, large, large, large},
              one_by_one(),
              projecting({"successCount", "totalCount"})}),
      covers("9-17", then_wait),
      as_map({"9-19", "op-serde", {"X", "Y"}, joined, results_of}),
  };
}

std::vector<ConformanceHandler> parallel_conformance() {
  const auto tolerates = [](std::int64_t count) {
    return one_by_one(CompletionConfig().tolerated_failure_count(count));
  };
  const auto quarter = CompletionConfig().tolerated_failure_percentage(25);
  const auto least = [](std::int64_t count) {
    return one_by_one(CompletionConfig().min_successful(count));
  };
  const std::vector<std::string> mixed = {"a", kFails, "c"};
  ConformanceHandler refused =
      as_parallel({"8-19", "bad-concurrency", {"a", "b"}, concurrent(0), results_of});
  refused.not_under_crashes = "the call is refused: a finding without any crash";
  return {
      covers("8-1", two_branches_of_a_step),
      as_parallel({"8-2", std::nullopt, {"alpha", "beta"}, one_by_one(), results_of}),
      covers("8-4", heterogeneous),
      as_parallel({"8-5", "empty", {}, BatchOptions(), results_of}),
      as_parallel({"8-6", "failfast", {"ok", kFails, "x"}, tolerates(0), full_summary()}),
      as_parallel({"8-8",
                   "min-successful",
                   {"a", "b", "c", "d"},
                   least(2),
                   projecting({"completionReason", "successCount", "totalCount"})}),
      as_parallel({"8-9", "tolerated", mixed, tolerates(1), full_summary()}),
      as_parallel({"8-11", "concurrent", {"r0", "r1", "r2"}, concurrent(2), results_of}),
      as_parallel({"8-13",
                   "tolerated-pct",
                   {kFails, kFails, "c", "d"},
                   one_by_one(quarter),
                   without_status()}),
      as_parallel(
          {"8-15", "serde", {"x", "y"}, with_item_serdes("{\"wrapped\": \"", "\"}"), results_of}),
      as_parallel({"8-16", "all-fail", {kFails, kFails, kFails}, tolerates(3), full_summary()}),
      as_parallel({"8-17", "min-not-reached", mixed, least(3), full_summary()}),
      std::move(refused),
      as_parallel({"8-20", "accessors", mixed, tolerates(1), accessors_of}),
      as_parallel(
          {"8-22", "pct-boundary", {kFails, "b", "c", "d"}, one_by_one(quarter), full_summary()}),
  };
}

std::vector<ConformanceHandler> wait_for_condition_conformance() {
  return {
      counts_from("6-1", 0),
      covers("6-2", met_at_once),
      counts_from("6-4", 5),
      covers("6-5", fixed_delay),
      covers("6-7", check_throws),
      covers("6-8", check_throws_and_is_caught),
      covers("6-10", null_state),
      covers("6-11", marked_state),
      covers("6-13", one_after_another),
  };
}

}  // namespace reprise::corpus
