#pragma once

#include <absl/status/status.h>

#include <string>
#include <string_view>

namespace reprise::internal {

/// The error `status` with the file it is about in front of its message.
inline absl::Status prefixed(std::string_view name, const absl::Status& status) {
  return absl::Status(status.code(), std::string(name) + ": " + std::string(status.message()));
}

}  // namespace reprise::internal
