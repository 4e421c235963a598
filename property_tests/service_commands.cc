#include "property_tests/service_commands.h"

#include <algorithm>

#include "property_tests/service_drawing.h"

namespace reprise::properties {
namespace {

using Phase = ServiceModel::Phase;

// An answer as text, or how it was refused.
struct Seen {
  std::string value;
  std::optional<ApiError> error;
};
struct Expected {
  std::string value;
  std::vector<Refusal> refusals;
};

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += "\n    " + line;
  return text;
}

template <class T, class Show>
Expected expected(const Answer<T>& answer, const Show& show) {
  if (answer.index() == 1) return {"", std::get<1>(answer)};
  return {show(std::get<0>(answer)), {}};
}
template <class T, class Show>
Seen seen(const ApiResult<T>& answer, const Show& show) {
  if (!answer.ok()) return {"", answer.error()};
  return {show(*answer), std::nullopt};
}
constexpr auto kDone = [](const auto&) { return std::string("done"); };

std::string shown(const Seen& seen) {
  if (seen.error) return seen.error->code + ": " + seen.error->message;
  return seen.value;
}
std::string shown(const Expected& expected) {
  if (expected.refusals.empty()) return expected.value;
  std::string text;
  for (const Refusal& refusal : expected.refusals) {
    text += (text.empty() ? "" : " or ") + refusal.code + ": " + refusal.text;
  }
  return text;
}

bool agree(const Expected& expected, const Seen& seen) {
  if (!seen.error) return expected.refusals.empty() && expected.value == seen.value;
  return std::any_of(expected.refusals.begin(), expected.refusals.end(), [&](const Refusal& one) {
    return one.code == seen.error->code && (one.text.empty() || one.text == seen.error->message);
  });
}

template <class Records>
std::vector<std::string> lines_of(const Records& records) {
  std::vector<std::string> lines;
  for (const OperationPtr& record : records) lines.push_back(line_of(*record));
  return lines;
}

// Runs on both, and says the first difference.
class Compared : public ServiceCommand {
 public:
  virtual Expected call(ServiceModel& model) const = 0;
  virtual Seen call(ServiceUnderTest& service) const = 0;
  virtual std::string text() const = 0;
  virtual bool possible(const ServiceModel& model) const = 0;

  void checkPreconditions(const ServiceModel& model) const final { RC_PRE(possible(model)); }
  void apply(ServiceModel& model) const final { (void)call(model); }
  void show(std::ostream& out) const final { out << text(); }
  void run(const ServiceModel& before, ServiceUnderTest& service) const final {
    ServiceModel model = before;
    const Expected wanted = call(model);
    const Seen got = call(service);
    service.look();
    if (!agree(wanted, got)) {
      RC_FAIL(text() + "\n  answers  " + shown(got) + "\n  expected " + shown(wanted));
    }
    const std::vector<std::string> wanted_lines = model.lines();
    const std::vector<std::string> got_lines = service.lines();
    for (std::size_t i = 0; i < std::max(wanted_lines.size(), got_lines.size()); ++i) {
      const std::string wanted_line = i < wanted_lines.size() ? wanted_lines[i] : "nothing more";
      const std::string got_line = i < got_lines.size() ? got_lines[i] : "nothing more";
      if (wanted_line != got_line) {
        RC_FAIL("after " + text() + "\n  there is  " + got_line + "\n  expected  " + wanted_line);
      }
    }
  }
};

class Start : public Compared {
 public:
  explicit Start(StartRequest request) : request_(std::move(request)) {}
  bool possible(const ServiceModel&) const override { return true; }
  std::string text() const override {
    return "start " + request_.function_name + " with '" + request_.payload.str() + "'" +
           (request_.execution_name ? " as " + *request_.execution_name : "") +
           (request_.tenant_id ? " for " + *request_.tenant_id : "") +
           (request_.type == InvocationType::kEvent ? "" : ", and wait for it");
  }
  Expected call(ServiceModel& model) const override {
    return expected(model.start(request_), [](const ServiceModel::Started& started) {
      return "execution " + std::to_string(started.execution) + (started.existing ? ", found" : "");
    });
  }
  Seen call(ServiceUnderTest& service) const override {
    const auto answer = service.service.start(request_);
    service.look();
    return seen(answer, [&](const StartResponse& started) {
      const auto at =
          std::find(service.arns.rbegin(), service.arns.rend(), started.durable_execution_arn);
      return "execution " + std::to_string(service.arns.rend() - at - 1) +
             (started.existing ? ", found" : "");
    });
  }

