#include "reprise/protocol/ids.h"

#include <gtest/gtest.h>

#include <sstream>

namespace reprise {
namespace {

struct Example {
  const char* raw;
  const char* wire;
};

// PROTOCOL 3.4, JS/Go.
constexpr Example kExamples[] = {
    {"1", "c4ca4238a0b92382"},     {"1-1", "ea66c06c1e1c05fa"},   {"1-2-1", "6151f5ab282d90e4"},
    {"1-1-1", "2f221a18eb863803"}, {"2", "c81e728d9d4c2f63"},     {"3", "eccbc87e4b5ce2fe"},
    {"4", "a87ff679a2f3e71d"},     {"10", "d3d9446802a44259"},    {"1-2", "98c6f2c2287f4c73"},
    {"1-3", "13cee27a2bd93915"},   {"1-3-1", "b425e0c75591aa8f"}, {"2-1", "8fbdbf5573b18fae"},
    {"2-1-1", "de9160b4a2cf6c27"},
};

// The node of a path such as "1-2-1".
IdNode& node_of(const std::string& raw) {
  IdNode* node = &IdNode::root();
  std::istringstream counters(raw);
  for (std::string counter; std::getline(counters, counter, '-');) {
    node = &node->child(std::stoi(counter));
  }
  return *node;
}

TEST(OperationId, IsThatOfTheWorkedExamples) {
  for (const Example& example : kExamples) {
    EXPECT_EQ(operation_id(example.raw), example.wire) << example.raw;
  }
}

TEST(IdNode, HasTheIdOfTheWorkedExamples) {
  for (const Example& example : kExamples) {
    EXPECT_EQ(node_of(example.raw).wire(), example.wire) << example.raw;
  }
}

TEST(IdNode, AgreesWithOperationId) {
  const auto expect_agreement = [](const IdNode& node) {
    EXPECT_EQ(node.wire().view(), operation_id(node.raw())) << node.raw();
  };
  for (int i = 1; i <= 12; ++i) {
    IdNode& outer = IdNode::root().child(i);
    EXPECT_EQ(outer.raw(), std::to_string(i));
    expect_agreement(outer);
    for (int j = 1; j <= 12; ++j) {
      IdNode& inner = outer.child(j);
      EXPECT_EQ(inner.raw(), std::to_string(i) + "-" + std::to_string(j));
      expect_agreement(inner);
      expect_agreement(inner.child(i + j));
    }
  }
}

TEST(IdNode, OfTheRootHasNoId) {
  EXPECT_EQ(IdNode::root().raw(), "");
  EXPECT_FALSE(IdNode::root().wire().has_value());
}

TEST(IdNode, IsTheSameForTheSamePathAlsoAfterItsSiblingsGrew) {
  IdNode& first = node_of("7-1");
  node_of("7-500");
  node_of("900");
  EXPECT_EQ(&node_of("7-1"), &first);
  EXPECT_EQ(first.raw(), "7-1");
}

TEST(IdNode, MayBeAskedForOutOfOrder) {
  EXPECT_EQ(node_of("31-4").raw(), "31-4");
  EXPECT_EQ(node_of("31-2").raw(), "31-2");
  EXPECT_EQ(node_of("31-2").wire().view(), operation_id("31-2"));
}

}  // namespace
}  // namespace reprise
