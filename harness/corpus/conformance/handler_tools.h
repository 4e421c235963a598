#pragma once

#include <absl/time/time.h>

#include <algorithm>
#include <string>
#include <utility>

#include "conformance/handlers.h"
#include "handler_support.h"
#include "reprise/sdk/context.h"
#include "reprise/sdk/handler.h"

namespace reprise::corpus {

/// The handler of a requirement that needs nothing else.
template <class H>
ConformanceHandler covers(std::string id, H handler) {
  ConformanceHandler made;
  made.id = std::move(id);
  made.handler = make_handler(std::move(handler));
  return made;
}

/// A durable function that a handler invokes.
template <class H>
Function target(std::string name, H handler) {
  Function made;
  made.config.name = std::move(name);
  made.handler = make_handler(std::move(handler));
  return made;
}

/// The process dies in the first attempt of a step, when its body has run and nothing of that is
/// recorded.  `path` is that of the step in its execution.
inline Schedule dies_in_step(const std::string& path) {
  ScheduleEvent crash;
  crash.kind = ScheduleEvent::Kind::kCrash;
  crash.place.kind = PointKind::kCheckpoint;
  crash.place.moment = Moment::kBefore;
  crash.place.action = CheckpointAction::kSucceed;
  crash.place.attempt = 1;
  crash.place.operation = std::string(kRequirementExecution).append("/").append(path);
  return Schedule{{std::move(crash)}};
}

/// Stores a text in upper case, without the quotes of JSON.
class UppercaseText final : public CustomSerdes<std::string> {
 public:
  SharedText encode(const std::string& value, const SerdesContext& /*context*/) const override {
    std::string upper = value;
    std::transform(upper.begin(), upper.end(), upper.begin(), [](char c) {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return SharedText(upper);
  }
  std::string decode(const SharedText& payload, const SerdesContext& /*context*/) const override {
    return payload.str();
  }
};

}  // namespace reprise::corpus
