#pragma once

#include <absl/time/time.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "corpus_handlers.h"
#include "reprise/sdk/context.h"
#include "reprise/sdk/handler.h"
#include "reprise/world/host.h"

namespace reprise::corpus {

/// JSON that keeps the order of members, as the origin's language does: payloads come out byte for
/// byte.
using Json = nlohmann::ordered_json;

/// `throw Error("...")` of the origin's language.
class Error : public ApplicationError {
 public:
  explicit Error(const std::string& message) : ApplicationError("Error", message) {}
};

/// Retries while fewer than `attempts_max` attempts were made, after `delay_seconds(attempts
/// made)`.
template <class F>
RetryStrategy retry_until(int attempts_max, F delay_seconds) {
  return [=](const ErrorObject&, int attempts_made) {
    if (attempts_made >= attempts_max) return RetryDecision::stop();
    return RetryDecision::after(absl::Seconds(delay_seconds(attempts_made)));
  };
}

inline StepOptions no_retry() { return StepOptions().retry(retry::none()); }

/// `await sleep(...)` in a step body.
inline void sleep_in_body(absl::Duration duration) { Host().spend(duration); }

/// `await sleep(...)` in a context, between operations: lets what else can run go first, `turns`
/// times.  Virtual contexts leave no record, but each takes a counter.
Task<void> yield(DurableContext ctx, int turns);

/// A recording that needs nothing but its handler.
template <class H>
CorpusHandler entry(std::string id, H handler) {
  CorpusHandler made;
  made.id = std::move(id);
  made.handler = make_handler(std::move(handler));
  return made;
}

inline CallbackResponder responder(std::string operation, CallbackResponder::When when,
                                   std::int64_t delay_ms, CallbackAnswer::Kind kind) {
  CallbackResponder made;
  made.operation = std::move(operation);
  made.when = when;
  made.delay_ms = delay_ms;
  made.answer.kind = kind;
  return made;
}

inline CallbackResponder succeeds(std::string operation, CallbackResponder::When when,
                                  std::int64_t delay_ms, SharedText payload) {
  CallbackResponder made =
      responder(std::move(operation), when, delay_ms, CallbackAnswer::Kind::kSuccess);
  made.answer.payload = std::move(payload);
  return made;
}

inline CallbackResponder fails(std::string operation, CallbackResponder::When when,
                               std::int64_t delay_ms, ErrorPtr error) {
  CallbackResponder made =
      responder(std::move(operation), when, delay_ms, CallbackAnswer::Kind::kFailure);
  made.answer.error = std::move(error);
  return made;
}

}  // namespace reprise::corpus

template <>
struct reprise::Serdes<nlohmann::ordered_json> {
  static SharedText encode(const nlohmann::ordered_json& value) { return SharedText(value.dump()); }
  static nlohmann::ordered_json decode(const SharedText& payload) {
    if (!payload) return nlohmann::ordered_json();
    return nlohmann::ordered_json::parse(payload.view());
  }
};
