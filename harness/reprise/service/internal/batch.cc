#include "reprise/service/internal/batch.h"

#include <string>

#include "reprise/protocol/internal/planted_fault.h"
#include "reprise/service/internal/hashing.h"
#include "reprise/service/internal/json_size.h"
#include "reprise/service/internal/names.h"

namespace reprise::internal {
namespace {

using Refusal = std::optional<ApiError>;

constexpr std::int64_t kCallbackSecondsMax = 99999999;
constexpr std::size_t kSubTypeMax = 32;
constexpr std::size_t kTenantMax = 256;

std::string with_number(std::string_view before, std::int64_t number, std::string_view after) {
  return std::string(before) + std::to_string(number) + std::string(after);
}

std::string member_path(std::size_t update, std::string_view member) {
  return with_number("updates.", static_cast<std::int64_t>(update) + 1, ".member.") +
         std::string(member);
}

Refusal check_range(std::size_t update, std::string_view member, std::int64_t value,
                    std::int64_t low, std::int64_t high) {
  if (value >= low && value <= high) return std::nullopt;
  const bool below = value < low;
  return shape_error(member_path(update, member), std::to_string(value),
                     with_number(below ? "Member must have value greater than or equal to "
                                       : "Member must have value less than or equal to ",
                                 below ? low : high, ""));
}

// One batch against one execution.
class BatchCheck {
 public:
  BatchCheck(const Execution& execution, std::span<const OperationUpdate> updates,
             const Limits& limits, BatchPlan& plan)
      : execution_(execution), updates_(updates), limits_(limits), plan_(plan) {}

  Refusal run() {
    if (Refusal refusal = check_call_size()) return refusal;
    for (std::size_t i = 0; i < updates_.size(); ++i) {
      Refusal refusal = updates_[i].type == OperationType::kExecution ? check_execution_update(i)
                                                                      : check_update(i);
      if (refusal) return refusal;
    }
    return check_quotas();
  }

 private:
  Refusal check_call_size() const {
    const auto count = static_cast<std::int64_t>(updates_.size());
    if (count > limits_.max_checkpoint_updates) {
      return shape_error("updates", "",
                         with_number("Member must have length less than or equal to ",
                                     limits_.max_checkpoint_updates, ""));
    }
    if (count < 2) return std::nullopt;  // a big update travels alone (PROTOCOL 4.4.3)
    std::int64_t bound = 0;
    for (const OperationUpdate& update : updates_) bound += json_size_bound(update);
    if (bound <= limits_.max_checkpoint_bytes ||
        json_size(updates_) <= limits_.max_checkpoint_bytes) {
      return std::nullopt;
    }
    return invalid_parameter(with_number("Checkpoint request size must be less than or equal to ",
                                         limits_.max_checkpoint_bytes, " bytes."));
  }

  // R18, R19, R6, R7
  Refusal check_execution_update(std::size_t i) {
    const OperationUpdate& update = updates_[i];
    if (update.action != OperationAction::kSucceed && update.action != OperationAction::kFail) {
      return invalid_parameter(message::kInvalidAction);
    }
    for (std::size_t k = i + 1; k < updates_.size(); ++k) {
      if (updates_[k].type == OperationType::kExecution) return invalid_parameter(message::kR18);
    }
    if (i + 1 != updates_.size()) return invalid_parameter(message::kR19);
    if (!is_identifier(update.id.view())) return shape_of_texts(i);
    if (Refusal refusal = check_contents(i)) return refusal;
    if (Refusal refusal = check_sizes(i)) return refusal;
    plan_.closes = true;
    plan_.updates.emplace_back();
    return std::nullopt;
  }

