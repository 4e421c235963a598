#include "reprise/record/upgrade_test_support.h"

#include <gtest/gtest.h>

#include <cctype>
#include <utility>

#include "reprise/runtime/simulation.h"

namespace reprise {

History record_history(const HandlerFunction& handler, const Recording& recording) {
  Program program;
  program.name = "order";
  program.functions = recording.functions;
  Function function;
  function.config.name = "order";
  function.handler = handler;
  program.functions.push_back(std::move(function));
  program.responders = recording.responders;
  program.starts.push_back({"order:$LATEST", "order", recording.event, {}});
  Simulation simulation(program);
  RunRecord record = simulation.run(Schedule());
  EXPECT_EQ(record.end, RunEnd::kCompleted) << record.end_reason;
  History history;
  history.events = std::move(record.histories["order"]);
  return history;
}

std::string without_lines(std::string text) {
  constexpr std::string_view kSource = ".cc:";
  for (std::size_t at = text.find(kSource); at != text.npos; at = text.find(kSource, at)) {
    at += kSource.size();
    std::size_t end = at;
    while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end])) != 0) ++end;
    text.replace(at, end - at, "N");
  }
  return text;
}

}  // namespace reprise
