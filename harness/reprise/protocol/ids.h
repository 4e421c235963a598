#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/protocol/shared_text.h"

namespace reprise {

/// The wire id of a raw counter path: the first 16 hex digits of MD5 (PROTOCOL 3.1, JS/Go scheme).
///
///     operation_id("1-2-1") == "6151f5ab282d90e4"
std::string operation_id(std::string_view raw_path);

/// A node of the tree of counter paths: "1", "1-2", "1-2-1", ...
///
/// Ids are pure functions of the path, so each is computed once and remembered for the thread.
class IdNode {
 public:
  /// The node of the root context, which has no id of its own.  One tree a thread.
  static IdNode& root();

  /// The node of the counter `number` (from 1) below this one.
  IdNode& child(int number);

  const SharedText& wire() const { return wire_; }
  const std::string& raw() const { return raw_; }

 private:
  IdNode() = default;

  std::string raw_;
  SharedText wire_;
  std::vector<std::unique_ptr<IdNode>> children_;
};

}  // namespace reprise
