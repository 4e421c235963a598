#pragma once

#include <cstdint>
#include <string_view>

namespace reprise {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError };
std::string_view to_string(LogLevel level);

namespace internal {
class ContextState;
}

/// Writes to the invocation's log; silent while its context replays (PROTOCOL 6.8), so each line is
/// written when it first happens and not again.
class Logger {
 public:
  explicit Logger(internal::ContextState& context) : context_(&context) {}

  void debug(std::string_view message) const { log(LogLevel::kDebug, message); }
  void info(std::string_view message) const { log(LogLevel::kInfo, message); }
  void warning(std::string_view message) const { log(LogLevel::kWarning, message); }
  void error(std::string_view message) const { log(LogLevel::kError, message); }
  void log(LogLevel level, std::string_view message) const;

 private:
  internal::ContextState* context_;
};

}  // namespace reprise
