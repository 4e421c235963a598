#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "reprise/service/fake_service.h"

namespace reprise::properties {

/// As ModelOperation::line(), and what every record must have besides.
std::string line_of(const Operation& record);

/// The fake service, spoken to by the numbers of the model.
struct ServiceUnderTest {
  ServiceUnderTest();

  FakeService service;
  std::vector<std::string> arns;    ///< of executions, in the order in which they were made
  std::vector<std::string> tokens;  ///< in the order in which they were given out
  std::vector<PlainCall> calls;     ///< as they were taken
  std::map<std::pair<std::size_t, std::string>, std::string> callback_ids;

  /// Notes executions and callbacks that have come into being.
  void look();
  /// As ServiceModel::lines().
  std::vector<std::string> lines() const;
};

}  // namespace reprise::properties
