#pragma once

#include <cstdint>
#include <source_location>
#include <string>
#include <vector>

#include "reprise/protocol/shared_text.h"

namespace reprise {

/// One effect, with who made it.
struct LedgerEntry {
  SharedText operation;  ///< "order/charge-card#1"; the execution alone when no step made it
  int attempt = 0;       ///< of the step, from 1; 0 outside steps
  int number = 0;        ///< of the effect in its body, from 1
  int invocation = 0;    ///< which invocation of the run, from 1
  std::string target;
  std::string action;
  std::string arguments;
  std::string key;
  std::string object;
  bool repeatable = false;
  bool changed = true;       ///< false: recognised as a duplicate, or its condition did not hold
  bool owned = true;         ///< a step body or an invoked function made it
  bool in_teardown = false;  ///< attempted while frames were destroyed by a suspension; not applied
  std::source_location location;

  /// "bank.debit(acct 7, 10.00)".
  std::string call() const { return target + "." + action + "(" + arguments + ")"; }
};

/// All effects of a run, in order.  History, not state: it is never part of what states are
/// compared by.
using Ledger = std::vector<LedgerEntry>;

}  // namespace reprise
