#include "reprise/fakes/durable_client.h"

#include <functional>
#include <stdexcept>

#include "reprise/fakes/internal/text.h"
#include "reprise/service/fake_service.h"

namespace reprise::fakes {
namespace {

FakeService& service_of_the_run() {
  EffectSink* sink = EffectSink::current();
  FakeService* service = sink == nullptr ? nullptr : sink->service_for_callers();
  if (service == nullptr) throw std::logic_error("a DurableClient has no service outside of a run");
  return *service;
}

ClientAnswer refusal_of(const ApiError& error) {
  ClientAnswer answer;
  answer.http_status = error.http_status;
  answer.error = error.code;
  answer.message = error.message;
  return answer;
}

ClientAnswer answer_to_callback(const EffectCall& call,
                                const std::function<ApiResult<Done>(FakeService& service)>& send) {
  return effect(call, [&](EffectOutcome& outcome) {
    const ApiResult<Done> result = send(service_of_the_run());
    if (!result.ok()) {
      outcome.unchanged();
      return refusal_of(result.error());
    }
    ClientAnswer answer;
    answer.http_status = 200;
    return answer;
  });
}

}  // namespace

ClientAnswer DurableClient::start(const std::string& function, const std::string& payload,
                                  const std::optional<std::string>& execution_name,
                                  const std::optional<std::string>& tenant,
                                  std::source_location location) const {
  EffectCall call{.target = name_, .action = "start", .location = location};
  call.arguments = function + ", " + internal::short_text(payload);
  if (tenant) call.arguments += ", tenant " + *tenant;
  call.key = execution_name.value_or("");
  call.object = call.key;
  return effect(call, [&](EffectOutcome& outcome) {
    StartRequest request;
    request.function_name = function;
    request.payload = SharedText(payload);
    request.execution_name = execution_name;
    request.tenant_id = tenant;
    const ApiResult<StartResponse> result = service_of_the_run().start(request);
    if (!result.ok()) {
      outcome.unchanged();
      return refusal_of(result.error());
    }
    ClientAnswer answer;
    answer.http_status = 202;
    answer.execution_arn = result->durable_execution_arn;
    answer.existing = result->existing;
    if (answer.existing) outcome.unchanged();
    return answer;
  });
}

ClientAnswer DurableClient::complete_callback(const std::string& callback_id,
                                              const std::string& payload,
                                              std::source_location location) const {
  const EffectCall call{.target = name_,
                        .action = "complete_callback",
                        .arguments = internal::short_text(payload),
                        .object = callback_id,
                        .location = location};
  return answer_to_callback(call, [&](FakeService& service) {
    return service.send_callback_success(callback_id, SharedText(payload));
  });
}

ClientAnswer DurableClient::fail_callback(const std::string& callback_id,
                                          const std::string& error_type, const std::string& message,
                                          std::source_location location) const {
  const EffectCall call{.target = name_,
                        .action = "fail_callback",
                        .arguments = error_type + ", " + internal::short_text(message),
                        .object = callback_id,
                        .location = location};
  return answer_to_callback(call, [&](FakeService& service) {
    ErrorObject error;
    error.type = error_type;
    error.message = message;
    return service.send_callback_failure(callback_id,
                                         std::make_shared<const ErrorObject>(std::move(error)));
  });
}

ClientAnswer DurableClient::heartbeat(const std::string& callback_id,
                                      std::source_location location) const {
  const EffectCall call{.target = name_,
                        .action = "heartbeat",
                        .repeatable = true,
                        .object = callback_id,
                        .location = location};
  return answer_to_callback(
      call, [&](FakeService& service) { return service.send_callback_heartbeat(callback_id); });
}

}  // namespace reprise::fakes
