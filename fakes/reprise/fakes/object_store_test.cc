#include "reprise/fakes/object_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "reprise/fakes/recording_sink_test_support.h"

namespace reprise::fakes {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(ObjectStore, ShowsWhatWasWritten) {
  ObjectStore store;
  EXPECT_EQ(store.get("a"), std::nullopt);
  const StoreAnswer made = store.put("a", "text");
  EXPECT_TRUE(made.ok());
  EXPECT_EQ(store.get("a")->content, "text");
  EXPECT_EQ(store.get("a")->etag, made.etag);
  EXPECT_TRUE(store.remove("a").ok());
  EXPECT_EQ(store.get("a"), std::nullopt);
  EXPECT_EQ(store, ObjectStore());
  EXPECT_TRUE(store.remove("a").ok()) << "what is not there is removed already";
}

TEST(ObjectStore, AnEtagBelongsToAContent) {
  ObjectStore store;
  const std::string etag = store.put("a", "text").etag;
  EXPECT_EQ(store.put("b", "text").etag, etag);
  EXPECT_NE(store.put("c", "Text").etag, etag);
  EXPECT_THAT(etag, SizeIs(34));
}

TEST(ObjectStore, IfNoneMatchLetsTheFirstWin) {
  ObjectStore store;
  const StoreAnswer first = store.put("a", "one", {.if_none_match = true});
  EXPECT_TRUE(first.ok());
  const StoreAnswer second = store.put("a", "two", {.if_none_match = true});
  EXPECT_EQ(second.status, StoreStatus::kPreconditionFailed);
  EXPECT_EQ(second.etag, first.etag) << "what stands there";
  EXPECT_EQ(store.get("a")->content, "one");
}

TEST(ObjectStore, IfMatchWritesOverWhatIsKnown) {
  ObjectStore store;
  EXPECT_EQ(store.put("a", "x", {.if_match = "\"0\""}).status, StoreStatus::kNotFound);
  const std::string etag = store.put("a", "one").etag;
  EXPECT_TRUE(store.put("a", "two", {.if_match = etag}).ok());
  EXPECT_EQ(store.put("a", "three", {.if_match = etag}).status, StoreStatus::kPreconditionFailed);
  EXPECT_EQ(store.remove("a", {.if_match = etag}).status, StoreStatus::kPreconditionFailed);
  EXPECT_EQ(store.get("a")->content, "two");
}

TEST(ObjectStore, ListsInTheOrderOfKeysAndInPages) {
  ObjectStore store;
  for (const char* key : {"b/2", "a/1", "b/10", "b/1", "c"}) store.put(key, key);
  EXPECT_THAT(store.list().keys, ElementsAre("a/1", "b/1", "b/10", "b/2", "c"));
  const ObjectStore::Page first = store.list("b/", "", 2);
  EXPECT_THAT(first.keys, ElementsAre("b/1", "b/10"));
  EXPECT_EQ(first.next, "b/10");
  const ObjectStore::Page second = store.list("b/", first.next, 2);
  EXPECT_THAT(second.keys, ElementsAre("b/2"));
  EXPECT_EQ(second.next, "");
  EXPECT_THAT(store.list("d").keys, IsEmpty());
}

TEST(ObjectStore, KeepsVersionsWhenItIsToldTo) {
  ObjectStore store;
  store.keep_versions();
  store.put("a", "one");
  store.put("a", "two");
  store.remove("a");
  EXPECT_EQ(store.get("a"), std::nullopt);
  EXPECT_EQ(store.size(), 0U);
  EXPECT_THAT(store.list().keys, IsEmpty());
  const std::vector<ObjectStore::Object> versions = store.versions("a");
  ASSERT_THAT(versions, SizeIs(2));
  EXPECT_EQ(versions[0].content, "two");
  EXPECT_TRUE(store.put("a", "three", {.if_none_match = true}).ok());
}

TEST(ObjectStore, IsComparedByWhatItHolds) {
  ObjectStore a;
  ObjectStore b;
  a.put("1", "x");
  a.put("2", "y");
  b.put("2", "y");
  EXPECT_FALSE(a == b);
  b.put("1", "other");
  b.put("1", "x");
  EXPECT_EQ(a, b);
  const ObjectStore copy = a;
  a.put("1", "z");
  EXPECT_EQ(copy.get("1")->content, "x");
}

TEST(ObjectStore, EveryWriteIsOneEffect) {
  ObjectStore store;
  RecordingSink run;
  store.put("a", "text");
  EXPECT_EQ(run.last().call, "store.put(a, \"text\")");
  EXPECT_TRUE(run.last().repeatable);
  EXPECT_TRUE(run.last().changed);
  store.put("a", "text");
  EXPECT_FALSE(run.last().changed);
  store.put("a", "other", {.if_none_match = true});
  EXPECT_EQ(run.last().call, "store.put(a, \"other\", if-none-match)");
  EXPECT_FALSE(run.last().repeatable);
  EXPECT_FALSE(run.last().changed);
  store.remove("a");
  EXPECT_EQ(run.last().call, "store.remove(a)");
  EXPECT_TRUE(run.last().changed);
  EXPECT_THAT(run.seen(), SizeIs(4));
}

TEST(ObjectStore, ADeadProcessWritesNothing) {
  ObjectStore store;
  RecordingSink run;
  run.die_after(1);
  EXPECT_THROW(store.put("a", "one"), PowerCut);
  EXPECT_THROW(store.put("a", "two"), PowerCut);
  EXPECT_EQ(store.get("a")->content, "one");
}

TEST(ObjectStore, LooksAtTheObjectWhenTheWriteHappens) {
  ObjectStore store;
  RecordingSink run;
  run.meanwhile([&] { store.put("a", "theirs"); });
  EXPECT_EQ(store.put("a", "mine", {.if_none_match = true}).status,
            StoreStatus::kPreconditionFailed);
}

}  // namespace
}  // namespace reprise::fakes
