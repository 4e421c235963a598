#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "conformance/bindings.h"
#include "conformance/json_values.h"
#include "conformance/requirement.h"

namespace reprise::corpus {

// The rules by which the suite decides.  Each function says what does not fit, a line each; empty:
// all does.  One table of bindings is shared by all checks of a requirement.

/// Compares a value with what is expected: `{}` and "*" fit anything, `${NAME}` binds or compares,
/// `${/re/}` is searched for, an object may have more members than expected.  `path` leads
/// messages: "event 3/StepFailedDetails".
std::vector<std::string> match_value(const Json& expected, const Json& actual,
                                     const std::string& path, Bindings& bindings);

/// Looks each expected event up by its id; other events do not matter.
std::vector<std::string> match_history(const std::vector<ExpectedEvent>& expected,
                                       const std::vector<Json>& events, Bindings& bindings);

/// How the execution ended; `result` is its JSON text, null when there is none.
std::vector<std::string> match_result(const ExpectedResult& expected, const std::string& status,
                                      const std::optional<std::string>& result,
                                      const Bindings& bindings);

/// A record of the handler's log: a JSON object, and when it was written.
struct LogRecord {
  Json fields;
  std::int64_t time = 0;
};

/// True when the record carries the ARN of an execution.
bool belongs_to(const LogRecord& record, const std::string& execution_arn);

/// `records`: those of the execution, sorted by time.
std::vector<std::string> match_logs(const std::vector<LogExpectation>& expected,
                                    const std::vector<LogRecord>& records,
                                    const Bindings& bindings);

}  // namespace reprise::corpus