  Refusal check_update(std::size_t i) {
    const OperationUpdate& update = updates_[i];
    PlannedUpdate planned;
    planned.rule = find_transition(update.type, update.action);
    if (planned.rule == nullptr) {
      const bool known = update.type <= OperationType::kChainedInvoke;
      return invalid_parameter(known ? message::kInvalidAction : message::kUnknownType);
    }
    planned.id_hash = hash_text(update.id.view());
    planned.record =
        execution_.book.index.find(update.id.view(), planned.id_hash, execution_.operations);
    const bool exists = planned.record != IdIndex::kNone;
    if (Refusal refusal = exists ? check_existing(i, planned) : check_new(i, planned)) {
      return refusal;
    }
    if (Refusal refusal = check_contents(i)) return refusal;
    if (Refusal refusal = check_sizes(i)) return refusal;
    plan_.metered +=
        (planned.creates ? 1 : 0) +
        (update.action == OperationAction::kRetry && !REPRISE_FAULT(retries_not_metered) ? 1 : 0);
    plan_.updates.push_back(planned);
    return std::nullopt;
  }

  // R14, R15, the state machine, and PROTOCOL 4.4.2: all against the state before the batch.
  Refusal check_existing(std::size_t i, const PlannedUpdate& planned) const {
    const OperationUpdate& update = updates_[i];
    const Operation& record = *execution_.operations[planned.record];
    if (record.type != update.type) return invalid_parameter(message::kR14);
    if (update.sub_type && !(update.sub_type == record.sub_type)) {
      return inconsistent(i, message::kR15SubType);
    }
    if (update.name && !(update.name == record.name)) return inconsistent(i, message::kR15Name);
    if (update.parent_id && !(update.parent_id == record.parent_id)) {
      return inconsistent(i, message::kR15Parent);
    }
    if (const std::size_t earlier = earlier_update(i, planned.id_hash); earlier != i) {
      if (!may_follow(earlier, i)) return invalid_parameter(message::kR17);
    }
    if ((planned.rule->from & in_status(record.status)) == 0) {
      return invalid_parameter(planned.rule->rejection);
    }
    return std::nullopt;
  }

  Refusal check_new(std::size_t i, PlannedUpdate& planned) {
    const OperationUpdate& update = updates_[i];
    if (Refusal refusal = shape_of_texts(i)) return refusal;
    if (const std::size_t earlier = earlier_update(i, planned.id_hash); earlier != i) {
      if (update.type != updates_[earlier].type) return invalid_parameter(message::kR14);
      if (!may_follow(earlier, i)) return invalid_parameter(message::kR17);
      planned.record = plan_.updates[earlier].record;
    } else {
      planned.record = static_cast<std::uint32_t>(execution_.operations.size() + created_);
      planned.creates = true;
      ++created_;
    }
    if ((planned.rule->from & kNoRecord) == 0) return invalid_parameter(planned.rule->rejection);
    if (update.parent_id && !find_parent(i, planned)) return invalid_parameter(message::kR16);
    return std::nullopt;
  }

  // PROTOCOL 4.4.2: a START may be followed by one other update.
  bool may_follow(std::size_t earlier, std::size_t i) const {
    const OperationType type = updates_[i].type;
    if (type != OperationType::kStep && type != OperationType::kContext) return false;
    if (updates_[earlier].action != OperationAction::kStart) return false;
    if (updates_[i].action == OperationAction::kStart) return false;
    for (std::size_t k = earlier + 1; k < i; ++k) {
      if (updates_[k].id == updates_[i].id) return false;
    }
    return true;
  }

  // The first update of the batch on the same id; `i` when there is none before it.
  std::size_t earlier_update(std::size_t i, std::uint64_t id_hash) const {
    for (std::size_t k = 0; k < i; ++k) {
      if (plan_.updates[k].id_hash == id_hash && updates_[k].id == updates_[i].id) return k;
    }
    return i;
  }

