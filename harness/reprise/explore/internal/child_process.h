#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace reprise::internal {

/// A forked copy of this process that answers requests, one after the other.
///
///     ChildProcess child([](const std::string& request) { return request + "!"; });
///     child.send("hello");
///     child.receive();  // "hello!", or nothing when it has died: see death()
///
/// It never returns into the code that made it, runs no exit handlers and dies with its parent.  A
/// std::exception thrown while it answers is thrown by receive() as ProgramError.  The calling
/// thread alone is copied.
class ChildProcess {
 public:
  using Serve = std::function<std::string(const std::string& request)>;

  /// Throws ProgramError when the system has no more processes.
  explicit ChildProcess(const Serve& serve);
  /// Kills it.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// A request to a child that has died is dropped.
  void send(const std::string& request);
  /// The answer to the oldest request; nullopt when the child has died.
  std::optional<std::string> receive();
  /// How it died: "was killed by signal 6 (Aborted)", "exited with code 3".
  const std::string& death() const { return death_; }

  /// Which of `children` has an answer, or has died; waits until one has.
  static std::size_t wait_for_any(const std::vector<ChildProcess*>& children);

 private:
  [[noreturn]] static void serve_for_ever(int socket, const Serve& serve);

  int socket_ = -1;
  int pid_ = -1;
  std::string death_;
};

/// Processes that begin as this one was when the nursery was made: what has run here since has left
/// no trace in them, in static variables for instance.
class Nursery {
 public:
  explicit Nursery(ChildProcess::Serve serve);

  struct Answer {
    std::optional<std::string> text;
    std::string death;  ///< when there is no text
  };
  /// Serves one request in a process of its own.  Throws what ChildProcess::receive throws.
  Answer ask(const std::string& request);

 private:
  ChildProcess::Serve serve_;
  ChildProcess child_;
};

}  // namespace reprise::internal
