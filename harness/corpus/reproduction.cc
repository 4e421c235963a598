#include "reproduction.h"

#include <string>
#include <utility>

#include "reprise/runtime/simulation.h"

namespace reprise::corpus {
namespace {

constexpr const char* kFunction = "recorded-handler";
constexpr const char* kExecution = "recording";

Program program_of(const CorpusHandler& handler, const History& recorded) {
  Program program;
  program.name = handler.id;
  Function function;
  function.config.name = kFunction;
  function.handler = handler.handler;
  program.functions = handler.functions;
  program.functions.push_back(std::move(function));
  program.responders = handler.responders;
  Start start;
  start.function = std::string(kFunction) + ":$LATEST";
  start.name = kExecution;
  const EventDetails& details = recorded.events.front().details;
  if (details.input && details.input->payload) start.payload = SharedText(*details.input->payload);
  program.starts.push_back(std::move(start));
  return program;
}

}  // namespace

absl::StatusOr<History> reproduce(const CorpusHandler& handler, const History& recorded) {
  Program program = program_of(handler, recorded);
  Simulation simulation(program);
  RunRecord record = simulation.run(Schedule());
  if (record.end != RunEnd::kCompleted) {
    return absl::FailedPreconditionError("the run is " + std::string(to_string(record.end)) + ": " +
                                         record.end_reason);
  }
  History produced;
  produced.events = std::move(record.histories[kExecution]);
  return produced;
}

}  // namespace reprise::corpus
