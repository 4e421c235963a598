#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace reprise {

namespace internal {

/// A text behind its length and the number of its owners, in one piece of memory.
struct TextBlock {
  std::size_t size;
  std::size_t references;

  std::string_view view() const { return {reinterpret_cast<const char*>(this + 1), size}; }
  static TextBlock* make(std::string_view text);
  static void destroy(TextBlock* block);
};

}  // namespace internal

/// An immutable text that is cheap to copy, or no text at all.
///
/// Payloads, ids and names travel from an update to the record, to the events and to every copy of
/// the durable state; they are written once and shared.  "No text" (a missing JSON member) and ""
/// differ.
///
/// A value type.  Copies may be used on one thread at a time.
class SharedText {
 public:
  SharedText() = default;
  SharedText(std::string_view text)  // NOLINT(google-explicit-constructor): a text is a SharedText
      : block_(internal::TextBlock::make(text)) {}
  SharedText(const std::string& text) : SharedText(std::string_view(text)) {}  // NOLINT
  SharedText(const char* text) : SharedText(std::string_view(text)) {}         // NOLINT

  SharedText(const SharedText& other) : block_(other.block_) {
    if (block_ != nullptr) ++block_->references;
  }
  SharedText(SharedText&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  SharedText& operator=(const SharedText& other) {
    if (this == &other || block_ == other.block_) return *this;
    if (other.block_ != nullptr) ++other.block_->references;
    if (block_ != nullptr) release();
    block_ = other.block_;
    return *this;
  }
  SharedText& operator=(SharedText&& other) noexcept {
    if (this != &other) {
      if (block_ != nullptr) release();
      block_ = std::exchange(other.block_, nullptr);
    }
    return *this;
  }
  ~SharedText() {
    if (block_ != nullptr) release();
  }

  /// True when there is a text, even an empty one.
  bool has_value() const { return block_ != nullptr; }
  explicit operator bool() const { return has_value(); }

  /// The text; empty when there is none.
  std::string_view view() const { return block_ != nullptr ? block_->view() : std::string_view(); }
  std::string str() const { return std::string(view()); }
  std::size_t size() const { return block_ != nullptr ? block_->size : 0; }

  friend bool operator==(const SharedText& a, const SharedText& b) {
    return a.block_ == b.block_ ||
           (a.block_ != nullptr && b.block_ != nullptr && a.view() == b.view());
  }
  friend bool operator==(const SharedText& a, std::string_view b) {
    return a.block_ != nullptr && a.view() == b;
  }
  friend bool operator==(const SharedText& a, const char* b) { return a == std::string_view(b); }
  friend bool operator==(const SharedText& a, const std::string& b) {
    return a == std::string_view(b);
  }

 private:
  void release() {
    if (--block_->references == 0) internal::TextBlock::destroy(block_);
  }

  internal::TextBlock* block_ = nullptr;
};

}  // namespace reprise
