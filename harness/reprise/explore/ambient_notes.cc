// The part of Explorer that keeps what the ambient guard saw.

#include <algorithm>

#include "reprise/explore/explorer.h"

namespace reprise {

void Explorer::note_ambient_calls(const RunRecord& record) {
  for (const AmbientNote& note : record.ambient) {
    std::string text = describe(note);
    if (std::find(notes_.begin(), notes_.end(), text) == notes_.end()) {
      notes_.push_back(std::move(text));
    }
  }
}

bool Explorer::calls_what_is_forbidden(const RunRecord& record) const {
  if (program_.without.contains(Mechanism::kAmbientCalls)) return false;
  return std::any_of(record.ambient.begin(), record.ambient.end(), [&](const AmbientNote& note) {
    return options_.strict_ambient_calls || is_always_wrong(note);
  });
}

}  // namespace reprise