 private:
  StartRequest request_;
};

class Begin : public Compared {
 public:
  explicit Begin(std::size_t execution) : execution_(execution) {}
  bool possible(const ServiceModel& model) const override {
    return execution_ < model.executions().size() && model.executions()[execution_].running();
  }
  std::string text() const override { return "invoke execution " + std::to_string(execution_); }
  Expected call(ServiceModel& model) const override {
    const auto begun = model.begin(execution_);
    return {"records" + joined(begun.records) + "\n  updated" + joined(begun.updated), {}};
  }
  Seen call(ServiceUnderTest& service) const override {
    const InvocationInput input = service.service.begin_invocation(execution_);
    service.tokens.push_back(input.checkpoint_token);
    return {"records" + joined(lines_of(input.operations)) + "\n  updated" +
                joined(input.updated_operation_ids),
            std::nullopt};
  }

 private:
  std::size_t execution_;
};

class End : public Compared {
 public:
  End(std::size_t execution, InvocationEnd end) : execution_(execution), end_(std::move(end)) {}
  bool possible(const ServiceModel& model) const override {
    return execution_ < model.executions().size();
  }
  std::string text() const override {
    std::string how = std::string(to_string(end_.output.status));
    if (end_.output.result) how += " '" + end_.output.result.str() + "'";
    if (end_.output.error) how += " with error " + *end_.output.error->type;
    if (end_.kind == InvocationEnd::Kind::kProcessExit) how = "a crash";
    if (end_.kind == InvocationEnd::Kind::kTimeout) how = "a timeout";
    if (end_.kind == InvocationEnd::Kind::kError) how = "something thrown";
    return "end the invocation of execution " + std::to_string(execution_) + " by " + how;
  }
  Expected call(ServiceModel& model) const override {
    model.end(execution_, end_);
    return {};
  }
  Seen call(ServiceUnderTest& service) const override {
    service.service.end_invocation(execution_, end_);
    return {};
  }

 private:
  std::size_t execution_;
  InvocationEnd end_;
};

// What a token gives access to.
class WithToken : public Compared {
 public:
  WithToken(std::size_t execution, std::size_t token) : execution_(execution), token_(token) {}
  bool possible(const ServiceModel& model) const override {
    return execution_ < model.executions().size() && token_ < model.tokens();
  }

 protected:
  std::string target() const {
    return "execution " + std::to_string(execution_) + ", token " + std::to_string(token_);
  }
  std::size_t execution_;
  std::size_t token_;
};

class Checkpoint : public WithToken {
 public:
  Checkpoint(std::size_t execution, std::size_t token, std::vector<OperationUpdate> updates,
             std::string client_token)
      : WithToken(execution, token),
        updates_(std::move(updates)),
        client_token_(std::move(client_token)) {}
  std::string text() const override {
    std::string text = "checkpoint, " + target();
    if (!client_token_.empty()) text += ", client token " + client_token_;
    for (const OperationUpdate& update : updates_) text += "\n    " + shown_update(update);
    return text;
  }
  Expected call(ServiceModel& model) const override {
    return expected(
        model.checkpoint(execution_, token_, updates_, client_token_),
        [](const ServiceModel::Checkpointed& answer) {
          return (answer.token ? "token " + std::to_string(*answer.token) : "no token") +
                 joined(answer.records);
        });
  }
  Seen call(ServiceUnderTest& service) const override {
    CheckpointRequest request;
    request.durable_execution_arn = service.arns[execution_];
    request.checkpoint_token = service.tokens[token_];
    request.updates = updates_;
    request.client_token = client_token_;
    return seen(service.service.checkpoint(request), [&](const CheckpointResponse& answer) {
      std::string token = "no token";
      if (answer.checkpoint_token) {
        const auto known =
            std::find(service.tokens.begin(), service.tokens.end(), *answer.checkpoint_token);
        token = "token " + std::to_string(known - service.tokens.begin());
        if (known == service.tokens.end()) service.tokens.push_back(*answer.checkpoint_token);
      }
      return token + joined(lines_of(answer.operations)) +
             (answer.next_marker.empty() ? "" : "\n    and more");
    });
  }

