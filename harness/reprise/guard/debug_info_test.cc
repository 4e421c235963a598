#include "reprise/guard/internal/debug_info.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "reprise/guard/guard_test_support.h"

namespace {

using reprise::internal::code_places;
using reprise::internal::CodeOwner;
using reprise::internal::CodePlace;
using reprise::internal::owner_of;
using testing::HasSubstr;
using testing::StartsWith;

TEST(OwnerOf, KnowsLibrariesByFileSymbolAndModule) {
  EXPECT_EQ(owner_of("/usr/include/c++/12/bits/random.h", "", "order_test"), CodeOwner::kLibrary);
  EXPECT_EQ(owner_of("third_party/absl/time/clock.cc", "_ZN4absl3NowEv", ""), CodeOwner::kLibrary);
  EXPECT_EQ(owner_of("", "_ZNSt6thread6detachEv", ""), CodeOwner::kLibrary);
  EXPECT_EQ(owner_of("", "_ZZNKSt8functionIFvvEEclEvENKUlvE_clEv", ""), CodeOwner::kLibrary);
  EXPECT_EQ(owner_of("", "", "/lib/x86_64-linux-gnu/libc.so.6"), CodeOwner::kLibrary);
  EXPECT_EQ(owner_of("", "", "/opt/lib/libabsl_time.so.20220623"), CodeOwner::kLibrary);
}

TEST(OwnerOf, KnowsTestTools) {
  EXPECT_EQ(owner_of("/usr/include/gtest/gtest.h", "", ""), CodeOwner::kTestTool);
  EXPECT_EQ(owner_of("", "_ZN7testing8UnitTest3RunEv", ""), CodeOwner::kTestTool);
  EXPECT_EQ(owner_of("", "__asan_report_load8", ""), CodeOwner::kTestTool);
  EXPECT_EQ(owner_of("", "", "/usr/lib/libgtest.so.1.12"), CodeOwner::kTestTool);
}

TEST(OwnerOf, LeavesTheRestToTheProgram) {
  EXPECT_EQ(owner_of("src/order.cpp", "_ZN5store5orderEv", "order_test"), CodeOwner::kProgram);
  EXPECT_EQ(owner_of("src/order.cpp", "_ZZN5order4TestEvENKUlvE_clEv", ""), CodeOwner::kProgram);
  EXPECT_EQ(owner_of("", "_ZN12_GLOBAL__N_15StateEv", "order_test"), CodeOwner::kProgram);
  EXPECT_EQ(owner_of("", "Stop", "order_test"), CodeOwner::kProgram) << "a function in C";
  EXPECT_EQ(owner_of("", "", "/opt/shop/liborders.so"), CodeOwner::kProgram);
}

TEST(CodePlaces, NameTheLineOfAFunctionOfThisProgram) {
  const auto here = [] { return __builtin_extract_return_addr(__builtin_return_address(0)); };
  const auto address = reinterpret_cast<std::uintptr_t>(+here);
  const CodePlace place = code_places(address).back();
  EXPECT_EQ(place.owner, CodeOwner::kProgram);
  EXPECT_EQ(place.location, LINE_AT(-4));
  EXPECT_THAT(place.symbol, StartsWith("_ZZN"));
}

TEST(CodePlaces, FallBackToModuleAndOffset) {
  const auto address = reinterpret_cast<std::uintptr_t>(&getppid);
  const CodePlace place = code_places(address).back();
  EXPECT_EQ(place.owner, CodeOwner::kLibrary);
  EXPECT_THAT(place.location, StartsWith("libc.so.6+0x"));
  EXPECT_THAT(place.symbol, HasSubstr("getppid"));
}

TEST(CodePlaces, SayThatNobodyKnowsAnAddress) {
  EXPECT_EQ(code_places(16).back().owner, CodeOwner::kLibrary);
}

}  // namespace
