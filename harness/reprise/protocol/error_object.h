#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace reprise {

/// An error as it is checkpointed (PROTOCOL 1.4, 5.5).  Every member may be missing.
struct ErrorObject {
  std::optional<std::string> message;
  std::optional<std::string> type;
  std::optional<std::string> data;
  std::optional<std::vector<std::string>> stack_trace;

  friend bool operator==(const ErrorObject&, const ErrorObject&) = default;
};

/// Shared because an error travels from the update to the record to the events; null = no error.
using ErrorPtr = std::shared_ptr<const ErrorObject>;

inline ErrorPtr make_error(std::string type, std::string message) {
  ErrorObject error;
  error.type = std::move(type);
  error.message = std::move(message);
  return std::make_shared<const ErrorObject>(std::move(error));
}

/// True when both are absent or both hold equal errors.
inline bool same_error(const ErrorPtr& a, const ErrorPtr& b) {
  return a == b || (a && b && *a == *b);
}

}  // namespace reprise
