#include "reprise/fakes/function_caller.h"

#include <algorithm>
#include <exception>

#include "reprise/fakes/internal/text.h"
#include "reprise/sdk/errors.h"

namespace reprise::fakes {
namespace {

// An exception that left now would meet another one, or a destructor that runs for a dead process.
bool must_not_throw() {
  const EffectSink* sink = EffectSink::current();
  return sink != nullptr && (sink->tearing_down() || std::uncaught_exceptions() > 0);
}

}  // namespace

void FunctionCaller::add(std::string function, Worker worker) {
  workers_[std::move(function)] = Code{std::make_shared<const Worker>(std::move(worker))};
}

nlohmann::json FunctionCaller::call(const std::string& function, const nlohmann::json& payload,
                                    std::source_location location) {
  using nlohmann::json;
  std::string text = payload.dump(-1, ' ', false, json::error_handler_t::replace);
  const EffectCall start{.target = name_,
                         .action = "call",
                         .arguments = function + ", " + internal::short_text(text),
                         .key = {},
                         .repeatable = false,
                         .location = location};
  // The worker runs after the effect and not in it: its own effects are numbered behind this one.
  const auto worker = effect(start, [&](EffectOutcome&) {
    const auto found = workers_.find(function);
    if (found == workers_.end()) {
      throw ApplicationError("ResourceNotFoundException", "Function not found: " + function);
    }
    std::vector<std::string>& log = calls_[function];
    log.insert(std::upper_bound(log.begin(), log.end(), text), std::move(text));
    return found->second.worker;
  });
  if (worker == nullptr) return nullptr;
  try {
    return (*worker)(payload);
  } catch (const std::exception& exception) {
    if (must_not_throw()) return nullptr;
    const ErrorObject error = error_object_of(exception);
    throw ApplicationError(error.type.value_or("Error"), error.message.value_or(""), error);
  }
}

const std::vector<std::string>& FunctionCaller::calls(const std::string& function) const {
  static const std::vector<std::string> kNone;
  const auto found = calls_.find(function);
  return found == calls_.end() ? kNone : found->second;
}

}  // namespace reprise::fakes
