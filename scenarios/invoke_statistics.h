// This scenario shows the durable invoke of a plain function: a handler that prepares its input in
// a step, has a processor compute statistics, and answers with the result as JSON text.
//
// What is worth copying: the name of the function to call comes from the environment, and so it is
// read in a step; the payload is built from results of operations only; a failure of the processor
// leaves the handler as the error that it is.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <source_location>
#include <string>
#include <vector>

#include "reprise/explore/scenario.h"
#include "reprise/fakes/function_caller.h"
#include "reprise/sdk/context.h"
#include "reprise/sdk/serdes.h"
#include "reprise/world/host.h"

namespace scenarios::invoke_statistics {

/// The event.
struct Request {
  std::vector<std::int64_t> values;
};

/// What `prepare_input` hands on.
struct Prepared {
  std::vector<std::int64_t> values;
  std::string processor;  ///< name of the function to invoke
};

/// What the processor answers.
struct Statistics {
  std::string operation;
  std::int64_t count = 0;
  std::int64_t sum = 0;
  double average = 0;
  std::int64_t max = 0;
  std::int64_t min = 0;
  std::string padding;  ///< of a processor that answers too much; left out when empty
};

/// The result: `body` is JSON text.
struct Response {
  int statusCode = 0;
  std::string body;
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Request, values)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Prepared, values, processor)
void to_json(nlohmann::json& out, const Statistics& statistics);
void from_json(const nlohmann::json& in, Statistics& statistics);

// --- world --------------------------------------------------------------------------------------

/// The plain function.  Each of its runs costs money, so runs are counted: that is its effect.
class Processor {
 public:
  enum class Fault : std::uint8_t { kNone, kFails, kThrottled, kAnswersTooMuch };

  void break_with(Fault fault) { fault_ = fault; }
  Statistics process(const std::vector<std::int64_t>& values,
                     std::source_location location = std::source_location::current());
  int runs() const { return runs_; }

  bool operator==(const Processor&) const = default;

 private:
  Fault fault_ = Fault::kNone;
  int runs_ = 0;
};

/// Everything outside the handler.
struct World {
  reprise::Host host;
  Processor processor;
  reprise::fakes::FunctionCaller functions{"functions"};  ///< for who calls the processor by hand

  bool operator==(const World&) const = default;
};

// --- the handler --------------------------------------------------------------------------------

class Handler {
 public:
  explicit Handler(World& world) : world_(world) {}
  Handler(const Handler&) = delete;
  virtual ~Handler() = default;

  reprise::Task<Response> run(reprise::DurableContext ctx, Request request);

 protected:
  // Each is one part of the handler, and what a flawed twin does in another way.
  virtual reprise::Task<Statistics> compute(reprise::DurableContext ctx, Prepared prepared);

  World& world_;
};

// --- the scenarios ------------------------------------------------------------------------------

enum class Situation : std::uint8_t {
  kAnswers,         ///< the documented example
  kEmptyInput,      ///< there is nothing to compute
  kFails,           ///< the processor throws
  kThrottled,       ///< it is throttled
  kTimesOut,        ///< it is slower than its timeout
  kAnswersTooMuch,  ///< its answer is larger than the service takes
};

enum class Flaw : std::uint8_t {
  kNone,
  kCalledInHandler,
  kCalledInStep,
  kUnorderedPayload,
  kEnvironmentOutsideStep,
};

/// Handler and world of one situation.
///
///     InvokeStatistics statistics(Situation::kAnswers);
///     Scenario scenario = statistics.scenario();   // must not outlive `statistics`
///     EXPECT_DURABLE(scenario);
class InvokeStatistics {
 public:
  explicit InvokeStatistics(Situation situation, Flaw flaw = Flaw::kNone);
  InvokeStatistics(const InvokeStatistics&) = delete;

  reprise::Scenario scenario();
  World& world() { return world_; }

 private:
  std::string name_;
  Situation situation_;
  World world_;
  std::unique_ptr<Handler> handler_;
};

/// Name of the scenario: "invoke-statistics.fails", "invoke-statistics.answers.called-in-step".
std::string scenario_name(Situation situation, Flaw flaw = Flaw::kNone);

/// The documented example, or a flawed twin of it, as a type of its own.
template <Flaw flaw>
class Twin : public InvokeStatistics {
 public:
  Twin() : InvokeStatistics(Situation::kAnswers, flaw) {}
  static std::string name() { return scenario_name(Situation::kAnswers, flaw); }
};
using CalledInHandler = Twin<Flaw::kCalledInHandler>;
using CalledInStep = Twin<Flaw::kCalledInStep>;
using UnorderedPayload = Twin<Flaw::kUnorderedPayload>;
using EnvironmentOutsideStep = Twin<Flaw::kEnvironmentOutsideStep>;

}  // namespace scenarios::invoke_statistics

/// The result as the documentation of the sample shows it: Python's spacing, members in order.
template <>
struct reprise::Serdes<scenarios::invoke_statistics::Response> {
  static SharedText encode(const scenarios::invoke_statistics::Response& response);
  static scenarios::invoke_statistics::Response decode(const SharedText& payload);
};
