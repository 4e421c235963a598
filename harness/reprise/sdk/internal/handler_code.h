#pragma once

namespace reprise::internal {

/// Says on this thread whether the handler's own code runs, or something that the harness calls:
/// step bodies, observers, invariants.  Holds for as long as it lives, then what held before.
class HandlerCode {
 public:
  explicit HandlerCode(bool runs);
  HandlerCode(const HandlerCode&) = delete;
  HandlerCode& operator=(const HandlerCode&) = delete;
  ~HandlerCode();

  static bool runs();

 private:
  bool before_;
};

}  // namespace reprise::internal
