#pragma once

#include <string>
#include <vector>

#include "reprise/protocol/event.h"
#include "reprise/runtime/program.h"

namespace reprise::corpus {

/// What is wrong with the history of an execution as such: its form, an operation that is started
/// or ended twice, that goes on after its end, or that skips an attempt; empty: nothing.
std::vector<std::string> illegal_history(const std::vector<Event>& history);

/// Crashes a program at every place of its run without faults, one at a time, and holds the history
/// of `execution` against that of the run without: it must be legal, and no operation may end in
/// another way.  A crash that hits an at-most-once step may change the end of it and of what
/// follows (PROTOCOL 13.4).  Says what is wrong, a line each.
std::vector<std::string> check_crash_histories(Program& program, const std::string& execution);

}  // namespace reprise::corpus
