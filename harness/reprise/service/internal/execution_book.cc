#include "reprise/service/internal/execution_book.h"

namespace reprise::internal {
namespace {

// Mostly they are one shared text.
bool same_text(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a.data() == b.data() || a == b);
}

}  // namespace

std::uint32_t IdIndex::find(std::string_view id, std::uint64_t hash,
                            const std::vector<OperationPtr>& operations) const {
  const auto is_at = [&](std::size_t position) {
    return hashes_[position] == hash && same_text(operations[position]->id.view(), id);
  };
  const std::size_t count = hashes_.size();
  if (count <= kScanned) {
    if ((filter_ & filter_bit(hash)) == 0) return kNone;
    for (std::size_t i = count; i-- > 0;) {  // mostly the newest
      if (is_at(i)) return static_cast<std::uint32_t>(i);
    }
    return kNone;
  }
  if (table_.empty()) build();
  const std::size_t mask = table_.size() - 1;
  for (std::size_t slot = hash & mask; table_[slot] != 0; slot = (slot + 1) & mask) {
    const std::uint32_t position = table_[slot] - 1;
    if (is_at(position)) return position;
  }
  return kNone;
}

void IdIndex::add(std::uint64_t hash) {
  hashes_.push_back(hash);
  filter_ |= filter_bit(hash);
  if (table_.empty()) return;
  if (2 * hashes_.size() > table_.size()) {
    build();
  } else {
    enter(static_cast<std::uint32_t>(hashes_.size() - 1));
  }
}

void IdIndex::build() const {
  std::size_t size = 4 * kScanned;
  while (size < 4 * hashes_.size()) size *= 2;
  table_.assign(size, 0);
  for (std::uint32_t i = 0; i < hashes_.size(); ++i) enter(i);
}

void IdIndex::enter(std::uint32_t position) const {
  const std::size_t mask = table_.size() - 1;
  std::size_t slot = hashes_[position] & mask;
  while (table_[slot] != 0) slot = (slot + 1) & mask;
  table_[slot] = position + 1;
}

}  // namespace reprise::internal
