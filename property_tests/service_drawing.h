#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "property_tests/service_model.h"
#include "reprise/service/fake_service.h"

namespace reprise::properties {

// What the commands of the service's model are drawn from, inside of rc::gen::exec.  Most of it is
// as a handler would send it, the rest is not.

std::size_t draw_below(std::size_t count);
bool one_in(std::size_t count);

StartRequest draw_start();
std::size_t draw_execution(const ServiceModel& model);
std::vector<OperationUpdate> draw_updates(const ServiceModel::Execution& execution);
std::string draw_client_token();
InvocationEnd draw_end();
ErrorPtr draw_error();
PlainOutcome draw_outcome();
/// The callback, and what is said to it.
std::pair<std::string, CallbackAnswer> draw_callback_answer(
    const ServiceModel::Execution& execution);
std::int64_t draw_ms();

/// "STEP RETRY a in b, payload '1', delay 4".
std::string shown_update(const OperationUpdate& update);

}  // namespace reprise::properties
