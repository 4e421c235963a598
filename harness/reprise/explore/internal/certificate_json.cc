#include "reprise/explore/internal/certificate_json.h"

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace reprise::internal {

using nlohmann::json;

json certificate_to_json(const Certificate& certificate) {
  json tried = json::array();
  for (const Certificate::Tried& each : certificate.tried) {
    tried.push_back({{"what", each.what}, {"count", each.count}, {"total", each.total}});
  }
  json out = {{"tried", std::move(tried)},
              {"states_of_variants", certificate.states_of_variants},
              {"variants_not_closed", certificate.variants_not_closed},
              {"closed", certificate.closed},
              {"states", certificate.states},
              {"resumes", certificate.resumes},
              {"runs", certificate.runs},
              {"places", certificate.places},
              {"places_hit", certificate.places_hit},
              {"crashes", certificate.crashes},
              {"bound", certificate.bound}};
  if (!certificate.with_crashes) out["with_crashes"] = false;
  if (certificate.with_environments) out["with_environments"] = true;
  return out;
}

namespace {

Certificate::Tried read_tried(const JsonReader& at) {
  ObjectReader reader(at);
  Certificate::Tried tried;
  tried.what = reader.require("what").text();
  tried.count = reader.require("count").integer(0);
  tried.total = reader.require("total").integer(0);
  reader.refuse_unknown();
  return tried;
}

}  // namespace

Certificate read_certificate(const JsonReader& at) {
  ObjectReader reader(at);
  Certificate certificate;
  certificate.closed = reader.require("closed").boolean();
  certificate.states = reader.require("states").integer(0);
  certificate.resumes = reader.require("resumes").integer(0);
  certificate.runs = reader.require("runs").integer(0);
  certificate.places = reader.require("places").integer(0);
  certificate.places_hit = reader.require("places_hit").integer(0);
  certificate.crashes =
      static_cast<int>(reader.require("crashes").integer(0, std::numeric_limits<int>::max()));
  certificate.bound = reader.require("bound").text();
  certificate.with_crashes = reader.find_boolean("with_crashes").value_or(true);
  certificate.with_environments = reader.find_boolean("with_environments").value_or(false);
  const JsonReader tried = reader.require("tried");
  const std::size_t count = tried.array_size();
  for (std::size_t i = 0; i < count; ++i) {
    certificate.tried.push_back(read_tried(tried.element(i)));
  }
  certificate.states_of_variants = reader.require("states_of_variants").integer(0);
  certificate.variants_not_closed = reader.require("variants_not_closed").integer(0);
  reader.refuse_unknown();
  return certificate;
}

}  // namespace reprise::internal
