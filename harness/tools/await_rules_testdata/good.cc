// EXPECT-NOTHING
#include "task.h"

Ready<int> with(const Options&) { return Ready<int>(1); }
Ready<int> within(Limits) { return Ready<int>(1); }
template <class Body>
Ready<int> run(const char*, const Body&) {
  return Ready<int>(1);
}

Task named_first(bool b) {
  int answer = co_await f();
  if (answer == 1) co_await f(answer);
  while (answer < 3) answer = co_await f();
  for (int i = co_await f(); i < 3; ++i) co_await f();
  switch (answer) {
    case 1:
      co_await f();
      break;
    default:
      break;
  }
  int x = b ? 1 : 2;
  int brace{co_await f(x)};
  co_return void(brace);
}

Task named_options() {
  Options options{.name = "x", .retries = 2};
  co_await with(options);
  auto both = co_await limits();
  auto& [low, high] = both;
  co_await f(low, high);
}

Task trivial_braces_and_constructors(bool b) {
  co_await within({1, 2});
  co_await f(Name("x"));
  co_await f(Name{"x"});
  co_await f(b ? "x" : "y");
}

Task bodies_and_branches() {
  int total = 0;
  co_await run("plain", [&] {
    Options options{.name = "x"};
    if (total > 0) return Options{"y", 1};
    return total == 0 ? options : Options();
  });
  co_await run("coroutine", [&]() -> Task {
    int one = co_await f();
    co_await f(one);
  });
}

template <class T>
Task in_template(T limit) {
  T value = co_await f();
  if (value < limit) co_await f(value);
}
template Task in_template<int>(int);
