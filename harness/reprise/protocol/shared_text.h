#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "reprise/protocol/internal/recycler.h"

namespace reprise {

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
  SharedText(std::string text)  // NOLINT(google-explicit-constructor): a text is a SharedText
      : text_(std::allocate_shared<const std::string>(internal::RecyclingAllocator<std::string>(),
                                                      std::move(text))) {}
  SharedText(std::string_view text)  // NOLINT(google-explicit-constructor)
      : SharedText(std::string(text)) {}
  SharedText(const char* text) : SharedText(std::string(text)) {}  // NOLINT

  /// True when there is a text, even an empty one.
  bool has_value() const { return text_ != nullptr; }
  explicit operator bool() const { return has_value(); }

  /// The text; empty when there is none.
  std::string_view view() const { return text_ ? std::string_view(*text_) : std::string_view(); }
  std::string str() const { return std::string(view()); }
  std::size_t size() const { return text_ ? text_->size() : 0; }

  friend bool operator==(const SharedText& a, const SharedText& b) {
    return a.text_ == b.text_ || (a.text_ && b.text_ && *a.text_ == *b.text_);
  }
  friend bool operator==(const SharedText& a, std::string_view b) {
    return a.text_ && *a.text_ == b;
  }
  friend bool operator==(const SharedText& a, const char* b) { return a == std::string_view(b); }
  friend bool operator==(const SharedText& a, const std::string& b) {
    return a == std::string_view(b);
  }

 private:
  std::shared_ptr<const std::string> text_;
};

}  // namespace reprise
