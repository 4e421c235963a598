#include "scenarios/fraud_detection_intake.h"

#include <absl/strings/str_cat.h>

#include <exception>

#include "scenarios/fraud_detection.h"

namespace scenarios::fraud_detection {

using nlohmann::json;
using reprise::fakes::ClientAnswer;
using reprise::fakes::EventSourceMappingOptions;
using reprise::fakes::QueueOptions;

namespace {

constexpr std::int64_t kTimeoutSeconds = 120;

QueueOptions queue_options() {
  QueueOptions options;
  options.visibility_timeout = absl::Seconds(6 * kTimeoutSeconds);  // as the service advises
  options.max_receives = Intake::kReceives;
  return options;
}

EventSourceMappingOptions mapping_options() {
  EventSourceMappingOptions options;
  options.function = "intermediary";
  options.report_batch_item_failures = true;
  options.function_timeout = absl::Seconds(kTimeoutSeconds);
  return options;
}

}  // namespace

std::string execution_name(const Transaction& tx) { return absl::StrCat("tx-", tx.id); }

json Intermediary::handle(const json& event) {
  json failed = json::array();
  for (const json& record : event.at("Records")) {
    try {
      start(record);
    } catch (const std::exception&) {
      failed.push_back({{"itemIdentifier", record.at("messageId")}});
    }
  }
  return {{"batchItemFailures", std::move(failed)}};
}

void Intermediary::start(const json& record) {
  const Transaction tx = json::parse(record.at("body").get<std::string>()).get<Transaction>();
  const ClientAnswer started = lambda_.start(absl::StrCat(kFunction, ":$LATEST"), name_for(tx), tx);
  if (!started.ok()) throw reprise::ApplicationError(started.error, started.message);
}

std::string Intermediary::name_for(const Transaction& tx) const { return execution_name(tx); }

Intake::Intake()
    : queue_("transactions", queue_options()), mapping_("intake", queue_, mapping_options()) {}

void Intake::connect(reprise::Scenario& scenario, Intermediary& intermediary) {
  reprise::FunctionConfig config;
  config.function_timeout_seconds = kTimeoutSeconds;
  scenario
      .function(
          "intermediary", [&](const json& event) { return intermediary.handle(event); }, config)
      .event_source(mapping_)
      .world(queue_, mapping_);
}

}  // namespace scenarios::fraud_detection
