#include "reprise/explore/internal/world_watcher.h"

#include <algorithm>
#include <map>

#include "reprise/record/finding.h"

namespace reprise::internal {
namespace {

// Worlds are copied before each: what a fake does with its first effects it does with all.
constexpr std::size_t kWatchedMax = 100;

struct Fake {
  const LedgerEntry* first = nullptr;
  bool seen = false;
};

}  // namespace

Choices::Alternative WorldWatcher::at(const PlaceRef& place) {
  if (place.kind == PointKind::kEffect && world_.joinable() && changed_.size() < kWatchedMax) {
    if (place.moment == Moment::kBefore) {
      before_ = world_.save();
    } else if (place.moment == Moment::kAfter && before_) {
      changed_.push_back(!world_.equals(*before_));
    }
  }
  return PlaceRecorder::at(place);
}

std::vector<std::string> WorldWatcher::notes(const RunRecord& record) const {
  std::map<std::string, Fake> fakes;
  std::size_t i = 0;
  for (const LedgerEntry& entry : record.ledger) {
    if (entry.in_teardown) continue;
    if (i == changed_.size()) break;
    const bool seen = changed_[i++];
    if (!entry.changed) continue;
    Fake& fake = fakes[entry.target];
    if (fake.first == nullptr) fake.first = &entry;
    fake.seen = fake.seen || seen;
  }
  std::vector<std::string> notes;
  for (const auto& [target, fake] : fakes) {
    if (fake.seen) continue;
    std::string note = target + "." + fake.first->action + " changes nothing of the world";
    const std::string at = short_location(fake.first->location);
    if (!at.empty()) note += " (" + at + ")";
    notes.push_back(note + ": scenario.world() does not know its fake, or it keeps nothing");
  }
  return notes;
}

}  // namespace reprise::internal