 private:
  std::vector<OperationUpdate> updates_;
  std::string client_token_;
};

class GetState : public WithToken {
 public:
  GetState(std::size_t execution, std::size_t token, int page_size)
      : WithToken(execution, token), page_size_(page_size) {}
  std::string text() const override {
    return "read the state, " + target() + ", " + std::to_string(page_size_) + " a page";
  }
  Expected call(ServiceModel& model) const override {
    return expected(model.state(execution_, token_, page_size_), joined);
  }
  Seen call(ServiceUnderTest& service) const override {
    std::vector<std::string> lines;
    StateRequest request;
    request.durable_execution_arn = service.arns[execution_];
    request.checkpoint_token = service.tokens[token_];
    request.max_items = page_size_;
    const auto full = static_cast<std::size_t>(
        page_size_ > 0 ? page_size_ : service.service.limits().state_page_size_default);
    std::string marker;
    do {
      request.marker = marker;
      const ApiResult<StateResponse> page = service.service.get_state(request);
      if (!page.ok()) return {"", page.error()};
      for (const std::string& line : lines_of(page->operations)) lines.push_back(line);
      const std::size_t count = page->operations.size();
      if (count > full || (count < full && !page->next_marker.empty())) {
        lines.push_back("a page of " + std::to_string(count));
      }
      marker = page->next_marker;
    } while (!marker.empty() && lines.size() < 1000);
    return {joined(lines), std::nullopt};
  }

 private:
  int page_size_;
};

class AnswerCallback : public Compared {
 public:
  AnswerCallback(std::size_t execution, std::string operation, CallbackAnswer answer)
      : execution_(execution), operation_(std::move(operation)), answer_(std::move(answer)) {}
  bool possible(const ServiceModel& model) const override {
    return execution_ < model.executions().size();
  }
  std::string text() const override {
    const std::string kind = answer_.kind == CallbackAnswer::Kind::kHeartbeat ? "a heartbeat"
                             : answer_.kind == CallbackAnswer::Kind::kFailure ? "a failure"
                                                                              : "a success";
    return "send " + kind + " '" + answer_.payload.str() + "' to callback " + operation_ +
           " of execution " + std::to_string(execution_);
  }
  Expected call(ServiceModel& model) const override {
    return expected(model.answer_callback(execution_, operation_, answer_), kDone);
  }
  Seen call(ServiceUnderTest& service) const override {
    const auto known = service.callback_ids.find({execution_, operation_});
    const std::string id = known == service.callback_ids.end() ? "none" : known->second;
    switch (answer_.kind) {
      case CallbackAnswer::Kind::kHeartbeat:
        return seen(service.service.send_callback_heartbeat(id), kDone);
      case CallbackAnswer::Kind::kFailure:
        return seen(service.service.send_callback_failure(id, answer_.error), kDone);
      case CallbackAnswer::Kind::kSuccess:
        return seen(service.service.send_callback_success(id, answer_.payload), kDone);
    }
    return {};
  }

 private:
  std::size_t execution_;
  std::string operation_;
  CallbackAnswer answer_;
};

class Stop : public Compared {
 public:
  Stop(std::size_t execution, ErrorPtr error) : execution_(execution), error_(std::move(error)) {}
  bool possible(const ServiceModel& model) const override {
    return execution_ < model.executions().size();
  }
  std::string text() const override {
    return "stop execution " + std::to_string(execution_) +
           (error_ ? " with error " + *error_->type : "");
  }
  Expected call(ServiceModel& model) const override {
    return expected(model.stop(execution_, error_), kDone);
  }
  Seen call(ServiceUnderTest& service) const override {
    return seen(service.service.stop(service.arns[execution_], error_), kDone);
  }

 private:
  std::size_t execution_;
  ErrorPtr error_;
};

class Advance : public Compared {
 public:
  explicit Advance(std::int64_t ms) : ms_(ms) {}
  bool possible(const ServiceModel&) const override { return true; }
  std::string text() const override { return "let " + std::to_string(ms_) + " ms pass"; }
  Expected call(ServiceModel& model) const override {
    model.advance(ms_);
    return {};
  }
  Seen call(ServiceUnderTest& service) const override {
    service.service.advance_to(service.service.now() + ms_);
    return {};
  }

