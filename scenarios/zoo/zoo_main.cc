// reprise_zoo: shows what Reprise finds, and what it leaves alone.

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

#include "scenarios/zoo/census.h"
#include "scenarios/zoo/zoo.h"
#include "scenarios/zoo/zoo_fixtures.h"

namespace scenarios::zoo {
namespace {

/// What was reached, and must not be lost again: entries found with the expected verdict.
constexpr int kFoundQuick = 40;
constexpr int kFoundFull = 40;

constexpr std::string_view kUsage =
    "reprise_zoo [--quick | --full] [--only=ID] [--ablation] [--reports] [--write-docs FILE]\n"
    "            [--write-fixtures DIR]\n"
    "reprise_zoo --replay FIXTURE\n"
    "reprise_zoo --check-fixtures DIR [--times N]\n";

struct Flags {
  bool full = false;
  bool ablation = false;
  bool reports = false;
  std::string only;
  std::string docs;
  std::string fixtures;
  std::string replay;
  std::string check;
  int times = 1;
  bool wrong = false;
};

Flags parse(int count, char** arguments) {
  Flags flags;
  constexpr std::string_view kOnly = "--only=";
  for (int i = 1; i < count; ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--quick") {
      flags.full = false;
    } else if (argument == "--full") {
      flags.full = true;
    } else if (argument == "--ablation") {
      flags.ablation = true;
    } else if (argument == "--reports") {
      flags.reports = true;
    } else if (argument.starts_with(kOnly)) {
      flags.only = argument.substr(kOnly.size());
    } else if (argument == "--write-docs" && i + 1 < count) {
      flags.docs = arguments[++i];
      flags.ablation = true;
    } else if (argument == "--write-fixtures" && i + 1 < count) {
      flags.fixtures = arguments[++i];
    } else if (argument == "--replay" && i + 1 < count) {
      flags.replay = arguments[++i];
    } else if (argument == "--check-fixtures" && i + 1 < count) {
      flags.check = arguments[++i];
    } else if (argument == "--times" && i + 1 < count) {
      flags.times = std::atoi(arguments[++i]);
      flags.wrong = flags.wrong || flags.times < 1;
    } else {
      flags.wrong = true;
    }
  }
  return flags;
}

Row see(const ZooEntry& entry, const Budget& budget) {
  Row row;
  row.entry = &entry;
  if (entry.buggy != nullptr) row.buggy = visit(entry, entry.buggy, entry.before, budget, {});
  if (entry.fixed != nullptr) {
    const SpecimenFactory before =
        entry.before_fixed != nullptr ? entry.before_fixed : entry.before;
    row.fixed = visit(entry, entry.fixed, before, budget, {});
  }
  return row;
}

void show_reports(const Row& row) {
  for (const Sighting* seen : {&row.buggy, &row.fixed}) {
    std::printf("  -- %s twin: %s\n", seen == &row.buggy ? "buggy" : "fixed",
                seen->coverage.c_str());
    for (const Sighting::Report& report : seen->reports) std::printf("%s\n", report.text.c_str());
  }
}

Ablation ablate(reprise::Mechanism mechanism, const Census& census, const Budget& budget) {
  Ablation ablation{mechanism, {}};
  reprise::MechanismSet without;
  without.add(mechanism);
  for (const Row& row : census.rows) {
    if (!row.found()) continue;
    Row again;
    again.entry = row.entry;
    again.buggy = visit(*row.entry, row.entry->buggy, row.entry->before, budget, without);
    if (!again.found()) ablation.lost.push_back(row.entry->id);
  }
  return ablation;
}

int check(const Flags& flags) {
  const std::string problems = check_fixtures(flags.check, flags.times);
  std::fputs(problems.c_str(), stdout);
  return problems.empty() ? EXIT_SUCCESS : EXIT_FAILURE;
}

int run(const Flags& flags) {
  if (!flags.replay.empty()) return replay(flags.replay) ? EXIT_SUCCESS : EXIT_FAILURE;
  if (!flags.check.empty()) return check(flags);
  const Budget budget = flags.full ? full_budget() : quick_budget();
  Census census;
  census.budget = budget.name;
  for (const ZooEntry& entry : zoo()) {
    if (!flags.only.empty() && !entry.id.starts_with(flags.only)) continue;
    census.rows.push_back(see(entry, budget));
    std::printf("%s\n", line(census.rows.back()).c_str());
    if (flags.reports) show_reports(census.rows.back());
    std::fflush(stdout);
  }
  if (census.rows.empty()) {
    std::fprintf(stderr, "reprise_zoo: there is no entry %s\n", flags.only.c_str());
    return 2;
  }
  std::printf("\n%s", summary(census).c_str());
  if (flags.ablation) {
    for (const reprise::Mechanism mechanism : reprise::kMechanisms) {
      census.ablations.push_back(ablate(mechanism, census, budget));
      std::printf("%s\n", line(census.ablations.back()).c_str());
      std::fflush(stdout);
    }
  }
  if (!flags.fixtures.empty()) {
    const std::string problems = write_fixtures(census, flags.fixtures);
    if (!problems.empty()) {
      std::fprintf(stderr, "%s", problems.c_str());
      return 2;
    }
  }
  if (!flags.docs.empty()) {
    std::ofstream file(flags.docs);
    file << page(census);
    if (!file) {
      std::fprintf(stderr, "reprise_zoo: cannot write %s\n", flags.docs.c_str());
      return 2;
    }
  }
  const int committed = (flags.full ? kFoundFull : kFoundQuick) - (kMemoryIsFilled ? 1 : 0);
  const bool fewer = flags.only.empty() && census.found() < committed;
  if (fewer) std::printf("FEWER than the %d that were found before\n", committed);
  const bool good = !fewer && census.false_alarms() == 0 && census.canary_seen();
  return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace scenarios::zoo

int main(int count, char** arguments) {
  const scenarios::zoo::Flags flags = scenarios::zoo::parse(count, arguments);
  if (flags.wrong) {
    std::fputs(std::string(scenarios::zoo::kUsage).c_str(), stderr);
    return 2;
  }
  return scenarios::zoo::run(flags);
}
