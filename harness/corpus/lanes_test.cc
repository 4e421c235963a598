#include "lanes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "comparison.h"
#include "corpus_handlers.h"

namespace reprise::corpus {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

// A history in short form, a word an event: "S1-2" starts operation 1-2, "+1-2" ends it, "|" ends
// an invocation.  Operations at the root and one level below are contexts, the others steps.
class ShortHistory {
 public:
  explicit ShortHistory(const std::vector<std::string>& words, std::string batch_result = "") {
    Event start;
    start.type = EventType::kExecutionStarted;
    add(start);
    for (const std::string& word : words) add_word(word, batch_result);
  }
  const History& get() const { return history_; }

 private:
  void add(Event event) {
    event.event_id = static_cast<std::int64_t>(history_.events.size()) + 1;
    history_.events.push_back(std::move(event));
  }
  void add_word(const std::string& word, const std::string& batch_result) {
    Event event;
    event.type = EventType::kInvocationCompleted;
    if (word != "|") {
      const std::string path = word.substr(1);
      const bool starts = word[0] == 'S';
      const std::size_t dash = path.rfind('-');
      const bool is_context = std::count(path.begin(), path.end(), '-') < 2;
      event.id = path;
      if (dash != std::string::npos) event.parent_id = path.substr(0, dash);
      event.sub_type = is_context ? "Some" : "Step";
      event.type = starts ? (is_context ? EventType::kContextStarted : EventType::kStepStarted)
                          : (is_context ? EventType::kContextSucceeded : EventType::kStepSucceeded);
      if (!starts && path == "1" && !batch_result.empty()) {
        event.details.result.emplace();
        event.details.result->payload = batch_result;
      }
      if (event.type == EventType::kStepSucceeded) {
        event.details.retry_details.emplace();
        event.details.retry_details->current_attempt = 1;
      }
    }
    add(std::move(event));
  }

