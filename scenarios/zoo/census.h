#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reprise/runtime/mechanism.h"
#include "scenarios/zoo/visit.h"
#include "scenarios/zoo/zoo.h"

namespace scenarios::zoo {

/// What was seen of both twins of an entry.
struct Row {
  const ZooEntry* entry = nullptr;
  Sighting buggy;
  Sighting fixed;

  /// The report that has the expected verdict, else the first; null: there is none.
  const Sighting::Report* report() const;
  /// The expected verdict was reported.
  bool found() const;
  /// It was reported, as something else.
  bool found_as_other() const;
  bool false_alarm() const { return entry->fixed != nullptr && !fixed.silent(); }
  bool cause_named() const;
  std::string got() const;  ///< "DIVERGENT_OP", "silent", "signal 6"
};

/// Entries that are lost when a mechanism is switched off.
struct Ablation {
  reprise::Mechanism mechanism;
  std::vector<std::string_view> lost;
};

/// All that one run of the zoo has seen.
struct Census {
  std::string budget;
  std::vector<Row> rows;
  std::vector<Ablation> ablations;

  int entries() const;  ///< handler entries, without decoys and the canary
  int found() const;
  int found_as_other() const;
  int false_alarms() const;
  /// Of the entries that have a cause, how many were found and named: {named, of}.
  std::pair<int, int> causes() const;
  /// Over what was found: {median, worst}.
  std::pair<std::size_t, std::size_t> events() const;
  std::pair<double, double> ms() const;
  /// True when the canary was seen, or not asked for.
  bool canary_seen() const;
};

/// "0 of 40 found with the expected verdict ...", one line a figure.
std::string summary(const Census& census);
/// One line of an entry.
std::string line(const Row& row);
/// One line of a mechanism.
std::string line(const Ablation& ablation);
/// docs/zoo.md.
std::string page(const Census& census);

}  // namespace scenarios::zoo
