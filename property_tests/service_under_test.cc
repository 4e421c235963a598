#include "property_tests/service_under_test.h"

#include <sstream>

#include "property_tests/service_model.h"

namespace reprise::properties {
namespace {

std::string shown(const SharedText& text) { return text ? text.str() : "-"; }

}  // namespace

std::string line_of(const Operation& record) {
  if (record.type == OperationType::kExecution) return "EXECUTION";
  std::ostringstream line;
  line << record.id.view() << " " << to_string(record.type) << " " << to_string(record.status)
       << ", in " << shown(record.parent_id) << ", called " << shown(record.name) << ", sub type "
       << shown(record.sub_type) << ", attempt " << record.attempt << ", result "
       << shown(record.result) << ", error "
       << (record.error ? record.error->type.value_or("(no type)") : "-");
  if (record.next_attempt_ms) line << ", due " << *record.next_attempt_ms;
  if (record.scheduled_end_ms) line << ", due " << *record.scheduled_end_ms;
  if (record.replay_children) line << ", replays children";
  if (record.end_ms.has_value() != is_terminal(record.status)) line << ", its end is wrong";
  if (record.callback_id.has_value() != (record.type == OperationType::kCallback)) {
    line << ", its callback id is wrong";
  }
  return line.str();
}

ServiceUnderTest::ServiceUnderTest() : service(ServiceModel::limits()) {
  for (const ServiceModel::Function& function : ServiceModel::functions()) {
    FunctionConfig config;
    config.name = function.name;
    config.durable = function.durable;
    config.per_tenant = function.per_tenant;
    config.execution_timeout_seconds = function.timeout_seconds;
    config.retention_days = ServiceModel::kRetentionDays;
    config.latency_ms = function.latency_ms;
    config.retry.give_up_after = function.give_up_after;
    service.register_function(config);
  }
}

void ServiceUnderTest::look() {
  while (arns.size() < service.execution_count()) {
    arns.push_back(service.execution(arns.size()).arn.str());
  }
  for (std::size_t i = 0; i < arns.size(); ++i) {
    for (const OperationPtr& record : service.execution(i).operations) {
      if (record->callback_id)
        callback_ids.try_emplace({i, record->id.str()}, record->callback_id.str());
    }
  }
}

std::vector<std::string> ServiceUnderTest::lines() const {
  std::vector<std::string> lines;
  lines.push_back("now " + std::to_string(service.now()));
  const auto due = service.next_due();
  lines.push_back("next due " + (due ? std::to_string(*due) : "never"));
  const auto ready = service.next_ready();
  lines.push_back("next ready " + (ready ? std::to_string(*ready) : "none"));
  for (std::size_t i = 0; i < arns.size(); ++i) {
    const Execution& execution = service.execution(i);
    const std::string head =
        "execution " + std::to_string(i) + " of " + execution.function_name.str();
    const auto described = service.get_execution(arns[i]);
    if (!described.ok()) {
      lines.push_back(head + " is forgotten");
      continue;
    }
    lines.push_back(head + " " + std::string(to_string(described->status)) + ", result " +
                    shown(described->result) + ", error " +
                    (described->error ? described->error->type.value_or("(no type)") : "-"));
    for (const OperationPtr& record : execution.operations) {
      lines.push_back("  " + line_of(*record));
    }
    for (const Event& event : service.history(i)) {
      lines.push_back("  event " + std::string(to_string(event.type)) +
                      (event.id ? " " + *event.id : ""));
    }
  }
  return lines;
}

}  // namespace reprise::properties
