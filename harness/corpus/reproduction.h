#pragma once

#include <absl/status/statusor.h>

#include "corpus_handlers.h"
#include "reprise/record/history_file.h"

namespace reprise::corpus {

/// Runs a handler as its recording was made: over the fake service, in virtual time, with the
/// recording's input and the recorded answers of the outside world, without any fault.  Returns the
/// history of that run; an error when it did not end.
absl::StatusOr<History> reproduce(const CorpusHandler& handler, const History& recorded);

}  // namespace reprise::corpus
