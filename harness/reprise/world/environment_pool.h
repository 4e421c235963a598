#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace reprise {

/// An invocation that is about to begin.
struct ArrivingInvocation {
  std::string function;   ///< its bare name
  std::string execution;  ///< name of the execution; for a plain function that of its caller
  std::string tenant;     ///< "": none
};

/// Where invocations run: processes that are kept warm, each with memory of its own.  Implemented
/// by a fake (reprise::fakes::FunctionHost) that is part of the world, and made known by
/// `scenario.environments(pool)`.
///
/// Which environment serves an invocation is a legal choice of the service.  The run without faults
/// takes the first candidate; an exploration takes each, at every invocation, and crashes behind
/// it.  So what a pool holds must be part of its value: it is copied, compared and joined like any
/// other part of the world.
class EnvironmentPool {
 public:
  virtual ~EnvironmentPool() = default;

  /// Names of the environments that may serve the invocation, each once, the benign one first; one
  /// of several that nobody could tell apart is enough.  Empty: none may, the invocation is
  /// throttled, and the service tries again later.
  virtual std::vector<std::string> candidates(const ArrivingInvocation& invocation) const = 0;
  /// The invocation begins in one of its candidates, which is busy from now on.
  virtual void occupy(const ArrivingInvocation& invocation, const std::string& environment) = 0;
  /// The invocation that began last of those still running has ended.  `alive`: its process stays
  /// warm; otherwise it is gone, and its memory with it.
  virtual void release(bool alive) = 0;
  /// The power went off: every process that is busy is gone.
  virtual void lose_busy() = 0;
  /// The run has come to its end, and `at_end` has been asked: every environment is gone.  What is
  /// left in memory then is nothing that a run ends like.
  virtual void retire() = 0;
};

}  // namespace reprise
