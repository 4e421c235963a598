#include "reprise/sdk/internal/engine.h"

#include <algorithm>
#include <cstdlib>

#include "reprise/protocol/internal/planted_fault.h"
#include "reprise/sdk/internal/cage.h"
#include "reprise/sdk/internal/handler_code.h"
#include "reprise/sdk/internal/operation_core.h"
#include "reprise/sdk/task.h"

namespace reprise::internal {
namespace {

constexpr std::string_view kStaleToken = "Invalid checkpoint token";
constexpr int kGapMax = 4;
constexpr std::size_t kBackSearch = 4;
constexpr std::size_t kRecordsExpected = 24;  // of one invocation, beside those that it finds

bool is_kms_error(const ApiError& error) { return error.code.rfind("KMS", 0) == 0; }

std::int64_t size_of(const OperationUpdate& update) {
  constexpr std::int64_t kEnvelope = 200;  // ids, names and member names of one update
  std::int64_t size = kEnvelope + static_cast<std::int64_t>(update.payload.size());
  if (update.error && update.error->message) {
    size += static_cast<std::int64_t>(update.error->message->size());
  }
  if (update.error && update.error->data) {
    size += static_cast<std::int64_t>(update.error->data->size());
  }
  return size;
}

}  // namespace

Engine::Engine(const InvocationInput& input, DurableService& service,
               const InvocationOptions& options)
    : arn_(input.durable_execution_arn),
      token_(input.checkpoint_token),
      first_marker_(input.next_marker),
      service_(service),
      options_(options),
      watched_(options.host != nullptr && options.host->watches_handler()) {
  contexts_.push_back(std::make_unique<ContextState>(*this));
  current_context_ = contexts_.front().get();
  slots_.reserve(input.operations.size() + kRecordsExpected);
  apply(input.operations);
}

Engine::~Engine() = default;

bool Engine::load() {
  if (!apply_pages(first_marker_)) return false;
  if (!execution_record_) {  // S-1
    fail("InvalidInputError",
         "the invocation input holds no EXECUTION operation: is the function configured as "
         "durable?");
    return false;
  }
  loading_ = false;
  initial_count_ = slots_.size();
  for (Slot& slot : slots_) slot.initial = true;
  // After the last page: a first page that holds only the EXECUTION operation says nothing
  // (PROTOCOL 1.3).
  root_context().replaying = initial_count_ > 0;
  if (REPRISE_CAGED(kReplayModeFromFirstPage) && !first_marker_.empty()) {
    root_context().replaying = false;
  }
  return true;
}

void Engine::run(std::coroutine_handle<> root, PromiseBase& root_promise) {
  root_promise.engine = this;
  resume(root_context(), root);
  while (!ended() && !root_finished_) {
    if (ready_.empty()) {
      if (!queue_.empty()) {
        if (!flush()) return;
      } else if (sleepers_.empty()) {
        suspended_ = true;
        return;
      } else if (!pass_time()) {
        return;
      }
      continue;
    }
    UnitCore* unit = take_ready();
    if (unit == nullptr) continue;
    unit->posted = false;
    if (!unit->done()) {
      unit->run();
      if (ended()) return;
      unit->commit();
      if (ended()) return;
    }
    if (unit->done()) unit->resume();
  }
  if (root_finished_ && !ended()) flush();
}

void Engine::resume(ContextState& context, std::coroutine_handle<> handle) {
  // A loop, not symmetric transfer: at -O0 and under sanitizers g++ 12 grows the stack for each
  // awaited child.
  current_context_ = &context;
  next_ = handle;
  if (watched_) {
    struct Inside {
      InvocationHost& host;
      explicit Inside(InvocationHost& entered) : host(entered) { host.handler_enters(); }
      Inside(const Inside&) = delete;
      ~Inside() { host.handler_leaves(); }
    };
    const Inside inside(*options_.host);
    const HandlerCode handler_code(true);
    while (next_) std::exchange(next_, nullptr).resume();
    return;
  }
  const HandlerCode handler_code(true);
  while (next_) std::exchange(next_, nullptr).resume();
}

void Engine::fail(std::string type, std::string message) {
  if (ended()) return;
  end_ = End::kFailed;
  end_error_ = make_error(std::move(type), std::move(message));
}

// PROTOCOL 4.6.
void Engine::end_with(const ApiError& error) {
  if (ended()) return;
  const bool stale = error.code == "InvalidParameterValueException" &&
                     error.message.rfind(kStaleToken, 0) == 0 && !REPRISE_CAGED(kStaleTokenIsFatal);
  const bool client_error = error.http_status >= 400 && error.http_status < 500;
  const bool transient = stale || !client_error || error.http_status == 429;
  queue_.clear();  // refused, or not known to be stored: nothing of it is sent again
  if (transient && !is_kms_error(error)) {
    end_ = End::kThrow;
    end_error_ = make_error(error.code, error.message);
    return;
  }
  if (REPRISE_CAGED(kGoesOnAfterFailedCheckpoint)) return;
  fail("CheckpointError", "Checkpoint failed: " + error.message);
}

bool Engine::flush(const OperationCall* call, std::size_t* slot) {
  if (ended()) return false;
  sender_ = call;
  sender_slot_ = slot;
  if (options_.observer) options_.observer->checkpoint_starting(call);
  std::span<const OperationUpdate> rest(queue_);
  if (rest.size() == 1) {  // the usual case
    if (!send(rest)) return false;
    rest = {};
  }
  while (!rest.empty()) {
    std::size_t count = 0;
    std::int64_t bytes = 0;
    while (count < rest.size() &&
           static_cast<std::int64_t>(count) < options_.max_checkpoint_updates) {
      bytes += size_of(rest[count]);
      if (count > 0 && bytes > options_.max_checkpoint_bytes) break;
      ++count;
    }
    if (!send(rest.first(count))) return false;
    rest = rest.subspan(REPRISE_FAULT(rest_of_large_flush_dropped) ? rest.size() : count);
  }
  queue_.clear();
  return true;
}

bool Engine::send(std::span<const OperationUpdate> updates) {
  ApiResult<CheckpointResponse> response = service_.checkpoint({arn_, token_, updates, {}});
  if (!response.ok()) {
    end_with(response.error());
    return false;
  }
  const bool closes = !updates.empty() && updates.back().type == OperationType::kExecution;
  if (!response->checkpoint_token) {  // PROTOCOL 4.3.4
    end_ = closes ? End::kClosed : End::kNoMoreCheckpoints;
    return false;
  }
  token_ = std::move(*response->checkpoint_token);
  apply(response->operations);
  return response->next_marker.empty() || apply_pages(std::move(response->next_marker));
}

// S-2, F-16
bool Engine::apply_pages(std::string marker) {
  while (!marker.empty()) {
    const ApiResult<StateResponse> page = service_.get_state({arn_, token_, marker, 0});
    if (!page.ok()) {
      end_with(page.error());
      return false;
    }
    marker = page->next_marker;
    if (REPRISE_FAULT(last_page_of_state_lost) && loading_ && marker.empty()) break;
    apply(page->operations);
  }
  return true;
}

void Engine::apply(std::span<const OperationPtr> records) {
  for (const OperationPtr& record : records) {
    if (record->type == OperationType::kExecution) {
      execution_record_ = record;
      continue;
    }
    if (!loading_ && options_.observer) options_.observer->record_changed(*record);
    if (loading_) {
      slots_.emplace_back(record);
    } else if (sender_slot_ != nullptr && sender_->id == record->id) {
      // The sender knows its place: no search.
      if (*sender_slot_ == kNoSlot) {
        *sender_slot_ = slots_.size();
        slots_.emplace_back(record);
      } else {
        apply_to(*sender_slot_, record);
      }
    } else {
      const std::size_t found = find(record->id);
      if (found == kNoSlot) {
        slots_.emplace_back(record);
      } else {
        apply_to(found, record);
      }
    }
  }
}

void Engine::apply_to(std::size_t index, const OperationPtr& record) {
  slots_[index].record = record;
  if (REPRISE_CAGED(kSuspendsOnStaleState)) return;
  UnitCore* waiter = std::exchange(slots_[index].waiter, nullptr);
  while (waiter != nullptr) {
    UnitCore* following = std::exchange(waiter->next_waiter, nullptr);
    waiter->wait_slot = kNoSlot;
    waiter->record_changed();
    waiter = following;
  }
}

std::size_t Engine::find(const SharedText& id) {
  const std::size_t back = std::min(kBackSearch, slots_.size());
  for (std::size_t i = 1; i <= back; ++i) {
    if (slots_[slots_.size() - i].id == id) return slots_.size() - i;
  }
  if (back == slots_.size()) return kNoSlot;
  for (; indexed_ < slots_.size(); ++indexed_) {
    index_.emplace(slots_[indexed_].id.view(), indexed_);
  }
  const auto found = index_.find(id.view());
  return found == index_.end() ? kNoSlot : found->second;
}

std::size_t Engine::visit(const SharedText& id) {
  if (visited_count_ == initial_count_) return kNoSlot;
  std::size_t found = kNoSlot;
  while (cursor_ < initial_count_ && slots_[cursor_].visited) ++cursor_;
  if (cursor_ < initial_count_ && slots_[cursor_].id == id) {
    found = cursor_++;
  } else {
    found = find(id);
  }
  if (found != kNoSlot) mark_visited(found);
  return found;
}

void Engine::mark_visited(std::size_t index) {
  if (!slots_[index].initial || slots_[index].visited) return;
  slots_[index].visited = true;
  ++visited_count_;
}

void Engine::mark_excused(std::size_t index) {
  slots_[index].excused = true;
  mark_visited(index);
}

void Engine::excuse(std::span<IdNode* const> nodes) {
  bool any = false;
  for (IdNode* node : nodes) {
    if (const std::size_t own = find(node->wire()); own != kNoSlot) {
      mark_excused(own);
      any = true;
      continue;
    }
    // A virtual context: what it holds has its number but not its id.  Operations without a record
    // leave gaps.
    for (int number = 1, misses = 0; misses < kGapMax; ++number) {
      const std::size_t found = find(node->child(number).wire());
      misses = found == kNoSlot ? misses + 1 : 0;
      if (found == kNoSlot) continue;
      mark_excused(found);
      any = true;
    }
  }
  if (!any) return;
  // A context is recorded before what it holds.
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].excused || !slots_[i].record->parent_id) continue;
    const std::size_t parent = find(slots_[i].record->parent_id);
    if (parent != kNoSlot && slots_[parent].excused) mark_excused(i);
  }
}

