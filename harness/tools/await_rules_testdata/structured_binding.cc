// EXPECT-RULE: structured binding on co_await
#include "task.h"

Task by_value() {
  auto [low, high] = co_await limits();  // BAD
  co_return;
}

Task by_reference() {
  const auto& [low, high] = co_await limits();  // BAD
  co_return;
}
