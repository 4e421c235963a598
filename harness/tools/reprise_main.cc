// The command `reprise`: shows, compares, checks and joins what explorations leave behind; see
// docs/cli.md.

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/cli/cli.h"

namespace {

/// True when the variable is there and not empty, as https://no-color.org has it.  The environment
/// comes in through main: it is an input of this program and of no library.
bool is_set(char** environment, std::string_view name) {
  for (char** entry = environment; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (text.size() > name.size() + 1 && text.substr(0, name.size()) == name &&
        text[name.size()] == '=') {
      return true;
    }
  }
  return false;
}

reprise::cli::Terminal terminal_of(char** environment) {
  reprise::cli::Terminal terminal;
  if (isatty(STDOUT_FILENO) == 0) return terminal;
  terminal.colours = !is_set(environment, "NO_COLOR");
  winsize size = {};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    terminal.columns = size.ws_col;
  }
  return terminal;
}

}  // namespace

int main(int count, char** words, char** environment) {
  const std::vector<std::string> arguments(words + (count > 0 ? 1 : 0), words + count);
  const reprise::cli::CommandResult result =
      reprise::cli::run_command(arguments, terminal_of(environment));
  std::fwrite(result.out.data(), 1, result.out.size(), stdout);
  std::fwrite(result.err.data(), 1, result.err.size(), stderr);
  if (std::fflush(stdout) != 0) {
    std::perror("reprise: standard output");
    return reprise::cli::kUsage;
  }
  return result.status;
}
