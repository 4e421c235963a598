#pragma once

#include <string>
#include <string_view>

#include "reprise/protocol/enums.h"
#include "reprise/protocol/shared_text.h"

namespace reprise::internal {

/// An operation for people: `step "fulfil/charge#2"`.  `path` is that of OperationCall::path(); an
/// occurrence is told from the second on.
std::string operation_words(OperationType type, std::string_view sub_type, std::string path);

/// The same as the service knows it: `STEP (Step) "charge"`.
std::string operation_identity(OperationType type, std::string_view sub_type,
                               const SharedText& name);

}  // namespace reprise::internal
