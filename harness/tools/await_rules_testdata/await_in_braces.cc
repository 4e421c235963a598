// EXPECT-RULE: co_await inside braces
#include "task.h"

Task in_an_aggregate() {
  Options options = Options{co_await text(), 2};  // BAD
  co_return;
}

Task in_a_designated_initializer() {
  Options options{.name = co_await text()};  // BAD
  co_return;
}

Task in_an_array() {
  std::string two[] = {"x", co_await text()};  // BAD
  co_return;
}

Task in_an_initializer_list() {
  Names names{"x", co_await text()};  // BAD
  co_return;
}
