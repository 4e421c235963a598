// The smallest coroutine that the await rules can be shown on.
#pragma once

#include <coroutine>
#include <initializer_list>
#include <string>

struct Task {
  struct promise_type {
    Task get_return_object() { return {}; }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
};

template <class T>
struct Ready {
  explicit Ready(T v) : value(v) {}
  bool await_ready() { return true; }
  void await_suspend(std::coroutine_handle<>) {}
  T await_resume() { return value; }
  T value;
};

struct Options {
  std::string name;
  int retries = 0;
};
struct Limits {
  int low = 0;
  int high = 0;
};
class Name {
 public:
  explicit Name(const char* text) : text_(text) {}

 private:
  std::string text_;
};
struct Names {
  Names(std::initializer_list<std::string>) {}
};

template <class... Arguments>
Ready<int> f(const Arguments&...) {
  return Ready<int>(1);
}
inline Ready<Limits> limits() { return Ready<Limits>(Limits()); }
inline Ready<std::string> text() { return Ready<std::string>("x"); }
