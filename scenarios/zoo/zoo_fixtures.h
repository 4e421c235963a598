#pragma once

#include <string>

#include "scenarios/zoo/census.h"

namespace scenarios::zoo {

/// Writes the fixture of each entry that was found as expected into `directory`, "id01.json", and
/// beside it the screen that its replay shows, "id01.txt".  Entries about versions have none.
/// Returns what went wrong, a line each.
std::string write_fixtures(const Census& census, const std::string& directory);

/// Replays every fixture of the directory so often.  Each must show its finding, and the screen
/// beside it.  Returns what went wrong, a line each.
std::string check_fixtures(const std::string& directory, int times);

/// Replays one and prints its screen; true when it shows its finding.
bool replay(const std::string& path);

}  // namespace scenarios::zoo
