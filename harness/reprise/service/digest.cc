#include <algorithm>
#include <array>

#include "reprise/protocol/internal/planted_fault.h"
#include "reprise/service/fake_service.h"
#include "reprise/service/internal/hashing.h"

namespace reprise {
namespace {

using internal::Phase;
using internal::Timer;
using internal::TimerKind;

// Collects what a digest is made of.  "No text" and "" differ.
class Words {
 public:
  void add(std::uint64_t word) {
    if (count_ < words_.size()) words_[count_++] = word;
  }
  void add(const SharedText& text) { add_text(text.has_value(), text.view()); }
  void add(const std::optional<std::string>& text) {
    add_text(text.has_value(), text ? std::string_view(*text) : std::string_view());
  }
  void add(const ErrorPtr& error) {
    if (!error) {
      add(std::uint64_t{0});
      return;
    }
    add(std::uint64_t{1});
    add(error->message);
    add(error->type);
    add(error->data);
    std::uint64_t lines = error->stack_trace ? 1 : 0;
    if (error->stack_trace) {
      for (const std::string& line : *error->stack_trace) {
        lines = lines * 0x9E3779B97F4A7C15ULL + internal::hash_text(line);
      }
    }
    add(lines);
  }
  XXH128_hash_t hash() const { return XXH3_128bits(words_.data(), count_ * sizeof(words_[0])); }

 private:
  void add_text(bool has_value, std::string_view text) {
    if (!has_value) {
      add(std::uint64_t{0});
      return;
    }
    const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
    add(hash.low64 | 1U);
    add(hash.high64);
  }

