// The demo: a sound handler and its certificate, then two published mistakes, each with the report
// of what was found and a fixture that shows it again.
#include <cstdio>
#include <string>
#include <vector>

#include "reprise/checks/checks.h"
#include "reprise/explore/explorer.h"
#include "reprise/explore/scenario.h"
#include "reprise/record/fixture.h"
#include "reprise/report/text_report.h"
#include "scenarios/explain.h"
#include "scenarios/invoke_statistics.h"
#include "scenarios/order_chaining.h"

namespace {

namespace order_chaining = scenarios::order_chaining;
namespace invoke_statistics = scenarios::invoke_statistics;

constexpr int kNotAsPromised = 1;
constexpr int kUsage = 2;

constexpr const char* kHelp = R"(reprise_demo [--out DIR]
reprise_demo --replay FILE

Without --replay: explores a sound handler and two flawed ones, prints what it finds, and writes
each finding as a fixture.

  --out DIR       where fixtures are written; default: out/demo
  --replay FILE   runs the schedule of this fixture and prints what it shows

Exit status: 0; 1 when a run does not show what the demo promises, or a fixture no longer what it
recorded; 2 for a wrong argument or a file that cannot be read or written.
)";

struct Arguments {
  std::string program;
  std::string out = "out/demo";
  std::string replay;
  bool help = false;
  std::string error;
};

Arguments parse(const std::vector<std::string>& words) {
  Arguments arguments;
  arguments.program = words.empty() ? "reprise_demo" : words.front();
  bool has_out = false;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::size_t equals = words[i].find('=');
    const std::string flag = words[i].substr(0, equals);
    std::string* const value = flag == "--out"      ? &arguments.out
                               : flag == "--replay" ? &arguments.replay
                                                    : nullptr;
    if (words[i] == "--help") {
      arguments.help = true;
    } else if (value == nullptr) {
      arguments.error = "unknown argument " + words[i];
    } else if (equals != std::string::npos) {
      *value = words[i].substr(equals + 1);
    } else if (i + 1 < words.size()) {
      *value = words[++i];
    } else {
      value->clear();
    }
    if (value != nullptr && value->empty()) arguments.error = flag + " needs a value";
    has_out = has_out || flag == "--out";
    if (!arguments.error.empty()) return arguments;
  }
  if (has_out && !arguments.replay.empty()) {
    arguments.error = "--out does not go with --replay, which writes nothing";
  }
  return arguments;
}

int fail(const std::string& message) {
  std::fprintf(stderr, "reprise_demo: %s\n", message.c_str());
  return kUsage;
}

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void heading(const std::string& text) { print("== " + text + " ==\n"); }

// --- replay -------------------------------------------------------------------------------------

int replay(const Arguments& arguments) {
  reprise::ReportContext context;
  context.fixture = arguments.replay;
  context.again = arguments.program + " --replay " + arguments.replay;
  const absl::StatusOr<scenarios::Explanation> shown =
      scenarios::explain(arguments.replay, context);
  if (!shown.ok()) return fail("--replay: " + std::string(shown.status().message()));
  print(arguments.replay + ": " + shown->outcome + "\n" + shown->screen);
  return shown->as_recorded ? 0 : kNotAsPromised;
}

// --- the demo -----------------------------------------------------------------------------------

reprise::Exploration explore(reprise::Scenario& scenario) {
  reprise::Program& program = scenario.program();
  return reprise::Explorer(program, reprise::checks::judge(program), scenario.explore_options())
      .explore();
}

int show_sound_handler() {
  heading("A sound handler: statistics of [10, 20, 30, 40, 50]");
  invoke_statistics::InvokeStatistics statistics(invoke_statistics::Situation::kAnswers);
  reprise::Scenario scenario = statistics.scenario();
  const reprise::Exploration exploration = explore(scenario);
  for (const reprise::ExecutionOutcome& outcome : exploration.benign.outcomes) {
    print(outcome.result.str() + "\n");
  }
  print(exploration.certificate.text() + "\n");
  return exploration.sound() ? 0 : kNotAsPromised;
}

template <class Definition>
int show_flawed_handler(const std::string& title, const Arguments& arguments) {
  print("\n");
  heading("A published mistake: " + title);
  Definition definition;
  reprise::Scenario scenario = definition.scenario();
  const reprise::Exploration exploration = explore(scenario);
  std::vector<std::string> written;
  for (const reprise::ReportedFinding& reported : exploration.findings) {
    const absl::StatusOr<std::string> path = reprise::save_fixture_in(
        arguments.out, reprise::fixture_of(scenario.program(), reported), written);
    if (!path.ok()) return fail("--out: " + std::string(path.status().message()));
    written.push_back(*path);
    reprise::ReportContext context;
    context.test = scenario.name();
    context.fixture = *path;
    context.again = arguments.program + " --replay " + *path;
    print(reprise::text_report(reported, exploration.certificate, context));
  }
  return written.empty() ? kNotAsPromised : 0;
}

int demonstrate(const Arguments& arguments) {
  int status = show_sound_handler();
  if (status == 0) {
    status = show_flawed_handler<order_chaining::TimestampOutsideStep>(
        "a timestamp taken outside a step", arguments);
  }
  if (status == 0) {
    status = show_flawed_handler<order_chaining::WorkerCalledByHand>(
        "a worker called by hand inside a step", arguments);
  }
  return status;
}

}  // namespace

int main(int count, char** words) {
  const Arguments arguments = parse({words, words + count});
  if (!arguments.error.empty()) return fail(arguments.error + "\n\n" + kHelp);
  if (arguments.help) {
    print(kHelp);
    return 0;
  }
  return arguments.replay.empty() ? demonstrate(arguments) : replay(arguments);
}
