#include "reprise/cli/cli.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "reprise/cli/internal/commands.h"
#include "reprise/record/json_file.h"
#include "reprise/report/report_test_support.h"

namespace reprise::cli {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

const std::string kRoot = REPRISE_SOURCE_DIR;

class Cli : public testing::Test {
 protected:
  Cli()
      : directory_(fs::path(testing::TempDir()) /
                   (std::string("reprise_cli_unit_") +
                    testing::UnitTest::GetInstance()->current_test_info()->name())) {
    fs::remove_all(directory_);
    fs::create_directories(directory_);
  }
  ~Cli() override { fs::remove_all(directory_); }

  std::string path(const std::string& name) const { return (directory_ / name).string(); }

  std::string file(const std::string& name, const std::string& text) const {
    EXPECT_TRUE(write_text_file(path(name), text).ok());
    return path(name);
  }
  std::string report(const std::string& name, const ExplorationReport& report) const {
    return file(name, write_report(report));
  }
  std::string history(const std::string& name, std::vector<Event> events) const {
    return file(name, write_history({std::move(events), History::Form::kArray, {}}));
  }
  static CommandResult run(const std::vector<std::string>& words, const Terminal& terminal = {}) {
    return run_command(words, terminal);
  }

 private:
  fs::path directory_;
};

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST_F(Cli, HasHelpForEachCommand) {
  EXPECT_THAT(run({"--help"}).out, StartsWith("reprise COMMAND"));
  for (const char* const command : {"show", "diff", "check", "html", "merge"}) {
    const CommandResult result = run({command, "--help"});
    EXPECT_EQ(result.status, kOk);
    EXPECT_THAT(result.out, StartsWith(std::string("reprise ") + command));
    EXPECT_THAT(result.out, HasSubstr("Exit status: 0"));
  }
}

TEST_F(Cli, RefusesWrongArgumentsWithTheUsage) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{}, "reprise: expected a command\n"},
      {{"shwo"}, "reprise: unknown command shwo\n"},
      {{"show"}, "reprise: show: expected 1 file, found 0\n"},
      {{"show", "a", "b"}, "reprise: show: expected 1 file, found 2\n"},
      {{"show", "--wide", "a"}, "reprise: show: unknown argument --wide\n"},
      {{"show", "--width", "7", "a"},
       "reprise: show: --width: expected a number from 40 to 1000, found \"7\"\n"},
      {{"show", "a", "--width"}, "reprise: show: --width needs a value\n"},
      {{"diff", "a"}, "reprise: diff: expected 2 files, found 1\n"},
      {{"check"}, "reprise: check: expected at least 1 file, found 0\n"},
      {{"html", "a", "-o"}, "reprise: html: -o needs a value\n"},
      {{"html", "a", "--out="}, "reprise: html: --out needs a value\n"},
      {{"merge", "out.json"}, "reprise: merge: expected at least 2 files, found 1\n"}};
  for (const auto& [words, message] : cases) {
    const CommandResult result = run(words);
    EXPECT_EQ(result.status, kUsage) << message;
    EXPECT_THAT(result.out, IsEmpty());
    EXPECT_THAT(result.err, StartsWith(message + "\n"));
  }
}

TEST_F(Cli, NamesTheFileThatItCannotRead) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"show", "no.json"},
                                                {"diff", "no.json", "no.json"},
                                                {"html", "no.json"},
                                                {"merge", path("out.json"), "no.json"}}) {
    const CommandResult result = run(words);
    EXPECT_EQ(result.status, kUsage);
    EXPECT_THAT(result.err, StartsWith("reprise: no.json: ")) << words.front();
  }
  EXPECT_FALSE(fs::exists(path("out.json")));
}

TEST_F(Cli, ChecksEveryFixtureAndHistoryOfTheRepository) {
  std::vector<std::string> words = {"check"};
  for (const char* const directory : {"/fixtures", "/docs/examples"}) {
    for (const auto& entry : fs::recursive_directory_iterator(kRoot + directory)) {
      if (entry.path().extension() == ".json") words.push_back(entry.path().string());
    }
  }
  ASSERT_GE(words.size(), 15U);
  const CommandResult result = run(words);
  EXPECT_EQ(result.status, kOk) << result.err;
  EXPECT_EQ(lines_of(result.out).size(), words.size() - 1);
}

