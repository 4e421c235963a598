#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "conformance/bindings.h"
#include "conformance/requirement.h"
#include "reprise/protocol/event.h"
#include "reprise/runtime/program.h"

namespace reprise::corpus {

/// What the outside world of a requirement does, in virtual time.
///
/// It works as the suite's own poller does: one delivery after the other, each after its delay, to
/// the callbacks in the order in which they come to its notice; a heartbeat leaves its callback
/// open for the next action, one poll later.  A delivery is planned from the history of a run that
/// had all deliveries before it; the next run has it too, up to there is nothing left to plan.
class CallbackPlan {
 public:
  CallbackPlan(const Requirement& requirement, const Bindings& bindings)
      : requirement_(requirement), bindings_(bindings) {}

  /// The path under which a responder finds a callback, from the id of its operation.
  using PathOf = std::function<std::string(const std::string& operation_id)>;

  /// Plans the next delivery.  False: there is none.
  bool plan_next(const std::vector<Event>& history, const PathOf& path_of);

  /// The deliveries planned so far.
  const std::vector<CallbackResponder>& responders() const { return responders_; }

  /// What went wrong: a callback that no action fits, a delivery that came too late.  `history` is
  /// that of the run with all deliveries.
  std::vector<std::string> problems(const std::vector<Event>& history) const;

 private:
  struct Open;
  struct Delivery {
    std::string callback_id;
    std::string operation_id;
    std::string name;
    CallbackAction::Operation operation = CallbackAction::Operation::kSuccess;
    std::int64_t sent_ms = 0;
  };

  std::optional<Open> next_callback(const std::vector<Event>& history) const;
  const CallbackAction* take_action(const std::string& callback_name);
  CallbackAnswer answer_of(const CallbackAction& action) const;

  const Requirement& requirement_;
  const Bindings& bindings_;
  std::vector<bool> used_;
  std::vector<Delivery> deliveries_;
  std::vector<std::string> unserved_;  // callbacks that no action fits
  std::vector<std::string> problems_;
  std::vector<CallbackResponder> responders_;
};

}  // namespace reprise::corpus
