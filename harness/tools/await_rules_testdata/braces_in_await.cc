// EXPECT-RULE: braces inside the awaited expression
#include "task.h"

Ready<int> with(const Options&) { return Ready<int>(1); }
Ready<int> many(const Names&) { return Ready<int>(1); }
Ready<int> many_by_value(std::initializer_list<std::string>) { return Ready<int>(1); }

Task designated() {
  co_await with({.name = "x"});  // BAD
}

Task named() {
  co_await f(Options{"x", 1});  // BAD
}

Task initializer_list() {
  co_await many({"x", "y"});  // BAD
}

Task plain_initializer_list() {
  co_await many_by_value({"x", "y"});  // BAD
}

Task in_a_return() {
  co_return void(co_await with({.name = "x"}));  // BAD
}
