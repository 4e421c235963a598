#pragma once

#include <cstdint>

namespace reprise {

/// Quotas and constants of the service (PROTOCOL 13.1, F-11).  Bytes of UTF-8 and seconds unless
/// the name says otherwise.  Change a copy and hand it to the service to test a handler against
/// another value.
struct Limits {
  std::int64_t max_checkpoint_bytes = 768000;
  std::int64_t max_checkpoint_updates = 250;
  std::int64_t step_payload_limit = 262144;
  std::int64_t error_limit = 262144;
  std::int64_t invoke_input_limit = 1048576;
  std::int64_t callback_payload_limit = 1048576;
  std::int64_t execution_result_limit = 6291456;
  std::int64_t inline_context_limit = 262144;
  std::int64_t response_limit = 6 * 1024 * 1024 - 50;
  std::int64_t max_operations = 3000;
  std::int64_t max_data = 100LL * 1024 * 1024;
  std::int64_t max_seconds = 31622400;
  std::int64_t sync_invoke_limit_seconds = 900;
  std::int64_t retention_days_default = 14;
  std::int64_t retention_days_max = 90;
  std::int64_t pending_rejections_to_fail = 4;
  std::int64_t state_page_size_default = 100;
  std::int64_t state_page_size_max = 1000;
  std::int64_t client_token_window_seconds = 900;
  std::int64_t function_timeout_seconds_max = 900;

  friend bool operator==(const Limits&, const Limits&) = default;
};

}  // namespace reprise
