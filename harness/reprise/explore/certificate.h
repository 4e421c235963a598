#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace reprise {

/// What an exploration covered, and what it may therefore claim.
struct Certificate {
  bool closed = false;             ///< a fixpoint: any number of crashes
  std::int64_t states = 0;         ///< different durable states
  std::int64_t resumes = 0;        ///< runs that began from a copy of a state
  std::int64_t runs = 0;           ///< runs from the start
  std::int64_t places = 0;         ///< fault points of the benign run
  std::int64_t places_hit = 0;     ///< of those, how many were crashed at
  int crashes = 0;                 ///< of a sweep: exhaustive to so many
  bool with_crashes = true;        ///< false: they were switched off
  bool with_environments = false;  ///< each invocation was served by every environment that may
  std::string bound;               ///< why it did not close
  /// Runs that differ from the benign one in something else than crashes.
  struct Tried {
    std::string what;
    std::int64_t count = 0;
    std::int64_t total = 0;  ///< how many there are
  };
  std::vector<Tried> tried;
  std::int64_t states_of_variants = 0;   ///< different durable states behind those runs, summed
  std::int64_t variants_not_closed = 0;  ///< runs behind which there are more states

  /// Adds what another part of the same exploration did: counts, and what it tried.
  void add_counts(const Certificate& part);
  /// "closed: 81 states, any number of crashes; 120 faults".
  std::string text() const;
};

}  // namespace reprise