  // R16
  bool find_parent(std::size_t i, PlannedUpdate& planned) const {
    const SharedText& parent_id = updates_[i].parent_id;
    const std::uint64_t hash = hash_text(parent_id.view());
    const std::uint32_t position =
        execution_.book.index.find(parent_id.view(), hash, execution_.operations);
    if (position != IdIndex::kNone) {
      planned.parent = position + 1;
      return execution_.operations[position]->type == OperationType::kContext;
    }
    for (std::size_t k = 0; k < i; ++k) {
      if (plan_.updates[k].id_hash != hash || !(updates_[k].id == parent_id)) continue;
      if (updates_[k].type != OperationType::kContext) return false;
      if (updates_[k].action != OperationAction::kStart) return false;
      planned.parent = plan_.updates[k].record + 1;
      return true;
    }
    return false;
  }

  // R4 to R7, R20 to R22, and the ranges of the options.
  Refusal check_contents(std::size_t i) const {
    const OperationUpdate& update = updates_[i];
    switch (update.action) {
      case OperationAction::kSucceed:
        if (update.error) return invalid_parameter(message::kR7);
        return std::nullopt;
      case OperationAction::kFail:
        if (update.payload) return invalid_parameter(message::kR6);
        return std::nullopt;
      case OperationAction::kRetry:
        if (!update.next_attempt_delay_seconds) return invalid_parameter(message::kR4);
        if (update.error && update.payload) return invalid_parameter(message::kR5);
        return check_range(i, "stepOptions.nextAttemptDelaySeconds",
                           *update.next_attempt_delay_seconds, 1, limits_.max_seconds);
      case OperationAction::kStart:
        return check_start(i);
      case OperationAction::kCancel:
        return std::nullopt;
    }
    return std::nullopt;
  }

  Refusal check_start(std::size_t i) const {
    const OperationUpdate& update = updates_[i];
    if (update.type == OperationType::kWait) {
      if (!update.wait_seconds) return invalid_parameter(message::kR20);
      return check_range(i, "waitOptions.waitSeconds", *update.wait_seconds, 1,
                         limits_.max_seconds);
    }
    if (update.type == OperationType::kCallback && update.callback_options) {
      const auto& options = *update.callback_options;
      if (Refusal refusal =
              check_range(i, "callbackOptions.timeoutSeconds", options.timeout_seconds.value_or(0),
                          0, kCallbackSecondsMax)) {
        return refusal;
      }
      return check_range(i, "callbackOptions.heartbeatTimeoutSeconds",
                         options.heartbeat_timeout_seconds.value_or(0), 0, kCallbackSecondsMax);
    }
    if (update.type == OperationType::kChainedInvoke) return check_invoke(i);
    return std::nullopt;
  }

  Refusal check_invoke(std::size_t i) const {
    const OperationUpdate& update = updates_[i];
    if (!update.chained_invoke_options) return invalid_parameter(message::kR21);
    const auto& options = *update.chained_invoke_options;
    if (options.function_name.size() == 0) {
      return shape_error(member_path(i, "chainedInvokeOptions.functionName"), "",
                         "Member must have length greater than or equal to 1");
    }
    if (options.tenant_id &&
        (options.tenant_id.size() == 0 || options.tenant_id.size() > kTenantMax)) {
      return shape_error(member_path(i, "chainedInvokeOptions.tenantId"), "",
                         "Member must have length between 1 and 256");
    }
    const FunctionReference target = parse_function_reference(options.function_name.view());
    if (!target.account.empty() && target.account != kAccount) {
      return invalid_parameter(message::kR22Account);
    }
    if (!target.region.empty() && target.region != kRegion) {
      return invalid_parameter(message::kR22Region);
    }
    return std::nullopt;
  }

