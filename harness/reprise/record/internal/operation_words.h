#pragma once

#include <string>
#include <string_view>

#include "reprise/protocol/enums.h"

namespace reprise::internal {

/// An operation for people: `step "fulfil/charge#2"`.  `path` is that of OperationCall::path(); an
/// occurrence is told from the second on.
std::string operation_words(OperationType type, std::string_view sub_type, std::string path);

}  // namespace reprise::internal
