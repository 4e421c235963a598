#include "reprise/fakes/queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <concepts>

#include "reprise/fakes/recording_sink_test_support.h"

namespace reprise::fakes {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::SizeIs;

static_assert(std::copyable<Queue> && std::equality_comparable<Queue>);

constexpr absl::Time kStart = absl::UnixEpoch();

QueueOptions options(int max_receives = 0) {
  QueueOptions made;
  made.visibility_timeout = absl::Seconds(30);
  made.max_receives = max_receives;
  return made;
}

auto bodies(const std::vector<std::string>& wanted) {
  std::vector<testing::Matcher<QueueMessage>> matchers;
  for (const std::string& body : wanted) {
    matchers.emplace_back(Field("body", &QueueMessage::body, body));
  }
  return testing::ElementsAreArray(matchers);
}

class QueueTest : public testing::Test {
 protected:
  Queue queue_{"orders", options()};
};

TEST_F(QueueTest, GivesTheOldestMessagesFirstAndNoMoreThanWanted) {
  EXPECT_EQ(queue_.send("a"), "orders-1");
  EXPECT_EQ(queue_.send("b"), "orders-2");
  queue_.send("c");
  EXPECT_THAT(queue_.receive(2, kStart), bodies({"a", "b"}));
  EXPECT_THAT(queue_.receive(2, kStart), bodies({"c"}));
  EXPECT_THAT(queue_.receive(2, kStart), IsEmpty());
  EXPECT_THAT(queue_.messages(), bodies({"a", "b", "c"}));
}

TEST_F(QueueTest, GivesAMessageAgainWhenItsVisibilityTimeoutHasPassed) {
  queue_.send("a");
  EXPECT_EQ(queue_.next_visible(), absl::InfinitePast());
  EXPECT_EQ(queue_.receive(1, kStart).front().receive_count, 1);
  EXPECT_EQ(queue_.next_visible(), kStart + absl::Seconds(30));
  EXPECT_THAT(queue_.receive(1, kStart + absl::Seconds(30) - absl::Milliseconds(1)), IsEmpty());
  EXPECT_EQ(queue_.receive(1, kStart + absl::Seconds(30)).front().receive_count, 2);
}

TEST_F(QueueTest, GivesNoMessageAgainThatWasRemoved) {
  const std::string id = queue_.send("a");
  queue_.receive(1, kStart);
  EXPECT_TRUE(queue_.remove(id));
  EXPECT_FALSE(queue_.remove(id));
  EXPECT_THAT(queue_.receive(1, kStart + absl::Hours(1)), IsEmpty());
  EXPECT_EQ(queue_.next_visible(), std::nullopt);
}

TEST_F(QueueTest, PutsAMessageAmongTheDeadLettersInsteadOfReceivingItTooOften) {
  Queue queue("orders", options(2));
  queue.send("poison");
  absl::Time now = kStart;
  for (int receive = 1; receive <= 2; ++receive, now += absl::Seconds(30)) {
    EXPECT_EQ(queue.receive(1, now).front().receive_count, receive);
    EXPECT_THAT(queue.dead_letters(), IsEmpty());
  }
  queue.send("good");
  EXPECT_THAT(queue.receive(1, now), bodies({"good"}));  // the dead letter takes no place
  EXPECT_THAT(queue.messages(), bodies({"good"}));
  EXPECT_THAT(queue.dead_letters(), bodies({"poison"}));
  queue.redrive();
  EXPECT_THAT(queue.dead_letters(), IsEmpty());
  EXPECT_EQ(queue.receive(1, now).front().receive_count, 1);
}

TEST_F(QueueTest, SendsOnceUnderADeduplicationId) {
  EXPECT_EQ(queue_.send("a", "order-1"), "orders-1");
  const Queue before = queue_;
  RecordingSink run;
  EXPECT_EQ(queue_.send("a", "order-1"), "orders-1");
  EXPECT_FALSE(run.last().changed);
  EXPECT_EQ(queue_, before);
  queue_.send("a", "order-2");
  EXPECT_THAT(queue_.messages(), SizeIs(2));
}

TEST_F(QueueTest, IsComparedByAllThatIsInIt) {
  Queue other = queue_;
  EXPECT_EQ(queue_, other);
  other.send("a");
  EXPECT_NE(queue_, other);
  queue_.send("a");
  EXPECT_EQ(queue_, other);
  other.receive(1, kStart);
  EXPECT_NE(queue_, other);
  queue_.remove("orders-1");
  EXPECT_EQ(queue_, Queue("orders", options()));  // as if nothing had been sent
}

TEST_F(QueueTest, EverySendReceiveAndRemoveIsOneEffect) {
  RecordingSink run;
  const std::string id = queue_.send("a", "order-1");
  EXPECT_EQ(run.last().call, "orders.send(a)");
  EXPECT_EQ(run.last().key, "order-1");
  queue_.receive(10, kStart);
  EXPECT_EQ(run.last().call, "orders.receive(up to 10)");
  EXPECT_THAT(queue_.receive(10, kStart), IsEmpty());  // finds nothing: no effect
  EXPECT_THAT(run.seen(), SizeIs(2));
  queue_.remove(id);
  EXPECT_EQ(run.last().call, "orders.remove(orders-1)");
  EXPECT_TRUE(run.last().changed);
  queue_.remove(id);
  EXPECT_FALSE(run.last().changed);
}

TEST_F(QueueTest, CrashBeforeTheRemovalLeavesTheMessageToBeReceivedAgain) {
  queue_.send("a");
  {
    RecordingSink run;
    run.die_before(2);
    const auto work = [&] {
      for (const QueueMessage& message : queue_.receive(1, kStart)) queue_.remove(message.id);
    };
    EXPECT_THROW(work(), PowerCut);
  }
  EXPECT_THAT(queue_.receive(1, kStart + absl::Seconds(30)), bodies({"a"}));
}

}  // namespace
}  // namespace reprise::fakes
