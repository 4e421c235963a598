#include "reprise/sdk/internal/batch_core.h"

#include <absl/strings/str_cat.h>

#include <exception>
#include <nlohmann/json.hpp>

#include "reprise/protocol/internal/planted_fault.h"
#include "reprise/sdk/internal/cage.h"
#include "reprise/sdk/internal/stored_json.h"

namespace reprise::internal {
namespace {

constexpr char kSucceededMark = 'S';
constexpr char kFailedMark = 'F';
constexpr char kStartedMark = '-';

}  // namespace

const BatchCore::Kind& BatchCore::map_kind() {
  static constexpr Kind kKind = {sub_type::kMap, sub_type::kMapIteration, "map-item-", "MapResult"};
  return kKind;
}

const BatchCore::Kind& BatchCore::parallel_kind() {
  static constexpr Kind kKind = {sub_type::kParallel, sub_type::kParallelBranch, "parallel-branch-",
                                 "ParallelResult"};
  return kKind;
}

BatchItemCore::BatchItemCore(BatchCore& batch, ContextState& context, std::string_view sub_type,
                             const OperationName& name, ChildContextOptions options,
                             const std::source_location& location, std::size_t index)
    : ChildCore(context, sub_type, name, std::move(options), location),
      batch_(batch),
      index_(index) {
  set_awaited();
}

void BatchItemCore::resume() { batch_.item_done(index_); }

// --- BatchCore

BatchCore::BatchCore(ContextState& context, const Kind& kind, const OperationName& name,
                     std::size_t item_count, BatchOptions options,
                     const std::source_location& location)
    : OperationCore(context, OperationType::kContext, kind.sub_type, name, location),
      kind_(kind),
      item_count_(item_count),
      options_(std::move(options)) {
  progress_.total = item_count;
}

void BatchCore::start() {
  if (engine().ended()) return;
  std::string problem = options_.completion().problem(item_count_);
  if (options_.max_concurrency() && *options_.max_concurrency() < 1) {
    problem =
        absl::StrCat("max_concurrency must be 1 or more, it is ", *options_.max_concurrency());
  }
  if (!problem.empty() && record() == nullptr) {
    reject(problem);
    return;
  }
  std::string arguments = absl::StrCat("items=", item_count_);
  if (options_.max_concurrency()) {
    absl::StrAppend(&arguments, " max_concurrency=", *options_.max_concurrency());
  }
  arguments += options_.completion().describe();
  if (options_.nesting() == BatchNesting::kFlat) arguments += " flat";
  if (!begin(SharedText(arguments))) return;
  const Operation* known = record();
  if (known != nullptr && known->status == OperationStatus::kFailed) {
    fail_with(DurableErrorKind::kChildContext, known->error);
  } else if (known != nullptr && known->status == OperationStatus::kSucceeded &&
             !known->replay_children) {
    result_ = known->result;
    finish();
  } else if (known != nullptr && !is_terminal(known->status) && !problem.empty()) {
    engine().fail("InvalidArgumentError", problem);  // begin() has told that it was another call
  } else {
    engine().post(*this);
  }
}

void BatchCore::open_context() {
  const bool is_new = record() == nullptr;
  if (is_new) {
    update(OperationAction::kStart);
    sent_by_others();
  }
  batch_context_ =
      &engine().add_context(std::make_unique<ContextState>(context(), call(), node(), true));
  batch_context_->replaying = !is_new && context().replaying;
  batch_context_->completed = !is_new && is_terminal(record()->status);
  items_.resize(item_count_);
}

void BatchCore::run() {
  if (phase_ != Phase::kIdle) return;
  phase_ = Phase::kRunning;
  open_context();
  if (batch_context_->completed) {
    rebuild();
  } else {
    start_recorded();
    decide();
    fill();
  }
}

// In which order the items of an interrupted invocation ended is not in the log.  All of them are
// counted before the batch decides, so that it decides as it would have with them.
void BatchCore::start_recorded() {
  const auto is_recorded = [this](std::size_t index) {
    const SharedText& id = batch_context_->node->child(static_cast<int>(index) + 1).wire();
    return engine().find(id) != kNoSlot;
  };
  for (std::size_t next = 0; next < item_count_ && is_recorded(next); ++next) {
    if (engine().ended()) return;
    start_item(next);
  }
}

// Items start in index order as places become free.
void BatchCore::fill() {
  if (rebuilding_ > 0) return;
  while (phase_ == Phase::kRunning && progress_.started.size() < item_count_ && !engine().ended()) {
    if (options_.max_concurrency() &&
        static_cast<std::int64_t>(in_flight_) >=
            *options_.max_concurrency() + int{REPRISE_FAULT(one_item_too_many_at_once)}) {
      break;
    }
    start_item(progress_.started.size());
  }
}

void BatchCore::start_item(std::size_t index) {
  progress_.started.push_back(BatchItemStatus::kStarted);
  ++in_flight_;
  const std::string name = label(index);
  ChildContextOptions item_options;
  item_options.is_virtual(options_.nesting() == BatchNesting::kFlat);
  item_options.serdes(options_.item_serdes());
  batch_context_->counter = static_cast<int>(index);  // S-4
  ContextState* const outer = engine().set_current_context(batch_context_);
  items_[index] = make_item(*batch_context_, index, OperationName(name), std::move(item_options));
  engine().set_current_context(outer);
  if (items_[index]->done()) {
    count(index);
  } else if (items_[index]->ended_before()) {
    ++rebuilding_;
  }
}

std::string BatchCore::label(std::size_t index) const {
  if (options_.item_namer()) return (*options_.item_namer())(index);
  return item_name(index).value_or(std::string(kind_.item_name) + std::to_string(index));
}

void BatchCore::item_done(std::size_t index) {
  if (phase_ != Phase::kRunning) return;
  count(index);
  if (items_[index]->ended_before() && rebuilding_ > 0) --rebuilding_;
  if (rebuilt_) {
    if (in_flight_ == 0) {
      phase_ = Phase::kDecided;
      engine().post(*this);
    }
    return;
  }
  decide();
  fill();
}

void BatchCore::count(std::size_t index) {
  --in_flight_;
  const bool failed = items_[index]->failure().has_value();
  progress_.started[index] = failed ? BatchItemStatus::kFailed : BatchItemStatus::kSucceeded;
  ++(failed ? progress_.failed : progress_.succeeded);
}

void BatchCore::decide() {
  if (rebuilding_ > 0) return;
  try {
    reason_ = options_.completion().decide(progress_);
  } catch (const std::exception& failure) {
    error_ = std::make_shared<const ErrorObject>(error_object_of(failure));
  }
  if (!reason_ && !error_) return;
  phase_ = Phase::kDecided;
  abandon();
  engine().post(*this);
}

void BatchCore::abandon() {
  // What is recorded for items that have not ended is nobody's any more, also what a former
  // invocation recorded for items that this one had not come to.
  if (engine().ended()) return;
  const std::size_t known = engine().replay_finished() ? progress_.started.size() : item_count_;
  std::vector<IdNode*> abandoned;
  for (std::size_t i = 0; i < known; ++i) {
    const bool ended =
        i < progress_.started.size() && progress_.started[i] != BatchItemStatus::kStarted;
    if (!ended) abandoned.push_back(&node().child(static_cast<int>(i) + 1));
  }
  engine().excuse(abandoned);
  if (in_flight_ == 0) return;
  in_flight_ = 0;
  engine().begin_abandoning();
  // What has not begun was not started: it leaves no record, and a replay would not know of it.
  while (!progress_.started.empty() && !items_[progress_.started.size() - 1]->begun()) {
    items_[progress_.started.size() - 1].reset();
    progress_.started.pop_back();
  }
  for (std::size_t i = 0; i < progress_.started.size(); ++i) {
    if (progress_.started[i] == BatchItemStatus::kStarted) items_[i].reset();
  }
  engine().end_teardown();
}

void BatchCore::release_items() {
  if (!done()) excuse();
  if (!engine().in_teardown()) abandon();
  items_.clear();
}

// PROTOCOL 6.6.5: the summary says which items are to be had from their records.
void BatchCore::rebuild() {
  rebuilt_ = true;
  const nlohmann::json summary =
      nlohmann::json::parse(record()->result.view(), nullptr, /*allow_exceptions=*/false);
  const bool readable = summary.is_object() && summary.contains("itemStatuses") &&
                        summary["itemStatuses"].is_string() &&
                        summary.contains("completionReason") &&
                        summary["completionReason"].is_string();
  std::string marks = readable ? summary["itemStatuses"].get<std::string>() : "";
  if (REPRISE_CAGED(kBatchRebuiltEmpty)) marks.clear();
  for (const CompletionReason reason :
       {CompletionReason::kAllCompleted, CompletionReason::kMinSuccessfulReached,
        CompletionReason::kFailureToleranceExceeded, CompletionReason::kCustomCompletionSucceeded,
        CompletionReason::kCustomCompletionFailed}) {
    if (readable && summary["completionReason"] == to_string(reason)) reason_ = reason;
  }
  if (!reason_ || marks.size() > item_count_) {
    const bool shorter = reason_.has_value();
    const std::string message =
        shorter ? absl::StrCat("Non-deterministic execution detected at ", call().path(),
                               ": the checkpoint log holds ", marks.size(),
                               " started items, the handler now gives ", item_count_)
                : absl::StrCat("the recorded summary of ", call().path(), " cannot be read");
    if (shorter && engine().observer()) {
      engine().observer()->operation_diverged(call(), *record(), message);
    }
    engine().fail(shorter ? "NonDeterministicExecutionError" : "SerdesError", message);
    return;
  }
  std::vector<IdNode*> abandoned;
  for (std::size_t i = 0; i < marks.size() && !engine().ended(); ++i) {
    if (marks[i] != kStartedMark) {
      start_item(i);
      continue;
    }
    progress_.started.push_back(BatchItemStatus::kStarted);
    abandoned.push_back(&node().child(static_cast<int>(i) + 1));
    batch_context_->children.push_back({SharedText(label(i)), kind_.item_sub_type});
  }
  engine().excuse(abandoned);
  if (in_flight_ == 0 && phase_ == Phase::kRunning) {
    phase_ = Phase::kDecided;
    engine().post(*this);
  }
}

SharedText BatchCore::summary() const {
  std::string marks;
  for (const BatchItemStatus status : progress_.started) {
    marks += status == BatchItemStatus::kSucceeded ? kSucceededMark
             : status == BatchItemStatus::kFailed  ? kFailedMark
                                                   : kStartedMark;
  }
  const bool failed = progress_.failed > 0 || reason_ == CompletionReason::kCustomCompletionFailed;
  nlohmann::ordered_json json;
  json["type"] = kind_.summary_type;
  json["totalCount"] = progress_.started.size();
  json["successCount"] = progress_.succeeded;
  json["failureCount"] = progress_.failed;
  json["startedCount"] = progress_.started.size() - progress_.succeeded - progress_.failed;
  json["completionReason"] = to_string(*reason_);
  json["status"] = to_string(failed ? BatchItemStatus::kFailed : BatchItemStatus::kSucceeded);
  json["itemStatuses"] = marks;
  return SharedText(json.dump());
}

void BatchCore::commit() {
  if (phase_ != Phase::kDecided || done()) return;
  if (rebuilt_) {
    finish();
    return;
  }
  if (!error_) {
    try {
      result_ = encode();
    } catch (const std::exception& failure) {
      error_ = std::make_shared<const ErrorObject>(error_object_of(failure));
    }
  }
  OperationUpdate& close = update(error_ ? OperationAction::kFail : OperationAction::kSucceed);
  if (error_) {
    close.error = error_;
  } else if (static_cast<std::int64_t>(result_.size()) > engine().options().inline_context_limit) {
    close.replay_children = true;
    close.payload = summary();
  } else {
    close.payload = result_;
  }
  if (!send()) return;
  if (error_) {
    fail_with(DurableErrorKind::kChildContext, error_);
  } else {
    finish();
  }
}

// --- the stored form

namespace {

StoredBatchItem item_from(const nlohmann::ordered_json& json) {
  StoredBatchItem item;
  item.index = json.at("index").get<std::size_t>();
  const std::string status = json.at("status").get<std::string>();
  if (status == to_string(BatchItemStatus::kSucceeded)) {
    item.status = BatchItemStatus::kSucceeded;
  } else if (status == to_string(BatchItemStatus::kFailed)) {
    item.status = BatchItemStatus::kFailed;
  } else if (status != to_string(BatchItemStatus::kStarted)) {
    throw SerdesError("an item of a batch has the unknown status " + status);
  }
  if (json.contains("result")) item.result = embedded(json["result"]);
  if (item.status == BatchItemStatus::kFailed) {
    item.error = std::make_shared<const ErrorObject>(
        json.contains("error") ? error_from_stored(json["error"]) : ErrorObject());
  }
  return item;
}

}  // namespace

SharedText encode_batch(const StoredBatch& batch) {
  std::string text = "{\"all\":[";
  for (const StoredBatchItem& item : batch.items) {
    if (text.back() != '[') text += ',';
    text += '{';
    if (item.result) {
      text += "\"result\":";
      append_embedded(item.result, text);
      text += ',';
    }
    if (item.error) absl::StrAppend(&text, "\"error\":", stored_error(*item.error).dump(), ",");
    text += "\"index\":" + std::to_string(item.index) + ",\"status\":\"";
    text += to_string(item.status);
    text += "\"}";
  }
  text += "],\"completionReason\":\"";
  text += to_string(batch.reason);
  text += "\"}";
  return SharedText(text);
}

StoredBatch decode_batch(const SharedText& payload) {
  try {
    const auto json = parse_stored(payload);
    StoredBatch batch;
    for (const auto& item : json.at("all")) batch.items.push_back(item_from(item));
    const std::string reason = json.at("completionReason").get<std::string>();
    for (const CompletionReason known :
         {CompletionReason::kAllCompleted, CompletionReason::kMinSuccessfulReached,
          CompletionReason::kFailureToleranceExceeded, CompletionReason::kCustomCompletionSucceeded,
          CompletionReason::kCustomCompletionFailed}) {
      if (reason != to_string(known)) continue;
      batch.reason = known;
      return batch;
    }
    throw SerdesError("a batch has the unknown completion reason " + reason);
  } catch (const nlohmann::json::exception& error) {
    throw SerdesError(std::string("the recorded result of a batch cannot be decoded: ") +
                      error.what());
  }
}

}  // namespace reprise::internal
