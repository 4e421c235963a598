#include "reprise/record/internal/finding_json.h"

namespace reprise::internal {

void write_finding(const Finding& finding, nlohmann::json& out) {
  out["verdict"] = to_string(finding.verdict);
  out["operation"] = finding.operation;
  out["subject"] = finding.subject;
  out["what"] = finding.what;
  out["allowed"] = finding.allowed;
  out["where"] = finding.where;
}

Finding read_finding(ObjectReader& reader) {
  Finding finding;
  finding.verdict =
      reader.require("verdict").enumerator(verdict_from, "a verdict such as \"DUPLICATE_EFFECT\"");
  finding.operation = reader.require("operation").text();
  finding.subject = reader.require("subject").text();
  finding.what = reader.require("what").text();
  finding.allowed = reader.require("allowed").text();
  finding.where = reader.require("where").texts();
  return finding;
}

}  // namespace reprise::internal
