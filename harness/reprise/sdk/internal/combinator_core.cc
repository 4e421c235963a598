#include "reprise/sdk/internal/combinator_core.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "reprise/sdk/internal/stored_json.h"

namespace reprise::internal {
namespace {

constexpr const char* kWinner = "winner";
constexpr DurableErrorKind kLastKind = DurableErrorKind::kSerdes;

// The node recorded for a rejected `any` (PROTOCOL 6.7).
ErrorObject all_rejected() {
  ErrorObject error;
  error.type = "AggregateError";
  error.message = "All promises were rejected";
  return error;
}

DurableErrorKind kind_named(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(kLastKind); ++i) {
    const auto kind = static_cast<DurableErrorKind>(i);
    if (to_string(kind) == name) return kind;
  }
  throw SerdesError("unknown kind of error: " + std::string(name));
}

}  // namespace

CombinatorCore::CombinatorCore(ContextState& context, Combinator combinator,
                               const OperationName& name, const std::source_location& location)
    : OperationCore(context, OperationType::kContext, sub_type::kRunInChildContext, name, location),
      combinator_(combinator) {}

void CombinatorCore::start(std::span<UnitCore* const> inputs) {
  inputs_.assign(inputs.begin(), inputs.end());
  if (!begin(SharedText("inputs=" + std::to_string(inputs_.size())))) return;
  const Operation* known = record();
  rebuilds_ = known != nullptr && known->replay_children;
  if (known == nullptr || !is_terminal(known->status) || rebuilds_) {
    engine().post(*this);
  } else if (known->status == OperationStatus::kSucceeded) {
    result_ = known->result;
    finish();
  } else {
    fail_with(DurableErrorKind::kPromiseCombinator, known->error);
  }
  // The record alone decides: the winner of a race is the same on every replay.
  if (done()) {
    for (UnitCore* input : inputs_) input->watch(*this);
    release_inputs();
  }
}

void CombinatorCore::release_inputs() {
  for (UnitCore* input : inputs_) input->unwatch(*this);
}

void CombinatorCore::run() {
  if (phase_ != Phase::kIdle) return;
  phase_ = Phase::kRunning;
  if (record() == nullptr) {
    update(OperationAction::kStart);
    sent_by_others();
  }
  for (UnitCore* input : inputs_) input->watch(*this);
  check();
}

void CombinatorCore::watched_finished() {
  if (phase_ != Phase::kRunning) return;
  check();
  if (phase_ == Phase::kSettled) engine().post(*this);
}

void CombinatorCore::check() {
  TimestampMs latest = 0;
  for (const Ended& ended : finished_) latest = std::max(latest, ended.at_ms);
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const std::optional<TimestampMs> end = inputs_[i]->recorded_end();
    // What has ended and is still being rebuilt after a crash may be the one that decides.
    if (!inputs_[i]->done() && end) return;
    if (!inputs_[i]->done() || is_finished(i)) continue;
    latest = end.value_or(latest);
    finished_.push_back({latest, i});
  }
  // As the log tells it, and not as this invocation came to see it.
  std::sort(finished_.begin(), finished_.end());
  settle();
}

bool CombinatorCore::is_finished(std::size_t input) const {
  return std::any_of(finished_.begin(), finished_.end(),
                     [&](const Ended& ended) { return ended.input == input; });
}

// Sets the result or the error when there is one.
void CombinatorCore::settle() {
  const auto failure = [&](std::size_t i) { return inputs_[i]->failure(); };
  const bool all_finished = finished_.size() == inputs_.size();
  try {
    if (combinator_ == Combinator::kAll) {
      for (const auto& [at_ms, i] : finished_) {
        if (failure(i)) return fail(*failure(i));
      }
      if (!all_finished) return;
      std::string text = "[";
      for (std::size_t i = 0; i < inputs_.size(); ++i) append_element(value_of(i), text);
      result_ = SharedText(text + "]");
    } else if (combinator_ == Combinator::kAllSettled) {
      if (!all_finished) return;
      std::string text = "[";
      for (std::size_t i = 0; i < inputs_.size(); ++i) {
        append_outcome({failure(i) ? SharedText() : value_of(i), failure(i)}, text);
      }
      result_ = SharedText(text + "]");
    } else {
      const std::size_t winner = first_finished();
      if (winner == inputs_.size()) {
        if (!all_finished || combinator_ == Combinator::kRace) return;
        error_ = std::make_shared<const ErrorObject>(all_rejected());
      } else if (failure(winner)) {
        return fail(*failure(winner));
      } else {
        result_ = value_of(winner);
      }
    }
  } catch (const SerdesError& error) {
    return fail(error);
  }
  phase_ = Phase::kSettled;
}