void Engine::post(UnitCore& unit) {
  if (unit.posted) return;
  unit.posted = true;
  ready_.push_back(&unit);
}

ContextState& Engine::add_context(std::unique_ptr<ContextState> context) {
  contexts_.push_back(std::move(context));
  return *contexts_.back();
}

double Engine::random() { return options_.unit_random ? options_.unit_random() : 1.0; }

void Engine::report(Misuse misuse, const std::string& message, const std::source_location& location,
                    const OperationCall* call) {
  if (options_.observer) options_.observer->misused(misuse, message, location, call);
}

namespace {

// `inner` belongs to a branch of a map or parallel that runs within `outer`.
bool is_in_branch(const ContextState& inner, const ContextState& outer) {
  bool branches = false;
  const ContextState* at = &inner;
  for (; at != nullptr && at != &outer; at = at->parent) {
    if (at->parent == nullptr) break;
    const auto& called = at->parent->children[static_cast<std::size_t>(at->number_in_parent) - 1];
    branches =
        branches || called.sub_type == sub_type::kMap || called.sub_type == sub_type::kParallel;
  }
  return branches && at == &outer;
}

}  // namespace

bool Engine::may_call(ContextState& context, const OperationCall& call) {
  if (!in_teardown_ && !ended() && running_body == nullptr && !context.closed &&
      current_context_ == &context) {
    return true;
  }
  const auto refuse = [&](Misuse misuse, const std::string& message) {
    report(misuse, message, call.location, &call);
    fail("ContextUsageError", message);
    return false;
  };
  const std::string what(call.sub_type);
  if (in_teardown_) {
    return refuse(Misuse::kDuringTeardown,
                  what + " called while the handler's frames are destroyed");
  }
  if (ended()) return false;
  if (running_body != nullptr) {
    return refuse(Misuse::kNestedOperation,
                  what + " called inside the body of step " + running_body->path() +
                      ": operations do not nest; use run_in_child_context");
  }
  if (context.closed) {
    return refuse(Misuse::kContextAfterScope,
                  what + " called on the context of " + context.path() + ", whose body has ended");
  }
  if (is_in_branch(*current_context_, context)) {
    return refuse(Misuse::kSharedContext,
                  what + " called in " + current_context_->path() +
                      " on a context around the branches: which operation it is there depends on "
                      "which branch comes first");
  }
  return refuse(Misuse::kWrongContext,
                what + " called on a parent or sibling context; use the context that the body of " +
                    current_context_->path() + " was given");
}

