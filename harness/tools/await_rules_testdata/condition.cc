// EXPECT-RULE: co_await in a condition
#include "task.h"

Task in_if() {
  if (co_await f()) co_return;  // BAD
}

Task in_if_with_operator() {
  if (co_await f() == 2) co_return;  // BAD
}

Task in_if_with_variable() {
  if (int x = co_await f()) co_return void(x);  // BAD
}

Task in_while() {
  while (co_await f() > 3) co_await f();  // BAD
}

Task in_while_with_variable() {
  while (int x = co_await f()) co_return void(x);  // BAD
}

Task in_do() {
  do {
  } while (co_await f() > 3);  // BAD
  co_return;
}

Task in_for() {
  for (; co_await f() > 3;) co_return;  // BAD
}

Task in_switch() {
  switch (co_await f()) {  // BAD
    default:
      co_return;
  }
}

template <class T>
Task in_template(T limit) {
  if (co_await f() < limit) co_return;  // BAD
}
template Task in_template<int>(int);

void in_lambda() {
  auto task = []() -> Task {
    if (co_await f()) co_return;  // BAD
  };
  task();
}
