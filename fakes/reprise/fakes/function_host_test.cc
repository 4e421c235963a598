#include "reprise/fakes/function_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace reprise::fakes {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class FunctionHostTest : public testing::Test {
 protected:
  ArrivingInvocation of(const std::string& execution, const std::string& tenant = "",
                        const std::string& function = "f") {
    return {function, execution, tenant};
  }
  void begin(const ArrivingInvocation& invocation) {
    host_.occupy(invocation, host_.candidates(invocation).front());
  }
  /// A whole invocation, which leaves `note` in memory.
  void serve(const ArrivingInvocation& invocation, const std::string& note) {
    begin(invocation);
    note_.put(note);
    host_.release(true);
  }

  FunctionHost host_;
  EnvironmentLocal<std::string> note_{host_, "note"};
};

TEST_F(FunctionHostTest, TheFirstInvocationIsServedByAColdEnvironment) {
  EXPECT_THAT(host_.candidates(of("a")), ElementsAre("a cold environment"));
  begin(of("a"));
  EXPECT_EQ(note_.get(), std::nullopt);
  EXPECT_EQ(host_.environments("f"), 1U);
}

TEST_F(FunctionHostTest, AWarmEnvironmentKeepsWhatWasLeftInMemory) {
  serve(of("a"), "left by a");
  EXPECT_THAT(host_.candidates(of("a")), ElementsAre("the environment of a", "a cold environment"));
  begin(of("a"));
  EXPECT_EQ(note_.get(), "left by a");
  note_.clear();
  EXPECT_EQ(note_.get(), std::nullopt);
}

TEST_F(FunctionHostTest, AnotherExecutionMayBeServedThereAndIsNotWithoutFaults) {
  serve(of("a"), "left by a");
  EXPECT_THAT(host_.candidates(of("b")), ElementsAre("a cold environment", "the environment of a"));
  host_.occupy(of("b"), "the environment of a");
  EXPECT_EQ(note_.get(), "left by a");
  EXPECT_THAT(host_.candidates(of("a")), ElementsAre("a cold environment")) << "it is busy";
}

TEST_F(FunctionHostTest, FunctionsDoNotShareEnvironments) {
  serve(of("a"), "left by a");
  EXPECT_THAT(host_.candidates(of("a", "", "g")), ElementsAre("a cold environment"));
}

TEST_F(FunctionHostTest, AProcessThatDiesTakesItsMemoryAlong) {
  begin(of("a"));
  note_.put("lost");
  host_.release(false);
  EXPECT_EQ(host_.environments("f"), 0U);
  begin(of("b"));
  host_.lose_busy();
  EXPECT_EQ(host_, FunctionHost());
  serve(of("c"), "left by c");
  host_.retire();
  EXPECT_EQ(host_, FunctionHost());
}

TEST_F(FunctionHostTest, InIsolationModeAnEnvironmentServesOneTenant) {
  host_.add("f", {.per_tenant = true});
  EXPECT_TRUE(host_.config("f").per_tenant);
  serve(of("a", "acme"), "of acme");
  EXPECT_THAT(host_.candidates(of("b", "bolt")), ElementsAre("a cold environment"));
  EXPECT_THAT(host_.candidates(of("c", "acme")),
              ElementsAre("a cold environment", "the environment of a"));
  EXPECT_THROW(host_.occupy(of("b", "bolt"), "the environment of a"), std::logic_error);
  EXPECT_THROW(static_cast<void>(host_.candidates(of("d"))), std::logic_error);
  EXPECT_FALSE(host_.any_served_two_tenants());
}

TEST_F(FunctionHostTest, WithoutIsolationItMayServeTwo) {
  serve(of("a", "acme"), "of acme");
  host_.occupy(of("b", "bolt"), "the environment of a");
  EXPECT_EQ(host_.tenant(), "bolt");
  EXPECT_TRUE(host_.any_served_two_tenants());
  EXPECT_THAT(note_.everywhere(), ElementsAre("of acme"));
}

