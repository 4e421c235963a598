#pragma once

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

#include "reprise/world/effect.h"

namespace reprise::fakes {

/// A client with which code calls plain worker functions *by hand*, as with an AWS Lambda client.
///
///     FunctionCaller functions;
///     functions.add("authorize-payment", [&](const nlohmann::json& order) {
///       return nlohmann::json{{"approved", payments.authorise(order.at("orderId"), ...).ok()}};
///     });
///
///     // In a step body: a crash after the call and before the step's checkpoint calls again.
///     nlohmann::json answer = functions.call("authorize-payment", order);
///
///     EXPECT_EQ(functions.executions("authorize-payment"), 1);
///
/// A durable handler should use `ctx.invoke`, which the service remembers; this is for handlers
/// that do not, and to show what becomes of them.
///
/// Has of the real service:
/// - each call starts one more execution of the worker: the service has no idempotency keys for
///   it;
/// - a worker's exception reaches the caller as type and message only: an ApplicationError with
///   the worker's error object; an unknown name is a "ResourceNotFoundException" and starts
///   nothing.
///
/// Leaves out: timeouts, throttling, payload limits, asynchronous calls; and that a worker lives
/// on when its caller dies: here both are one process, so a crash may also fall at each effect of
/// the worker.
///
/// The start of an execution is one effect, a fault point before and after, never repeatable; the
/// worker's own effects follow it.  An execution counts from its start.
///
/// A copyable value, part of a world.  Compared by the names of the workers and by the calls,
/// whose log has no order: executions interleave.
class FunctionCaller {
 public:
  using Worker = std::function<nlohmann::json(const nlohmann::json& payload)>;

  /// `name` is what the ledger and reports call it.
  explicit FunctionCaller(std::string name = "functions") : name_(std::move(name)) {}

  /// Registers a worker, or replaces it.  What it captures by reference must outlive this object's
  /// copies.
  void add(std::string function, Worker worker);

  /// Runs the worker and returns its answer; null for a process that died while it was torn down.
  nlohmann::json call(const std::string& function, const nlohmann::json& payload,
                      std::source_location location = std::source_location::current());

  /// How often the function was started.
  int executions(const std::string& function) const {
    return static_cast<int>(calls(function).size());
  }
  /// The payloads it was started with, as JSON texts, sorted.
  const std::vector<std::string>& calls(const std::string& function) const;

  bool operator==(const FunctionCaller&) const = default;

 private:
  struct Code {
    std::shared_ptr<const Worker> worker;
    // Code has no value to compare; its name is the key under which it stands.
    bool operator==(const Code&) const { return true; }
  };

  std::string name_;
  std::map<std::string, Code> workers_;
  std::map<std::string, std::vector<std::string>> calls_;
};

}  // namespace reprise::fakes