void Engine::begin_teardown() {
  in_teardown_ = true;
  if (!options_.observer) return;
  options_.observer->teardown_started(root_finished_ ? TeardownReason::kReturned
                                      : suspended_   ? TeardownReason::kSuspended
                                                     : TeardownReason::kEnded);
}

void Engine::begin_abandoning() {
  in_teardown_ = true;
  if (options_.observer) options_.observer->teardown_started(TeardownReason::kAbandoned);
}

void Engine::end_teardown() {
  in_teardown_ = false;
  if (options_.observer) options_.observer->teardown_ended();
}

void Engine::check_visits() {
  if (!options_.observer || visited_count_ == initial_count_) return;
  if (REPRISE_FAULT(last_record_needs_no_visit) && visited_count_ + 1 == initial_count_) return;
  std::vector<OperationPtr> unvisited;
  for (const Slot& slot : slots_) {
    if (slot.initial && !slot.visited) unvisited.push_back(slot.record);
  }
  options_.observer->records_unvisited(unvisited);
}

std::string Engine::path_of(const Operation& record) const {
  std::vector<OperationPtr> records;
  for (const Slot& slot : slots_) records.push_back(slot.record);
  return path_among(records, record);
}

void Engine::check_open_at_return() {
  for (const Slot& slot : slots_) {
    if (slot.record->type != OperationType::kCallback || is_terminal(slot.record->status) ||
        slot.result_awaited || slot.excused) {
      continue;
    }
    const std::size_t parent = slot.record->parent_id ? find(slot.record->parent_id) : kNoSlot;
    if (parent != kNoSlot && is_terminal(slots_[parent].record->status)) continue;
    report(Misuse::kOpenAtReturn,
           "the handler returned while callback " + path_of(*slot.record) +
               " was open; nobody waits for its result",
           {}, nullptr);
  }
}

