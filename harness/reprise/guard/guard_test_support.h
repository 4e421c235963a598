#pragma once

#include <string>
#include <vector>

#include "reprise/testing/testing.h"

namespace guard_test {

/// Reads a hidden input in some way and says what it read.
struct Probe {
  std::string function;  ///< what the guard reports
  reprise::AmbientKind kind;
  std::string location;  ///< "clock_test.cc:17"
};

/// The ambient calls of a run as "getenv at x_test.cc:17".
inline std::vector<std::string> calls(const reprise::RunRecord& record) {
  std::vector<std::string> calls;
  for (const reprise::AmbientNote& note : record.ambient) {
    calls.push_back(note.function + " at " + note.location);
  }
  return calls;
}

inline std::string here(const char* file, int line) {
  const std::string path = file;
  return path.substr(path.rfind('/') + 1) + ":" + std::to_string(line);
}

}  // namespace guard_test

/// "x_test.cc:17" of the line that is `offset` lines away.
#define LINE_AT(offset) ::guard_test::here(__FILE__, __LINE__ + (offset))
