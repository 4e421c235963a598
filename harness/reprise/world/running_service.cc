#include "reprise/world/running_service.h"

#include <utility>

namespace reprise {
namespace {

thread_local FakeService* running_service = nullptr;

}  // namespace

FakeService* RunningService::current() { return running_service; }

FakeService* RunningService::exchange(FakeService* service) {
  return std::exchange(running_service, service);
}

}  // namespace reprise
