// EXPECT-RULE: co_await beside ?:
#include "task.h"

Task in_an_arm(bool b) {
  std::string s = b ? co_await text() : std::string();  // BAD
  co_return;
}

Task in_the_question() {
  int i = co_await f() > 1 ? 2 : 3;  // BAD
  co_return void(i);
}

Task inside(bool b) {
  co_await (b ? text() : text());  // BAD
}

Task in_an_argument(bool b) {
  std::string one = "1";
  int i = co_await f(b ? one : std::string("2"));  // BAD
  co_return void(i);
}
