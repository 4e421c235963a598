#include "scenarios/invoke_statistics.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <numeric>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "reprise/sdk/errors.h"
#include "reprise/sdk/retry.h"

namespace scenarios::invoke_statistics {

using nlohmann::json;
using nlohmann::ordered_json;
using reprise::ApplicationError;
using reprise::DurableContext;
using reprise::Scenario;
using reprise::Task;

namespace {

constexpr const char* kProcessorVariable = "PROCESSOR_FUNCTION";

/// JSON as Python's json.dumps spells it: a blank after each comma and colon.
std::string python_text(const ordered_json& value) {
  std::string text;
  if (value.is_object()) {
    for (const auto& [name, member] : value.items()) {
      absl::StrAppend(&text, text.empty() ? "" : ", ", ordered_json(name).dump(), ": ",
                      python_text(member));
    }
    return "{" + text + "}";
  }
  if (value.is_array()) {
    for (const ordered_json& element : value) {
      absl::StrAppend(&text, text.empty() ? "" : ", ", python_text(element));
    }
    return "[" + text + "]";
  }
  return value.dump();
}

}  // namespace

void to_json(json& out, const Statistics& statistics) {
  out = {{"operation", statistics.operation}, {"count", statistics.count}, {"sum", statistics.sum},
         {"average", statistics.average},     {"max", statistics.max},     {"min", statistics.min}};
  if (!statistics.padding.empty()) out["padding"] = statistics.padding;
}

void from_json(const json& in, Statistics& statistics) {
  statistics.operation = in.at("operation").get<std::string>();
  statistics.count = in.at("count").get<std::int64_t>();
  statistics.sum = in.at("sum").get<std::int64_t>();
  statistics.average = in.at("average").get<double>();
  statistics.max = in.at("max").get<std::int64_t>();
  statistics.min = in.at("min").get<std::int64_t>();
  statistics.padding = in.value("padding", "");
}

// --- world --------------------------------------------------------------------------------------

Statistics Processor::process(const std::vector<std::int64_t>& values,
                              std::source_location location) {
  reprise::effect(
      {.target = "processor", .action = "run", .arguments = {}, .key = {}, .location = location},
      [&](reprise::EffectOutcome&) { ++runs_; });
  if (fault_ == Fault::kFails)
    throw ApplicationError("ValueError", "the processor is out of order");
  if (fault_ == Fault::kThrottled) {
    throw ApplicationError("TooManyRequestsException", "Rate Exceeded.");
  }
  if (values.empty()) throw ApplicationError("ValueError", "there are no values");
  Statistics statistics;
  statistics.operation = "sum_and_average";
  statistics.count = static_cast<std::int64_t>(values.size());
  statistics.sum = std::accumulate(values.begin(), values.end(), std::int64_t{0});
  statistics.average = static_cast<double>(statistics.sum) / static_cast<double>(statistics.count);
  statistics.max = *std::max_element(values.begin(), values.end());
  statistics.min = *std::min_element(values.begin(), values.end());
  if (fault_ == Fault::kAnswersTooMuch) statistics.padding.assign(7 * 1024 * 1024, 'x');
  return statistics;
}

// --- the handler --------------------------------------------------------------------------------

namespace {

Prepared prepare(const Request& request, const reprise::Host& host) {
  if (request.values.empty()) {
    throw ApplicationError("ValueError", "values must be a list with at least one number");
  }
  Prepared prepared;
  prepared.values = request.values;
  prepared.processor = host.env(kProcessorVariable);
  return prepared;
}

Response respond(const std::vector<std::int64_t>& values, const Statistics& statistics) {
  ordered_json result;
  result["operation"] = statistics.operation;
  result["count"] = statistics.count;
  result["sum"] = statistics.sum;
  result["average"] = statistics.average;
  result["max"] = statistics.max;
  result["min"] = statistics.min;
  ordered_json body;
  body["message"] = "Durable orchestration completed successfully";
  body["input_values"] = values;
  body["processing_result"] = result;
  Response response;
  response.statusCode = 200;
  response.body = python_text(body);
  return response;
}

reprise::StepOptions without_retries() {
  return reprise::StepOptions().retry(reprise::retry::none());
}

}  // namespace

Task<Response> Handler::run(DurableContext ctx, Request request) {
  // Wrong input stays wrong: no retries.
  Prepared prepared = co_await ctx.step(
      "prepare_input", [&] { return prepare(request, world_.host); }, without_retries());
  Statistics statistics = co_await compute(ctx, prepared);
  co_return respond(prepared.values, statistics);
}

Task<Statistics> Handler::compute(DurableContext ctx, Prepared prepared) {
  co_return co_await ctx.invoke<Statistics>("invoke_processor", prepared.processor,
                                            prepared.values);
}

// --- the flawed twins ---------------------------------------------------------------------------

namespace {

/// Calls the processor between two operations: every replay calls it again.
class WithCallInHandler : public Handler {
 public:
  using Handler::Handler;
  Task<Statistics> compute(DurableContext, Prepared prepared) override {
    co_return world_.functions.call(prepared.processor, prepared.values).get<Statistics>();
  }
};

/// Calls the processor in a step: a crash before the step's checkpoint calls it again.
class WithCallInStep : public Handler {
 public:
  using Handler::Handler;
  Task<Statistics> compute(DurableContext ctx, Prepared prepared) override {
    co_return co_await ctx.step("invoke_processor", [&] {
      return world_.functions.call(prepared.processor, prepared.values).get<Statistics>();
    });
  }
};

/// A payload as a list of names and values, in the order of a hash table: each process has its own.
class WithUnorderedPayload : public Handler {
 public:
  using Handler::Handler;
  Task<Statistics> compute(DurableContext ctx, Prepared prepared) override {
    std::unordered_map<std::string, json, reprise::SaltedHash> fields(
        8, reprise::SaltedHash(world_.host));
    fields["operation"] = "sum_and_average";
    fields["values"] = prepared.values;
    fields["precision"] = 2;
    fields["locale"] = "en_US";
    fields["source"] = "orchestrator";
    const std::vector<std::pair<std::string, json>> payload(fields.begin(), fields.end());
    co_return co_await ctx.invoke<Statistics>("invoke_processor", prepared.processor, payload);
  }
};

/// Asks the environment which function to call, and a deployment changes the answer.
class WithEnvironmentOutsideStep : public Handler {
 public:
  using Handler::Handler;
  Task<Statistics> compute(DurableContext ctx, Prepared prepared) override {
    const std::string processor = world_.host.env(kProcessorVariable);
    co_return co_await ctx.invoke<Statistics>("invoke_processor", processor, prepared.values);
  }
};

std::unique_ptr<Handler> make_handler(Flaw flaw, World& world) {
  if (flaw == Flaw::kCalledInHandler) return std::make_unique<WithCallInHandler>(world);
  if (flaw == Flaw::kCalledInStep) return std::make_unique<WithCallInStep>(world);
  if (flaw == Flaw::kUnorderedPayload) return std::make_unique<WithUnorderedPayload>(world);
  if (flaw == Flaw::kEnvironmentOutsideStep) {
    return std::make_unique<WithEnvironmentOutsideStep>(world);
  }
  return std::make_unique<Handler>(world);
}

std::string_view name_of(Situation situation) {
  switch (situation) {
    case Situation::kAnswers:
      return "answers";
    case Situation::kEmptyInput:
      return "empty-input";
    case Situation::kFails:
      return "fails";
    case Situation::kThrottled:
      return "throttled";
    case Situation::kTimesOut:
      return "times-out";
    case Situation::kAnswersTooMuch:
      return "answers-too-much";
  }
  return {};
}

std::string_view name_of(Flaw flaw) {
  switch (flaw) {
    case Flaw::kNone:
      return "";
    case Flaw::kCalledInHandler:
      return "called-in-handler";
    case Flaw::kCalledInStep:
      return "called-in-step";
    case Flaw::kUnorderedPayload:
      return "unordered-payload";
    case Flaw::kEnvironmentOutsideStep:
      return "environment-outside-step";
  }
  return {};
}

/// The values in a payload: the list itself, or the member of a list of names and values.
std::vector<std::int64_t> values_of(const json& payload) {
  for (const json& element : payload) {
    if (element.is_array() && element.at(0) == "values") {
      return element.at(1).get<std::vector<std::int64_t>>();
    }
  }
  return payload.get<std::vector<std::int64_t>>();
}

}  // namespace

std::string scenario_name(Situation situation, Flaw flaw) {
  std::string name = absl::StrCat("invoke-statistics.", std::string(name_of(situation)));
  if (flaw != Flaw::kNone) absl::StrAppend(&name, ".", std::string(name_of(flaw)));
  return name;
}

InvokeStatistics::InvokeStatistics(Situation situation, Flaw flaw)
    : name_(scenario_name(situation, flaw)),
      situation_(situation),
      handler_(make_handler(flaw, world_)) {
  world_.host.set_env(kProcessorVariable, "processor", "processor-v2");
  if (situation == Situation::kFails) world_.processor.break_with(Processor::Fault::kFails);
  if (situation == Situation::kThrottled) world_.processor.break_with(Processor::Fault::kThrottled);
  if (situation == Situation::kAnswersTooMuch) {
    world_.processor.break_with(Processor::Fault::kAnswersTooMuch);
  }
  world_.functions.add("processor", [this](const json& payload) -> json {
    return world_.processor.process(values_of(payload));
  });
}

Scenario InvokeStatistics::scenario() {
  Scenario scenario(name_);
  scenario.durable_function("statistics", [this](DurableContext ctx, Request request) {
    return handler_->run(ctx, std::move(request));
  });
  reprise::FunctionConfig config;
  config.function_timeout_seconds = 3;
  if (situation_ == Situation::kTimesOut) config.latency_ms = 3500;
  for (const char* deployed : {"processor", "processor-v2"}) {
    scenario.function(
        deployed,
        [this](const json& payload) { return world_.processor.process(values_of(payload)); },
        config);
  }
  Request request;
  if (situation_ != Situation::kEmptyInput) request.values = {10, 20, 30, 40, 50};
  scenario.start("statistics-1", "statistics", request);
  scenario.world(world_);
  scenario.always(
      "the processor runs at most once", [this] { return world_.processor.runs() <= 1; },
      "DUPLICATE_EFFECT");
  return scenario;
}

}  // namespace scenarios::invoke_statistics

namespace reprise {

using scenarios::invoke_statistics::Response;

SharedText Serdes<Response>::encode(const Response& response) {
  nlohmann::ordered_json out;
  out["statusCode"] = response.statusCode;
  out["body"] = response.body;
  return SharedText(scenarios::invoke_statistics::python_text(out));
}

Response Serdes<Response>::decode(const SharedText& payload) {
  const nlohmann::json in = nlohmann::json::parse(payload.view());
  Response response;
  response.statusCode = in.at("statusCode").get<int>();
  response.body = in.at("body").get<std::string>();
  return response;
}

}  // namespace reprise
