#include <algorithm>

#include "reprise/protocol/internal/planted_fault.h"
#include "reprise/service/fake_service.h"
#include "reprise/service/internal/hashing.h"
#include "reprise/service/internal/names.h"

namespace reprise {
namespace {

using internal::IdIndex;
using internal::RecordNote;

// F-1
bool is_pending(const Operation& record) {
  switch (record.type) {
    case OperationType::kStep:
      return record.status == OperationStatus::kPending;
    case OperationType::kWait:
    case OperationType::kCallback:
    case OperationType::kChainedInvoke:
      return record.status == OperationStatus::kStarted;
    default:
      return false;
  }
}

bool is_open(const Operation& record) {
  return record.type != OperationType::kContext && !is_terminal(record.status);
}

void mark_changed(internal::ExecutionBook& book, std::uint32_t position) {
  RecordNote& note = book.notes[position];
  if (!note.in_delta) {
    note.in_delta = true;
    book.delta.push_back(position);
  }
  if (!note.updated) {
    note.updated = true;
    book.updated.push_back(position);
  }
}

}  // namespace

const OperationPtr* Execution::find(std::string_view operation_id) const {
  const std::uint32_t position =
      book.index.find(operation_id, internal::hash_text(operation_id), operations);
  return position == IdIndex::kNone ? nullptr : &operations[position];
}

void FakeService::add_record(Execution& execution, OperationPtr record, std::uint64_t id_hash,
                             Index parent) {
  internal::ExecutionBook& book = execution.book;
  const auto position = static_cast<Index>(execution.operations.size());
  RecordNote& note = book.notes.emplace_back();
  note.sequence = next_sequence();
  note.parent = parent;
  book.index.add(id_hash);
  book.undigested.push_back(position);
  if (is_pending(*record)) ++book.pending;
  if (is_open(*record)) ++book.open;
  execution.operations.push_back(std::move(record));
  mark_changed(book, position);
}

void FakeService::replace_record(Execution& execution, Index position, OperationPtr record) {
  internal::ExecutionBook& book = execution.book;
  OperationPtr& slot = execution.operations[position];
  book.pending += (is_pending(*record) ? 1 : 0) - (is_pending(*slot) ? 1 : 0);
  book.open += (is_open(*record) ? 1 : 0) - (is_open(*slot) ? 1 : 0);
  slot = std::move(record);
  RecordNote& note = book.notes[position];
  if (note.digested) {
    note.digested = false;
    book.sum_low -= note.digest_low;
    book.sum_high -= note.digest_high;
    book.undigested.push_back(position);
  }
  mark_changed(book, position);
}

// Something outside the handler ends the operation: a timer, a callback, an invoked function.  F-4:
// a terminal record never changes again.
void FakeService::complete(Index index, Index position, Completion completion) {
  Execution& execution = at(index);
  const OperationPtr& old = execution.operations[position];
  if (is_closed(execution.status) || is_terminal(old->status)) return;
  auto record = make_operation(*old);
  record->status = completion.status;
  record->end_ms = state_.now_ms;
  record->result = std::move(completion.result);
  record->error = std::move(completion.error);
  execution.book.data_bytes += static_cast<std::int64_t>(record->result.size());
  execution.history.push_back({completion.event, state_.now_ms, record, nullptr});
  replace_record(execution, position, std::move(record));
  if (REPRISE_FAULT(news_from_outside_not_told)) execution.book.delta.clear();
  if (completion.wakes) wake(index);
}

// F-14
void FakeService::take_delta(Execution& execution, CheckpointResponse& answer) const {
  internal::ExecutionBook& book = execution.book;
  if (book.delta.size() > 1) std::sort(book.delta.begin(), book.delta.end());
  answer.operations.reserve(book.delta.size());
  for (const Index position : book.delta) {
    book.notes[position].in_delta = false;
    answer.operations.push_back(execution.operations[position]);
  }
  book.delta.clear();
}

// PROTOCOL 4.1: in start order; what is inside a completed CONTEXT is left out unless it has
// ReplayChildren. Position 0 is the EXECUTION operation, record i has position i + 1.
StateResponse FakeService::state_page(const Execution& execution, std::size_t first,
                                      std::size_t count) const {
  StateResponse page;
  const std::size_t total = execution.operations.size();
  std::vector<char> closed(total);  // what is inside is left out
  page.operations.reserve(std::min(count, total + 1));
  if (first == 0 && count > 0) page.operations.push_back(execution.book.execution_record);
  for (std::size_t i = 0; i < total; ++i) {
    const Operation& record = *execution.operations[i];
    const Index parent = execution.book.notes[i].parent;
    const bool left_out = parent != 0 && closed[parent - 1] != 0;
    closed[i] = (left_out && !REPRISE_FAULT(children_of_children_listed)) ||
                        (record.type == OperationType::kContext && is_terminal(record.status) &&
                         !record.replay_children)
                    ? 1
                    : 0;
    if (left_out || i + 1 < first) continue;
    if (page.operations.size() == count) {
      page.next_marker = internal::encode_marker(i + 1);
      break;
    }
    page.operations.push_back(execution.operations[i]);
  }
  return page;
}

}  // namespace reprise
