#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace reprise::internal {

/// A text that the parent of a process can read after the process has died.
class LastWords {
 public:
  LastWords();
  ~LastWords();
  LastWords(const LastWords&) = delete;
  LastWords& operator=(const LastWords&) = delete;

  /// In the process that may die: when std::terminate is called, a fatal signal comes or the
  /// process exits, `speak` is called with how it dies, and what it returns is kept.
  void listen(std::function<std::string(const std::string& death)> speak);
  /// What was said; "": nothing.
  std::string read() const;
  void clear();

 private:
  static void say(const std::string& death);
  static void on_signal(int signal);

  static constexpr std::size_t kSize = std::size_t{1} << 18;
  char* text_ = nullptr;  // shared with the child
};

}  // namespace reprise::internal
