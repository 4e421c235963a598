// What an invocation gets to read: pages of the state, deltas, and what completed contexts hide
// (PROTOCOL 4.1, 4.8).

#include <span>
#include <string>

#include "reprise/service/service_test_support.h"

namespace reprise {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using A = OperationAction;

class State : public ServiceTest {
 protected:
  State() { start_and_begin(); }

  static std::vector<std::string> ids(std::span<const OperationPtr> operations) {
    std::vector<std::string> ids;
    for (const OperationPtr& each : operations) {
      ids.push_back(each->type == OperationType::kExecution ? "EXECUTION" : each->id.str());
    }
    return ids;
  }
  ApiResult<StateResponse> page(const std::string& marker, int max_items = 0) {
    StateRequest request;
    request.durable_execution_arn = arn_;
    request.checkpoint_token = token_;
    request.marker = marker;
    request.max_items = max_items;
    return service_.get_state(request);
  }
  // A context `p` with a step, and a context `q` with a step inside it.
  void nest() {
    accept({step_start("first"), context(A::kStart, "p"), inside("p", step_start("a")),
            inside("p", context(A::kStart, "q")), inside("q", step_start("b")),
            step_start("last")});
  }
  void complete_context(const char* id, A action, bool replay_children) {
    OperationUpdate update = context(action, id);
    if (action == A::kSucceed) update.replay_children = replay_children;
    accept({update});
  }
  std::vector<std::string> listed() { return ids(page("")->operations); }
};

TEST_F(State, ListsTheExecutionFirstThenInStartOrder) {
  nest();
  accept({step_succeed("first")});
  EXPECT_THAT(listed(), ElementsAre("EXECUTION", "first", "p", "a", "q", "b", "last"));
}

TEST_F(State, LeavesOutWhatIsInsideACompletedContext) {
  nest();
  complete_context("q", A::kSucceed, false);
  EXPECT_THAT(listed(), ElementsAre("EXECUTION", "first", "p", "a", "q", "last"));
  complete_context("p", A::kFail, false);
  EXPECT_THAT(listed(), ElementsAre("EXECUTION", "first", "p", "last"));
}

TEST_F(State, KeepsTheChildrenThatAreToBeReplayed) {
  nest();
  complete_context("q", A::kSucceed, true);
  complete_context("p", A::kSucceed, true);
  EXPECT_TRUE(record("p").replay_children);
  EXPECT_THAT(listed(), ElementsAre("EXECUTION", "first", "p", "a", "q", "b", "last"));
}

TEST_F(State, LeavesOutTransitively) {
  nest();
  complete_context("q", A::kSucceed, true);
  complete_context("p", A::kSucceed, false);
  EXPECT_THAT(listed(), ElementsAre("EXECUTION", "first", "p", "last"));
}

TEST_F(State, IsWhatAnInvocationBeginsWith) {
  nest();
  complete_context("p", A::kSucceed, false);
  accept({wait_start("w", 1)});
  end_pending();
  advance_seconds(1);
  EXPECT_THAT(ids(begin().operations), ElementsAre("EXECUTION", "first", "p", "last", "w"));
}

TEST_F(State, ComesInPages) {
  nest();
  complete_context("q", A::kSucceed, false);
  std::vector<std::string> all;
  std::string marker;
  int pages = 0;
  do {
    const auto answer = page(marker, 2);
    ASSERT_TRUE(answer.ok());
    EXPECT_LE(answer->operations.size(), 2);
    for (const std::string& id : ids(answer->operations)) all.push_back(id);
    marker = answer->next_marker;
    ++pages;
  } while (!marker.empty());
  EXPECT_EQ(pages, 3);
  EXPECT_THAT(all, ElementsAre("EXECUTION", "first", "p", "a", "q", "last"));
}

TEST_F(State, HasPagesOfAHundredByDefault) {
  for (int i = 0; i < 100; ++i) accept({step_start(("s" + std::to_string(i)).c_str())});
  const auto first = page("");
  ASSERT_TRUE(first.ok());
  EXPECT_THAT(first->operations, SizeIs(100));
  const auto second = page(first->next_marker);
  ASSERT_TRUE(second.ok());
  EXPECT_THAT(ids(second->operations), ElementsAre("s99"));
  EXPECT_THAT(second->next_marker, IsEmpty());
  EXPECT_EQ(page("", 1001).error().code, "ValidationException");
  EXPECT_EQ(page("", -1).error().code, "ValidationException");
  EXPECT_THAT(page("nonsense!").error(), RefusedWith("Invalid marker"));
}

TEST_F(State, IsCutShortInlineWhenToldSo) {  // S-2
  accept({step_start("a"), step_start("b"), wait_start("w", 1)});
  end_pending();
  advance_seconds(1);
  service_.set_inline_page_size(1);
  const InvocationInput input = begin();
  EXPECT_THAT(ids(input.operations), ElementsAre("EXECUTION"));
  EXPECT_FALSE(input.next_marker.empty());
  const auto rest = page(input.next_marker);
  ASSERT_TRUE(rest.ok());
  EXPECT_THAT(ids(rest->operations), ElementsAre("a", "b", "w"));
}

TEST_F(State, AnswersACheckpointWithWhatChangedSinceTheLastAnswer) {  // F-14
  EXPECT_THAT(ids(checkpoint({wait_start("w", 1), step_start("a")})->operations),
              ElementsAre("w", "a"));
  EXPECT_THAT(ids(checkpoint({step_start("b")})->operations), ElementsAre("b"));
  advance_seconds(1);
  const auto answer = checkpoint({step_succeed("b"), step_succeed("a")});
  EXPECT_THAT(ids(answer->operations), ElementsAre("w", "a", "b"));
  EXPECT_EQ(answer->operations[1]->result, "1");  // whole records
  EXPECT_THAT(answer->next_marker, IsEmpty());
}

TEST_F(State, OfANewInvocationIsNotToldTwice) {
  accept({wait_start("w", 1)});
  end_pending();
  advance_seconds(1);
  begin();
  EXPECT_THAT(checkpoint({})->operations, IsEmpty());
}

TEST_F(State, OfANewInvocationTellsLaterChangesOfWhatItBeganWith) {
  accept({step_retry("a", 1)});
  end_pending();
  advance_seconds(1);
  begin();
  EXPECT_THAT(ids(checkpoint({step_start("a")})->operations), ElementsAre("a"));
}

TEST_F(State, SharesRecordsInsteadOfCopyingThem) {
  const auto answer = checkpoint({step_start("a")});
  EXPECT_EQ(answer->operations[0].get(), execution().operations[0].get());
  EXPECT_EQ(answer->operations[0].get(), execution().history.back().record.get());
}

TEST_F(State, OfMoreThanFiveMebibytesComesInPages) {  // PROTOCOL 1.3
  start_and_begin();
  std::vector<std::string> names;
  for (int i = 0; i < 30; ++i) {
    names.push_back("s" + std::to_string(i));
    OperationUpdate large = step_succeed(names.back().c_str());
    large.payload = SharedText(std::string(200'000, 'x'));
    accept({large});
  }
  InvocationEnd crash;
  crash.kind = InvocationEnd::Kind::kProcessExit;
  service_.end_invocation(execution_, crash);
  const InvocationInput input = begin();
  EXPECT_EQ(input.operations.size(), 27U);  // the execution and 26 results
  EXPECT_FALSE(input.next_marker.empty());
}

}  // namespace
}  // namespace reprise
