#pragma once

#include <absl/time/time.h>

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>

#include "reprise/sdk/retry.h"
#include "reprise/sdk/serdes.h"

namespace reprise {

/// Says that an operation has no name: `ctx.wait(unnamed, absl::Seconds(5))`.
struct Unnamed {
  constexpr explicit Unnamed(int) {}
};
inline constexpr Unnamed unnamed{0};

/// The name of an operation: text, or `unnamed`.  Printable ASCII, 1 to 256 characters
/// (PROTOCOL 2.2).  Read during the call only.
class OperationName {
 public:
  OperationName(std::string_view name) : name_(name), named_(true) {}                // NOLINT
  OperationName(const char* name) : OperationName(std::string_view(name)) {}         // NOLINT
  OperationName(const std::string& name) : OperationName(std::string_view(name)) {}  // NOLINT
  OperationName(Unnamed) {}                                                          // NOLINT

  bool named() const { return named_; }
  std::string_view view() const { return name_; }

 private:
  std::string_view name_;
  bool named_ = false;
};

/// An operation's name and the line of the call, for calls whose arguments end in a pack.
class NameAndPlace {
 public:
  template <std::convertible_to<OperationName> N>
  NameAndPlace(const N& name,  // NOLINT(google-explicit-constructor)
               std::source_location location = std::source_location::current())
      : name_(name), location_(location) {}

  const OperationName& name() const { return name_; }
  const std::source_location& location() const { return location_; }

 private:
  OperationName name_;
  std::source_location location_;
};

/// PROTOCOL 5.1.  At most once means once *per attempt*; for at most once overall add
/// `retry::none()`.
enum class StepSemantics : std::uint8_t { kAtLeastOncePerRetry, kAtMostOncePerRetry };

// The option types have constructors: g++ 12 destroys an aggregate that is made beside a co_await
// twice.

/// Options of `step`.
class StepOptions {
 public:
  StepOptions() {}
  StepOptions& semantics(StepSemantics value) { return semantics_ = value, *this; }
  /// Defaults to `retry::step_default()`.
  StepOptions& retry(RetryStrategy value) {
    return retry_ = std::make_shared<const RetryStrategy>(std::move(value)), *this;
  }
  StepOptions& serdes(std::shared_ptr<const AnySerdes> value) {
    return serdes_ = std::move(value), *this;
  }

  StepSemantics semantics() const { return semantics_; }
  const std::shared_ptr<const RetryStrategy>& retry() const { return retry_; }
  const std::shared_ptr<const AnySerdes>& serdes() const { return serdes_; }

 private:
  StepSemantics semantics_ = StepSemantics::kAtLeastOncePerRetry;
  std::shared_ptr<const RetryStrategy> retry_;
  std::shared_ptr<const AnySerdes> serdes_;
};

/// Options of `run_in_child_context`.
class ChildContextOptions {
 public:
  ChildContextOptions() {}
  /// A virtual context takes an id and writes no record (PROTOCOL 6.5.4).
  ChildContextOptions& is_virtual(bool value) { return virtual_ = value, *this; }
  ChildContextOptions& serdes(std::shared_ptr<const AnySerdes> value) {
    return serdes_ = std::move(value), *this;
  }

  bool is_virtual() const { return virtual_; }
  const std::shared_ptr<const AnySerdes>& serdes() const { return serdes_; }

 private:
  bool virtual_ = false;
  std::shared_ptr<const AnySerdes> serdes_;
};

/// Options of `invoke`.
class InvokeOptions {
 public:
  InvokeOptions() {}
  InvokeOptions& tenant_id(std::string value) { return tenant_id_ = std::move(value), *this; }
  /// Decodes the result.
  InvokeOptions& serdes(std::shared_ptr<const AnySerdes> value) {
    return serdes_ = std::move(value), *this;
  }

  /// Encodes the payload.
  InvokeOptions& payload_serdes(std::shared_ptr<const AnySerdes> value) {
    return payload_serdes_ = std::move(value), *this;
  }

  const std::optional<std::string>& tenant_id() const { return tenant_id_; }
  const std::shared_ptr<const AnySerdes>& serdes() const { return serdes_; }
  const std::shared_ptr<const AnySerdes>& payload_serdes() const { return payload_serdes_; }

 private:
  std::optional<std::string> tenant_id_;
  std::shared_ptr<const AnySerdes> serdes_;
  std::shared_ptr<const AnySerdes> payload_serdes_;
};

/// Options of `create_callback` and `wait_for_callback`.  Durations are rounded up to whole
/// seconds; zero means no timeout.
class CallbackOptions {
 public:
  CallbackOptions() {}
  CallbackOptions& timeout(absl::Duration value) { return timeout_ = value, *this; }
  CallbackOptions& heartbeat_timeout(absl::Duration value) { return heartbeat_ = value, *this; }
  /// `wait_for_callback` only: how the submitter is retried; defaults to `retry::step_default()`.
  CallbackOptions& retry(RetryStrategy value) {
    return retry_ = std::make_shared<const RetryStrategy>(std::move(value)), *this;
  }

  /// Decodes what the outside world sends.
  CallbackOptions& serdes(std::shared_ptr<const AnySerdes> value) {
    return serdes_ = std::move(value), *this;
  }

  absl::Duration timeout() const { return timeout_; }
  absl::Duration heartbeat_timeout() const { return heartbeat_; }
  const std::shared_ptr<const RetryStrategy>& retry() const { return retry_; }
  const std::shared_ptr<const AnySerdes>& serdes() const { return serdes_; }

 private:
  absl::Duration timeout_ = absl::ZeroDuration();
  absl::Duration heartbeat_ = absl::ZeroDuration();
  std::shared_ptr<const RetryStrategy> retry_;
  std::shared_ptr<const AnySerdes> serdes_;
};

}  // namespace reprise
