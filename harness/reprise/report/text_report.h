#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "reprise/explore/explorer.h"
#include "reprise/explore/fixture_replay.h"
#include "reprise/runtime/run_record.h"

namespace reprise {

/// What a report says besides the finding.
struct ReportContext {
  std::string test;           ///< "Order.SurvivesEveryCrash", or the scenario
  std::string fixture;        ///< where the fixture was written; "": nowhere
  std::string again;          ///< the command line that shows it again; "": none
  std::size_t columns = 100;  ///< lines are wrapped here
};

/// One screen: what happened, the minimal schedule, what is allowed, what does not matter, where,
/// the timeline, the coverage, how to see it again and how to mend it.
std::string text_report(const ReportedFinding& finding, const Certificate& certificate,
                        const ReportContext& context);
/// The same for a coverage that is known as text: of a report that was read.
std::string text_report(const ReportedFinding& finding, const std::string& coverage,
                        const ReportContext& context);

/// The same of a fixture that was replayed; a sentence when it shows nothing, or is stale.
std::string text_report(const ReplayedFixture& replayed, const ReportContext& context);

/// Appends "  label  text\n" as the one screen has it: broken at spaces to lines of `columns`
/// characters, continuation lines begin under the text.
void append_wrapped(std::string& out, std::size_t columns, const std::string& label,
                    const std::string& text);

/// How to mend what has this verdict, and the page that says more.
std::string mending(Verdict verdict);

/// The timeline of a run, a line an invocation.
///
///     inv 1  reserve(  stock.take!  )=  charge(  bank.debit!  X crash
///     inv 2  reserve~  charge(  bank.debit!  )=  return
///
/// `x(` a step body starts, `y!` an effect, `)=` its result is sent, `)x` its failure, `x=`
/// `x..` another operation ends or starts, `x~` an operation is answered from its record, `X` a
/// crash.
std::vector<std::string> timeline(const RunRecord& record);

}  // namespace reprise