TEST_F(Cli, ChecksAllFilesAndNamesTheWrongOnes) {
  const std::string good = report("good.json", a_report());
  const std::string bad = file("bad.json", R"({"format": "reprise-fixture", "version": 7})");
  const std::string other = file("other.json", R"({"format": "something"})");
  const std::string torn = file("torn.json", "[\n  {");
  const CommandResult result = run({"check", bad, good, other, torn});
  EXPECT_EQ(result.status, kDiffers);
  EXPECT_EQ(result.out, good + ": ok, report of order\n");
  const std::vector<std::string> errors = lines_of(result.err);
  ASSERT_EQ(errors.size(), 3U);
  EXPECT_EQ(errors[0], bad + ": /version: this build reads version 1, found 7");
  EXPECT_THAT(errors[1], StartsWith(other + ": /format: expected \"reprise-fixture\" or "));
  EXPECT_THAT(errors[2], StartsWith(torn + ": 2:4: "));
}

TEST_F(Cli, FitsLinesToTheTerminal) {
  const std::string parcel = kRoot + "/docs/examples/histories/parcel.json";
  const std::string with_report = report("r.json", a_sound_report());
  for (const std::size_t columns : {std::size_t{1}, std::size_t{40}, std::size_t{61}}) {
    for (const std::string& shown : {parcel, with_report}) {
      for (const std::string& line : lines_of(run({"show", shown}, {columns, false}).out)) {
        EXPECT_LE(line.size(), std::max<std::size_t>(columns, 40)) << line;
      }
    }
  }
  const std::string narrow = run({"show", "--width=50", parcel}, {200, false}).out;
  for (const std::string& line : lines_of(narrow)) EXPECT_LE(line.size(), 50U) << line;
}

