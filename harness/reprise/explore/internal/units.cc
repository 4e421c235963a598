#include "reprise/explore/internal/units.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "reprise/explore/internal/certificate_json.h"
#include "reprise/protocol/internal/json_reader.h"
#include "reprise/record/fixture.h"
#include "reprise/record/internal/finding_json.h"
#include "reprise/record/run_record_json.h"
#include "reprise/runtime/simulation.h"

namespace reprise::internal {
namespace {

using nlohmann::json;

json reported_to_json(const ReportedFinding& reported) {
  json out = {{"schedule", schedule_to_json(reported.schedule)},
              {"run", run_record_to_json(reported.record)},
              {"irrelevant", reported.irrelevant},
              {"replayable", reported.replayable}};
  write_finding(reported.finding, out);
  return out;
}

ReportedFinding reported_from_json(const json& value) {
  ObjectReader reader(JsonReader(value, ""));
  ReportedFinding reported;
  reported.finding = read_finding(reader);
  reported.schedule = value_or_fail(schedule_from_json(value.at("schedule"), "/schedule"));
  reported.record = value_or_fail(run_record_from_json(value.at("run"), "/run"));
  value.at("irrelevant").get_to(reported.irrelevant);
  value.at("replayable").get_to(reported.replayable);
  return reported;
}

}  // namespace

std::string write_unit_result(const UnitResult& result) {
  json findings = json::array();
  for (const ReportedFinding& each : result.findings) findings.push_back(reported_to_json(each));
  const json out = {{"findings", std::move(findings)},
                    {"certificate", certificate_to_json(result.certificate)},
                    {"goals_met", result.goals_met},
                    {"notes", result.notes},
                    {"unanswered", result.unanswered},
                    {"responders_used", result.responders_used},
                    {"vary", result.vary}};
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

UnitResult read_unit_result(const std::string& text) {
  try {
    const json value = json::parse(text);
    UnitResult result;
    for (const json& each : value.at("findings")) {
      result.findings.push_back(reported_from_json(each));
    }
    result.certificate = read_certificate(JsonReader(value.at("certificate"), "/certificate"));
    value.at("goals_met").get_to(result.goals_met);
    value.at("notes").get_to(result.notes);
    value.at("unanswered").get_to(result.unanswered);
    value.at("responders_used").get_to(result.responders_used);
    value.at("vary").get_to(result.vary);
    return result;
  } catch (const json::exception& error) {
    throw ProgramError(std::string("what a worker answered cannot be read: ") + error.what());
  } catch (const JsonFailure& failure) {
    throw ProgramError("what a worker answered cannot be read: " +
                       located(failure.pointer, failure.message));
  }
}

}  // namespace reprise::internal