 private:
  std::int64_t ms_;
};

class TakeCall : public Compared {
 public:
  bool possible(const ServiceModel&) const override { return true; }
  std::string text() const override { return "take a call of a plain function"; }
  Expected call(ServiceModel& model) const override {
    const auto taken = model.take_call();
    if (!taken) return {"none", {}};
    return {taken->second + " of execution " + std::to_string(taken->first), {}};
  }
  Seen call(ServiceUnderTest& service) const override {
    const auto taken = service.service.take_plain_call();
    if (!taken) return {"none", std::nullopt};
    service.calls.push_back(*taken);
    return {taken->operation_id.str() + " of execution " + std::to_string(taken->caller),
            std::nullopt};
  }
};

class FinishCall : public Compared {
 public:
  FinishCall(std::size_t call, PlainOutcome outcome) : call_(call), outcome_(std::move(outcome)) {}
  bool possible(const ServiceModel& model) const override { return call_ < model.calls_taken(); }
  std::string text() const override {
    return "finish call " + std::to_string(call_) + (outcome_.error ? " by a failure" : "");
  }
  Expected call(ServiceModel& model) const override {
    model.finish_call(call_, outcome_);
    return {};
  }
  Seen call(ServiceUnderTest& service) const override {
    service.service.finish_plain_call(service.calls[call_], outcome_);
    return {};
  }

 private:
  std::size_t call_;
  PlainOutcome outcome_;
};

class Restart : public Compared {
 public:
  bool possible(const ServiceModel&) const override { return true; }
  std::string text() const override { return "save and restore everything"; }
  Expected call(ServiceModel& model) const override {
    model.restart();
    return {};
  }
  Seen call(ServiceUnderTest& service) const override {
    service.service.restore(service.service.save());
    return {};
  }
};

class Sweep : public Compared {
 public:
  bool possible(const ServiceModel&) const override { return true; }
  std::string text() const override { return "sweep what is past its retention"; }
  Expected call(ServiceModel&) const override { return {}; }
  Seen call(ServiceUnderTest& service) const override {
    service.service.sweep_retention();
    return {};
  }
};

template <class Command, class... Arguments>
std::shared_ptr<const ServiceCommand> command(Arguments&&... arguments) {
  return std::make_shared<Command>(std::forward<Arguments>(arguments)...);
}

// Most of the time the token that counts.
std::size_t draw_token(const ServiceModel& model, std::size_t execution) {
  const std::optional<std::size_t> current = model.executions()[execution].token;
  if (current && !one_in(12)) return *current;
  return draw_below(model.tokens());
}

std::shared_ptr<const ServiceCommand> draw_command(const ServiceModel& model) {
  if (model.executions().empty()) return command<Start>(draw_start());
  const std::size_t execution = draw_execution(model);
  const ServiceModel::Execution& its = model.executions()[execution];
  const std::size_t kind = draw_below(24);
  if (its.running() && its.phase != Phase::kInFlight && kind < 12) return command<Begin>(execution);
  if (kind < 13 && model.tokens() > 0) {
    return command<Checkpoint>(execution, draw_token(model, execution), draw_updates(its),
                               draw_client_token());
  }
  switch (kind) {
    case 13:
    case 14:
      return command<End>(execution, draw_end());
    case 15:
      if (model.tokens() == 0) return command<Restart>();
      return command<GetState>(execution, draw_token(model, execution),
                               static_cast<int>(draw_below(7)));
    case 16:
    case 17: {
      const auto [id, answer] = draw_callback_answer(its);
      return command<AnswerCallback>(execution, id, answer);
    }
    case 18:
      return one_in(4) ? command<Stop>(execution, one_in(2) ? nullptr : draw_error())
                       : command<Start>(draw_start());
    case 19:
      return command<TakeCall>();
    case 20:
      if (model.calls_taken() == 0) return command<TakeCall>();
      return command<FinishCall>(draw_below(model.calls_taken()), draw_outcome());
    case 21:
      if (one_in(4)) return command<Restart>();
      return one_in(4) ? command<Sweep>() : command<Start>(draw_start());
    default:
      return command<Advance>(draw_ms());
  }
}

}  // namespace

rc::Gen<std::shared_ptr<const ServiceCommand>> service_command(const ServiceModel& model) {
  return rc::gen::exec([model] { return draw_command(model); });
}

}  // namespace reprise::properties
