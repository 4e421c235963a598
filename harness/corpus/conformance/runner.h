#pragma once

#include <string>
#include <vector>

#include "conformance/handlers.h"
#include "conformance/requirement.h"

namespace reprise::corpus {

/// What came out of one requirement.
struct RequirementResult {
  enum class Verdict : std::uint8_t { kPassed, kFailed, kUncovered };
  enum class UnderCrashes : std::uint8_t {
    kHeld,
    kBroken,
    kExcluded,  ///< it does not end, is not deterministic, or did not pass in the first place
  };

  std::string suite;
  std::string id;
  std::string description;
  bool optional = false;
  Verdict verdict = Verdict::kUncovered;
  std::vector<std::string> reasons;  ///< why it has not passed
  UnderCrashes under_crashes = UnderCrashes::kExcluded;
  std::string crash_text;  ///< what was covered, what was found, or why it is excluded

  bool passed() const { return verdict == Verdict::kPassed; }
};

/// Runs the handler of a requirement over the fake service in virtual time, with the outside world
/// that the requirement describes, and holds it against all that the requirement expects; then,
/// when it has passed, under any number of crashes: every one must lead to a result that a run
/// without them has, by a legal history (PROTOCOL 13.4).  `handler` is null when there is none.
RequirementResult run_requirement(const Requirement& requirement,
                                  const ConformanceHandler* handler);

/// The same for every requirement of a directory; what cannot be read has failed.  An error when
/// there is no such directory or no requirement in it.
absl::StatusOr<std::vector<RequirementResult>> run_requirements(const std::string& directory);

}  // namespace reprise::corpus
