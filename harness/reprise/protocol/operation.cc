#include "reprise/protocol/operation.h"

#include "reprise/protocol/internal/recycler.h"

namespace reprise {

std::shared_ptr<Operation> make_operation() {
  return std::allocate_shared<Operation>(internal::RecyclingAllocator<Operation>());
}

std::shared_ptr<Operation> make_operation(const Operation& before) {
  return std::allocate_shared<Operation>(internal::RecyclingAllocator<Operation>(), before);
}

bool operator==(const Operation& a, const Operation& b) {
  return a.id == b.id && a.parent_id == b.parent_id && a.name == b.name &&
         a.sub_type == b.sub_type && a.type == b.type && a.status == b.status &&
         a.start_ms == b.start_ms && a.end_ms == b.end_ms && a.input_payload == b.input_payload &&
         a.result == b.result && same_error(a.error, b.error) && a.callback_id == b.callback_id &&
         a.next_attempt_ms == b.next_attempt_ms && a.scheduled_end_ms == b.scheduled_end_ms &&
         a.attempt == b.attempt && a.replay_children == b.replay_children;
}

bool operator==(const OperationUpdate& a, const OperationUpdate& b) {
  return a.id == b.id && a.parent_id == b.parent_id && a.name == b.name &&
         a.sub_type == b.sub_type && a.type == b.type && a.action == b.action &&
         a.payload == b.payload && same_error(a.error, b.error) &&
         a.replay_children == b.replay_children &&
         a.next_attempt_delay_seconds == b.next_attempt_delay_seconds &&
         a.wait_seconds == b.wait_seconds && a.callback_options == b.callback_options &&
         a.chained_invoke_options == b.chained_invoke_options;
}

std::string path_among(std::span<const OperationPtr> operations, const Operation& operation) {
  const Operation* parent = nullptr;
  int occurrence = 1;
  bool before = true;
  for (const OperationPtr& other : operations) {
    if (operation.parent_id && other->id == operation.parent_id) parent = other.get();
    before = before && !(other->id == operation.id);
    if (!before || !(other->parent_id == operation.parent_id)) continue;
    const bool same = operation.name ? other->name == operation.name
                                     : !other->name && other->sub_type == operation.sub_type;
    if (same) ++occurrence;
  }
  std::string path = parent != nullptr ? path_among(operations, *parent) + "/" : "";
  path += operation.name ? operation.name.view() : operation.sub_type.view();
  return path + "#" + std::to_string(occurrence);
}

}  // namespace reprise
