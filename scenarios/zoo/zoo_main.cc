// reprise_zoo: shows what Reprise finds, and what it leaves alone.

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

#include "scenarios/zoo/census.h"

namespace scenarios::zoo {
namespace {

/// What was reached, and must not be lost again: entries found with the expected verdict.
constexpr int kFoundQuick = 38;
constexpr int kFoundFull = 38;

constexpr std::string_view kUsage =
    "reprise_zoo [--quick | --full] [--only=ID] [--ablation] [--reports] [--write-docs FILE]\n";

struct Flags {
  bool full = false;
  bool ablation = false;
  bool reports = false;
  std::string only;
  std::string docs;
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
    } else {
      flags.wrong = true;
    }
  }
  return flags;
}

Row see(const ZooEntry& entry, const Budget& budget) {
  Row row;
  row.entry = &entry;
  if (entry.buggy != nullptr) row.buggy = visit(entry.buggy, entry.before, budget, {});
  if (entry.fixed != nullptr) {
    const SpecimenFactory before =
        entry.before_fixed != nullptr ? entry.before_fixed : entry.before;
    row.fixed = visit(entry.fixed, before, budget, {});
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
    again.buggy = visit(row.entry->buggy, row.entry->before, budget, without);
    if (!again.found()) ablation.lost.push_back(row.entry->id);
  }
  return ablation;
}

int run(const Flags& flags) {
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
  if (!flags.docs.empty()) {
    std::ofstream file(flags.docs);
    file << page(census);
    if (!file) {
      std::fprintf(stderr, "reprise_zoo: cannot write %s\n", flags.docs.c_str());
      return 2;
    }
  }
  const int committed = flags.full ? kFoundFull : kFoundQuick;
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