  // PROTOCOL 4.5
  Refusal check_sizes(std::size_t i) {
    const OperationUpdate& update = updates_[i];
    if (update.payload) {
      const auto size = static_cast<std::int64_t>(update.payload.size());
      plan_.data_bytes += size;
      if (update.type == OperationType::kStep && size > limits_.step_payload_limit) {
        return invalid_parameter(
            with_number("STEP output payload size must be less than or equal to ",
                        limits_.step_payload_limit, " bytes."));
      }
      if (size > limits_.execution_result_limit) {
        return shape_error(member_path(i, "payload"), "",
                           with_number("Member must have length less than or equal to ",
                                       limits_.execution_result_limit, ""));
      }
      if (update.type == OperationType::kChainedInvoke && size > limits_.invoke_input_limit) {
        return invalid_parameter(
            with_number("CHAINED_INVOKE input payload size must be less than or equal to ",
                        limits_.invoke_input_limit, " bytes."));
      }
    }
    if (update.error) {
      plan_.data_bytes += json_size(*update.error);
      return check_error_size(update.error, limits_);
    }
    return std::nullopt;
  }

  Refusal check_quotas() const {
    if (execution_.book.metered + plan_.metered > limits_.max_operations) {
      return invalid_parameter(
          with_number("Durable execution exceeded the maximum number of operations of ",
                      limits_.max_operations, "."));
    }
    if (execution_.book.data_bytes + plan_.data_bytes > limits_.max_data) {
      return invalid_parameter(with_number("Durable execution exceeded the maximum data size of ",
                                           limits_.max_data, " bytes."));
    }
    return std::nullopt;
  }

  // R15, but a text that no record could have is refused before it is compared.
  Refusal inconsistent(std::size_t i, std::string_view text) const {
    if (Refusal refusal = shape_of_texts(i)) return refusal;
    return invalid_parameter(text);
  }

  Refusal shape_of_texts(std::size_t i) const {
    constexpr std::string_view kPattern =
        "Member must satisfy regular expression pattern: [a-zA-Z0-9-_]+ and have length between "
        "1 and 64";
    const OperationUpdate& update = updates_[i];
    if (!is_identifier(update.id.view())) {
      return shape_error(member_path(i, "id"), update.id.view(), kPattern);
    }
    if (update.parent_id && !is_identifier(update.parent_id.view())) {
      return shape_error(member_path(i, "parentId"), update.parent_id.view(), kPattern);
    }
    if (update.name && !is_operation_name(update.name.view())) {
      return shape_error(member_path(i, "name"), update.name.view(),
                         "Member must satisfy regular expression pattern: [\\x20-\\x7E]+ and have "
                         "length between 1 and 256");
    }
    if (update.sub_type && (update.sub_type.size() == 0 || update.sub_type.size() > kSubTypeMax)) {
      return shape_error(member_path(i, "subType"), update.sub_type.view(),
                         "Member must have length between 1 and 32");
    }
    return std::nullopt;
  }

  const Execution& execution_;
  std::span<const OperationUpdate> updates_;
  const Limits& limits_;
  BatchPlan& plan_;
  std::size_t created_ = 0;
};

}  // namespace

ApiError invalid_parameter(std::string_view message) {
  return {std::string(code::kInvalidParameter), 400, std::string(message)};
}

ApiError shape_error(std::string_view member, std::string_view value, std::string_view constraint) {
  std::string text = "1 validation error detected: Value ";
  if (!value.empty()) text.append("'").append(value).append("' ");
  text.append("at '").append(member).append("' failed to satisfy constraint: ");
  return {std::string(code::kValidation), 400, text.append(constraint)};
}

std::optional<ApiError> check_error_size(const ErrorPtr& error, const Limits& limits) {
  if (!error || surely_within(*error, limits.error_limit)) return std::nullopt;
  if (json_size(*error) <= limits.error_limit) return std::nullopt;
  return invalid_parameter(with_number("Error object size must be less than or equal to ",
                                       limits.error_limit, " bytes."));
}

std::optional<ApiError> plan_batch(const Execution& execution,
                                   std::span<const OperationUpdate> updates, const Limits& limits,
                                   BatchPlan& plan) {
  plan.updates.clear();
  plan.closes = false;
  plan.metered = 0;
  plan.data_bytes = 0;
  return BatchCheck(execution, updates, limits, plan).run();
}

}  // namespace reprise::internal