// The START of a context may still be queued (S-5).  It is recorded although the handler then made
// a mistake; what the service answers to it comes before the mistake.
void Engine::send_rest() {
  if (queue_.empty()) return;
  const End end = std::exchange(end_, End::kNone);
  ErrorPtr error = std::exchange(end_error_, nullptr);
  if (!flush()) return;
  end_ = end;
  end_error_ = std::move(error);
}

InvocationResult Engine::result(const SharedText& value, const ErrorPtr& error) {
  if (end_ == End::kFailed) send_rest();
  InvocationResult result;
  switch (end_) {
    case End::kFailed:
      result.output.status = InvocationStatus::kFailed;
      result.output.error = end_error_;
      return result;
    case End::kThrow:
      result.responded = false;
      result.error = end_error_;
      return result;
    case End::kNoMoreCheckpoints:
      return result;
    case End::kClosed:
    case End::kNone:
      break;
  }
  if (!root_finished_ && REPRISE_CAGED(kSuspensionIsFailure)) {
    result.output.status = InvocationStatus::kFailed;
    result.output.error = make_error("SuspendExecution", "suspended");
    return result;
  }
  if (!root_finished_) return result;  // PENDING (S-8: whatever the handler caught)
  result.output.status = error ? InvocationStatus::kFailed : InvocationStatus::kSucceeded;
  result.output.error = error;
  result.output.result = value;
  const auto error_bytes = [&] {
    return static_cast<std::int64_t>(error->message.value_or("").size() +
                                     error->data.value_or("").size());
  };
  const std::int64_t bytes = error ? error_bytes() : static_cast<std::int64_t>(value.size());
  if (bytes <= options_.response_limit || end_ == End::kClosed) return result;
  // PROTOCOL 1.4: too large for the response, so it is checkpointed.
  OperationUpdate update;
  update.id = execution_record_->id;
  update.type = OperationType::kExecution;
  update.action = error ? OperationAction::kFail : OperationAction::kSucceed;
  update.payload = value;
  update.error = error;
  queue_.push_back(std::move(update));
  if (!flush() && end_ != End::kClosed) return this->result(value, error);
  result.output.result = error ? SharedText() : SharedText("");
  return result;
}

}  // namespace reprise::internal