  History history_;
};

using Words = std::vector<std::string>;

bool agree(const Words& recorded, const Words& produced, const std::string& batch_result = "") {
  return !compare_histories(ShortHistory(recorded, batch_result).get(),
                            ShortHistory(produced, batch_result).get(), {});
}

const Words kTwoBranches = {"S1",     "S1-1", "S1-1-1", "S1-2", "S1-2-1", "+1-1-1",
                            "+1-2-1", "+1-1", "+1-2",   "+1",   "|"};

TEST(Lanes, BranchesMayInterleaveInAnyWay) {
  EXPECT_TRUE(agree(kTwoBranches, kTwoBranches));
  EXPECT_TRUE(agree(kTwoBranches, {"S1", "S1-1", "S1-2", "S1-1-1", "S1-2-1", "+1-2-1", "+1-2",
                                   "+1-1-1", "+1-1", "+1", "|"}));
}

TEST(Lanes, TheOrderWithinABranchMeansSomething) {
  EXPECT_FALSE(agree(kTwoBranches, {"S1", "S1-1", "S1-1-1", "S1-2", "S1-2-1", "+1-1", "+1-1-1",
                                    "+1-2-1", "+1-2", "+1", "|"}));
}

TEST(Lanes, ABatchEndsAfterItsBranches) {
  EXPECT_FALSE(agree(kTwoBranches, {"S1", "S1-1", "S1-1-1", "S1-2", "S1-2-1", "+1-1-1", "+1-2-1",
                                    "+1-1", "+1", "+1-2", "|"}));
}

TEST(Lanes, BranchesStartInOrder) {
  EXPECT_FALSE(agree(kTwoBranches, {"S1", "S1-2", "S1-2-1", "S1-1", "S1-1-1", "+1-1-1", "+1-2-1",
                                    "+1-1", "+1-2", "+1", "|"}));
}

TEST(Lanes, AsManyBranchesAreOpenAtATime) {
  EXPECT_FALSE(agree(kTwoBranches, {"S1", "S1-1", "S1-1-1", "+1-1-1", "+1-1", "S1-2", "S1-2-1",
                                    "+1-2-1", "+1-2", "+1", "|"}));
}

TEST(Lanes, AllBranchesMustBeThere) {
  EXPECT_FALSE(agree(kTwoBranches, {"S1", "S1-1", "S1-1-1", "+1-1-1", "+1-1", "+1", "|"}));
}

TEST(Lanes, InvocationsAreCountedUnlessSeveralBranchesWereSuspended) {
  EXPECT_FALSE(agree(kTwoBranches, {"S1", "S1-1", "S1-1-1", "S1-2", "S1-2-1", "|", "+1-1-1",
                                    "+1-2-1", "+1-1", "+1-2", "+1", "|"}));
  const Words suspended = {"S1",     "S1-1",   "S1-1-1", "S1-2", "S1-2-1", "|",
                           "+1-1-1", "+1-2-1", "+1-1",   "+1-2", "+1",     "|"};
  EXPECT_TRUE(agree(suspended, {"S1", "S1-1", "S1-1-1", "S1-2", "S1-2-1", "|", "+1-1-1", "+1-1",
                                "|", "+1-2-1", "+1-2", "+1", "|"}));
  EXPECT_FALSE(agree(suspended, kTwoBranches));
  EXPECT_FALSE(agree(suspended, {"S1", "S1-1", "S1-1-1", "S1-2", "S1-2-1", "|", "+1-1-1", "+1-2-1",
                                 "+1-1", "+1-2", "+1", "|", "|"}));
}

TEST(Lanes, BranchesWithoutOperationsEndInOrder) {
  const Words recorded = {"S1", "S1-1", "S1-2", "+1-1", "+1-2", "+1", "|"};
  EXPECT_TRUE(
      Lanes(ShortHistory(recorded).get()).concurrency(ShortHistory(recorded).get()).starts.empty());
  EXPECT_FALSE(agree(recorded, {"S1", "S1-1", "S1-2", "+1-2", "+1-1", "+1", "|"}));
}

TEST(Lanes, ContextsOneAfterAnotherAreNoLanes) {
  const ShortHistory history(
      {"S1", "S1-1", "S1-1-1", "+1-1-1", "+1-1", "S1-2", "S1-2-1", "+1-2-1", "+1-2", "+1", "|"});
  EXPECT_THAT(Lanes(history.get()).concurrency(history.get()).starts, IsEmpty());
}

TEST(Lanes, AreTheContextsThatOverlap) {
  const ShortHistory history(kTwoBranches);
  EXPECT_THAT(Lanes(history.get()).concurrency(history.get()).starts,
              ElementsAre(Pair("1", ElementsAre("1-1", "1-2"))));
}

constexpr const char* kSecondUndecided =
    R"({"all":[{"result":1,"index":0,"status":"SUCCEEDED"},{"index":1,"status":"STARTED"}],)"
    R"("completionReason":"MIN_SUCCESSFUL_REACHED"})";

TEST(Lanes, WhatComesBehindTheDecisionOfABatchIsLeftOut) {
  const Words produced = {"S1",     "S1-1",   "S1-1-1", "S1-2", "S1-2-1",
                          "+1-1-1", "+1-2-1", "+1-1",   "+1",   "|"};
  EXPECT_TRUE(agree(kTwoBranches, produced, kSecondUndecided));
  EXPECT_FALSE(agree(kTwoBranches, produced));
  // The item that was counted must have ended.
  const Words other = {"S1",     "S1-1",   "S1-1-1", "S1-2", "S1-2-1",
                       "+1-1-1", "+1-2-1", "+1-2",   "+1",   "|"};
  EXPECT_FALSE(agree(kTwoBranches, other, kSecondUndecided));
}

TEST(UndecidedItems, AreReadFromTheResultOfABatch) {
  EXPECT_THAT(undecided_items(kSecondUndecided), ElementsAre(1));
  EXPECT_THAT(undecided_items(R"({"all":[]})"), IsEmpty());
  EXPECT_THAT(undecided_items("no JSON"), IsEmpty());
}

}  // namespace
}  // namespace reprise::corpus
