#include "reprise/explore/certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reprise/explore/internal/certificate_json.h"

namespace reprise {
namespace {

Certificate closed() {
  Certificate certificate;
  certificate.closed = true;
  certificate.states = 81;
  certificate.places = 40;
  certificate.places_hit = 40;
  certificate.tried = {{"faults", 120, 120}, {"arrivals", 10, 25}};
  return certificate;
}

TEST(Certificate, SaysWhatWasCovered) {
  EXPECT_EQ(closed().text(),
            "fault points 40/40, closed: 81 states, any number of crashes; 120 faults; 10 of 25 "
            "arrivals");
}

TEST(Certificate, SaysBehindHowManyRunsMoreStatesAre) {
  Certificate certificate = closed();
  certificate.variants_not_closed = 3;
  EXPECT_THAT(certificate.text(), testing::EndsWith("arrivals; not closed behind 3 of them"));
}

TEST(Certificate, SumsTheCountsOfParts) {
  Certificate sum = closed();
  Certificate more = closed();
  more.tried = {{"arrivals", 15, 25}, {"limits", 2, 2}};
  more.states_of_variants = 7;
  sum.add_counts(more);
  EXPECT_EQ(sum.states, 162);
  EXPECT_EQ(sum.places_hit, 80);
  EXPECT_EQ(sum.places, 40) << "the same places for every part";
  EXPECT_EQ(sum.states_of_variants, 7);
  EXPECT_THAT(sum.text(), testing::EndsWith("120 faults; 25 arrivals; 2 limits"));
}

TEST(Certificate, SurvivesJson) {
  Certificate certificate = closed();
  certificate.crashes = 2;
  certificate.bound = "no crashes";
  certificate.variants_not_closed = 4;
  const nlohmann::json json = internal::certificate_to_json(certificate);
  const Certificate again = internal::read_certificate(internal::JsonReader(json, ""));
  EXPECT_EQ(internal::certificate_to_json(again), json);
  EXPECT_EQ(again.text(), certificate.text());
}

}  // namespace
}  // namespace reprise