TEST_F(Cli, ColoursOnlyWhereItIsTold) {
  const std::string shown = report("r.json", a_report());
  EXPECT_THAT(run({"show", shown}, {80, false}).out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(run({"show", shown}, {80, true}).out, HasSubstr("\x1b[1;31mFAILED\x1b[0m"));
}

TEST_F(Cli, DoesNotLetFilesSteerTheTerminal) {
  ExplorationReport hostile = a_report();
  hostile.test = "\x1b[2Jwiped";
  hostile.findings[0].reported.finding.what = "\x1b]0;title\x07";
  const CommandResult result = run({"show", report("r.json", hostile)});
  EXPECT_EQ(result.status, kOk);
  EXPECT_THAT(result.out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(result.out, HasSubstr("?[2Jwiped"));
  EXPECT_THAT(run({"show", path("\x1b")}).err, Not(HasSubstr("\x1b")));
}

TEST_F(Cli, ShowsBarsOfWhatHasEndedAndOfWhatGoesOn) {
  const std::string shown =
      history("h.json", {an_event(1, EventType::kExecutionStarted),
                         an_event(2, EventType::kStepStarted, "a", "charge"),
                         an_event(3, EventType::kStepSucceeded, "a", "charge"),
                         an_event(4, EventType::kWaitStarted, "b", "sleep"),
                         an_event(5, EventType::kInvocationCompleted)});
  const std::vector<std::string> lines = lines_of(run({"show", shown}, {200, false}).out);
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_THAT(lines[0], HasSubstr("goes on, 5 events, 1 invocation, 4s of virtual time"));
  EXPECT_EQ(lines[1], "  start  operation  kind  end        events              |");
  EXPECT_EQ(lines[2], "  +1s    charge     Step  Succeeded  2-3        ======");
  EXPECT_EQ(lines[3], "  +3s    sleep      Wait  open       4-4              -->");
}

TEST_F(Cli, DiffSaysWhichEventDiffersFirst) {
  std::vector<Event> events = {an_event(1, EventType::kExecutionStarted),
                               an_event(2, EventType::kStepStarted, "a", "charge"),
                               an_event(3, EventType::kStepSucceeded, "a", "charge")};
  const std::string first = history("a.json", events);
  for (Event& event : events) event.timestamp.ms += 1000000;
  EXPECT_EQ(run({"diff", first, history("later.json", events)}).status, kOk);
  events[1].name = events[2].name = "debit";
  const std::string second = history("b.json", events);
  const CommandResult result = run({"diff", first, second});
  EXPECT_EQ(result.status, kDiffers);
  EXPECT_THAT(lines_of(result.out),
              ElementsAre("first difference at event 2", HasSubstr("a.json: charge#1 StepStarted"),
                          HasSubstr("b.json: debit#1 StepStarted"), "", "--- " + first,
                          "+++ " + second, "@@ events -1 +1 @@", "  the execution ExecutionStarted",
                          "- charge#1 StepStarted", "- charge#1 StepSucceeded",
                          "+ debit#1 StepStarted", "+ debit#1 StepSucceeded"));
}

TEST_F(Cli, DiffComparesFixturesAndNothingOfDifferentKinds) {
  const std::string fixtures = kRoot + "/docs/examples/fixtures/";
  const std::string charge = fixtures + "charge_charge_duplicate_effect.json";
  EXPECT_EQ(run({"diff", charge, charge}).status, kOk);
  const CommandResult result = run({"diff", charge, fixtures + "notify_notify_lost_effect.json"});
  EXPECT_EQ(result.status, kDiffers);
  EXPECT_THAT(result.out, HasSubstr("\n- verdict DUPLICATE_EFFECT\n"));
  EXPECT_THAT(result.out, HasSubstr("\n+ verdict LOST_EFFECT\n"));
  const CommandResult mixed = run({"diff", charge, report("r.json", a_report())});
  EXPECT_EQ(mixed.status, kUsage);
  EXPECT_THAT(mixed.err, HasSubstr("expected two histories or two fixtures"));
}

TEST(DiffLines, AreTheShortestList) {
  const auto text = [](const std::vector<internal::DiffLine>& lines) {
    std::string out;
    for (const internal::DiffLine& line : lines) out += line.sign + line.text;
    return out;
  };
  EXPECT_EQ(text(internal::diff_lines({"a", "b", "c", "d"}, {"a", "c", "x", "d"})), " a-b c+x d");
  EXPECT_EQ(text(internal::diff_lines({}, {"a"})), "+a");
  EXPECT_EQ(text(internal::diff_lines({"a", "a"}, {"a"})), " a-a");
  EXPECT_EQ(text(internal::diff_lines({"a"}, {"a"})), " a");
}

TEST(DiffLines, AreBoundedForTextsThatDifferByTooMuch) {
  std::vector<std::string> a(5000, "a");
  std::vector<std::string> b(5000, "b");
  a.front() = b.front() = "head";
  const std::vector<internal::DiffLine> lines = internal::diff_lines(a, b);
  EXPECT_EQ(lines.size(), 1 + 2 * 4999U);
}

TEST_F(Cli, WritesAPageBesideTheReportOrWhereItIsTold) {
  const std::string from = report("r.json", a_report());
  EXPECT_EQ(run({"html", from}).out, path("r.html") + "\n");
  EXPECT_TRUE(fs::exists(path("r.html")));
  EXPECT_EQ(run({"html", "-o", path("other.html"), from}).status, kOk);
  EXPECT_TRUE(fs::exists(path("other.html")));
  EXPECT_EQ(run({"html", from, "-o", path("no/such/dir.html")}).status, kUsage);
}

TEST_F(Cli, MergesPartsIntoAReport) {
  const std::string first = report("1.json", a_sound_report(1, 2));
  const std::string second = report("2.json", a_sound_report(2, 2));
  const CommandResult result = run({"merge", path("all.json"), first, second});
  EXPECT_EQ(result.status, kOk) << result.err;
  EXPECT_EQ(result.out, path("all.json") +
                            ": 0 findings, fault points 7/7, closed: 224 states, any number of "
                            "crashes\n");
  const absl::StatusOr<ExplorationReport> merged = load_report(path("all.json"));
  ASSERT_TRUE(merged.ok());
  EXPECT_TRUE(merged->certificate.closed);
  const CommandResult twice = run({"merge", path("twice.json"), first, first});
  EXPECT_EQ(twice.status, kUsage);
  EXPECT_THAT(twice.err, HasSubstr("found part 1 of 2 again"));
  EXPECT_FALSE(fs::exists(path("twice.json")));
}

}  // namespace
}  // namespace reprise::cli