void CombinatorCore::fail(const DurableError& error) {
  error_ = std::make_shared<const ErrorObject>(error_object_of(error));
  phase_ = Phase::kSettled;
}

// The input that decides a race or an `any`; the number of inputs when there is none yet.
std::size_t CombinatorCore::first_finished() const {
  if (rebuilds_) {
    const auto json = nlohmann::json::parse(record()->result.view(), nullptr, false);
    if (!json.is_object() || !json.contains(kWinner)) {
      throw SerdesError("the recorded winner of " + call().path() + " cannot be read");
    }
    const auto winner = json[kWinner].get<std::size_t>();
    return is_finished(winner) ? winner : inputs_.size();
  }
  for (const auto& [at_ms, i] : finished_) {
    if (combinator_ == Combinator::kRace || !inputs_[i]->failure()) return i;
  }
  return inputs_.size();
}

void CombinatorCore::commit() {
  if (phase_ != Phase::kSettled || done()) return;
  release_inputs();
  if (!rebuilds_) {
    OperationUpdate& close = update(error_ ? OperationAction::kFail : OperationAction::kSucceed);
    if (error_) {
      close.error = error_;
    } else if (static_cast<std::int64_t>(result_.size()) >
               engine().options().inline_context_limit) {
      close.replay_children = true;
      const bool picks = combinator_ == Combinator::kAny || combinator_ == Combinator::kRace;
      close.payload = SharedText(picks ? nlohmann::json({{kWinner, first_finished()}}).dump() : "");
    } else {
      close.payload = result_;
    }
    if (!send()) return;
  }
  if (error_) {
    fail_with(DurableErrorKind::kPromiseCombinator, error_);
  } else {
    finish();
  }
}

// --- the stored form

void append_element(const SharedText& value, std::string& text) {
  if (text.back() != '[') text += ',';
  append_embedded(value, text);
}

std::vector<SharedText> decode_elements(const SharedText& payload) {
  const auto json = parse_stored(payload);
  std::vector<SharedText> elements;
  for (const auto& element : json) elements.push_back(embedded(element));
  return elements;
}

void append_outcome(const StoredOutcome& outcome, std::string& text) {
  if (text.back() != '[') text += ',';
  if (outcome.error) {
    nlohmann::ordered_json json;
    json["status"] = "rejected";
    json["kind"] = to_string(outcome.error->kind());
    json["operation"] = outcome.error->operation();
    json["reason"] = stored_error(outcome.error->error());
    text += json.dump();
    return;
  }
  text += "{\"status\":\"fulfilled\",\"value\":";
  append_embedded(outcome.value, text);
  text += '}';
}

std::vector<StoredOutcome> decode_outcomes(const SharedText& payload) {
  const auto json = parse_stored(payload);
  std::vector<StoredOutcome> outcomes;
  try {
    for (const auto& element : json) {
      StoredOutcome& outcome = outcomes.emplace_back();
      if (element.at("status") == "fulfilled") {
        outcome.value = embedded(element.at("value"));
      } else {
        outcome.error.emplace(kind_named(element.at("kind").get<std::string>()),
                              error_from_stored(element.at("reason")),
                              element.at("operation").get<std::string>());
      }
    }
  } catch (const nlohmann::json::exception& error) {
    throw SerdesError(std::string("a recorded outcome cannot be decoded: ") + error.what());
  }
  return outcomes;
}

}  // namespace reprise::internal
