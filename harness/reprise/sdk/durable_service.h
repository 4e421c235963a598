#pragma once

#include <absl/container/inlined_vector.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "reprise/protocol/invocation.h"
#include "reprise/protocol/operation.h"

namespace reprise {

/// An error answer of the service's API (PROTOCOL 4.2), or a call that got no answer at all.
struct ApiError {
  std::string
      code;  ///< "InvalidParameterValueException", ...; kConnectionLost when nothing came back
  int http_status = 0;  ///< 0 when nothing came back
  std::string message;

  /// The connection broke: whether the call took effect is unknown.
  static constexpr const char* kConnectionLost = "ConnectionLost";

  friend bool operator==(const ApiError&, const ApiError&) = default;
};

/// A value or the ApiError that came instead.
template <class T>
class [[nodiscard]] ApiResult {
 public:
  ApiResult(T value) : state_(std::move(value)) {}         // NOLINT(google-explicit-constructor)
  ApiResult(ApiError error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor)
  /// A value made in place, from nothing.
  explicit ApiResult(std::in_place_t) : state_(std::in_place_index<0>) {}

  bool ok() const { return state_.index() == 0; }
  const T& operator*() const { return std::get<0>(state_); }
  T& operator*() { return std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }
  T* operator->() { return &std::get<0>(state_); }
  const ApiError& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, ApiError> state_;
};

/// The answer of a call that returns nothing.
struct Done {
  friend bool operator==(const Done&, const Done&) = default;
};

/// The views are valid during the call only.
struct CheckpointRequest {
  std::string_view durable_execution_arn;
  std::string_view checkpoint_token;
  /// May be empty: a poll, which rotates the token too (F-10).
  std::span<const OperationUpdate> updates;
  std::string_view client_token;  ///< empty: none
};

struct CheckpointResponse {
  /// Absent: this invocation may checkpoint no more (PROTOCOL 4.3.4).
  std::optional<std::string> checkpoint_token;
  /// Whole records that changed (F-14); mostly the one that was updated.
  absl::InlinedVector<OperationPtr, 2> operations;
  std::string next_marker;  ///< not empty: more pages follow (F-16)
};

struct StateRequest {
  std::string_view durable_execution_arn;
  std::string_view checkpoint_token;
  std::string_view marker;
  int max_items = 0;  ///< 0: the service's default
};

struct StateResponse {
  std::vector<OperationPtr> operations;
  std::string next_marker;
};

/// The service as a running invocation sees it: the only thing that sdk/ speaks to.
///
/// Implement it over HTTP and a handler runs against the real service; the harness implements it
/// over the fake.  Calls block until there is an answer.  One invocation calls from one thread.
class DurableService {
 public:
  virtual ~DurableService() = default;

  /// PROTOCOL 4.1 CheckpointDurableExecution.
  virtual ApiResult<CheckpointResponse> checkpoint(const CheckpointRequest& request) = 0;

  /// PROTOCOL 4.1 GetDurableExecutionState.
  virtual ApiResult<StateResponse> get_state(const StateRequest& request) = 0;
};

}  // namespace reprise
