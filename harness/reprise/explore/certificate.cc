#include "reprise/explore/certificate.h"

#include <algorithm>

namespace reprise {

void Certificate::add_counts(const Certificate& part) {
  states += part.states;
  resumes += part.resumes;
  runs += part.runs;
  places_hit += part.places_hit;
  states_of_variants += part.states_of_variants;
  variants_not_closed += part.variants_not_closed;
  for (const Tried& each : part.tried) {
    const auto known = std::find_if(tried.begin(), tried.end(),
                                    [&](const Tried& other) { return other.what == each.what; });
    if (known == tried.end()) {
      tried.push_back(each);
    } else {
      known->count += each.count;
      known->total = std::max(known->total, each.total);
    }
  }
}

std::string Certificate::text() const {
  std::string text;
  if (places > 0) {
    text = "fault points " + std::to_string(places_hit) + "/" + std::to_string(places) + ", ";
  }
  if (closed) {
    text += "closed: " + std::to_string(states) + " states";
    text += with_crashes ? ", any number of crashes" : ", no crashes";
    if (with_environments) text += ", every choice of environments";
  } else if (states == 0 && !bound.empty()) {
    text += bound;
  } else if (crashes > 0 && bound.empty()) {
    text += "exhaustive to " + std::to_string(crashes) + " ";
    if (with_crashes) text += std::string("crash") + (crashes == 1 ? "" : "es");
    if (with_crashes && with_environments) text += " or ";
    if (with_environments)
      text += std::string("choice") + (crashes == 1 ? "" : "s") + " of environments";
    text += ", " + std::to_string(runs) + " runs";
  } else {
    text += "not closed (" + bound + "): " + std::to_string(states) + " states";
  }
  for (const Tried& each : tried) {
    text += "; " + std::to_string(each.count);
    if (each.count < each.total) text += " of " + std::to_string(each.total);
    text += " " + each.what;
  }
  if (variants_not_closed > 0) {
    text += "; not closed behind " + std::to_string(variants_not_closed) + " of them";
  }
  return text;
}

}  // namespace reprise
