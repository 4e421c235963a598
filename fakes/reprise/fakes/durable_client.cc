#include "reprise/fakes/durable_client.h"

#include <functional>
#include <memory>
#include <stdexcept>

#include "reprise/fakes/internal/text.h"

namespace reprise::fakes {
namespace {

FakeService& service_of_the_run() {
  EffectSink* sink = EffectSink::current();
  FakeService* service = sink == nullptr ? nullptr : sink->service_for_callers();
  if (service == nullptr) throw std::logic_error("a DurableClient has no service outside of a run");
  return *service;
}

ClientAnswer refused(const ApiError& error) {
  ClientAnswer answer;
  answer.http_status = error.http_status;
  answer.error = error.code;
  answer.message = error.message;
  return answer;
}

ClientAnswer answer_to_callback(const EffectCall& call,
                                const std::function<ApiResult<Done>(FakeService&)>& act) {
  return effect(call, [&](EffectOutcome& outcome) {
    const ApiResult<Done> result = act(service_of_the_run());
    if (!result.ok()) {
      outcome.unchanged();
      return refused(result.error());
    }
    ClientAnswer answer;
    answer.http_status = 200;
    return answer;
  });
}

}  // namespace

ClientAnswer DurableClient::send(StartRequest request, std::source_location location) const {
  EffectCall call{.target = name_, .action = "start", .location = location};
  call.arguments = request.function_name + ", " + internal::short_text(request.payload.str());
  if (request.tenant_id) call.arguments += ", tenant " + *request.tenant_id;
  call.key = request.execution_name.value_or("");
  call.object = call.key;
  return effect(call, [&](EffectOutcome& outcome) {
    const ApiResult<StartResponse> result = service_of_the_run().start(request);
    if (!result.ok()) {
      outcome.unchanged();
      return refused(result.error());
    }
    ClientAnswer answer;
    answer.http_status = request.type == InvocationType::kEvent ? 202 : 200;
    answer.execution_arn = result->durable_execution_arn;
    answer.existing = result->existing;
    if (answer.existing) outcome.unchanged();
    return answer;
  });
}

ClientAnswer DurableClient::succeed_callback(const std::string& callback_id,
                                             const std::string& payload,
                                             std::source_location location) const {
  const EffectCall call{
      .target = name_,
      .action = "succeed_callback",
      .arguments = internal::short_text(callback_id) + ", " + internal::quoted_text(payload),
      .object = callback_id,
      .location = location};
  return answer_to_callback(call, [&](FakeService& service) {
    return service.send_callback_success(callback_id, SharedText(payload));
  });
}

ClientAnswer DurableClient::fail_callback(const std::string& callback_id, ErrorObject error,
                                          std::source_location location) const {
  const EffectCall call{
      .target = name_,
      .action = "fail_callback",
      .arguments = internal::short_text(callback_id) + ", " + error.type.value_or("Error"),
      .object = callback_id,
      .location = location};
  return answer_to_callback(call, [&](FakeService& service) {
    return service.send_callback_failure(callback_id,
                                         std::make_shared<const ErrorObject>(std::move(error)));
  });
}

ClientAnswer DurableClient::heartbeat(const std::string& callback_id,
                                      std::source_location location) const {
  const EffectCall call{.target = name_,
                        .action = "heartbeat",
                        .arguments = internal::short_text(callback_id),
                        .repeatable = true,
                        .object = callback_id,
                        .location = location};
  return answer_to_callback(
      call, [&](FakeService& service) { return service.send_callback_heartbeat(callback_id); });
}

}  // namespace reprise::fakes
