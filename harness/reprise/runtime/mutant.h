#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace reprise {

/// A mistake that the run time impersonates in a handler that is right, to see whether a test would
/// notice it.
struct Mutant {
  enum class Kind : std::uint8_t {
    kForgottenResult,  ///< a later invocation does not find the result of the step, and runs it
                       ///< again
    kOtherName,        ///< a replay finds an operation of another name in the log
    kOtherArguments,   ///< a replay finds the operation with other arguments
    kLostEffect,       ///< the effects of the operation are reported done, and are not
    kNoCompletion,     ///< the callback is never completed
  };
  Kind kind = Kind::kForgottenResult;
  std::string operation;  ///< "order/charge#1"; kNoCompletion: as CallbackResponder names it

  friend auto operator<=>(const Mutant&, const Mutant&) = default;
};
std::string_view to_string(Mutant::Kind kind);

/// Lets every run of this thread be that of the mutant, for as long as it lives.
class ActiveMutant {
 public:
  explicit ActiveMutant(const Mutant& mutant);
  ~ActiveMutant();
  ActiveMutant(const ActiveMutant&) = delete;
  ActiveMutant& operator=(const ActiveMutant&) = delete;

  /// Null: none.
  static const Mutant* now();

 private:
  const Mutant* before_;
};

/// Collects the mutants that the runs of this thread make possible, for as long as it lives.
class MutantCensus {
 public:
  MutantCensus();
  ~MutantCensus();
  MutantCensus(const MutantCensus&) = delete;
  MutantCensus& operator=(const MutantCensus&) = delete;

  static MutantCensus* now();
  void add(Mutant::Kind kind, const std::string& operation) { mutants_.insert({kind, operation}); }
  const std::set<Mutant>& mutants() const { return mutants_; }

 private:
  MutantCensus* before_;
  std::set<Mutant> mutants_;
};

}  // namespace reprise
