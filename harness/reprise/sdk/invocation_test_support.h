#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "reprise/sdk/handler.h"
#include "reprise/sdk/log_service_test_support.h"

namespace reprise {

/// Invokes handlers over a LogService, which keeps its records from one invocation to the next.
class InvocationTest : public testing::Test {
 protected:
  template <class H>
  InvocationResult invoke(H handler, const std::string& payload = "null", bool paged = false) {
    service_.updates.clear();
    service_.calls = 0;
    InvocationResult result =
        make_handler(std::move(handler))(service_.input(payload, paged), service_, options_);
    EXPECT_EQ(internal::live_frames(), 0);
    return result;
  }

  LogService service_;
  InvocationOptions options_;
};

}  // namespace reprise
