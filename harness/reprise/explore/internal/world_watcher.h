#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reprise/explore/internal/place_recorder.h"
#include "reprise/runtime/run_record.h"
#include "reprise/world/world.h"

namespace reprise::internal {

/// Watches which effects change the world: those of a fake that is no part of it do not, and what
/// such a fake keeps would go from run to run.
class WorldWatcher final : public PlaceRecorder {
 public:
  /// The world that the run is in.
  explicit WorldWatcher(const World& world) : PlaceRecorder(Schedule()), world_(world) {}

  Alternative at(const PlaceRef& place) override;

  /// One note for each fake none of whose effects changed anything, though it said so.
  std::vector<std::string> notes(const RunRecord& record) const;

 private:
  const World& world_;
  std::optional<World::Copy> before_;
  std::vector<bool> changed_;  // by the first effects of the run
};

}  // namespace reprise::internal
