#include "reprise/protocol/shared_text.h"

#include <cstring>
#include <new>

#include "reprise/protocol/internal/recycler.h"

namespace reprise::internal {
namespace {

// The sizes of block that are kept for the next text: ids and names fit the first, small results
// and errors the second.
constexpr std::size_t kSmall = 48;
constexpr std::size_t kMedium = 128;

void* allocate_block(std::size_t bytes) {
  if (bytes <= kSmall) return Recycler<kSmall>::allocate();
  if (bytes <= kMedium) return Recycler<kMedium>::allocate();
  return ::operator new(bytes);
}

}  // namespace

TextBlock* TextBlock::make(std::string_view text) {
  auto* const block =
      new (allocate_block(sizeof(TextBlock) + text.size())) TextBlock{text.size(), 1};
  if (!text.empty()) std::memcpy(block + 1, text.data(), text.size());
  return block;
}

void TextBlock::destroy(TextBlock* block) {
  const std::size_t bytes = sizeof(TextBlock) + block->size;
  if (bytes <= kSmall) {
    Recycler<kSmall>::release(block);
  } else if (bytes <= kMedium) {
    Recycler<kMedium>::release(block);
  } else {
    ::operator delete(block);
  }
}

}  // namespace reprise::internal
