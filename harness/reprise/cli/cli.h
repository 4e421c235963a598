#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace reprise::cli {

/// What the commands know of the terminal.
struct Terminal {
  std::size_t columns = 100;  ///< lines are fitted to this width
  bool colours = false;
};

/// What a command prints, and its exit status (docs/cli.md).
struct CommandResult {
  int status = 0;
  std::string out;
  std::string err;
};

inline constexpr int kOk = 0;
inline constexpr int kDiffers = 1;  ///< `diff` found a difference, `check` a file that is wrong
inline constexpr int kUsage = 2;    ///< a wrong argument, or a file that cannot be read or written

/// Runs the command line `reprise WORDS...`; `words` is what follows the name of the program.
///
///     CommandResult result = run_command({"show", "parcel.json"}, {80, false});
///
/// Reads and writes the files that the words name and nothing else; prints nothing itself.
CommandResult run_command(const std::vector<std::string>& words, const Terminal& terminal);

}  // namespace reprise::cli