  std::array<std::uint64_t, 40> words_;  // a record needs at most 24, an execution 24
  std::size_t count_ = 0;
};

// Without time stamps: what is left of a timer counts with the timer.
XXH128_hash_t digest_of(const Operation& record, std::uint64_t id_hash) {
  Words words;
  words.add(id_hash);
  words.add(static_cast<std::uint64_t>(record.type) |
            static_cast<std::uint64_t>(record.status) << 8U |
            std::uint64_t{record.replay_children} << 16U |
            static_cast<std::uint64_t>(REPRISE_FAULT(digest_forgets_attempt) ? 0 : record.attempt)
                << 32U);
  words.add(record.parent_id);
  words.add(record.name);
  words.add(record.sub_type);
  words.add(record.result);
  words.add(record.error);
  return words.hash();
}

XXH128_hash_t digest_of(const PlainCall& call) {
  Words words;
  words.add(call.caller);
  words.add(call.operation_id);
  words.add(call.payload);
  words.add(call.tenant_id);
  words.add(internal::hash_text(call.function_name));
  return words.hash();
}

XXH128_hash_t digest_of(const ServiceState::ScheduledAnswer& scheduled) {
  Words words;
  words.add(scheduled.callback_id);
  words.add(static_cast<std::uint64_t>(scheduled.answer.kind));
  words.add(scheduled.answer.payload);
  words.add(scheduled.answer.error);
  return words.hash();
}

void refresh_base(Execution& execution) {
  Words words;
  words.add(execution.arn);
  words.add(execution.input_payload);
  words.add(execution.tenant_id);
  words.add(static_cast<std::uint64_t>(execution.status));
  words.add(execution.result);
  words.add(execution.error);
  if (execution.parent) {
    words.add(execution.parent->execution + 1);
    words.add(execution.parent->operation_id);
  }
  const XXH128_hash_t hash = words.hash();
  execution.book.base_low = hash.low64;
  execution.book.base_high = hash.high64;
  execution.book.base_digested = true;
}

void refresh_sum(Execution& execution) {
  internal::ExecutionBook& book = execution.book;
  for (const std::uint32_t position : book.undigested) {
    internal::RecordNote& note = book.notes[position];
    const XXH128_hash_t hash =
        digest_of(*execution.operations[position], book.index.hash_at(position));
    note.digest_low = hash.low64;
    note.digest_high = hash.high64;
    note.digested = true;
    book.sum_low += hash.low64;
    book.sum_high += hash.high64;
  }
  book.undigested.clear();
}

void push(std::vector<std::uint64_t>& words, const XXH128_hash_t& hash) {
  words.push_back(hash.low64);
  words.push_back(hash.high64);
}

std::shared_ptr<Execution> copy_without_history(Execution& execution) {
  std::vector<HistoryEntry> history = std::move(execution.history);
  execution.history.clear();
  auto copy = std::make_shared<Execution>(execution);
  execution.history = std::move(history);
  copy->book.client_slot = nullptr;
  return copy;
}

}  // namespace

// The digests of records are kept: a call costs what has changed since the last one.
StateDigest FakeService::digest() const {
  std::vector<std::uint64_t>& words = digest_words_;
  words.clear();
  for (const std::shared_ptr<Execution>& execution : state_.executions) {
    internal::ExecutionBook& book = execution->book;
    if (!book.base_digested) refresh_base(*execution);
    if (!book.undigested.empty()) refresh_sum(*execution);
    words.insert(words.end(), {book.base_low, book.base_high, book.sum_low, book.sum_high});
  }
  // Who is to be invoked; an invocation in flight would begin again.
  for (const Index index : state_.in_flight) {
    if (!is_closed(state_.executions[index]->status)) words.push_back(index);
  }
  words.insert(words.end(), state_.ready.begin(), state_.ready.end());
  words.push_back(~std::uint64_t{0});
  digest_timers(words);
  for (const PlainCall& call : state_.running_calls) push(words, digest_of(call));
  for (const PlainCall& call : state_.callable) push(words, digest_of(call));
  const XXH128_hash_t hash = XXH3_128bits(words.data(), words.size() * sizeof(words[0]));
  return {hash.low64, hash.high64};
}

void FakeService::digest_timers(std::vector<std::uint64_t>& words) const {
  state_.timers.for_each([&](const Timer& timer) {
    words.push_back(static_cast<std::uint64_t>(timer.due_ms - state_.now_ms));
    words.push_back(static_cast<std::uint64_t>(timer.period_ms));
    words.push_back(std::uint64_t{timer.execution} << 8U | static_cast<std::uint64_t>(timer.kind));
    const Execution& execution = *state_.executions[timer.execution];
    if (timer.operation < execution.operations.size()) {
      words.push_back(execution.book.index.hash_at(timer.operation));
    }
    const auto has_sequence = [&](const auto& item) { return item.sequence == timer.sequence; };
    if (timer.kind == TimerKind::kPlainCall) {
      const auto call =
          std::find_if(state_.delayed_calls.begin(), state_.delayed_calls.end(), has_sequence);
      if (call != state_.delayed_calls.end()) push(words, digest_of(call->call));
    } else if (timer.kind == TimerKind::kCallbackAnswer) {
      const auto answer = std::find_if(state_.answers.begin(), state_.answers.end(), has_sequence);
      if (answer != state_.answers.end()) push(words, digest_of(*answer));
    }
  });
  words.push_back(state_.timers.size());
}

bool FakeService::quiet() const {
  return std::all_of(state_.executions.begin(), state_.executions.end(),
                     [](const std::shared_ptr<Execution>& execution) {
                       return is_closed(execution->status) || execution->book.open == 0;
                     });
}

ServiceState FakeService::save() const {
  ServiceState saved = state_;
  for (std::shared_ptr<Execution>& execution : saved.executions) {
    if (REPRISE_FAULT(saved_state_shares_executions)) continue;
    execution = copy_without_history(*execution);
  }
  return saved;
}

void FakeService::restore(const ServiceState& state) {
  state_ = state;
  for (std::shared_ptr<Execution>& execution : state_.executions) {
    execution = std::make_shared<Execution>(*execution);
  }
  // Every process is gone: what it was doing is to be done again.
  std::vector<Index> ready;
  for (const Index index : state_.in_flight) {
    internal::ExecutionBook& book = at(index).book;
    const bool closed = is_closed(at(index).status);
    book.phase = closed ? Phase::kIdle : Phase::kReady;
    book.terminal_event_due = false;
    if (!closed) ready.push_back(index);
  }
  state_.in_flight.clear();
  state_.ready.insert(state_.ready.begin(), ready.begin(), ready.end());
  state_.callable.insert(state_.callable.begin(), state_.running_calls.begin(),
                         state_.running_calls.end());
  state_.running_calls.clear();
  answers_at_once_.clear();
  names_known_ = false;
}

}  // namespace reprise