TEST_F(FunctionHostTest, ReservedConcurrencyBoundsWhatRunsAndNotWhatIsWarm) {
  host_.add("f", {.reserved_concurrency = 2});
  serve(of("a"), "a");
  serve(of("b"), "b");
  begin(of("c"));
  begin(of("d"));
  EXPECT_EQ(host_.environments("f"), 4U);
  EXPECT_THAT(host_.candidates(of("e")), IsEmpty());
  host_.release(true);
  EXPECT_FALSE(host_.candidates(of("e")).empty());
}

TEST_F(FunctionHostTest, TheInnermostInvocationIsTheOneThatRuns) {
  begin(of("a", "acme"));
  note_.put("outer");
  begin(of("b", "bolt"));
  note_.put("inner");
  EXPECT_EQ(host_.tenant(), "bolt");
  host_.release(true);
  EXPECT_EQ(host_.tenant(), "acme");
  EXPECT_EQ(note_.get(), "outer");
}

TEST_F(FunctionHostTest, EnvironmentsThatHoldTheSameAreOneChoice) {
  serve(of("a", "acme"), "same");
  serve(of("b", "acme"), "same");
  serve(of("c", "acme"), "other");
  EXPECT_THAT(host_.candidates(of("d", "acme")),
              ElementsAre("a cold environment", "the environment of a", "the environment of c"));
  EXPECT_THAT(host_.candidates(of("b", "acme")),
              ElementsAre("the environment of b", "a cold environment", "the environment of a",
                          "the environment of c"));
}

TEST_F(FunctionHostTest, TwoThatServedTheSameAreToldApartByNumber) {
  serve(of("a"), "first");
  host_.occupy(of("a"), "a cold environment");
  note_.put("second");
  host_.release(true);
  EXPECT_THAT(host_.candidates(of("b")), ElementsAre("a cold environment", "the environment of a",
                                                     "the environment of a (2)"));
}

TEST_F(FunctionHostTest, AValueDoesNotTellHowItCameAbout) {
  FunctionHost other;
  EnvironmentLocal<std::string> note(other, "note");
  for (const char* execution : {"b", "a"}) {
    other.occupy(of(execution), "a cold environment");
    note.put("n");
    other.release(true);
  }
  serve(of("a"), "lost");  // and its environment with it
  begin(of("a"));
  host_.release(false);
  serve(of("a"), "n");
  serve(of("b"), "n");
  EXPECT_EQ(host_, other);
  begin(of("a"));
  EXPECT_FALSE(host_ == other) << "busy";
  note_.put("m");
  host_.release(true);
  EXPECT_FALSE(host_ == other) << "memory";
}

TEST_F(FunctionHostTest, ACopyHasItsOwnMemory) {
  serve(of("a"), "before");
  const FunctionHost copy = host_;
  serve(of("a"), "after");
  EXPECT_FALSE(copy == host_);
  host_ = copy;
  EXPECT_THAT(note_.everywhere(), ElementsAre("before"));
}

TEST_F(FunctionHostTest, MemoryIsThereOnlyWhereAnEnvironmentRuns) {
  EXPECT_THROW(static_cast<void>(note_.get()), std::logic_error);
  EXPECT_THROW(note_.put("x"), std::logic_error);
  EXPECT_THROW(static_cast<void>(host_.tenant()), std::logic_error);
}

TEST_F(FunctionHostTest, AVariableHasOneType) {
  begin(of("a"));
  note_.put("text");
  const EnvironmentLocal<int> number(host_, "note");
  EXPECT_THROW(static_cast<void>(number.get()), std::logic_error);
  EXPECT_THROW(number.put(7), std::logic_error);
}

TEST_F(FunctionHostTest, TheNameOfAnEnvironmentIsItsOwn) {
  begin(of("a"));
  EXPECT_EQ(host_.environment_name(), "f/a/1");
  host_.release(true);
  host_.occupy(of("a"), "a cold environment");
  EXPECT_EQ(host_.environment_name(), "f/a/2");
}

}  // namespace
}  // namespace reprise::fakes
