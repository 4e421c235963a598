#pragma once

#include "reprise/service/fake_service.h"

namespace reprise {

/// The durable service of the run that is in progress, for clients that fakes offer to code which
/// is no durable handler: who starts executions, who answers callbacks.
///
///     if (FakeService* service = RunningService::current()) service->start(request);
///
/// What such a call changes survives a crash, so make it in an `effect`.
class RunningService {
 public:
  /// Null outside runs.
  static FakeService* current();
  /// For who drives runs: makes `service` current and returns the one before.
  static FakeService* exchange(FakeService* service);
};

}  // namespace reprise
