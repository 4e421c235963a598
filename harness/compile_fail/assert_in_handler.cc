// EXPECT-ERROR: return
// ASSERT_* returns, which a coroutine cannot; EXPECT_* is what handlers use.
#include <gtest/gtest.h>

#include "reprise/sdk/handler.h"

reprise::Task<> handler(reprise::DurableContext) {
  ASSERT_TRUE(true);
  co_return;
}
