#include <string>

#include "reprise/sdk/internal/engine.h"

namespace reprise::internal {

ContextState::ContextState(ContextState& outer, const OperationCall& call, IdNode& id_node,
                           bool records_itself)
    : engine(outer.engine),
      node(&id_node),
      parent(&outer),
      number_in_parent(call.number),
      parent_id(records_itself ? call.id : outer.parent_id),
      replaying(outer.replaying),
      completed(outer.completed) {}

bool ContextState::is_replaying() const { return replaying && !engine->replay_finished(); }

std::string ContextState::path() const { return parent ? parent->path_of(number_in_parent) : ""; }

// Only when somebody asks for a path: most runs never do.
void ContextState::count_occurrences() const {
  for (; counted_ < children.size(); ++counted_) {
    Child& child = children[counted_];
    const std::string_view label = child.label();
    if (counted_ < kSearched) {
      child.occurrence = 1;
      for (std::size_t i = counted_; i-- > 0;) {
        const std::string_view other = children[i].label();
        if (other.data() != label.data() && other != label) continue;
        child.occurrence = children[i].occurrence + 1;
        break;
      }
      if (counted_ + 1 < kSearched) continue;
      for (std::size_t i = 0; i < kSearched; ++i) {
        occurrences_[children[i].label()] = children[i].occurrence;
      }
    } else {
      child.occurrence = ++occurrences_[label];
    }
  }
}

std::string ContextState::path_of(int number) const {
  std::string path;
  append_path_of(number, path);
  return path;
}

void ContextState::append_path_of(int number, std::string& path) const {
  count_occurrences();
  const Child& child = children[static_cast<std::size_t>(number) - 1];
  if (parent) {
    parent->append_path_of(number_in_parent, path);
    path += '/';
  }
  path += child.label();
  path += '#';
  if (child.occurrence < 10) {
    path += static_cast<char>('0' + child.occurrence);
  } else {
    path += std::to_string(child.occurrence);
  }
}

}  // namespace reprise::internal
