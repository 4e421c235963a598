#pragma once

#include <cstdint>
#include <string_view>

namespace reprise {

struct OperationCall;

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
  /// The logger of a step body; its lines carry the path of the step.
  Logger(internal::ContextState& context, const OperationCall& step)
      : context_(&context), step_(&step) {}

  /// The same logger, but it also writes while its context replays: shows what is run again.
  Logger with_replay() const {
    Logger logger = *this;
    logger.with_replay_ = true;
    return logger;
  }

  void debug(std::string_view message) const { log(LogLevel::kDebug, message); }
  void info(std::string_view message) const { log(LogLevel::kInfo, message); }
  void warning(std::string_view message) const { log(LogLevel::kWarning, message); }
  void error(std::string_view message) const { log(LogLevel::kError, message); }
  void log(LogLevel level, std::string_view message) const;

 private:
  internal::ContextState* context_;
  const OperationCall* step_ = nullptr;
  bool with_replay_ = false;
};

}  // namespace reprise
