#include "reprise/service/internal/json_size.h"

#include <string>

namespace reprise::internal {
namespace {

constexpr std::int64_t kWorstEscape = 6;    // \u00XX
constexpr std::int64_t kUpdateFrame = 400;  // names of all members, braces, numbers
constexpr std::int64_t kErrorFrame = 80;

std::int64_t size_of(std::string_view text) { return static_cast<std::int64_t>(text.size()); }

std::int64_t raw_size(const ErrorObject& error) {
  std::int64_t size = 0;
  for (const auto* text : {&error.message, &error.type, &error.data}) {
    if (*text) size += size_of(**text);
  }
  if (error.stack_trace) {
    for (const std::string& line : *error.stack_trace) size += size_of(line) + 3;
  }
  return size;
}

// `"key":value,`
std::int64_t member(std::string_view key, std::int64_t value_size) {
  return size_of(key) + 4 + value_size;
}

std::int64_t text_member(std::string_view key, const SharedText& text) {
  return text ? member(key, json_size(text.view())) : 0;
}

std::int64_t number_member(std::string_view key, const std::optional<std::int64_t>& number) {
  return number ? member(key, size_of(std::to_string(*number))) : 0;
}

std::int64_t options_size(const OperationUpdate& update) {
  std::int64_t size = 0;
  if (update.replay_children) size += member("ContextOptions", member("ReplayChildren", 6));
  if (update.next_attempt_delay_seconds) {
    size += member("StepOptions",
                   1 + number_member("NextAttemptDelaySeconds", update.next_attempt_delay_seconds));
  }
  if (update.wait_seconds) {
    size += member("WaitOptions", 1 + number_member("WaitSeconds", update.wait_seconds));
  }
  if (update.callback_options) {
    const auto& options = *update.callback_options;
    size += member("CallbackOptions",
                   2 + number_member("TimeoutSeconds", options.timeout_seconds) +
                       number_member("HeartbeatTimeoutSeconds", options.heartbeat_timeout_seconds));
  }
  if (update.chained_invoke_options) {
    const auto& options = *update.chained_invoke_options;
    size += member("ChainedInvokeOptions", 2 + text_member("FunctionName", options.function_name) +
                                               text_member("TenantId", options.tenant_id) +
                                               text_member("XAmznTraceId", options.trace_id));
  }
  return size;
}

}  // namespace

std::int64_t json_size(std::string_view text) {
  std::int64_t size = size_of(text) + 2;
  for (const char c : text) {
    if (c == '"' || c == '\\' || c == '\n' || c == '\r' || c == '\t' || c == '\b' || c == '\f') {
      size += 1;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      size += kWorstEscape - 1;
    }
  }
  return size;
}

std::int64_t json_size(const ErrorObject& error) {
  std::int64_t size = 2;
  if (error.message) size += member("ErrorMessage", json_size(*error.message));
  if (error.type) size += member("ErrorType", json_size(*error.type));
  if (error.data) size += member("ErrorData", json_size(*error.data));
  if (error.stack_trace) {
    std::int64_t lines = 2;
    for (const std::string& line : *error.stack_trace) lines += json_size(line) + 1;
    if (!error.stack_trace->empty()) --lines;
    size += member("StackTrace", lines);
  }
  return size > 2 ? size - 1 : size;  // no comma after the last member
}

std::int64_t json_size(std::span<const OperationUpdate> updates) {
  constexpr std::int64_t kCallFrame = 60;  // token and brackets
  std::int64_t size = kCallFrame;
  for (const OperationUpdate& update : updates) {
    size += 2 + text_member("Id", update.id) + text_member("ParentId", update.parent_id) +
            text_member("Name", update.name) + text_member("SubType", update.sub_type) +
            member("Type", size_of(to_string(update.type)) + 2) +
            member("Action", size_of(to_string(update.action)) + 2) +
            text_member("Payload", update.payload) + options_size(update);
    if (update.error) size += member("Error", json_size(*update.error));
  }
  return size;
}

bool surely_within(const ErrorObject& error, std::int64_t limit) {
  return raw_size(error) * kWorstEscape + kErrorFrame <= limit;
}

std::int64_t json_size_bound(const OperationUpdate& update) {
  std::size_t texts = update.id.size() + update.parent_id.size() + update.name.size() +
                      update.sub_type.size() + update.payload.size();
  if (update.chained_invoke_options) {
    const auto& options = *update.chained_invoke_options;
    texts += options.function_name.size() + options.tenant_id.size() + options.trace_id.size();
  }
  std::int64_t size = static_cast<std::int64_t>(texts) * kWorstEscape + kUpdateFrame;
  if (update.error) size += raw_size(*update.error) * kWorstEscape + kErrorFrame;
  return size;
}

}  // namespace reprise::internal
