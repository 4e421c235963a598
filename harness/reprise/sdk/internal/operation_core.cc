#include "reprise/sdk/internal/operation_core.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <exception>

#include "reprise/protocol/internal/planted_fault.h"
#include "reprise/sdk/internal/cage.h"

namespace reprise::internal {
namespace {

constexpr std::size_t kNameLengthMax = 256;

std::string describe(OperationType type, std::string_view sub_type, const SharedText& name) {
  std::string text(to_string(type));
  text.append(" (").append(sub_type).append(") ");
  text += name ? "\"" + name.str() + "\"" : "without a name";
  return text;
}

const char* first_difference(const OperationCall& call, const Operation& record) {
  if (call.type != record.type) return "type";
  if (!(record.sub_type == call.sub_type)) return "sub type";
  if (!(call.name == record.name)) return "name";
  if (REPRISE_FAULT(replay_check_without_parent)) return nullptr;
  if (!(call.parent_id == record.parent_id)) return "parent";
  return nullptr;
}

}  // namespace

const SharedText& shared_sub_type(std::string_view name) {
  thread_local const std::array<SharedText, 11> known = {SharedText(sub_type::kStep),
                                                         SharedText(sub_type::kWait),
                                                         SharedText(sub_type::kMapIteration),
                                                         SharedText(sub_type::kParallelBranch),
                                                         SharedText(sub_type::kChainedInvoke),
                                                         SharedText(sub_type::kRunInChildContext),
                                                         SharedText(sub_type::kCallback),
                                                         SharedText(sub_type::kWaitForCallback),
                                                         SharedText(sub_type::kMap),
                                                         SharedText(sub_type::kParallel),
                                                         SharedText(sub_type::kWaitForCondition)};
  for (const SharedText& text : known) {
    if (text.view().data() == name.data() || text == name) return text;
  }
  std::abort();
}

// --- UnitCore

UnitCore::~UnitCore() {
  if (!done_ || posted) engine().cancel(*this);
}

void UnitCore::resume() {
  const std::vector<UnitCore*> watchers = std::exchange(watchers_, {});
  for (UnitCore* watcher : watchers) watcher->watched_finished();
  if (continuation_) engine().resume(*context_, std::exchange(continuation_, nullptr));
}

void UnitCore::watch(UnitCore& watcher) {
  awaited_ = true;
  if (!done_ || posted) watchers_.push_back(&watcher);
}

void UnitCore::unwatch(UnitCore& watcher) { std::erase(watchers_, &watcher); }

// --- OperationCore

OperationCore::OperationCore(ContextState& context, OperationType type, std::string_view sub_type,
                             const OperationName& name, const std::source_location& location)
    : UnitCore(context) {
  call_.context = &context;
  call_.type = type;
  call_.sub_type = sub_type;
  call_.location = location;
  valid_ = engine().may_call(context, call_);
  if (!valid_) return;
  call_.number = ++context.counter;
  node_ = &context.node->child(call_.number);
  call_.id = node_->wire();
  call_.parent_id = context.parent_id;
  slot_ = engine().visit(call_.id);
  if (name.named()) {
    const Operation* known = record();
    const bool same_as_before =
        !context.children.empty() && context.children.back().name == name.view();
    call_.name = known && known->name == name.view() ? known->name
                 : same_as_before                    ? context.children.back().name
                                                     : SharedText(name.view());
  }
  context.children.push_back({call_.name, sub_type});
  if (record() == nullptr) check_name(name);
}

void OperationCore::check_name(const OperationName& name) {
  if (!name.named()) return;
  const std::string_view text = name.view();
  const bool printable =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (!text.empty() && text.size() <= kNameLengthMax && printable) return;
  reject("the name of an operation must have 1 to 256 printable ASCII characters, this one has " +
         std::to_string(text.size()));
}

void OperationCore::reject(const std::string& message) {
  valid_ = false;
  engine().report(Misuse::kInvalidArgument, message, call_.location, &call_);
  engine().fail("InvalidArgumentError", message);
}

void OperationCore::excuse() {
  if (node_ == nullptr || engine().ended() || engine().in_teardown()) return;
  IdNode* const nodes[] = {node_};
  engine().excuse(nodes);
}

OperationCore::~OperationCore() {
  if (!valid_ || awaited() || engine().ended() || engine().in_teardown()) return;
  // An exception that leaves the scope abandons the operation: the handler's failure is the news
  // then.
  if (std::uncaught_exceptions() > 0) return;
  engine().report(
      Misuse::kNeverAwaited,
      call_.path() + " was started and never awaited: whether it runs is left to chance",
      call_.location, &call_);
}

bool OperationCore::begin(SharedText arguments, bool at_most_once) {
  if (!valid_) return false;
  call_.at_most_once = at_most_once;
  call_.arguments = std::move(arguments);
  const Operation* known = record();
  if (known == nullptr || !is_terminal(known->status)) context().replaying = false;
  InvocationObserver* observer = engine().observer();
  if (known != nullptr) {
    const char* difference = first_difference(call_, *known);
    if (REPRISE_CAGED(kMismatchConsumedSilently)) difference = nullptr;
    if (difference != nullptr) {  // S-10, before any field of the record is interpreted
      const std::string message =
          "Non-deterministic execution detected at operation " + node_->raw() + ": its " +
          difference + " differs; the checkpoint log holds " +
          describe(known->type, known->sub_type.view(), known->name) + ", the handler now calls " +
          describe(call_.type, call_.sub_type, call_.name);
      if (observer) observer->operation_diverged(call_, *known, message);
      if (REPRISE_CAGED(kDeterminismErrorMasked)) return false;
      engine().fail("NonDeterministicExecutionError", message);
      return false;
    }
  }
  if (observer) observer->operation_called(call_, known);
  // Inside a context that has ended only results are rebuilt: what has none never gets one
  // (PROTOCOL 6.6.5).
  return !context().completed || (known != nullptr && is_terminal(known->status));
}

bool OperationCore::begin_virtual() { return valid_; }

OperationUpdate& OperationCore::update(OperationAction action) {
  OperationUpdate& update = engine().enqueue();
  update.id = call_.id;
  update.parent_id = call_.parent_id;
  update.name = call_.name;
  update.sub_type = record() ? record()->sub_type : shared_sub_type(call_.sub_type);
  update.type = call_.type;
  update.action = action;
  return update;
}

bool OperationCore::send() {
  if (slot_ == kNoSlot && sent_by_others_) slot_ = engine().find(call_.id);
  if (!engine().flush(&call_, &slot_)) return false;
  if (slot_ != kNoSlot) return true;
  engine().fail("ServiceContractError",
                "the answer to a checkpoint of " + call_.path() + " does not hold its record");
  return false;
}

void OperationCore::fail_with(DurableErrorKind kind, const ErrorPtr& error) {
  set_failure(DurableError(kind, error ? *error : ErrorObject(), call_.path()));
  finish();
}

}  // namespace reprise::internal
