#include "reprise/fakes/durable_client.h"

#include <functional>
#include <memory>

#include "reprise/fakes/internal/text.h"
#include "reprise/world/running_service.h"

namespace reprise::fakes {
namespace {

constexpr const char* kNoService = "there is no run, and no service";

CallbackReply reply(const EffectCall& call,
                    const std::function<ApiResult<Done>(FakeService&)>& act) {
  return effect(call, [&](EffectOutcome& outcome) {
    FakeService* service = RunningService::current();
    if (service == nullptr) {
      outcome.unchanged();
      return CallbackReply{false, "ServiceException", kNoService};
    }
    const ApiResult<Done> result = act(*service);
    if (result.ok()) return CallbackReply{true, "", ""};
    outcome.unchanged();
    return CallbackReply{false, result.error().code, result.error().message};
  });
}

}  // namespace

StartAnswer DurableClient::start_with(const std::string& function,
                                      const std::string& execution_name, SharedText payload,
                                      InvocationType type, std::source_location location) {
  const EffectCall call{.target = name_,
                        .action = "start",
                        .arguments = function + ", " + internal::short_text(payload.str()),
                        .key = execution_name,
                        .location = location};
  return effect(call, [&](EffectOutcome& outcome) {
    StartAnswer answer;
    FakeService* service = RunningService::current();
    if (service == nullptr) {
      outcome.unchanged();
      answer.error = "ServiceException";
      answer.message = kNoService;
      return answer;
    }
    StartRequest request;
    request.function_name = function;
    request.payload = std::move(payload);
    request.type = type;
    if (!execution_name.empty()) request.execution_name = execution_name;
    const ApiResult<StartResponse> response = service->start(request);
    if (!response.ok()) {
      outcome.unchanged();
      answer.error = response.error().code;
      answer.message = response.error().message;
      return answer;
    }
    if (response->existing) outcome.unchanged();
    answer.arn = response->durable_execution_arn;
    answer.existing = response->existing;
    return answer;
  });
}

CallbackReply DurableClient::succeed_callback(const std::string& callback_id, std::string payload,
                                              std::source_location location) {
  const EffectCall call{
      .target = name_,
      .action = "succeed_callback",
      .arguments = internal::short_text(callback_id) + ", " + internal::quoted_text(payload),
      .object = callback_id,
      .location = location};
  return reply(call, [&](FakeService& service) {
    return service.send_callback_success(callback_id, SharedText(payload));
  });
}

CallbackReply DurableClient::fail_callback(const std::string& callback_id, ErrorObject error,
                                           std::source_location location) {
  const EffectCall call{
      .target = name_,
      .action = "fail_callback",
      .arguments = internal::short_text(callback_id) + ", " + error.type.value_or("Error"),
      .object = callback_id,
      .location = location};
  return reply(call, [&](FakeService& service) {
    return service.send_callback_failure(callback_id,
                                         std::make_shared<const ErrorObject>(std::move(error)));
  });
}

}  // namespace reprise::fakes
